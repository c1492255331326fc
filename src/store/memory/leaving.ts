/**
 * What a task hands on when it leaves: its place at the head of its group, and its locks.
 */
import { locksOf } from '../held-locks.js'
import type { TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { foremost, isFinished, mayHold, resultKindOf } from '../task-rules.js'
import { findTask, forgetTask, promote, saveTask } from './groups.js'
import type { Tables } from './tables.js'
import { tenantOf } from './tables.js'

export interface Left {
  /** The new head of its group. */
  readonly next: TaskRow | null
  /** Somebody who waited for one of its locks may go. */
  readonly woken: boolean
}

/** Ends a task wherever it stands. */
export function finish(tables: Tables, before: TaskRow, ended: TaskRow): Left {
  if (!isFinished(ended.state)) throw new TypeError(`${ended.state} is not an end.`)
  saveTask(tables, ended)
  if (before.attempts > 0 && ended.state !== 'done') endRunning(tables, ended)
  return leave(tables, before)
}

/** Whoever still worked on it cannot say any more how that ended. */
function endRunning(tables: Tables, { tenant, sequence, subscription, code, message, endedAt }: TaskRow): void {
  const kind = resultKindOf(subscription)
  const results = tables.tenants.get(tenant)?.results.get(sequence)
  for (const [processor, rows] of kind === null ? [] : [...(results ?? [])])
    if (rows.some((row) => row.kind === kind && row.state === 'running'))
      results?.set(
        processor,
        rows.map((row) => (row.state === 'running' ? { ...row, state: 'cancelled', code, message, endedAt } : row)),
      )
}

/** Takes it out of the store, with its attempts; a lease on it is lost. Answers what it was. */
export function removeTask(tables: Tables, key: TaskKey): TaskRow | undefined {
  const entry = findTask(tables, key)
  if (entry === undefined) return undefined
  const { task } = entry
  forgetTask(tables, entry)
  const tenant = tenantOf(tables, task.tenant)
  tenant.attempts.get(task.sequence)?.delete(task.subscription)
  leave(tables, task)
  return task
}

/** `gone` is the task as it was before it left. */
export function leave(tables: Tables, gone: TaskRow): Left {
  tables.locks.free(gone)
  const next = gone.groupKey === null ? null : promote(tables, gone)
  return { next, woken: passOn(tables, gone) }
}

/** Its lease is over or it will not have one now, but it stays where it is in its group. Answers whether somebody may go instead. */
export function yieldLocks(tables: Tables, before: TaskRow): boolean {
  tables.locks.free(before)
  return passOn(tables, before)
}

function passOn(tables: Tables, gone: TaskRow): boolean {
  if (!mayHold(gone)) return false
  const woken = locksOf(gone).map((resource) => wakeFor(tables, gone.tenant, resource))
  return woken.includes(true)
}

/** The first that waits for it comes forward; one that lacks another lock waits for that, and the next is looked at. */
function wakeFor(tables: Tables, tenant: string, resource: string): boolean {
  while (!tables.locks.isHeld(tenant, resource)) {
    const first = tenantOf(tables, tenant).blocked.get(resource)?.first()
    const task = first === undefined ? undefined : findTask(tables, { ...first, tenant })?.task
    if (task === undefined) return false
    const busy = tables.locks.busy(task)
    saveTask(tables, foremost(task, busy))
    if (busy === null) return true
  }
  return false
}
