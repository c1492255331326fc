/**
 * An entity snapshot without what must not be kept: passwords, tokens and confidential values.
 */
import { isObject } from '../../src/index.js'
import type { Fields, Reader } from '../reader.js'
import { looksSecret } from '../secrets.js'

/** What names an attribute beside its value, in form values and configuration entries. */
const NAMES = ['name', 'key', 'code']
/** Other resources' state, and the API's own links. */
const FOREIGN = ['_embedded', '_links']

/** A copy without secrets and embedded resources; undefined members stay away. */
export const snapshot = (reader: Reader | undefined): Fields | undefined =>
  reader ? objectWithout(reader.fields) : undefined

/** Event properties without the internal `idm:` ones: their facts are attributes of the event. */
export function ownProperties(properties: Reader | undefined): Fields | undefined {
  if (!properties) return undefined
  return objectWithout(
    Object.fromEntries(Object.entries(properties.fields).filter(([name]) => !name.startsWith('idm:'))),
  )
}

function objectWithout(object: Fields): Fields {
  const hidden = isConfidential(object)
  const kept = Object.entries(object).filter(
    ([name, value]) => !FOREIGN.includes(name) && !isSecret(name, value) && !(hidden && holdsValue(name)),
  )
  return Object.fromEntries(kept.map(([name, value]) => [name, without(value)]))
}

function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without)
  return isObject(value) ? objectWithout(value) : value
}

/** `mustChangePassword: true` and the like are no secrets: a flag or null gives nothing away. */
const isSecret = (name: string, value: unknown): boolean =>
  looksSecret(name) && typeof value !== 'boolean' && value !== null

/** A form value or configuration entry marked confidential, or named like a secret. */
const isConfidential = (object: Fields): boolean =>
  object.confidential === true || NAMES.some((name) => typeof object[name] === 'string' && looksSecret(object[name]))

/** `value`, `stringValue`, `shortTextValue`, `values`, ... */
const holdsValue = (name: string): boolean => /values?$/i.test(name)
