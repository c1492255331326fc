/**
 * The catalogue as a TypeScript type. `native/*.ts` and profiles add to it by declaration merging:
 *
 *     declare module 'tocsin' { interface Catalogue { 'badge.printed': { badge: string } } }
 */

// biome-ignore lint/suspicious/noEmptyInterface: it is filled by declaration merging.
export interface Catalogue {}

/** The names known by declaration; any other string is allowed and has unknown data. */
export type KnownType = Extract<keyof Catalogue, string>
export type EventType = KnownType | (string & {})

export type TypedData<T extends string> = T extends KnownType ? Catalogue[T] : unknown
