/**
 * Readers of arguments and options: each answers a value or says what would be right.
 */
import { readFileSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import { UsageError } from './failure.js'
import { isRecord } from './table.js'
import { yaml } from './yaml.js'

/** A whole number within bounds. */
export const integer =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
  }

/** A number; the server knows its bounds. */
export const number = (text: string): number => {
  if (/^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a number.')
}

/** Names separated by commas; may be given several times. */
export const names = (text: string, before: readonly string[] = []): readonly string[] => {
  const given = text.split(',').map((name) => name.trim())
  if (given.includes('')) throw new InvalidArgumentError('It must be names separated by commas.')
  return [...before, ...given]
}

/** Given several times, gathered. */
export const gather = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

/** `NAME=VALUE`, given several times; a value that reads as JSON is one. */
export function pairs(text: string, before: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const [name, value] = pairIn(text)
  return { ...before, [name]: jsonOr(value) }
}

/** `NAME=VALUE`, given several times; a value is what it says. */
export function texts(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [name, value] = pairIn(text)
  return { ...before, [name]: value }
}

function pairIn(text: string): readonly [string, string] {
  const cut = text.indexOf('=')
  if (cut < 1) throw new InvalidArgumentError('It must be NAME=VALUE.')
  return [text.slice(0, cut), text.slice(cut + 1)]
}

/** A JSON object, given several times. */
export function objects(text: string, before: readonly Fields[] = []): readonly Fields[] {
  const value = jsonOr(text)
  if (!isRecord(value)) throw new InvalidArgumentError('It must be a JSON object.')
  return [...before, value]
}

type Fields = Readonly<Record<string, unknown>>

export function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A sequence as a number, a time as it is. */
export const point = (text: string): string | number => {
  if (/^\d{1,20}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString()
  throw new InvalidArgumentError('It must be a sequence such as 1200 or a time such as 2026-01-31T12:00:00Z.')
}

/** A place in the log that may be one of these words too. */
export const pointOr =
  (...words: readonly string[]) =>
  (text: string): string | number => {
    if (words.includes(text)) return text
    try {
      return point(text)
    } catch {
      throw new InvalidArgumentError(
        `It must be ${words.join(', ')}, a sequence such as 1200 or a time such as 2026-01-31T12:00:00Z.`,
      )
    }
  }

/** Days, hours, minutes, seconds or milliseconds: `30d`, `12h`, `15m`, `90s`, `500ms`; answers milliseconds. */
export const span = (text: string): number => {
  const [, digits, unit = ''] = /^(\d{1,6})(d|h|m|s|ms)$/.exec(text) ?? []
  const milliseconds = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }[unit]
  if (milliseconds === undefined)
    throw new InvalidArgumentError('It must be a span such as 30d, 12h, 15m, 90s or 500ms.')
  return Number(digits) * milliseconds
}

/** Spans separated by commas; may be given several times. */
export const spans = (text: string, before: readonly number[] = []): readonly number[] => [
  ...before,
  ...names(text).map(span),
]

/**
 * An object from a YAML or JSON file.
 * @throws UsageError
 */
export const objectFile = (file: string): Readonly<Record<string, unknown>> => objectIn(textOf(file), file)

/**
 * An object from text in YAML or JSON.
 * @param name where the text comes from.
 * @throws UsageError
 */
export function objectIn(text: string, name: string): Readonly<Record<string, unknown>> {
  const { LineCounter, parseDocument } = yaml()
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { prettyErrors: false, lineCounter })
  const [broken] = document.errors
  if (broken) {
    const { line } = lineCounter.linePos(broken.pos[0])
    throw new UsageError(`${name}:${line} is not valid YAML or JSON: ${broken.message}`, 'a YAML or JSON object')
  }
  const content: unknown = document.toJS({ maxAliasCount: 100 })
  if (isRecord(content) && !Array.isArray(content)) return content
  throw new UsageError(`${name} does not hold an object.`, 'a YAML or JSON object')
}

export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'a readable file',
    )
  }
}

/** A value that is kept in a file: the end of its last line is none of it. @throws UsageError */
export const contentOf = (file: string): string => textOf(file).replace(/\r?\n$/, '')

/** Without what was not given. */
export const given = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
