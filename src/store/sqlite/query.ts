/**
 * Conditions put together from what a filter names, and pages merged from several searches.
 */
import type { SqlRow, SqlValue } from './driver.js'

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
      : where(...parts, [`${column} IN (${list.map(() => '?').join(', ')})`, ...list]),
})

/** The first `limit` of several pages that are each in order of the value at `position`. */
export function merged(
  pages: readonly (readonly SqlRow[])[],
  position: number,
  direction: 'up' | 'down',
  limit: number,
): readonly SqlRow[] {
  const [only] = pages
  if (only !== undefined && pages.length === 1) return only
  const sign = direction === 'up' ? 1 : -1
  return pages
    .flat()
    .sort((a, b) => sign * compare(a[position] ?? null, b[position] ?? null))
    .slice(0, limit)
}

/** Text by bytes, as SQLite orders it. */
function compare(a: SqlValue, b: SqlValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}
