/**
 * A target's secrets lie apart from it: what its schema marks `writeOnly` is sealed, the rest may be shown.
 */
import type { Target } from './target.js'
import type { SigningSecret, TargetSchema } from './transport.js'

/** What a subscription's sealed secrets hold, as JSON. */
export interface StoredSecrets {
  /** The `writeOnly` fields of the target, each in its place. */
  readonly target: Target
  /** Newest first. */
  readonly signing: readonly SigningSecret[]
}

/** `joinTarget` puts the two together again. */
export function splitTarget(schema: TargetSchema, target: Target): { readonly shown: Target; readonly secret: Target } {
  const parts = Object.entries(target).map(([name, value]) => [name, splitField(fieldOf(schema, name), value)] as const)
  const side = (which: 'shown' | 'secret') =>
    Object.fromEntries(parts.flatMap(([name, part]) => (part[which] === undefined ? [] : [[name, part[which]]])))
  return { shown: side('shown'), secret: side('secret') }
}

export const joinTarget = (shown: Target, secret: Target): Target => ({
  ...shown,
  ...Object.fromEntries(Object.entries(secret).map(([name, value]) => [name, joinField(shown[name], value)])),
})

function splitField(schema: TargetSchema, value: unknown): { readonly shown?: unknown; readonly secret?: unknown } {
  if (schema.writeOnly === true) return { secret: value }
  if (!isObject(value) || !isObject(schema.properties)) return { shown: value }
  const { shown, secret } = splitTarget(schema, value)
  return Object.keys(secret).length === 0 ? { shown } : { shown, secret }
}

const joinField = (shown: unknown, secret: unknown): unknown =>
  isObject(shown) && isObject(secret) ? joinTarget(shown, secret) : secret

function fieldOf(schema: TargetSchema, name: string): TargetSchema {
  const fields = isObject(schema.properties) ? schema.properties : {}
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  return isObject(field) ? field : {}
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
