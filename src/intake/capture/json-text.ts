/**
 * JSON as PostgreSQL writes it, read here and not by PostgreSQL: its own functions that take JSON apart refuse `\u0000` and lone
 * surrogates, which a `json` column may hold.
 */
import { FORBIDDEN_KEYS } from '../canonical.js'

/** The members of an object as they are written, each as JSON; null where that is `null`. */
export function membersOf(object: string): Readonly<Record<string, string | null>> {
  const members: [string, string | null][] = []
  for (let at = skip(object, 1); object[at] === '"'; at = skip(object, at + 1)) {
    const colon = stringEnd(object, at)
    const start = colon + 1
    const end = valueEnd(object, start)
    const value = object.slice(start, end).trimEnd()
    members.push([JSON.parse(object.slice(at, colon)), value === 'null' ? null : value])
    at = end
  }
  return Object.fromEntries(members)
}

/**
 * Numbers that a double would not keep become texts, and lone surrogates, which have no UTF-8, the escapes by which they are
 * written. What no event may hold is the text that PostgreSQL writes: one row must not hold a capture up.
 */
export function exactJson(text: string): unknown {
  const value: unknown = JSON.parse(wellFormed(DOUBTFUL.test(text) ? withoutLoss(text) : text))
  return isTellable(value) ? value : text
}

/** Each escape; a surrogate that is half of a pair, and one that is none. */
const ESCAPE = /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(u[dD][89a-fA-F][\da-fA-F]{2})|.)/gs

const wellFormed = (text: string): string =>
  text.replace(ESCAPE, (whole, lone?: string) => (lone === undefined ? whole : `\\${whole}`))

/** Levels that leave room for what an event puts around them. */
const DEEPEST = 56

const isTellable = (value: unknown, depth = DEEPEST): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (depth > 0 &&
    Object.entries(value).every(([key, member]) => !FORBIDDEN_KEYS.has(key) && isTellable(member, depth - 1)))

/** Fifteen digits a double always keeps. */
const DOUBTFUL = /[\d.]{16}|\d[eE]/
const NUMBER = /-?\d[\d.eE+-]*/g

function withoutLoss(text: string): string {
  const parts: string[] = []
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at)
    const end = quote < 0 ? text.length : quote
    parts.push(text.slice(at, end).replace(NUMBER, (number) => (isKept(number) ? number : `"${number}"`)))
    at = quote < 0 ? end : stringEnd(text, quote)
    parts.push(text.slice(end, at))
  }
  return parts.join('')
}

/** Longer ones than any that a double writes are not asked. */
const LONGEST = 400

const isKept = (number: string): boolean =>
  number.length <= LONGEST && decimal(number) === decimal(String(Number(number)))

/** The same for all ways to write one number. */
function decimal(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const short = digits.replace(/0+$/, '')
  return short === '' ? '0' : `${sign}${short}e${Number(exponent) - fraction.length + digits.length - short.length}`
}

function skip(text: string, from: number): number {
  let at = from
  while (' \t\n\r'.includes(text[at] ?? 'end')) at++
  return at
}

/** @param start of its first quote @returns behind its last */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text[end - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return end + 1
  }
  throw new SyntaxError('A string of this JSON has no end.')
}

/** @returns where the comma or the brace is that follows */
function valueEnd(text: string, start: number): number {
  let depth = 0
  let at = start
  for (; at < text.length; at++) {
    const character = text[at]
    if (character === '"') at = stringEnd(text, at) - 1
    else if (character === '{' || character === '[') depth++
    else if (depth === 0 && (character === ',' || character === '}')) break
    else if (character === '}' || character === ']') depth--
  }
  return at
}
