import type { StoreInfo } from '../port.js'
import type { TaskState } from '../rows.js'
import type { Session } from './session.js'

/** A suspended event is unfinished business, however old. */
const OLD = `SELECT tenant, sequence, id, source FROM events AS e INDEXED BY events_by_age
  WHERE received_at < ? AND state <> 'suspended' AND NOT EXISTS (
    SELECT 1 FROM tasks AS t
    WHERE t.tenant = e.tenant AND t.sequence = e.sequence AND t.state IN ('due', 'waiting', 'leased'))
  ORDER BY received_at, tenant, sequence LIMIT ?`

export function prune(session: Session, before: number, limit: number): number {
  const rows = session.all(OLD, before, limit)
  for (const row of rows) forgetEvent(session, String(row[0]), Number(row[1]), String(row[2]), String(row[3]))
  return rows.length
}

/** Failed tasks are kept like their event. */
export function pruneTasks(_session: Session, _before: number, _limit: number): number {
  return 0
}

/** A lease on one of them is lost. */
export function forgetTasks(session: Session, tenant: string, sequence: number): void {
  const tasks = session.all('SELECT subscription, state FROM tasks WHERE tenant = ? AND sequence = ?', tenant, sequence)
  for (const row of tasks) session.tally(tenant, String(row[0]), row[1] as TaskState, -1)
  session.run('DELETE FROM tasks WHERE tenant = ? AND sequence = ?', tenant, sequence)
  session.run('DELETE FROM attempts WHERE tenant = ? AND sequence = ?', tenant, sequence)
}

function forgetEvent(session: Session, tenant: string, sequence: number, id: string, source: string): void {
  forgetTasks(session, tenant, sequence)
  session.run('DELETE FROM results WHERE tenant = ? AND sequence = ?', tenant, sequence)
  session.run('DELETE FROM event_keys WHERE tenant = ? AND id = ? AND source = ?', tenant, id, source)
  session.run('DELETE FROM events WHERE tenant = ? AND sequence = ?', tenant, sequence)
}

/** Writes, so that it fails when writing does. */
export function ping(session: Session, details: StoreInfo['details']): StoreInfo {
  session.run("REPLACE INTO meta (name, value) VALUES ('pinged', 'yes')")
  const epoch = session.get("SELECT value FROM meta WHERE name = 'epoch'")
  const version = session.get('PRAGMA user_version')
  return { epoch: String(epoch?.[0]), schemaVersion: Number(version?.[0]), details }
}
