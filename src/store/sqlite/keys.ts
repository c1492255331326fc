/**
 * The keys by which repeats are found: those in their table, and the latest, which are in memory.
 */
import type { Session } from './session.js'

const SEQUENCE = 'SELECT sequence FROM event_keys WHERE tenant = ? AND id = ? AND source = ?'
const SEQUENCES = 'SELECT sequence FROM event_keys WHERE tenant = ? AND id = ?'

export function sequenceOf(session: Session, tenant: string, id: string, source: string): number | undefined {
  const recent = session.keys.find(tenant, id).find((key) => key.source === source)
  if (recent !== undefined) return recent.sequence
  const row = session.get(SEQUENCE, tenant, id, source)
  return row === undefined ? undefined : Number(row[0])
}

/** Of whatever source. */
export const sequencesOf = (session: Session, tenant: string, id: string): readonly number[] => [
  ...session.keys.find(tenant, id).map(({ sequence }) => sequence),
  ...session.all(SEQUENCES, tenant, id).map(([sequence]) => Number(sequence)),
]

export function forgetKey(session: Session, tenant: string, id: string, source: string): void {
  session.keys.delete(tenant, id, source)
  session.run('DELETE FROM event_keys WHERE tenant = ? AND id = ? AND source = ?', tenant, id, source)
}
