/**
 * Conditions put together from what a filter names.
 */
import type { SqlValue } from '../sql/row.js'

type Part = readonly [sql: string, ...values: readonly (SqlValue | undefined)[]]

export interface Condition {
  readonly sql: string
  readonly values: readonly SqlValue[]
  /** With the part if `applies`. */
  and(applies: boolean, ...part: Part): Condition
  /** With `column IN (…)` if there is a list; an empty list holds nothing. */
  andIn(column: string, list: readonly SqlValue[] | undefined): Condition
  /** With `column = value` if there is a value, by the index of the column's beginning. */
  andName(column: string, value: string | undefined): Condition
}

const isIn = (column: string, list: readonly SqlValue[]): Part =>
  list.length === 0 ? ['false'] : [`${column} IN (${list.map(() => '?').join(', ')})`, ...list]

/** Equal names, in the form of an index on the beginning of a name. */
export const sameName = (column: string): string => `left(${column}, 200) = left(?, 200) AND ${column} = ?`

export const where = (...parts: readonly Part[]): Condition => ({
  sql: parts.map(([sql]) => sql).join(' AND '),
  values: parts.flatMap(([, ...values]) => values.map((value) => value ?? null)),
  and: (applies, ...part) => where(...parts, ...(applies ? [part] : [])),
  andIn: (column, list) => where(...parts, ...(list === undefined ? [] : [isIn(column, list)])),
  andName: (column, value) =>
    where(...parts, ...(value === undefined ? [] : [[sameName(column), value, value] as const])),
})
