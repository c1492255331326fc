/**
 * What an operator may change about a processor, read from outside.
 */
import { InvalidInput } from '../errors.js'
import { hint } from '../event/nearest.js'
import { isObject } from '../json-object.js'
import type { Options } from './options.js'

/** What an operator changed; null keeps what lies below: the configuration file, then the code's own value. */
export interface ProcessorSetting {
  readonly enabled: boolean | null
  readonly order: number | null
  readonly types: readonly string[] | null
  readonly options: Options | null
}

export const NO_SETTING: ProcessorSetting = { enabled: null, order: null, types: null, options: null }

export const MEMBERS = ['enabled', 'order', 'types', 'options'] as const
export type Member = (typeof MEMBERS)[number]

/** A merge patch of a setting; null goes back to what lies below. @throws InvalidInput `invalid_request` with the field below `at` */
export function readSetting(value: unknown, at = ''): Partial<ProcessorSetting> {
  if (!isObject(value)) throw invalid(at === '' ? 'setting' : at, 'is no object', MEMBERS.join(', '))
  const path = at === '' ? '' : `${at}.`
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      if (!isMember(name))
        throw invalid(path + name, `is no setting.${hint(name, MEMBERS)}`, `one of ${MEMBERS.join(', ')}`)
      return member === undefined ? [] : [[name, member === null ? null : READERS[name](member, path + name)]]
    }),
  )
}

/** Event types in one text, separated by commas; spaces and empty parts do not count. */
export const typeList = (text: string): readonly string[] =>
  text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))

const isMember = (name: string): name is Member => MEMBERS.some((member) => member === name)

/** Under this name sealed options are stored, alone. */
export const SEALED = '$sealed'

const READERS: Readonly<Record<Member, (value: unknown, field: string) => unknown>> = {
  enabled(value, field) {
    if (typeof value === 'boolean') return value
    throw invalid(field, 'is no boolean', 'true or false')
  },
  order: (value, field) => checkOrder(value, field),
  types: (value, field) => checkPatterns(value, field),
  options(value, field) {
    if (!isObject(value)) throw invalid(field, 'is no object', 'options by name')
    if (!Object.hasOwn(value, SEALED)) return value
    throw invalid(`${field}.${SEALED}`, 'is a name of our own', 'another name')
  },
}

/** As wide as 32 bits, which other engines' orders use to the last. */
export const MOST_ORDER = 2_147_483_647

export function checkOrder(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MOST_ORDER) return value
  throw invalid(field, 'is no order', `an integer from -${MOST_ORDER} to ${MOST_ORDER}`)
}

/** Visible ASCII; a `*` only alone, or at the end after a full stop. */
const PATTERN = /^(?:\*|[!-)+-~]+|[!-)+-~]*\.\*)$/

/** Event type patterns: an exact name, a prefix such as `credential.*`, or `*`. */
export function checkPatterns(value: unknown, field: string): readonly string[] {
  if (!Array.isArray(value)) throw invalid(field, 'is no list', 'a list of event types')
  return value.map((type: unknown, index) => {
    if (typeof type === 'string' && PATTERN.test(type.trim())) return type.trim()
    throw invalid(`${field}[${index}]`, 'is no event type', 'a name, a prefix such as credential.*, or *')
  })
}

export const invalid = (field: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', `${field} ${message}${/[.?]$/.test(message) ? '' : '.'}`, { field, expected })
