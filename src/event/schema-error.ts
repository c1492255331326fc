/**
 * What a JSON Schema validator found, as the error people read: the field, and what would be right.
 */
import type { ErrorObject } from 'ajv'
import { type ErrorCode, InvalidInput } from '../errors.js'
import { isObject } from '../json-object.js'
import { hint } from './nearest.js'

/**
 * @param field Where the validated value stands, such as `target`; empty at the top.
 * @param what How the whole is called.
 */
export function schemaError(error: ErrorObject | undefined, field: string, what = 'The subscription'): InvalidInput {
  const at = join(field, error?.instancePath ?? '')
  if (error?.keyword === 'additionalProperties' || error?.keyword === 'unevaluatedProperties')
    return unknownKey(error, at)
  if (error?.keyword === 'required') return missing(`${at}/${escaped(error.params.missingProperty)}`)
  const expected = expectedBy(error)
  const path = fieldOfPointer(at)
  return invalid(`${path === '' ? what : path} is not valid: it must be ${expected}.`, path, expected)
}

export const invalid = (
  message: string,
  field: string,
  expected: string,
  code: ErrorCode = 'invalid_request',
): InvalidInput => new InvalidInput(code, message, { field, expected })

function unknownKey(error: ErrorObject, at: string): InvalidInput {
  const key = String(error.params.additionalProperty ?? error.params.unevaluatedProperty).slice(0, 100)
  const known = Object.keys(isObject(error.parentSchema?.properties) ? error.parentSchema.properties : {})
  const field = fieldOfPointer(`${at}/${escaped(key)}`)
  return invalid(
    `There is no field ${JSON.stringify(key)} here.${hint(key, known)}`,
    field,
    `one of ${known.join(', ')}`,
  )
}

function missing(at: string): InvalidInput {
  const field = fieldOfPointer(at)
  return invalid(`${field} is missing.`, field, 'a value')
}

function expectedBy(error: ErrorObject | undefined): string {
  if (!error) return 'a value that fits'
  if (error.keyword === 'enum') return `one of ${error.params.allowedValues.join(', ')}`
  if (error.keyword === 'const') return JSON.stringify(error.params.allowedValue)
  const size = SIZES[error.keyword]
  if (size !== undefined) return size(error.params.limit)
  return (error.message ?? error.keyword).replace(
    /^must (be |have |NOT have |match )/,
    (words) => WORDS[words] ?? words,
  )
}

const counted = (limit: number, one: string): string => `${limit} ${one}${limit === 1 ? '' : 's'}`

const SIZES: Readonly<Record<string, (limit: number) => string>> = {
  minLength: (limit) => `at least ${counted(limit, 'character')} long`,
  maxLength: (limit) => `at most ${counted(limit, 'character')} long`,
  minItems: (limit) => `a list of at least ${counted(limit, 'item')}`,
  maxItems: (limit) => `a list of at most ${counted(limit, 'item')}`,
  minProperties: (limit) => `an object of at least ${counted(limit, 'member')}`,
  maxProperties: (limit) => `an object of at most ${counted(limit, 'member')}`,
}

/** The validator's sentences begin with "must", and so do ours. */
const WORDS: Readonly<Record<string, string>> = {
  'must be ': '',
  'must have ': 'with ',
  'must NOT have ': 'without ',
  'must match ': 'of the ',
}

const join = (field: string, pointer: string): string => `${field === '' ? '' : `/${escaped(field)}`}${pointer}`

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

/** A JSON Pointer (RFC 6901) as errors write fields: `/retry/attempts` is `retry.attempts`, `/types/0` is `types[0]`. */
export const fieldOfPointer = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`), '')
