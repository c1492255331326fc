/**
 * One walk over a value that checks it is plain JSON within limits and writes it in canonical form
 * (keys sorted by UTF-16 code unit, as RFC 8785 section 3.2.3), so that equal content has an equal hash.
 */
import { hash } from 'node:crypto'
import { InvalidInput } from '../errors.js'
import { quoted } from '../event/quoted.js'

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * @throws InvalidInput `too_deep`, `forbidden_key`, `invalid_encoding`, `invalid_data` with the path of what is wrong.
 */
export function canonical(value: unknown, path: string, depth = 64): string {
  if (depth < 0)
    throw new InvalidInput('too_deep', 'The value is nested too deeply.', {
      field: path,
      expected: 'at most 64 levels',
    })
  switch (typeof value) {
    case 'string':
      return text(value, path)
    case 'number':
      if (!Number.isFinite(value)) throw notJson(path, 'a finite number')
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? list(value, path, depth) : object(value, path, depth)
    default:
      throw notJson(path, 'a JSON value')
  }
}

export const sha256 = (text: string): string => hash('sha256', text, 'base64url')

function text(value: string, path: string): string {
  if (value.isWellFormed()) return quoted(value)
  throw new InvalidInput('invalid_encoding', 'The text has a lone surrogate.', {
    field: path,
    expected: 'well-formed Unicode',
  })
}

function list(values: readonly unknown[], path: string, depth: number): string {
  let json = '['
  for (let index = 0; index < values.length; index++) {
    if (index > 0) json += ','
    json += canonical(values[index], `${path}[${index}]`, depth - 1)
  }
  return `${json}]`
}

function object(value: object, path: string, depth: number): string {
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw notJson(path, 'a plain object')
  let json = '{'
  for (const key of ordered(Object.keys(value))) {
    const member: unknown = (value as Record<string, unknown>)[key]
    // As JSON.stringify does: an undefined member is an absent one.
    if (member === undefined) continue
    const at = path === '' ? key : `${path}.${key}`
    if (FORBIDDEN_KEYS.has(key))
      throw new InvalidInput('forbidden_key', `The key ${key} is not allowed.`, { field: at })
    if (json.length > 1) json += ','
    json += `${text(key, at)}:${canonical(member, at, depth - 1)}`
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

const notJson = (path: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_data', 'The value cannot be written as JSON.', { field: path, expected })
