/**
 * What a task hands on when it leaves: its place at the head of its group, and its locks.
 */
import { locksOf } from '../held-locks.js'
import type { TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { foremost, isFinished, mayHold, RANKS } from '../task-rules.js'
import { findTask, promote, saveTask, updateTask } from './groups.js'
import type { Session } from './session.js'
import { TASK } from './shapes.js'

export interface Left {
  /** The new head of its group. */
  readonly next: TaskRow | null
  /** Somebody who waited for one of its locks may go. */
  readonly woken: boolean
}

/** Ends a task wherever it stands. */
export function finish(session: Session, before: TaskRow, ended: TaskRow): Left {
  if (!isFinished(ended.state)) throw new TypeError(`${ended.state} is not an end.`)
  updateTask(session, before, ended, RANKS[ended.priority])
  return leave(session, before)
}

const OF_TASK = 'WHERE tenant = ? AND sequence = ? AND subscription = ?'

/** Takes it out of the store, with its attempts; a lease on it is lost. Answers what it was. */
export function removeTask(session: Session, { tenant, sequence, subscription }: TaskKey): TaskRow | undefined {
  const key = [tenant, sequence, subscription] as const
  const task = findTask(session, { tenant, sequence, subscription })
  if (task === undefined) return undefined
  session.run(`DELETE FROM tasks ${OF_TASK}`, ...key)
  session.run(`DELETE FROM attempts ${OF_TASK}`, ...key)
  session.tally(tenant, subscription, task.state, -1)
  leave(session, task)
  return task
}

/** `gone` is the task as it was before it left. */
export function leave(session: Session, gone: TaskRow): Left {
  session.locks.free(gone)
  const next = promote(session, gone)
  return { next, woken: passOn(session, gone) }
}

/** Its lease is over or it will not have one now, but it stays where it is in its group. Answers whether somebody may go instead. */
export function yieldLocks(session: Session, before: TaskRow): boolean {
  session.locks.free(before)
  return passOn(session, before)
}

function passOn(session: Session, gone: TaskRow): boolean {
  if (!mayHold(gone)) return false
  const woken = locksOf(gone).map((resource) => wakeFor(session, gone.tenant, resource))
  return woken.includes(true)
}

const FIRST_BLOCKED = `SELECT ${TASK.columns} FROM tasks INDEXED BY tasks_blocked
  WHERE tenant = ? AND blocked_by = ? ORDER BY rank, sequence, subscription LIMIT 1`

/** The first that waits for it comes forward; one that lacks another lock waits for that, and the next is looked at. */
function wakeFor(session: Session, tenant: string, resource: string): boolean {
  while (!session.locks.isHeld(tenant, resource)) {
    const row = session.get(FIRST_BLOCKED, tenant, resource)
    if (row === undefined) return false
    const task = TASK.read(row)
    const busy = session.locks.busy(task)
    saveTask(session, task, foremost(task, busy))
    if (busy === null) return true
  }
  return false
}
