/**
 * The few JSON Schemas (draft 2020-12) that the profiles' data is made of.
 */
import type { JsonSchema } from '../src/index.js'

export const TEXT: JsonSchema = { type: 'string' }
export const NAME: JsonSchema = { type: 'string', minLength: 1 }
export const INTEGER: JsonSchema = { type: 'integer' }
export const FLAG: JsonSchema = { type: 'boolean' }
export const TIME: JsonSchema = { type: 'string', format: 'date-time' }
export const ANY_OBJECT: JsonSchema = { type: 'object' }

export const oneOf = (values: readonly (string | number)[]): JsonSchema => ({ enum: values })
export const orNull = (schema: { readonly type?: unknown }): JsonSchema => ({ ...schema, type: [schema.type, 'null'] })
export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items })

/** An object of exactly these members; `required` names those that must be there. */
export const record = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
