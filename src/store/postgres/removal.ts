/**
 * Queue entries are deleted together with those of all their descendants.
 */
import type { TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { resultKindOf } from '../task-rules.js'
import { removeTask } from './leaving.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

export async function removeTasks(
  session: Session,
  keys: readonly TaskKey[],
): Promise<{ removed: number; aborted: readonly TaskKey[] }> {
  const gone: TaskRow[] = []
  for (const key of keys) gone.push(...(await removeFamily(session, key)))
  const leased = gone.filter(({ state }) => state === 'leased')
  return {
    removed: gone.length,
    aborted: leased.map(({ tenant, sequence, subscription }) => ({ tenant, sequence, subscription })),
  }
}

const FAMILY = statement(`WITH RECURSIVE family (sequence, id) AS (
    SELECT sequence, id FROM events WHERE tenant = ?1 AND sequence = ?2
    UNION
    SELECT e.sequence, e.id FROM family AS f JOIN events AS e
      ON (e.tenant || '') = ?1 AND left(e.parent_id, 200) = left(f.id, 200) AND e.parent_id = f.id)
  SELECT t.sequence FROM family AS f JOIN tasks AS t
    ON t.tenant = ?1 AND t.sequence = f.sequence AND t.subscription = ?3
  ORDER BY t.sequence DESC`)

/** Those that came last go first, so that none is promoted only to go. */
async function removeFamily(
  session: Session,
  { tenant, sequence, subscription }: TaskKey,
): Promise<readonly TaskRow[]> {
  if ((await session.task({ tenant, sequence, subscription })) === undefined) return []
  const removed: TaskRow[] = []
  for (const row of await session.all(FAMILY, tenant, sequence, subscription)) {
    const task = await removeTask(session, { tenant, sequence: Number(row[0]), subscription })
    if (task === undefined) continue
    await dropResults(session, task)
    removed.push(task)
  }
  return removed
}

const DROP_RESULTS = statement('DELETE FROM results WHERE tenant = ? AND sequence = ? AND kind = ?')

/** What its processors answered; that of judges stays with the event. */
export async function dropResults(session: Session, { tenant, sequence, subscription }: TaskKey): Promise<void> {
  const kind = resultKindOf(subscription)
  if (kind !== null) await session.run(DROP_RESULTS, tenant, sequence, kind)
}
