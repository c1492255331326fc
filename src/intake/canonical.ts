/**
 * One walk over a value that checks it is plain JSON within limits and writes it in canonical form
 * (keys sorted by UTF-16 code unit, as RFC 8785 section 3.2.3), so that equal content has an equal hash.
 */
import { hash } from 'node:crypto'
import { type ErrorCode, InvalidInput } from '../errors.js'
import { quoted } from '../event/quoted.js'

export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** A member whose canonical form is there already. */
export interface Written {
  readonly key: string
  readonly text: string
}

/**
 * @param written its text is taken for that member of the value.
 * @throws InvalidInput `too_deep`, `forbidden_key`, `invalid_encoding`, `invalid_data` with the path of what is wrong.
 */
export function canonical(value: unknown, path: string, depth = 64, written?: Written): string {
  try {
    return written === undefined ? textOf(value, depth) : object(value as object, depth, written)
  } catch (error) {
    throw error instanceof Flaw ? error.below(path) : error
  }
}

export const sha256 = (text: string): string => hash('sha256', text, 'base64url')

/** What is wrong with a value. Where it lies is only put together when it is: most values have no flaw. */
class Flaw extends Error {
  readonly code: ErrorCode
  readonly expected: string | undefined
  readonly #steps: readonly string[]

  constructor(code: ErrorCode, message: string, expected?: string, steps: readonly string[] = []) {
    super(message)
    this.code = code
    this.expected = expected
    this.#steps = steps
  }

  /** As the value around it sees it. */
  in(step: string): Flaw {
    return new Flaw(this.code, this.message, this.expected, [step, ...this.#steps])
  }

  below(path: string): InvalidInput {
    const field = [path, ...this.#steps].join('')
    return new InvalidInput(this.code, this.message, {
      field: path === '' && field.startsWith('.') ? field.slice(1) : field,
      ...(this.expected !== undefined && { expected: this.expected }),
    })
  }
}

const within = (error: unknown, step: string): unknown => (error instanceof Flaw ? error.in(step) : error)

function textOf(value: unknown, depth: number): string {
  if (depth < 0) throw new Flaw('too_deep', 'The value is nested too deeply.', 'at most 64 levels')
  switch (typeof value) {
    case 'string':
      return text(value)
    case 'number':
      if (!Number.isFinite(value)) throw notJson('a finite number')
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? list(value, depth) : object(value, depth)
    default:
      throw notJson('a JSON value')
  }
}

function text(value: string): string {
  if (value.isWellFormed()) return quoted(value)
  throw new Flaw('invalid_encoding', 'The text has a lone surrogate.', 'well-formed Unicode')
}

function list(values: readonly unknown[], depth: number): string {
  let json = '['
  for (let index = 0; index < values.length; index++) {
    if (index > 0) json += ','
    try {
      json += textOf(values[index], depth - 1)
    } catch (error) {
      throw within(error, `[${index}]`)
    }
  }
  return `${json}]`
}

function object(value: object, depth: number, written?: Written): string {
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw notJson('a plain object')
  let json = '{'
  for (const key of ordered(Object.keys(value))) {
    const member: unknown = (value as Record<string, unknown>)[key]
    // As JSON.stringify does: an undefined member is an absent one.
    if (member === undefined) continue
    if (json.length > 1) json += ','
    try {
      if (FORBIDDEN_KEYS.has(key)) throw new Flaw('forbidden_key', `The key ${key} is not allowed.`)
      json += `${text(key)}:${key === written?.key ? written.text : textOf(member, depth - 1)}`
    } catch (error) {
      throw within(error, `.${key}`)
    }
  }
  return `${json}}`
}

/** More keys are left to the engine. */
const FEW = 16

/** In place, by UTF-16 code unit. The engine's own sort makes arrays to work with: 1.7 KB for each event. */
function ordered(keys: string[]): readonly string[] {
  if (keys.length > FEW) return keys.sort()
  for (let index = 1; index < keys.length; index++) {
    const key = keys[index] as string
    let place = index
    for (; place > 0 && (keys[place - 1] as string) > key; place--) keys[place] = keys[place - 1] as string
    keys[place] = key
  }
  return keys
}

const notJson = (expected: string): Flaw => new Flaw('invalid_data', 'The value cannot be written as JSON.', expected)
