/**
 * Two small standards: merging a change into properties (RFC 7396) and telling what changed (JSON Patch, RFC 6902).
 */
import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject } from '../json-object.js'

/** JSON Merge Patch: null removes a member, objects merge, everything else replaces. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...target }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else if (isObject(value)) merged[key] = mergePatch(isObject(target[key]) ? target[key] : {}, value)
    else merged[key] = value
  }
  return merged
}

/** The merge patch that turns `before` into `after`; a member of `after` that is null is taken for one that is not there. */
export function patchBetween(before: JsonObject, after: JsonObject): JsonObject {
  const gone = Object.keys(before).filter((key) => !(key in after))
  const said = Object.entries(after).map(([key, value]) => {
    const was = before[key]
    return [key, isObject(value) && isObject(was) ? patchBetween(was, value) : value] as const
  })
  return Object.fromEntries([...gone.map((key) => [key, null] as const), ...said])
}

export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: string
  readonly value?: unknown
}

/** The operations that turn `before` into `after`; arrays are replaced whole. */
export function difference(before: JsonObject, after: JsonObject, path = ''): readonly PatchOperation[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) =>
    memberDifference(before[key], after[key], `${path}/${pointer(key)}`, key in before, key in after),
  )
}

function memberDifference(
  before: unknown,
  after: unknown,
  path: string,
  was: boolean,
  is: boolean,
): readonly PatchOperation[] {
  if (!is) return [{ op: 'remove', path }]
  if (!was) return [{ op: 'add', path, value: after }]
  if (isObject(before) && isObject(after)) return difference(before, after, path)
  return isDeepStrictEqual(before, after) ? [] : [{ op: 'replace', path, value: after }]
}

/** RFC 6901: `~` and `/` are escaped. */
const pointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
