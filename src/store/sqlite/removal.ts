/**
 * Queue entries are deleted together with those of all their descendants.
 */
import type { TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { resultKindOf } from '../task-rules.js'
import { findTask } from './groups.js'
import { removeTask } from './leaving.js'
import type { Session } from './session.js'

export function removeTasks(
  session: Session,
  keys: readonly TaskKey[],
): { removed: number; aborted: readonly TaskKey[] } {
  const gone = keys.flatMap((key) => removeFamily(session, key))
  const leased = gone.filter(({ state }) => state === 'leased')
  return {
    removed: gone.length,
    aborted: leased.map(({ tenant, sequence, subscription }) => ({ tenant, sequence, subscription })),
  }
}

const FAMILY = `WITH RECURSIVE family (sequence, id) AS (
    SELECT sequence, id FROM events WHERE tenant = ?1 AND sequence = ?2
    UNION
    SELECT e.sequence, e.id FROM family AS f CROSS JOIN events AS e INDEXED BY events_by_parent
      ON e.tenant = ?1 AND e.parent_id = f.id)
  SELECT t.sequence FROM family AS f CROSS JOIN tasks AS t
    ON t.tenant = ?1 AND t.sequence = f.sequence AND t.subscription = ?3
  ORDER BY t.sequence DESC`

/** Those that came last go first, so that none is promoted only to go. */
function removeFamily(session: Session, { tenant, sequence, subscription }: TaskKey): readonly TaskRow[] {
  if (findTask(session, { tenant, sequence, subscription }) === undefined) return []
  return session.all(FAMILY, tenant, sequence, subscription).flatMap((row) => {
    const task = removeTask(session, { tenant, sequence: Number(row[0]), subscription })
    if (task !== undefined) dropResults(session, task)
    return task ?? []
  })
}

/** What its processors answered; that of judges stays with the event. */
export function dropResults(session: Session, { tenant, sequence, subscription }: TaskKey): void {
  const kind = resultKindOf(subscription)
  if (kind === null) return
  session.run('DELETE FROM results WHERE tenant = ? AND sequence = ? AND kind = ?', tenant, sequence, kind)
}
