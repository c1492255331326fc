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
}

export const where = (...parts: readonly Part[]): Condition => ({
  sql: parts.map(([sql]) => sql).join(' AND '),
  values: parts.flatMap(([, ...values]) => values.map((value) => value ?? null)),
  and: (applies, ...part) => where(...parts, ...(applies ? [part] : [])),
  andIn: (column, list) =>
    list === undefined
      ? where(...parts)
      : where(...parts, [`${column} IN (${list.length === 0 ? NONE : list.map(() => '?').join(', ')})`, ...list]),
})

/** For `IN ()` SQLite reads nothing at all, and then has no use for the index that a question tells it to take: an error. */
const NONE = 'SELECT 1 WHERE FALSE'
