/**
 * A profile's own type takes over what the native type it is a case of says of itself: its category, that it is urgent,
 * that it tells of a removal, which of its fields are sensitive.
 */
import { NATIVE_TYPES, type TypeDefinition } from '../src/index.js'

const natives: ReadonlyMap<string, TypeDefinition> = new Map(NATIVE_TYPES.map((type) => [type.name, type]))

export interface OwnType extends Omit<TypeDefinition, 'category'> {
  readonly caseOf: string
}

/** @throws TypeError when there is no such native type. */
export function caseOf(own: OwnType): TypeDefinition {
  const native = natives.get(own.caseOf)
  if (!native) throw new TypeError(`${own.name} names ${own.caseOf}, which is no native type.`)
  return {
    ...own,
    category: native.category,
    sensitive: [...new Set([...(native.sensitive ?? []), ...(own.sensitive ?? [])])],
    defaults: { ...native.defaults, ...own.defaults },
    ...(native.asynchronous === false && { asynchronous: false }),
  }
}
