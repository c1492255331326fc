/**
 * The secrets of a target: what its transport's schema marks `writeOnly`. They are kept apart from the rest,
 * by JSON Pointer (RFC 6901), and put back only to be validated or sent with.
 */
import { isObject } from '../json-object.js'

export type Target = Readonly<Record<string, unknown>>

/** Values by pointer into the target: `/headers`, `/users/0/password`. */
export type TargetSecrets = Readonly<Record<string, unknown>>

type Schema = Readonly<Record<string, unknown>>

/** The target without what is secret, and that by its path. */
export function splitSecrets(target: Target, schema: Schema): { target: Target; secrets: TargetSecrets } {
  const paths = [...new Set(secretPaths(target, schema, schema, []).map(toPointer))].map(fromPointer)
  const secrets = paths.map((path) => [toPointer(path), valueAt(target, path)])
  const bare = paths.reduce<unknown>((rest, path) => removed(rest, path), target)
  return { target: isObject(bare) ? bare : {}, secrets: Object.fromEntries(secrets) }
}

/** The target whole again. A secret whose place is gone is left out. */
export function joinSecrets(target: Target, secrets: TargetSecrets): Target {
  const whole = Object.entries(secrets).reduce<unknown>(
    (rest, [pointer, value]) => placed(rest, fromPointer(pointer), value),
    target,
  )
  return isObject(whole) ? whole : target
}

/** The target with those secrets whose places it leaves empty. */
export function withKept(target: Target, secrets: TargetSecrets): Target {
  const missing = Object.entries(secrets).filter(([pointer]) => valueAt(target, fromPointer(pointer)) === undefined)
  return joinSecrets(target, Object.fromEntries(missing))
}

type Path = readonly string[]

function secretPaths(value: unknown, schema: Schema, root: Schema, path: Path): readonly Path[] {
  if (value === undefined) return []
  if (schema.writeOnly === true) return [path]
  return [
    ...alternatives(schema, root).flatMap((branch) => secretPaths(value, branch, root, path)),
    ...(Array.isArray(value) ? secretsOfList(value, schema, root, path) : []),
    ...(isObject(value) ? secretsOfObject(value, schema, root, path) : []),
  ]
}

/** A list of secrets is one secret: removing elements would move the others. */
function secretsOfList(values: readonly unknown[], schema: Schema, root: Schema, path: Path): readonly Path[] {
  if (!isObject(schema.items)) return []
  const { items } = schema
  const found = values.flatMap((value, index) => secretPaths(value, items, root, [...path, String(index)]))
  return found.some((each) => each.length === path.length + 1) ? [path] : found
}

const secretsOfObject = (value: Target, schema: Schema, root: Schema, path: Path): readonly Path[] =>
  Object.entries(value).flatMap(([key, member]) =>
    schemasOf(key, schema).flatMap((each) => secretPaths(member, each, root, [...path, key])),
  )

function schemasOf(key: string, schema: Schema): readonly Schema[] {
  const own = isObject(schema.properties) && Object.hasOwn(schema.properties, key) ? [schema.properties[key]] : []
  const patterns = isObject(schema.patternProperties) ? Object.entries(schema.patternProperties) : []
  const matching = patterns.filter(([pattern]) => new RegExp(pattern, 'u').test(key)).map(([, each]) => each)
  const named = [...own, ...matching]
  return (named.length > 0 ? named : [schema.additionalProperties]).filter(isObject)
}

function alternatives(schema: Schema, root: Schema): readonly Schema[] {
  const lists = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((list) => (Array.isArray(list) ? list : []))
  const single = [schema.if, schema.then, schema.else, referred(schema.$ref, root)]
  return [...lists, ...single].filter(isObject)
}

/** Only `#/$defs/name`: a target's schema stands alone. */
const referred = (reference: unknown, root: Schema): unknown =>
  typeof reference === 'string' && reference.startsWith('#/')
    ? valueAt(root, fromPointer(reference.slice(1)))
    : undefined

const toPointer = (path: Path): string =>
  path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const fromPointer = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

const memberOf = (value: unknown, key: string): unknown => {
  if (Array.isArray(value)) return value[Number(key)]
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

const valueAt = (value: unknown, path: Path): unknown => path.reduce(memberOf, value)

function removed(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return value
  if (Array.isArray(value)) return value.map((each, index) => (String(index) === key ? removed(each, rest) : each))
  if (!isObject(value)) return value
  if (rest.length > 0) return { ...value, [key]: removed(value[key], rest) }
  const { [key]: _, ...others } = value
  return others
}

function placed(value: unknown, [key, ...rest]: Path, secret: unknown): unknown {
  if (key === undefined) return secret
  if (Array.isArray(value))
    return value.map((each, index) => (String(index) === key ? placed(each, rest, secret) : each))
  if (!isObject(value)) return value
  return { ...value, [key]: placed(value[key], rest, secret) }
}
