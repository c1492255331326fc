/**
 * Of several like tasks only the newest goes on. Those that are leased, dated or have child events are left alone.
 */

import type { Priority } from '../../event/envelope.js'
import { betterOf, duplicateOf, isCompared } from '../duplicate-rules.js'
import type { TaskRow } from '../rows.js'
import { behindAll, endedTask, isFinished, isOfRun, leadsAgain, NORMAL_RANK, RANKS } from '../task-rules.js'
import { alikeKey, behindOf, findTask, groupOf, place, putGroup, regroup, saveTask } from './groups.js'
import type { Left } from './leaving.js'
import { finish, leave, yieldLocks } from './leaving.js'
import type { Tables, TenantTables } from './tables.js'
import { tenantOf } from './tables.js'

/** A task that comes to stand beside its likes: as it is, perhaps with their priority, or ended for a newer one. */
export function besideLikes(tables: Tables, task: TaskRow, now: number): TaskRow {
  const likes = likesOf(tables, task)
  const newer = likes.findLast(({ sequence }) => sequence > task.sequence)
  if (newer !== undefined && !hasChildren(tables, task)) {
    const priority = betterOf(newer.priority, task.priority)
    if (priority !== newer.priority) prioritise(tables, newer, priority)
    return endedTask(task, duplicateOf(newer), now)
  }
  const older = likes.filter((like) => like.sequence < task.sequence && !hasChildren(tables, like))
  for (const { sequence } of older) {
    // The end of the one before may have brought it forward.
    const like = findTask(tables, { ...task, sequence })?.task
    if (like !== undefined) finish(tables, like, endedTask(like, duplicateOf(task), now))
  }
  return { ...task, priority: older.reduce((best, { priority }) => betterOf(best, priority), task.priority) }
}

function likesOf(tables: Tables, task: TaskRow): readonly TaskRow[] {
  if (!isCompared(task)) return []
  const sequences = [...(tenantOf(tables, task.tenant).alike.get(alikeKey(task))?.upFrom(0) ?? [])]
  const others = sequences.filter((sequence) => sequence !== task.sequence)
  return others.flatMap((sequence) => findTask(tables, { ...task, sequence })?.task ?? [])
}

function hasChildren(tables: Tables, { tenant, sequence }: TaskRow): boolean {
  const { events } = tenantOf(tables, tenant)
  const id = events.get(sequence)?.id
  return [...events.values()].some(({ parentId }) => parentId !== null && parentId === id)
}

/** Its lease is over and it goes on where it stands in its group. Answers what it left if it did not. */
export function goOn(tables: Tables, before: TaskRow, task: TaskRow, now: number): Left | null {
  const beside = besideLikes(tables, task, now)
  if (isFinished(beside.state)) return finish(tables, before, beside)
  const tenant = tenantOf(tables, beside.tenant)
  const fallsBack = isOfRun(groupOf(tenant, before), before) && !leadAgain(tenant, before)
  saveTask(tables, fallsBack ? behindAll(beside) : beside)
  regroup(tables, tenant, beside)
  if (fallsBack) return leave(tables, before)
  yieldLocks(tables, before)
  return null
}

/** False if it does not. */
function leadAgain(tenant: TenantTables, task: TaskRow): boolean {
  const behind = behindOf(tenant, task)
  if (!leadsAgain(groupOf(tenant, task), task, behind?.all.first())) return false
  const rank = Math.min(RANKS[task.priority], behind?.high.first()?.rank ?? NORMAL_RANK)
  putGroup(tenant, task, { head: task.sequence, rank, run: 0 })
  return true
}

/** It slept or had ended, and finds its place again. */
export function placeAgain(tables: Tables, before: TaskRow, task: TaskRow, now: number): void {
  const beside = besideLikes(tables, task, now)
  if (isFinished(beside.state)) {
    finish(tables, before, beside)
    return
  }
  place(tables, beside)
  regroup(tables, tenantOf(tables, beside.tenant), beside)
}

/** The rank of its group follows. */
export function prioritise(tables: Tables, task: TaskRow, priority: Priority): void {
  const changed = { ...task, priority }
  saveTask(tables, changed)
  regroup(tables, tenantOf(tables, task.tenant), changed)
}
