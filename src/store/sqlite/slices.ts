/**
 * Those who are still to be told of an event.
 */
import type { EventRow, SliceRow } from '../rows.js'
import { SLICE } from '../sql/shapes.js'
import type { Session } from './session.js'

const OF_KEY = 'SELECT 1 FROM slices WHERE tenant = ? AND partition_key = ? LIMIT 1'

/** Events of that key are still to be told: others of it come after them. */
export const isHeldUp = (session: Session, { tenant, partitionKey }: EventRow): boolean =>
  session.slices > 0 && session.get(OF_KEY, tenant, partitionKey) !== undefined

export function addSlices(session: Session, slices: readonly SliceRow[]): void {
  if (slices.length === 0) return
  // Counted before they are there.
  const count = session.slices + slices.length
  for (const slice of slices) session.insert(SLICE, slice)
  session.slices = count
}

/** Nobody is told of the event any more. Answers how many would have been. */
export function dropSlices(session: Session, tenant: string, sequence: number): number {
  if (session.slices === 0) return 0
  const gone = session.change('DELETE FROM slices WHERE tenant = ? AND sequence = ? RETURNING count', tenant, sequence)
  session.slices -= gone.length
  return gone.reduce((sum, [count]) => sum + Number(count), 0)
}
