/**
 * Reads a `.properties` file as `java.util.Properties.load` does (Java SE API, class Properties): `=`, `:` or white space
 * ends a key; a line goes on after an odd number of backslashes; `#` and `!` begin a comment; `\uXXXX` is a UTF-16 unit.
 */
import { InvalidInput } from '../src/index.js'

export interface Property {
  readonly key: string
  readonly value: string
  /** Where it begins, from 1. */
  readonly line: number
}

/** In the order of the file. Where a key stands twice the last one holds, as in Java, and has that one's line. */
export const readProperties = (text: string): readonly Property[] => [
  ...new Map(everyProperty(text).map((property) => [property.key, property])).values(),
]

/** Repeated keys too. */
export const everyProperty = (text: string): readonly Property[] =>
  logicalLines(text).map(({ content, line }) => propertyOf(content, line))

/** UTF-8, or what Java reads, ISO 8859-1, where the bytes are no UTF-8. */
export function decodeProperties(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return Buffer.from(bytes).toString('latin1')
  }
}

interface LogicalLine {
  readonly content: string
  readonly line: number
}

/** A line that goes on is joined with the next, whose leading white space falls away; what is left empty is no line. */
function logicalLines(text: string): readonly LogicalLine[] {
  const lines: LogicalLine[] = []
  let open: LogicalLine | null = null
  for (const [index, natural] of text.split(/\r\n|\r|\n/).entries()) {
    const more: string = natural.replace(/^[ \t\f]+/, '')
    const before: LogicalLine = open ?? { content: '', line: index + 1 }
    open = null
    if (before.content === '' && /^[#!]/.test(more)) continue
    // Cut before it is joined: a joined text that is cut is copied, each time.
    if (goesOn(more)) open = { ...before, content: before.content + more.slice(0, -1) }
    else if (before.content + more !== '') lines.push({ ...before, content: before.content + more })
  }
  return open === null || open.content === '' ? lines : [...lines, open]
}

const goesOn = (natural: string): boolean => (/\\*$/.exec(natural)?.[0].length ?? 0) % 2 === 1

/** The key up to the first separator that is not escaped; one `=` or `:` with white space around it belongs to neither. */
const KEY_AND_VALUE = /^((?:\\[\s\S]|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*([\s\S]*)$/

function propertyOf(content: string, line: number): Property {
  const [, key = '', value = ''] = KEY_AND_VALUE.exec(content) ?? []
  return { key: unescaped(key, line), value: unescaped(value, line), line }
}

const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

const unescaped = (text: string, line: number): string =>
  text.replace(/\\(?:u([\s\S]{0,4})|([\s\S]))/g, (_, digits: string | undefined, character: string = '') =>
    digits === undefined ? (CONTROLS[character] ?? character) : unit(digits, line),
  )

/** @throws InvalidInput, as Java refuses the whole file. */
function unit(digits: string, line: number): string {
  if (/^[0-9A-Fa-f]{4}$/.test(digits)) return String.fromCharCode(Number.parseInt(digits, 16))
  throw new InvalidInput('invalid_request', `Line ${line} holds a \\u without its four digits.`, {
    field: `line ${line}`,
    expected: '\\u and four hexadecimal digits',
  })
}
