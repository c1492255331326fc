/**
 * What a task hands on when it leaves: its place at the head of its group, and its locks.
 */
import { locksOf } from '../held-locks.js'
import type { Lane, TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { TASK } from '../sql/shapes.js'
import { foremost, isFinished, mayHold, RANKS, resultKindOf } from '../task-rules.js'
import { type Heir, promote, saveTask, succeed } from './groups.js'
import { rankGroups } from './ranks.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

export interface Left {
  /** The next head of its group, which is still to be written. */
  readonly heir: Heir | null
  /** Somebody who waited for one of its locks may go. */
  readonly woken: boolean
}

/** Ends a task wherever it stands. */
export const finish = async (session: Session, before: TaskRow, ended: TaskRow): Promise<void> =>
  moveUp(session, before, await depart(session, before, ended))

/** The same, but the next of its group is not written yet. */
export async function depart(session: Session, before: TaskRow, ended: TaskRow): Promise<Left> {
  if (!isFinished(ended.state)) throw new TypeError(`${ended.state} is not an end.`)
  session.changeTask(before, ended, RANKS[ended.priority])
  const kind = resultKindOf(ended.subscription)
  if (kind !== null && before.attempts > 0 && ended.state !== 'done') session.endRunning(ended, kind)
  return leave(session, before)
}

/** Takes it out of the store, with its attempts; a lease on it is lost. Answers what it was. */
export async function removeTask(session: Session, key: TaskKey): Promise<TaskRow | undefined> {
  const task = await session.task(key)
  if (task === undefined) return undefined
  session.dropTask(task)
  await moveUp(session, task, await leave(session, task))
  return task
}

/** The next of the group comes forward, if there is one. */
export async function moveUp(session: Session, lane: Lane, left: Left | null): Promise<void> {
  if (left !== null && left.heir !== null) await promote(session, lane, left.heir)
}

/** `gone` is the task as it was before it left. */
export async function leave(session: Session, gone: TaskRow): Promise<Left> {
  await session.freeLocks(gone)
  const heir = await succeed(session, gone)
  return { heir, woken: await passOn(session, gone) }
}

/** Its lease is over or it will not have one now, but it stays where it is in its group. Answers whether somebody may go instead. */
export async function yieldLocks(session: Session, before: TaskRow): Promise<boolean> {
  await session.freeLocks(before)
  return passOn(session, before)
}

async function passOn(session: Session, gone: TaskRow): Promise<boolean> {
  if (!mayHold(gone)) return false
  let woken = false
  for (const resource of locksOf(gone)) woken = (await wakeFor(session, gone.tenant, resource)) || woken
  return woken
}

const FIRST_BLOCKED = statement(`SELECT ${TASK.columns} FROM tasks
  WHERE (tenant || '') = ?1 AND left(blocked_by, 200) = left(?2, 200) AND blocked_by = ?2 AND blocked_by IS NOT NULL
    AND ended_at IS NULL ORDER BY rank, sequence, subscription LIMIT 1`)

/** The first that waits for it comes forward; one that lacks another lock waits for that, and the next is looked at. */
async function wakeFor(session: Session, tenant: string, resource: string): Promise<boolean> {
  while (await session.isAwaited(tenant, resource)) {
    if ((await session.locks(tenant)).isHeld(tenant, resource)) return false
    await rankGroups(session)
    const row = await session.get(FIRST_BLOCKED, tenant, resource)
    session.learnAwaited(tenant, resource, row !== undefined)
    if (row === undefined) return false
    const task = session.readTask(row)
    const busy = await session.busy(task)
    await saveTask(session, task, foremost(task, busy))
    if (busy === null) return true
  }
  return false
}
