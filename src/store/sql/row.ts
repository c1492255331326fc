/**
 * What a column holds and what a statement answers, wherever SQL is spoken: values by position.
 */
export type SqlValue = string | number | null
export type SqlRow = readonly SqlValue[]
