/**
 * A value that a JSON Schema allows, to show what one looks like.
 */
import type { Schema } from './schema-form.js'

/** More members than these make no better example. */
const MOST = 8

export function exampleOf(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.default !== undefined) return schema.default
  if (schema.enum) return schema.enum[0]
  if (schema.properties) return objectOf(schema)
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0]
  if (type === 'array') return schema.items ? [exampleOf(schema.items)] : []
  if (type === 'object') return {}
  if (type === 'boolean') return true
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1
  if (schema.format === 'date-time') return '2026-01-31T08:00:00Z'
  return type === 'string' ? 'text' : null
}

function objectOf({ properties = {}, required = [] }: Schema): unknown {
  const names = Object.keys(properties)
  const first = [...required, ...names.filter((name) => !required.includes(name))].slice(
    0,
    Math.max(MOST, required.length),
  )
  return Object.fromEntries(first.map((name) => [name, exampleOf(properties[name] ?? {})]))
}
