/**
 * Of several like tasks only the newest goes on. Those that are leased, dated or have child events are left alone.
 */
import type { Priority } from '../../event/envelope.js'
import { betterOf, duplicateOf, isCompared } from '../duplicate-rules.js'
import type { TaskRow } from '../rows.js'
import { behindAll, endedTask, isFinished, isOfRun, leadsAgain, RANKS } from '../task-rules.js'
import { findTask, place, regroup, saveTask, updateTask } from './groups.js'
import type { Left } from './leaving.js'
import { depart, finish, leave, moveUp, yieldLocks } from './leaving.js'
import type { Session } from './session.js'

/** A task that comes to stand beside its likes: as it is, perhaps with their priority, or ended for a newer one. */
export function besideLikes(session: Session, task: TaskRow, now: number): TaskRow {
  const likes = likesOf(session, task)
  if (likes.length === 0) return task
  const newer = likes.findLast(({ sequence }) => sequence > task.sequence)
  if (newer !== undefined && !hasChildren(session, task)) {
    const priority = betterOf(newer.priority, task.priority)
    if (priority !== newer.priority) prioritise(session, newer, priority)
    return endedTask(task, duplicateOf(newer), now)
  }
  const older = likes.filter((like) => like.sequence < task.sequence && !hasChildren(session, like))
  for (const { sequence } of older) {
    // The end of the one before may have brought it forward.
    const like = findTask(session, { ...task, sequence })
    if (like !== undefined) finish(session, like, endedTask(like, duplicateOf(task), now))
  }
  return { ...task, priority: older.reduce((best, { priority }) => betterOf(best, priority), task.priority) }
}

function likesOf(session: Session, task: TaskRow): readonly TaskRow[] {
  if (!isCompared(task)) return []
  const others = session.standing.likes(task).filter((sequence) => sequence !== task.sequence)
  return others.flatMap((sequence) => findTask(session, { ...task, sequence }) ?? [])
}

const CHILD = `SELECT 1 FROM events INDEXED BY events_by_parent
  WHERE tenant = ?1 AND parent_id = (SELECT id FROM events WHERE tenant = ?1 AND sequence = ?2) LIMIT 1`

const hasChildren = (session: Session, { tenant, sequence }: TaskRow): boolean =>
  session.get(CHILD, tenant, sequence) !== undefined

/** Its lease is over and it goes on where it stands in its group. */
export const goOn = (session: Session, before: TaskRow, task: TaskRow, now: number): void =>
  moveUp(session, before, stayOrDepart(session, before, task, now))

/** The same; answers what it left if it did not go on, and then the next of its group is not written yet. */
export function stayOrDepart(session: Session, before: TaskRow, task: TaskRow, now: number): Left | null {
  const beside = besideLikes(session, task, now)
  if (isFinished(beside.state)) return depart(session, before, beside)
  if (isOfRun(session.standing.group(before), before) && !leadAgain(session, before))
    return fallBack(session, before, beside)
  saveTask(session, before, beside)
  if (beside.priority !== before.priority) regroup(session, beside)
  yieldLocks(session, before)
  return null
}

/** False if it does not. */
function leadAgain({ standing }: Session, task: TaskRow): boolean {
  const group = standing.group(task)
  if (group === undefined || !leadsAgain(group, task, standing.next(task))) return false
  group.head = task.sequence
  group.run = 0
  group.rank = Math.min(RANKS[task.priority], standing.bestRankBehind(task))
  return true
}

/** Given back by a run; whoever is first of its group comes forward when the run is over. */
function fallBack(session: Session, before: TaskRow, task: TaskRow): Left {
  const waiting = behindAll(task)
  updateTask(session, before, waiting, RANKS[waiting.priority])
  if (waiting.priority !== before.priority) regroup(session, waiting)
  return leave(session, before)
}

/** It slept or had ended, and finds its place again. */
export function placeAgain(session: Session, before: TaskRow, task: TaskRow, now: number): void {
  const beside = besideLikes(session, task, now)
  if (isFinished(beside.state)) {
    finish(session, before, beside)
    return
  }
  place(session, before, beside)
  if (beside.priority !== before.priority) regroup(session, beside)
}

/** The rank of its group follows. */
export function prioritise(session: Session, task: TaskRow, priority: Priority): void {
  const changed = { ...task, priority }
  saveTask(session, task, changed)
  regroup(session, changed)
}
