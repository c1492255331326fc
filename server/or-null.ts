/**
 * A value or null.
 */
import { type Static, type TSchema, Type } from 'typebox'

/** Written as a list of types, not as `anyOf`: the serialiser then needs no validator. */
export const OrNull = <S extends TSchema & { type: string }>(schema: S) =>
  Type.Unsafe<Static<S> | null>({ ...schema, type: [schema.type, 'null'] })
