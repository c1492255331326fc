/**
 * The small shapes that the bodies of operations are made of.
 */
import { type TProperties, type TSchema, Type } from 'typebox'
import { OrNull } from './or-null.js'

export const Text = Type.String()
export const TextOrNull = OrNull(Text)
export const Time = Type.String({ format: 'date-time' })
export const TimeOrNull = OrNull(Time)
export const Whole = Type.Integer()
export const Free = Type.Object({}, { additionalProperties: true })
export const Strings = Type.Array(Text)
export const maybe = <S extends TSchema>(schema: S) => Type.Optional(schema)

export const named = <P extends TProperties>($id: string, properties: P) => Type.Object(properties, { $id })
export const page = (item: string) => named(`${item}Page`, { items: Type.Array(Type.Ref(item)), next: TextOrNull })
