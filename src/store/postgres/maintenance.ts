import type { TaskState } from '../rows.js'
import { TASK } from '../sqlite/shapes.js'
import { brief } from './brief.js'
import { removeTask } from './leaving.js'
import { dropResults } from './removal.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

/** A suspended event is unfinished business, however old. */
const OLD = statement(`SELECT tenant, sequence, id, source FROM events AS e
  WHERE received_at < ?1 AND state <> 'suspended' AND NOT EXISTS (
    SELECT 1 FROM tasks AS t
    WHERE t.tenant = e.tenant AND t.sequence = e.sequence AND t.state IN ('due', 'waiting', 'leased'))
  ORDER BY received_at, tenant, sequence LIMIT ?2`)

export async function prune(session: Session, before: number, limit: number): Promise<number> {
  const rows = await session.all(OLD, before, limit)
  for (const [tenant, sequence, id, source] of rows) {
    await forgetEvent(session, String(tenant), Number(sequence), String(id), String(source))
  }
  return rows.length
}

/** No task ends before its event is received. Failed tasks are kept like their event. */
const ENDED = statement(`SELECT ${TASK.of('t')} FROM events AS e
  JOIN tasks AS t ON t.tenant = e.tenant AND t.sequence = e.sequence
  WHERE e.received_at < ?1 AND t.state IN ('done', 'not-executed', 'cancelled') AND t.ended_at < ?1
  ORDER BY e.received_at, e.tenant, e.sequence, t.subscription LIMIT ?2`)

export async function pruneTasks(session: Session, before: number, limit: number): Promise<number> {
  const tasks = (await session.all(ENDED, before, limit)).map((row) => session.readTask(row))
  for (const task of tasks) {
    await removeTask(session, task)
    await dropResults(session, task)
  }
  return tasks.length
}

const TASKS_OF = statement('SELECT subscription, state FROM tasks WHERE tenant = ? AND sequence = ?')
const DROPS = ['tasks', 'attempts', 'results', 'events'].map((table) =>
  statement(`DELETE FROM ${table} WHERE tenant = ? AND sequence = ?`),
)
const DROP_KEY = statement('DELETE FROM event_keys WHERE tenant = ? AND id = ? AND source = ?')

/** A lease on one of its tasks is lost. */
async function forgetEvent(
  session: Session,
  tenant: string,
  sequence: number,
  id: string,
  source: string,
): Promise<void> {
  for (const [subscription, state] of await session.all(TASKS_OF, tenant, sequence)) {
    session.count({ tenant, subscription: String(subscription) }, state as TaskState, -1)
  }
  for (const drop of DROPS) await session.run(drop, tenant, sequence)
  await session.run(DROP_KEY, tenant, brief(id), brief(source))
}
