import type { EventRow, TaskRow, TaskState } from '../rows.js'
import { isFinished } from '../task-rules.js'
import { forgetTask } from './groups.js'
import { removeTask } from './leaving.js'
import { dropResults } from './removal.js'
import { compareText } from './sorted-list.js'
import type { Tables, TenantTables } from './tables.js'
import { tenantOf } from './tables.js'

export function prune(tables: Tables, before: number, limit: number): number {
  const old = [...tables.tenants.values()].flatMap((tenant) =>
    [...tenant.events.values()].filter((row) => row.receivedAt < before && isDone(tables, row)),
  )
  const rows = old.sort(byAge).slice(0, limit)
  for (const row of rows) forgetEvent(tables, row)
  return rows.length
}

/** Failed tasks are kept like their event. */
export function pruneTasks(tables: Tables, before: number, limit: number): number {
  const events = [...tables.tenants.values()].flatMap((tenant) => [...tenant.events.values()]).sort(byAge)
  const tasks = events.flatMap((row) => tasksOf(tables, row))
  const old = tasks.filter((task) => isDropped(task.state) && (task.endedAt ?? before) < before).slice(0, limit)
  for (const task of old) {
    removeTask(tables, task)
    dropResults(tenantOf(tables, task.tenant), task)
  }
  return old.length
}

const tasksOf = (tables: Tables, { tenant, sequence }: EventRow): readonly TaskRow[] => {
  const entries = [...(tenantOf(tables, tenant).tasks.get(sequence)?.values() ?? [])]
  return entries.map(({ task }) => task).sort((a, b) => compareText(a.subscription, b.subscription))
}

const isDropped = (state: TaskState): boolean => state === 'done' || state === 'not-executed' || state === 'cancelled'

const byAge = (a: EventRow, b: EventRow): number =>
  a.receivedAt - b.receivedAt || compareText(a.tenant, b.tenant) || a.sequence - b.sequence

/** A suspended event is unfinished business, however old, and so is one that some are still to be told of. */
function isDone(tables: Tables, row: EventRow): boolean {
  const { tasks, slices } = tenantOf(tables, row.tenant)
  if (row.state === 'suspended' || slices.some(({ sequence }) => sequence === row.sequence)) return false
  return [...(tasks.get(row.sequence)?.values() ?? [])].every(({ task }) => isFinished(task.state))
}

/** A lease on one of them is lost. */
function forgetTasks(tables: Tables, tenant: TenantTables, sequence: number): void {
  for (const entry of [...(tenant.tasks.get(sequence)?.values() ?? [])]) forgetTask(tables, entry)
  tenant.tasks.delete(sequence)
  tenant.attempts.delete(sequence)
}

function forgetEvent(tables: Tables, row: EventRow): void {
  const tenant = tenantOf(tables, row.tenant)
  forgetTasks(tables, tenant, row.sequence)
  tenant.results.delete(row.sequence)
  tenant.events.delete(row.sequence)
  tenant.sequences.delete(row.sequence)
  const sources = tenant.keys.get(row.id)
  sources?.delete(row.source)
  if (sources?.size === 0) tenant.keys.delete(row.id)
}
