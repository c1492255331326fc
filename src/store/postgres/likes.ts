/**
 * Of several like tasks only the newest goes on. Those that are leased, dated or have child events are left alone.
 */
import type { Priority } from '../../event/envelope.js'
import { betterOf, duplicateOf, isCompared } from '../duplicate-rules.js'
import type { TaskRow } from '../rows.js'
import { behindAll, endedTask, isFinished, isOfRun, leadsAgain, RANKS } from '../task-rules.js'
import { behind, place, saveTask } from './groups.js'
import type { Left } from './leaving.js'
import { depart, finish, leave, moveUp, yieldLocks } from './leaving.js'
import type { Session } from './session.js'

/** A task that comes to stand beside its likes: as it is, perhaps with their priority, or ended for a newer one. */
export async function besideLikes(session: Session, task: TaskRow, now: number): Promise<TaskRow> {
  const all = isCompared(task) ? await session.likes(task) : []
  const likes = all.filter(({ sequence }) => sequence !== task.sequence)
  if (likes.length === 0) return task
  const newer = likes.findLast(({ sequence }) => sequence > task.sequence)
  if (newer !== undefined && !(await session.hasChildren(task))) {
    const priority = betterOf(newer.priority, task.priority)
    if (priority !== newer.priority) await prioritise(session, newer, priority)
    return endedTask(task, duplicateOf(newer), now)
  }
  return replaceOlder(session, task, likes, now)
}

async function replaceOlder(session: Session, task: TaskRow, likes: readonly TaskRow[], now: number): Promise<TaskRow> {
  const older: TaskRow[] = []
  for (const like of likes) {
    if (like.sequence < task.sequence && !(await session.hasChildren(like))) older.push(like)
  }
  for (const { sequence } of older) {
    // The end of the one before may have brought it forward.
    const like = await session.task({ ...task, sequence })
    if (like !== undefined) await finish(session, like, endedTask(like, duplicateOf(task), now))
  }
  return { ...task, priority: older.reduce((best, { priority }) => betterOf(best, priority), task.priority) }
}

/** Its lease is over and it goes on where it stands in its group. */
export const goOn = async (session: Session, before: TaskRow, task: TaskRow, now: number): Promise<void> =>
  moveUp(session, before, await stayOrDepart(session, before, task, now))

/** The same; answers what it left if it did not go on, and then the next of its group is not written yet. */
export async function stayOrDepart(
  session: Session,
  before: TaskRow,
  task: TaskRow,
  now: number,
): Promise<Left | null> {
  const beside = await besideLikes(session, task, now)
  if (isFinished(beside.state)) return depart(session, before, beside)
  if (isOfRun(await session.group(before), before) && !(await leadAgain(session, before)))
    return fallBack(session, before, beside)
  await saveTask(session, before, beside)
  if (beside.priority !== before.priority) session.standing.rankLater(beside)
  await yieldLocks(session, before)
  return null
}

/** False if it does not. */
async function leadAgain(session: Session, task: TaskRow): Promise<boolean> {
  const group = await session.group(task)
  // Most are not the last of their run: nothing is asked for them.
  if (!leadsAgain(group, task, null)) return false
  const { next, rank } = await behind(session, task)
  if (!leadsAgain(group, task, next)) return false
  session.putGroup(task, { head: task.sequence, rank: Math.min(RANKS[task.priority], rank), run: 0 })
  return true
}

/** Given back by a run; whoever is first of its group comes forward when the run is over. */
async function fallBack(session: Session, before: TaskRow, task: TaskRow): Promise<Left> {
  const waiting = behindAll(task)
  session.changeTask(before, waiting, RANKS[waiting.priority])
  if (waiting.priority !== before.priority) session.standing.rankLater(waiting)
  return leave(session, before)
}

/** It slept or had ended, and finds its place again. */
export async function placeAgain(session: Session, before: TaskRow, task: TaskRow, now: number): Promise<void> {
  const beside = await besideLikes(session, task, now)
  if (isFinished(beside.state)) return finish(session, before, beside)
  await place(session, before, beside)
  if (beside.priority !== before.priority) session.standing.rankLater(beside)
}

/** The rank of its group follows. */
export async function prioritise(session: Session, task: TaskRow, priority: Priority): Promise<void> {
  const changed = { ...task, priority }
  await saveTask(session, task, changed)
  session.standing.rankLater(changed)
}
