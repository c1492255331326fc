/**
 * A strict JSON reader that builds nothing: it says what is wrong with a text, and where.
 * It is slow beside `JSON.parse`, and read only when a text is doubtful. Its caller has bounded the depth.
 */
import { type ErrorCode, InvalidInput } from '../errors.js'

/** @throws InvalidInput for the first fault; a text without a fault passes. */
export function readStrictly(text: string): void {
  new Reader(text).document()
}

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])
const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const LITERAL = /true|false|null/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 section 7 wants them escaped.
const STRING_BUT_LAST_QUOTE = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*/y
const LONE_SURROGATE = /\p{Surrogate}/u
const PLAIN_NAME = /^[A-Za-z_$][\w$]*$/

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): void {
    this.#value('')
    this.#skip(SPACE)
    if (this.#at < this.#text.length) throw this.#syntax('There is text after the value', 'one JSON value')
  }

  #value(path: string): void {
    this.#skip(SPACE)
    const first = this.#text[this.#at]
    if (first === '{') this.#object(path)
    else if (first === '[') this.#list(path)
    else if (first === '"') this.#string(path)
    else if (!this.#number(path) && !this.#skip(LITERAL)) {
      throw first === undefined
        ? this.#syntax('The text ends too early', 'a value')
        : this.#syntax('This is no JSON value', 'an object, array, string, number, true, false or null')
    }
  }

  #object(path: string): void {
    const seen = new Set<string>()
    this.#at++
    if (this.#next('}')) return
    do {
      this.#skip(SPACE)
      this.#member(path, seen)
    } while (this.#next(','))
    if (!this.#next('}')) throw this.#syntax('The object does not go on rightly', ', or }')
  }

  #member(path: string, seen: Set<string>): void {
    const start = this.#at
    if (this.#text[start] !== '"') throw this.#syntax('There is no key', 'a key in double quotes')
    const key = this.#string(path)
    const here = PLAIN_NAME.test(key) ? (path === '' ? key : `${path}.${key}`) : `${path}[${JSON.stringify(key)}]`
    if (FORBIDDEN.has(key))
      throw this.#fault('forbidden_key', `The key ${key} is not allowed`, start, here, 'another key')
    if (seen.has(key)) throw this.#fault('invalid_json', 'The key is there twice', start, here, 'each key once')
    seen.add(key)
    if (!this.#next(':')) throw this.#syntax('The key has no value', ':')
    this.#value(here)
  }

  #list(path: string): void {
    let index = 0
    this.#at++
    if (this.#next(']')) return
    do this.#value(`${path}[${index++}]`)
    while (this.#next(','))
    if (!this.#next(']')) throw this.#syntax('The array does not go on rightly', ', or ]')
  }

  #string(path: string): string {
    const start = this.#at
    this.#skip(STRING_BUT_LAST_QUOTE)
    if (this.#text[this.#at] !== '"') throw this.#badString()
    this.#at++
    const value: string = JSON.parse(this.#text.slice(start, this.#at))
    if (LONE_SURROGATE.test(value)) {
      throw this.#fault('invalid_encoding', 'The string has a lone surrogate', start, path, 'well-formed Unicode')
    }
    return value
  }

  #badString(): InvalidInput {
    const next = this.#text[this.#at]
    if (next === undefined) return this.#syntax('The string has no end', 'a closing quote')
    if (next === '\\')
      return this.#syntax(
        'There is no such escape',
        '\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hexadecimal digits',
      )
    return this.#syntax('The string has a control character', 'an escape such as \\n or \\u0000')
  }

  #number(path: string): boolean {
    const start = this.#at
    NUMBER.lastIndex = start
    const match = NUMBER.exec(this.#text)
    if (!match) return false
    this.#at = NUMBER.lastIndex
    const value = Number(match[0])
    const whole = match[1] === undefined && match[2] === undefined
    if (Number.isFinite(value) && (!whole || Number.isSafeInteger(value))) return true
    throw this.#fault(
      'invalid_json',
      'The number is too large to be kept exactly',
      start,
      path,
      'its digits as a string',
    )
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    if (!pattern.test(this.#text)) return false
    this.#at = pattern.lastIndex
    return true
  }

  #next(character: string): boolean {
    this.#skip(SPACE)
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #syntax(message: string, expected: string): InvalidInput {
    return this.#fault('invalid_json', message, this.#at, '', expected)
  }

  #fault(code: ErrorCode, message: string, index: number, path: string, expected: string): InvalidInput {
    const before = this.#text.slice(0, index)
    const line = before.split('\n').length
    const column = index - before.lastIndexOf('\n')
    return new InvalidInput(code, `${message} (line ${line}, column ${column}).`, {
      ...(path !== '' && { field: path }),
      expected,
      data: { line, column, offset: Buffer.byteLength(before) },
    })
  }
}
