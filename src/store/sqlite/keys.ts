/**
 * The keys by which repeats are found: those in their table, and the latest, which are in memory.
 */
import type { EventRow } from '../rows.js'
import type { Session } from './session.js'

type EventKey = Pick<EventRow, 'tenant' | 'id' | 'source' | 'sequence'>

const SEQUENCE = 'SELECT sequence FROM event_keys WHERE tenant = ? AND id = ? AND source = ?'
const SEQUENCES = 'SELECT sequence FROM event_keys WHERE tenant = ? AND id = ?'

const SOURCE = 'SELECT source FROM events WHERE tenant = ? AND sequence = ?'

export function sequenceOf(session: Session, tenant: string, id: string, source: string): number | undefined {
  const recent = session.keys.find(tenant, id).find((sequence) => session.get(SOURCE, tenant, sequence)?.[0] === source)
  if (recent !== undefined) return recent
  const row = session.get(SEQUENCE, tenant, id, source)
  return row === undefined ? undefined : Number(row[0])
}

/** Of whatever source. One read from the events may be in the table already. */
export const sequencesOf = (session: Session, tenant: string, id: string): readonly number[] => [
  ...new Set([
    ...session.keys.find(tenant, id),
    ...session.all(SEQUENCES, tenant, id).map(([sequence]) => Number(sequence)),
  ]),
]

export function forgetKey(session: Session, { tenant, id, source, sequence }: EventKey): void {
  session.keys.delete(tenant, id, sequence)
  session.run('DELETE FROM event_keys WHERE tenant = ? AND id = ? AND source = ?', tenant, id, source)
}
