/**
 * A statement with named parameters, `:user`: values never become part of its text.
 */
import { badTarget } from '../target.js'
import type { Dialect } from './dialect.js'

/** Texts and, between them, the names of parameters: text, name, text, name, ..., text. */
type Pieces = readonly string[]

export interface NamedStatement {
  /** In the order of their first use. */
  readonly names: readonly string[]
  /** One for each place. */
  readonly places: readonly string[]
  /** The statement with something in the place of each parameter. */
  write(inPlaceOf: (name: string) => string): string
}

/** What is no code: texts (with backslashes after E), quoted names, comments, dollar quotes; and casts, which look like parameters. */
const OPAQUE =
  /[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|::/g
const PARAMETER = /:([A-Za-z_]\w*)/g

/** @throws InvalidInput `invalid_request` for `target.statement`: several statements, a verb or a parameter that is not allowed. */
export function readStatement(text: string, dialect: Dialect): NamedStatement {
  const trimmed = text.trim().replace(/;$/, '')
  const code = trimmed.replace(OPAQUE, (opaque) => ' '.repeat(opaque.length))
  checkCode(code, dialect)
  const pieces = piecesOf(trimmed, code)
  const places = pieces.filter((_, index) => index % 2 === 1)
  return {
    names: [...new Set(places)],
    places,
    write: (inPlaceOf) => pieces.map((piece, index) => (index % 2 === 1 ? inPlaceOf(piece) : piece)).join(''),
  }
}

/** Positions in the code are positions in the text: what is opaque was only blanked. */
function piecesOf(text: string, code: string): Pieces {
  const pieces: string[] = []
  let end = 0
  for (const match of code.matchAll(PARAMETER)) {
    pieces.push(text.slice(end, match.index), match[1] ?? '')
    end = match.index + match[0].length
  }
  return [...pieces, text.slice(end)]
}

function checkCode(code: string, { verbs, ownParameters }: Dialect): void {
  if (/['"`;\0]|\/\*/.test(code))
    throw wrong('It is more than one statement, or a quote does not end.', 'one statement')
  const verb = /^\s*(\w+)/.exec(code)?.[1]?.toUpperCase() ?? ''
  if (!verbs.includes(verb)) throw wrong('It does not begin with a word that is allowed.', `one of ${verbs.join(', ')}`)
  if (ownParameters.test(code))
    throw wrong('It has a parameter of the database’s own kind.', 'parameters such as :user')
}

const wrong = (message: string, expected: string) =>
  badTarget('.statement', `The statement cannot be used. ${message}`, expected)
