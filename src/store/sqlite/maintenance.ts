import type { StoreInfo } from '../port.js'
import type { TaskState } from '../rows.js'
import { TASK } from '../sql/shapes.js'
import { forgetKey } from './keys.js'
import { removeTask } from './leaving.js'
import { dropResults } from './removal.js'
import type { Session } from './session.js'

/** A suspended event is unfinished business, however old, and so is one that some are still to be told of. */
const OLD = `SELECT tenant, sequence, id, source FROM events AS e INDEXED BY events_by_age
  WHERE received_at < ? AND state <> 'suspended' AND NOT EXISTS (
    SELECT 1 FROM tasks AS t
    WHERE t.tenant = e.tenant AND t.sequence = e.sequence AND t.state IN ('due', 'waiting', 'leased'))
  AND NOT EXISTS (SELECT 1 FROM slices AS s WHERE s.tenant = e.tenant AND s.sequence = e.sequence)
  ORDER BY received_at, tenant, sequence LIMIT ?`

export function prune(session: Session, before: number, limit: number): number {
  const rows = session.all(OLD, before, limit)
  for (const row of rows) forgetEvent(session, String(row[0]), Number(row[1]), String(row[2]), String(row[3]))
  return rows.length
}

const TASKS_BY_AGE = `FROM events AS e INDEXED BY events_by_age
  CROSS JOIN tasks AS t ON t.tenant = e.tenant AND t.sequence = e.sequence WHERE e.received_at >= ?`
/** No task ends before its event is received. Failed tasks are kept like their event. */
const ENDED = `SELECT ${TASK.of('t')} ${TASKS_BY_AGE} AND e.received_at < ?
  AND t.state IN ('done', 'not-executed', 'cancelled') AND t.ended_at < ?
  ORDER BY e.received_at, e.tenant, e.sequence, t.subscription LIMIT ?`
const FIRST_LEFT = `SELECT e.received_at ${TASKS_BY_AGE} AND t.state NOT IN ('refused', 'exhausted')
  ORDER BY e.received_at LIMIT 1`

/** What an earlier round has emptied is not looked at again. */
export function pruneTasks(session: Session, before: number, limit: number): number {
  const rows = session.all(ENDED, session.sweptTo, before, before, limit)
  for (const row of rows) {
    const task = TASK.read(row)
    removeTask(session, task)
    dropResults(session, task)
  }
  if (rows.length < limit) session.sweptTo = Number(session.get(FIRST_LEFT, session.sweptTo)?.[0] ?? session.sweptTo)
  return rows.length
}

/** A lease on one of them is lost. */
function forgetTasks(session: Session, tenant: string, sequence: number): void {
  const tasks = session.all('SELECT subscription, state FROM tasks WHERE tenant = ? AND sequence = ?', tenant, sequence)
  for (const row of tasks) session.tally(tenant, String(row[0]), row[1] as TaskState, -1)
  session.run('DELETE FROM tasks WHERE tenant = ? AND sequence = ?', tenant, sequence)
  session.run('DELETE FROM attempts WHERE tenant = ? AND sequence = ?', tenant, sequence)
}

function forgetEvent(session: Session, tenant: string, sequence: number, id: string, source: string): void {
  forgetTasks(session, tenant, sequence)
  session.run('DELETE FROM results WHERE tenant = ? AND sequence = ?', tenant, sequence)
  forgetKey(session, { tenant, id, source, sequence })
  session.run('DELETE FROM events WHERE tenant = ? AND sequence = ?', tenant, sequence)
}

/** Writes, so that it fails when writing does. */
export function ping(session: Session, details: StoreInfo['details']): StoreInfo {
  session.run("REPLACE INTO meta (name, value) VALUES ('pinged', 'yes')")
  const epoch = session.get("SELECT value FROM meta WHERE name = 'epoch'")
  const version = session.get('PRAGMA user_version')
  return { epoch: String(epoch?.[0]), schemaVersion: Number(version?.[0]), details }
}
