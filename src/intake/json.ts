/**
 * Reading JSON from outside, strictly: RFC 8259 in UTF-8 without a byte order mark, and of what I-JSON (RFC 7493)
 * warns of nothing at all. `JSON.parse` reads; this file sees what it cannot: depth, doubled keys, keys that reach a
 * prototype, lone surrogates, numbers a double does not keep. The good case costs two light passes; only a refusal (or a
 * text that looks like one) is read again by `json-reader.ts`, which knows where.
 */
import { isUtf8 } from 'node:buffer'
import { InvalidInput } from '../errors.js'
import { readStrictly } from './json-reader.js'

export interface JsonLimits {
  /** Default 1 MiB. */
  readonly maxBytes: number
  /** Arrays and objects inside one another. Default 64. */
  readonly maxDepth: number
  /** Members of all objects together. Default 10,000. */
  readonly maxKeys: number
}

const DEFAULTS: JsonLimits = { maxBytes: 1_048_576, maxDepth: 64, maxKeys: 10_000 }

/**
 * Refused besides bad syntax: doubled keys (`invalid_json`), `__proto__`, `constructor` and `prototype` as keys, lone
 * surrogates, a byte order mark, integers beyond 2^53-1 and numbers beyond a double. A number written with a fraction or
 * an exponent is a double and rounds.
 * @throws InvalidInput `invalid_json`, `invalid_encoding`, `forbidden_key` with `data` `line`, `column` (both from 1, in
 *   UTF-16 units) and `offset` (bytes, from 0); `too_deep`, `too_large`.
 */
export function parseJson(bytes: Uint8Array, limits?: Partial<JsonLimits>): unknown {
  const { maxBytes, maxDepth, maxKeys } = limits ? { ...DEFAULTS, ...limits } : DEFAULTS
  if (bytes.length > maxBytes) throw tooLarge(`at most ${maxBytes} bytes`)
  const outline = outlineOf(bytes, maxDepth)
  if (outline.keys > maxKeys) throw tooLarge(`at most ${maxKeys} keys`)
  const text = decode(bytes)
  const value = parse(text)
  // Fewer members than the text names means that one key overwrote another.
  const doubtful = (outline.escapes && ESCAPED_SURROGATE.test(text)) || keysIn(value) !== outline.keys
  if (doubtful) readStrictly(text)
  return value
}

const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    readStrictly(text)
    // The parser's own message quotes the text, so it is kept out of ours.
    throw new InvalidInput('invalid_json', 'The text is not valid JSON.', { cause })
  }
}

interface Outline {
  /** Colons outside strings: the members of all objects if the text is JSON. */
  readonly keys: number
  /** Some string has a `\u` escape. */
  readonly escapes: boolean
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const LETTER_U = 0x75

/** One pass over the bytes: what is structure in UTF-8 is never part of another character. */
function outlineOf(bytes: Uint8Array, maxDepth: number): Outline {
  let keys = 0
  let depth = 0
  let escapes = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE) {
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) {
        if (bytes[at] === BACKSLASH && bytes[++at] === LETTER_U) escapes = true
      }
    } else if (byte === COLON) keys++
    // `{` and `[`, `}` and `]` differ in one bit.
    else if ((byte | 0x20) === 0x7b) {
      if (++depth > maxDepth) throw tooDeep(at, maxDepth)
    } else if ((byte | 0x20) === 0x7d) depth--
  }
  return { keys, escapes }
}

/** The members of all objects in a value, or -1 if it holds something to look at again. */
function keysIn(value: unknown): number {
  if (typeof value === 'string') return 0
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? 0 : -1
  if (typeof value !== 'object' || value === null) return 0
  return Array.isArray(value) ? keysInList(value) : keysInObject(value as Readonly<Record<string, unknown>>)
}

function keysInList(values: readonly unknown[]): number {
  let keys = 0
  for (const value of values) {
    const inside = keysIn(value)
    if (inside < 0) return -1
    keys += inside
  }
  return keys
}

/** With `for in`, several times as quick as `Object.keys`; an enumerable key on a prototype would only make it look again. */
function keysInObject(object: Readonly<Record<string, unknown>>): number {
  let keys = 0
  for (const name in object) {
    if (name === '__proto__' || name === 'constructor' || name === 'prototype') return -1
    const inside = keysIn(object[name])
    if (inside < 0) return -1
    keys += inside + 1
  }
  return keys
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw badEncoding('The text begins with a byte order mark.', 0, 'UTF-8 without a byte order mark')
  }
  if (!isUtf8(bytes)) throw badEncoding('The text is not valid UTF-8.', firstBadByte(bytes), 'UTF-8')
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString('utf8')
}

/** Where the first wrong sequence ends, by halving: a stream decoder forgives a cut end, so good beginnings pass. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0
  let bad = bytes.length + 1
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (beginsWell(bytes.subarray(0, middle))) good = middle
    else bad = middle
  }
  return good
}

function beginsWell(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

const tooLarge = (expected: string): InvalidInput =>
  new InvalidInput('too_large', 'The text is too large.', { expected })

const tooDeep = (offset: number, maxDepth: number): InvalidInput =>
  new InvalidInput('too_deep', 'The value is nested too deeply.', {
    expected: `at most ${maxDepth} levels`,
    data: { offset },
  })

const badEncoding = (message: string, offset: number, expected: string): InvalidInput =>
  new InvalidInput('invalid_encoding', message, { expected, data: { offset } })
