import type { EventRow } from '../rows.js'
import { isFinished } from '../task-rules.js'
import { forgetTask } from './groups.js'
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
export function pruneTasks(_tables: Tables, _before: number, _limit: number): number {
  return 0
}

const byAge = (a: EventRow, b: EventRow): number =>
  a.receivedAt - b.receivedAt || compareText(a.tenant, b.tenant) || a.sequence - b.sequence

/** A suspended event is unfinished business, however old. */
function isDone(tables: Tables, row: EventRow): boolean {
  const tasks = tenantOf(tables, row.tenant).tasks.get(row.sequence)
  return row.state !== 'suspended' && [...(tasks?.values() ?? [])].every(({ task }) => isFinished(task.state))
}

/** A lease on one of them is lost. */
export function forgetTasks(tables: Tables, tenant: TenantTables, sequence: number): void {
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
