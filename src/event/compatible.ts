/**
 * Whether those who read values of a type go on understanding them when its schema changes. Only two things are compatible:
 * what is said for people (titles, descriptions, examples), and further members that need not be there.
 */
import { isDeepStrictEqual } from 'node:util'
import { isObject } from '../json-object.js'
import type { JsonSchema } from './catalogue.js'

/** Keywords that assert nothing (JSON Schema 2020-12, validation, section 9). */
const FOR_PEOPLE: ReadonlySet<string> = new Set([
  ...[
    'title',
    'description',
    '$comment',
    'examples',
    'default',
    'deprecated',
    'readOnly',
    'writeOnly',
    '$id',
    '$schema',
  ],
])

/** Where the first incompatible change is, such as `schema.properties.name.type`; null: there is none. */
export function incompatibility(before: JsonSchema | undefined, after: JsonSchema | undefined): string | null {
  return differing(before ?? {}, after ?? {}, 'schema')
}

function differing(before: JsonSchema, after: JsonSchema, path: string): string | null {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !FOR_PEOPLE.has(key))
  for (const key of keys) {
    const found = differingMember(key, before[key], after[key], `${path}.${key}`)
    if (found !== null) return found
  }
  return null
}

function differingMember(key: string, before: unknown, after: unknown, path: string): string | null {
  if (key === 'properties') return differingProperties(objectOf(before), objectOf(after), path)
  if (key === 'required') return isDeepStrictEqual(sorted(before), sorted(after)) ? null : path
  if (isObject(before) && isObject(after) && (key === 'items' || key === 'additionalProperties'))
    return differing(before, after, path)
  return isDeepStrictEqual(before, after) ? null : path
}

/** A new one that is required differs in `required`. */
function differingProperties(before: JsonSchema, after: JsonSchema, path: string): string | null {
  for (const [name, schema] of Object.entries(before)) {
    const now = after[name]
    const place = `${path}.${name}`
    if (now === undefined) return place
    const found =
      isObject(schema) && isObject(now) ? differing(schema, now, place) : differingMember('', schema, now, place)
    if (found !== null) return found
  }
  return null
}

const objectOf = (value: unknown): JsonSchema => (isObject(value) ? value : {})

const sorted = (value: unknown): readonly unknown[] => (Array.isArray(value) ? [...value].sort() : [])

/** Versions are numbers with dots between: `1.10` is above `1.9`. */
export function isHigherVersion(after: string, before: string): boolean {
  const [one, other] = [after, before].map((version) => version.split('.').map(Number))
  for (let index = 0; index < Math.max(one?.length ?? 0, other?.length ?? 0); index++) {
    const difference = (one?.[index] ?? 0) - (other?.[index] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}
