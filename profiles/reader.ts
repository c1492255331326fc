/**
 * Reading a message from outside, field by field, with errors that name the field and what would be right.
 * Values are never put into an error unless they are names from a closed list: a message may carry secrets.
 */
import { canonical, type ErrorCode, InvalidInput, isObject } from '../src/index.js'
import { timestampOf } from './timestamp.js'

export type Fields = Readonly<Record<string, unknown>>

/** Longest identifier read; CloudEvents advises short attributes, CzechIdM's columns have 255 characters. */
const LONGEST_NAME = 1024

// CloudEvents 1.0.2, section 3.1: what the strings of attributes may not hold.
const CONTROL = /[\p{Cc}\p{Surrogate}\p{Noncharacter_Code_Point}]/u
const INT32 = 2 ** 31

export class Reader {
  readonly fields: Fields
  readonly #path: string

  /** @throws InvalidInput when the value is no object. */
  constructor(value: unknown, path: string, expected = 'an object') {
    if (!isObject(value)) throw wrong(path || 'message', expected)
    this.fields = value
    this.#path = path
  }

  /**
   * The whole message: an object of plain JSON without forbidden keys, lone surrogates or endless depth.
   * @throws InvalidInput `invalid_event`, `forbidden_key`, `invalid_encoding`, `too_deep`, `invalid_data`.
   */
  static message(value: unknown, expected: string): Reader {
    const reader = new Reader(value, '', expected)
    plain(value)
    return reader
  }

  /** The own member, undefined when absent or null. */
  get(name: string): unknown {
    return Object.hasOwn(this.fields, name) ? (this.fields[name] ?? undefined) : undefined
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  at(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  /** An identifier: not empty, no control character or noncharacter. Absent, null and '' are undefined. */
  optionalName(name: string): string | undefined {
    const value = this.optionalText(name)
    if (value === undefined || value === '') return undefined
    if (value.length > LONGEST_NAME || CONTROL.test(value)) {
      throw wrong(this.at(name), `a string of at most ${LONGEST_NAME} characters without control characters`)
    }
    return value
  }

  name(name: string, expected = 'a string that is not empty'): string {
    return this.optionalName(name) ?? this.#missing(name, expected)
  }

  /** Free text, perhaps of several lines. */
  optionalText(name: string): string | undefined {
    const value = this.get(name)
    if (value === undefined || typeof value === 'string') return value
    throw wrong(this.at(name), 'a string')
  }

  /** Text of any length, not empty. */
  text(name: string, expected = 'a string that is not empty'): string {
    return this.optionalText(name) || this.#missing(name, expected)
  }

  /** A 32-bit integer, as Java's and .NET's `int`. */
  optionalInteger(name: string, least = -INT32, most = INT32 - 1): number | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    throw wrong(this.at(name), `an integer from ${least} to ${most}`)
  }

  integer(name: string, least?: number, most?: number): number {
    return this.optionalInteger(name, least, most) ?? this.#missing(name, 'an integer')
  }

  optionalBoolean(name: string): boolean | undefined {
    const value = this.get(name)
    if (value === undefined || typeof value === 'boolean') return value
    throw wrong(this.at(name), 'true or false')
  }

  boolean(name: string): boolean {
    return this.optionalBoolean(name) ?? this.#missing(name, 'true or false')
  }

  /** An RFC 3339 time; one without a zone is read as UTC. */
  optionalTime(name: string): string | undefined {
    const value = this.optionalName(name)
    return value === undefined ? undefined : (timestampOf(value) ?? this.#missing(name, 'an RFC 3339 time'))
  }

  optionalObject(name: string): Reader | undefined {
    const value = this.get(name)
    return value === undefined ? undefined : new Reader(value, this.at(name))
  }

  object(name: string, expected = 'an object'): Reader {
    return new Reader(this.get(name), this.at(name), expected)
  }

  optionalList(name: string): readonly unknown[] | undefined {
    const value = this.get(name)
    if (value === undefined || Array.isArray(value)) return value
    throw wrong(this.at(name), 'an array')
  }

  /** Refuses members nobody would read: a misspelt name must not lose its value silently. */
  only(names: readonly string[], whose: string): this {
    const stranger = Object.keys(this.fields).find((name) => !names.includes(name))
    if (stranger === undefined) return this
    throw wrong(this.at(stranger) || 'message', `one of ${whose}: ${names.join(', ')}`)
  }

  #missing(name: string, expected: string): never {
    throw wrong(this.at(name), expected)
  }
}

/** Refuses what is no plain JSON; an error about the value as a whole names `message`. */
export function plain(value: unknown): void {
  try {
    canonical(value, '')
  } catch (error) {
    throw error instanceof InvalidInput && !error.field ? wrong('message', 'plain JSON', error.code) : error
  }
}

/** The error for one wrong field. */
export const wrong = (
  field: string,
  expected: string,
  code: ErrorCode = 'invalid_event',
  message?: string,
): InvalidInput => new InvalidInput(code, message ?? `${field} is wrong: expected ${expected}.`, { field, expected })

/** Quotes a name that came from outside for an error, cut short. */
export const quoted = (value: unknown): string => JSON.stringify(String(value).slice(0, 64))

/** A copy without the members that are undefined. */
export const present = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
