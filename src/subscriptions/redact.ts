/**
 * Redaction: what a subscriber must not see is gone before filters and payloads look, else a filter would be an oracle for it.
 */
import { SENSITIVE } from '../event/catalogue.js'
import type { AnyEvent } from '../event/envelope.js'
import { isObject } from '../json-object.js'
import type { SubscriptionSpec } from './subscription.js'

/** What the catalogue tells of a type. */
export interface TypeLookup {
  /** The type's own name and the native type it is a case of. */
  lineage(type: string): readonly string[]
  get(type: string): Classified | undefined
}

/** Dotted paths in `data`; each of `classes` is among the `sensitive`. */
export interface Classified {
  readonly sensitive?: readonly string[]
  readonly classes?: Readonly<Record<string, readonly string[]>>
}

type Path = readonly string[]

/**
 * The event as it may be seen; the same object if nothing is removed.
 * @param sees classes of fields that stay.
 */
export function redact(
  event: AnyEvent,
  redaction: SubscriptionSpec['redaction'],
  types: TypeLookup,
  sees: readonly string[] = [],
): AnyEvent {
  if (redaction === 'none' || event.data === undefined) return event
  const paths = hiddenPaths(event.type, types, sees)
  const all = isKept(event.data) ? [KEPT, ...paths] : paths
  return all.length === 0 ? event : { ...event, data: withoutAll(event.data, all) }
}

/** Without the state that the registry keeps of what the event is about. */
export const withoutKept = (event: AnyEvent): AnyEvent =>
  isKept(event.data) ? { ...event, data: without(event.data, ['before']) } : event

/** What the registry keeps of a resource may tell about people, whatever the event is. */
const KEPT: Path = ['before', 'properties']

/** `before` was filled from the registry: it is a whole state as that keeps it. */
const isKept = (data: unknown): boolean =>
  isObject(data) &&
  isObject(data.before) &&
  ['owner', 'status', 'properties'].every((key) => Object.hasOwn(data.before as object, key))

const hiddenPaths = (type: string, types: TypeLookup, sees: readonly string[]): readonly Path[] =>
  hiddenIn(
    types.lineage(type).flatMap((name) => types.get(name) ?? []),
    sees,
  ).map((path) => path.split('.'))

/**
 * What is hidden in the data of a type, given with the native type it is a case of: what holds for that holds for it, too. What
 * is of several classes is seen by who sees all of them.
 */
export function hiddenIn(types: readonly Classified[], sees: readonly string[]): readonly string[] {
  const sensitive = [...new Set(types.flatMap((type) => type.sensitive ?? []))]
  if (sees.length === 0) return sensitive
  const classes = types.flatMap((type) => Object.entries(type.classes ?? {}))
  return sensitive.filter((path) => {
    const named = classes.flatMap(([name, paths]) => (paths.includes(path) ? [name] : []))
    return (named.length === 0 ? [SENSITIVE] : named).some((name) => !sees.includes(name))
  })
}

function withoutAll(data: unknown, paths: readonly Path[]): unknown {
  const cut = paths.reduce((rest, path) => without(without(rest, path), ['before', ...path]), data)
  return isObject(cut) && Array.isArray(cut.changes) ? { ...cut, changes: redactChanges(cut.changes, paths) } : cut
}

/** Elements of a list on the way are all meant: `members.email`. */
function without(value: unknown, path: Path): unknown {
  if (Array.isArray(value)) return value.map((element) => without(element, path))
  const [key, ...rest] = path
  if (!isObject(value) || key === undefined || !Object.hasOwn(value, key)) return value
  if (rest.length > 0) return { ...value, [key]: without(value[key], rest) }
  const { [key]: _, ...others } = value
  return others
}

/** `data.changes` is a JSON Patch (RFC 6902): its operations carry the same values. */
function redactChanges(changes: readonly unknown[], paths: readonly Path[]): readonly unknown[] {
  return changes
    .filter((change) => !paths.some((path) => startsWith(pointerOf(change), path)))
    .map((change) => paths.reduce(redactValue, change))
}

/** An operation on an ancestor holds the sensitive field inside its value. */
function redactValue(change: unknown, path: Path): unknown {
  const pointer = pointerOf(change)
  if (!isObject(change) || !startsWith(path, pointer)) return change
  return { ...change, value: without(change.value, path.slice(pointer.length)) }
}

/** RFC 6901; list positions on the way are left out, as dotted paths have none. */
function pointerOf(change: unknown): Path {
  if (!isObject(change) || typeof change.path !== 'string') return []
  return change.path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .filter((key) => !/^(\d+|-)$/.test(key))
}

const startsWith = (path: Path, prefix: Path): boolean => prefix.every((key, index) => path[index] === key)
