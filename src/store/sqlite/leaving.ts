/**
 * What a task hands on when it leaves: its place at the head of its group, and its locks.
 */
import { locksOf } from '../held-locks.js'
import type { Lane, TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { TASK } from '../sql/shapes.js'
import { foremost, isFinished, mayHold, RANKS, resultKindOf } from '../task-rules.js'
import { findTask, type Heir, promote, saveTask, succeed, updateTask } from './groups.js'
import type { Session } from './session.js'

export interface Left {
  /** The next head of its group, which is still to be written. */
  readonly heir: Heir | null
  /** Somebody who waited for one of its locks may go. */
  readonly woken: boolean
}

/** Ends a task wherever it stands. */
export const finish = (session: Session, before: TaskRow, ended: TaskRow): void =>
  moveUp(session, before, depart(session, before, ended))

/** The same, but the next of its group is not written yet. */
export function depart(session: Session, before: TaskRow, ended: TaskRow): Left {
  if (!isFinished(ended.state)) throw new TypeError(`${ended.state} is not an end.`)
  updateTask(session, before, ended, RANKS[ended.priority])
  if (before.attempts > 0 && ended.state !== 'done') endRunning(session, ended, ended)
  return leave(session, before)
}

const END_RUNNING = `UPDATE results SET state = 'cancelled', code = ?, message = ?, ended_at = ?
  WHERE tenant = ? AND sequence = ? AND kind = ? AND state = 'running'`

/** Whoever still worked on it cannot say any more how that ended. */
export function endRunning(
  session: Session,
  { tenant, sequence, subscription }: TaskKey,
  { code, message, endedAt }: Pick<TaskRow, 'code' | 'message' | 'endedAt'>,
): void {
  const kind = resultKindOf(subscription)
  if (kind !== null) session.run(END_RUNNING, code, message, endedAt, tenant, sequence, kind)
}

const OF_TASK = 'WHERE tenant = ? AND sequence = ? AND subscription = ?'

/** Takes it out of the store, with its attempts; a lease on it is lost. Answers what it was. */
export function removeTask(session: Session, { tenant, sequence, subscription }: TaskKey): TaskRow | undefined {
  const key = [tenant, sequence, subscription] as const
  const task = findTask(session, { tenant, sequence, subscription })
  if (task === undefined) return undefined
  session.run(`DELETE FROM tasks ${OF_TASK}`, ...key)
  session.run(`DELETE FROM attempts ${OF_TASK}`, ...key)
  session.standing.move(task, null)
  session.tally(tenant, subscription, task.state, -1)
  moveUp(session, task, leave(session, task))
  return task
}

/** The next of the group comes forward, if there is one. */
export function moveUp(session: Session, lane: Lane, left: Left | null): void {
  if (left !== null && left.heir !== null) promote(session, lane, left.heir)
}

/** `gone` is the task as it was before it left. */
export function leave(session: Session, gone: TaskRow): Left {
  session.locks.free(gone)
  const heir = succeed(session, gone)
  return { heir, woken: passOn(session, gone) }
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
  while (session.isAwaited(tenant, resource) && !session.locks.isHeld(tenant, resource)) {
    const row = session.get(FIRST_BLOCKED, tenant, resource)
    if (row === undefined) {
      session.unawaited(tenant, resource)
      return false
    }
    const task = TASK.read(row)
    const busy = session.locks.busy(task)
    saveTask(session, task, foremost(task, busy))
    if (busy === null) return true
  }
  return false
}
