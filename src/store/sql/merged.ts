/**
 * Pages of several searches, merged into one.
 */
import type { SqlRow, SqlValue } from './row.js'

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
