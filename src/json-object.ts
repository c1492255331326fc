/**
 * A JSON object of which nobody has said yet what is in it.
 */
export type JsonObject = Readonly<Record<string, unknown>>

/** Not null, and no list. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
