import type { Candidate, Lane, TaskFilter, TaskKey, TaskStore, TurnOptions } from '../port.js'
import type { EventRow, SubscriptionRow, TaskRow, TaskState } from '../rows.js'
import { endedTask, isFinished, isLocalLane, lets, reopenedTask, shownState } from '../task-rules.js'
import { addTask } from './admit.js'
import { findTask, finish, place } from './groups.js'
import { leaseTasks } from './lease.js'
import { readLog } from './log.js'
import { sees } from './registry.js'
import { heartbeat, settleOne, takeOver } from './settle.js'
import type { Tables, TaskPlace, TenantTables } from './tables.js'
import { takePage, tenantOf } from './tables.js'

export const memoryTasks = (tables: Tables): TaskStore => ({
  lease: async (request) => leaseTasks(tables, request),
  settle: async (settlements, lease) => settlements.map((settlement) => settleOne(tables, settlement, lease)),
  heartbeat: async (keys, until) => heartbeat(tables, keys, until),
  takeOver: async () => takeOver(tables),
  get: async (key) => shownTask(tables, findTask(tables, key)?.task),
  list: async (filter, page) => listTasks(tables, filter, page),
  attempts: async (key) => [...(tenantOf(tables, key.tenant).attempts.get(key.sequence)?.get(key.subscription) ?? [])],
  counts: async (tenant, subscription) => countTasks(tables, tenant, subscription),
  cancel: async (key, now, code, message) => cancelTask(tables, key, now, code, message),
  retry: async (key) => retryTask(tables, key),
  turn: async (lane, entries, options) => turnLog(tables, lane, entries, options),
})

const isHeld = (tables: Tables, { tenant, subscription }: Lane): boolean => {
  const row = tenantOf(tables, tenant).subscriptions.get(subscription)
  return row !== undefined && !lets(row.state)
}

const shown = (tables: Tables, task: TaskRow): TaskRow => {
  const state = shownState(task, isHeld(tables, task))
  return state === task.state ? task : { ...task, state }
}

const shownTask = (tables: Tables, task: TaskRow | undefined): TaskRow | null =>
  task === undefined ? null : shown(tables, task)

function listTasks(
  tables: Tables,
  filter: TaskFilter,
  page: { after: TaskPlace | null; limit: number },
): readonly TaskRow[] {
  const { places } = tenantOf(tables, filter.tenant)
  const end = page.after === null ? places.size : places.countBefore(page.after)
  return takePage(tasksAt(tables, filter.tenant, places.downFrom(end)), page.limit, (task) => fits(task, filter))
}

function* tasksAt(tables: Tables, tenant: string, places: Iterable<TaskPlace>): Generator<TaskRow> {
  for (const found of places) {
    const entry = findTask(tables, { tenant, ...found })
    if (entry !== undefined) yield shown(tables, entry.task)
  }
}

const fits = (task: TaskRow, filter: TaskFilter): boolean =>
  (filter.subscription === undefined || task.subscription === filter.subscription) &&
  (filter.sequence === undefined || task.sequence === filter.sequence) &&
  (filter.states?.includes(task.state) ?? true) &&
  (filter.types?.includes(task.type) ?? true) &&
  (filter.subject === undefined || task.subject === filter.subject)

function countTasks(
  tables: Tables,
  tenant: string | null,
  subscription: string | undefined,
): Readonly<Partial<Record<TaskState, number>>> {
  const counts: Partial<Record<TaskState, number>> = {}
  for (const name of tenant === null ? tables.tenants.keys() : [tenant]) {
    for (const { state, ...task } of tasksAt(tables, name, tenantOf(tables, name).places.upFrom(0))) {
      if (subscription !== undefined && task.subscription !== subscription) continue
      counts[state] = (counts[state] ?? 0) + 1
    }
  }
  return counts
}

function cancelTask(tables: Tables, key: TaskKey, now: number, code: string, message: string): boolean {
  const task = findTask(tables, key)?.task
  if (task === undefined || isFinished(task.state)) return false
  finish(tables, endedTask(task, { state: 'cancelled', code, message }, now))
  return true
}

function retryTask(tables: Tables, key: TaskKey): boolean {
  const task = findTask(tables, key)?.task
  const { subscriptions } = tenantOf(tables, key.tenant)
  if (task === undefined || !(isLocalLane(key.subscription) || subscriptions.has(key.subscription))) return false
  if (!isFinished(task.state) && task.wakeAt === null) return false
  place(tables, reopenedTask(task))
  return true
}

// -------------------------------------------------------------------------------------------- turning

function turnLog(
  tables: Tables,
  lane: Lane,
  entries: readonly { event: EventRow; candidate: Candidate }[],
  options: TurnOptions,
): number {
  const tenant = tenantOf(tables, lane.tenant)
  const row = tenant.subscriptions.get(lane.subscription)
  if (row === undefined && !isLocalLane(lane.subscription)) return 0
  const turned = entries.filter(({ event, candidate }) => turnOne(tables, tenant, event, candidate, options))
  if (row !== undefined && options.cursor !== null) moveCursor(tenant, row, options.cursor, options)
  return turned.length
}

function turnOne(
  tables: Tables,
  tenant: TenantTables,
  event: EventRow,
  candidate: Candidate,
  options: TurnOptions,
): boolean {
  const kept = tenant.events.get(event.sequence)
  if (kept?.state !== 'admitted' || !sawAndSees(tenant, kept, candidate)) return false
  const task = tenant.tasks.get(kept.sequence)?.get(candidate.subscription)?.task
  if (task === undefined) addTask(tables, kept, candidate, options.now)
  else if (options.again && isFinished(task.state)) place(tables, reopenedTask(task))
  else return false
  return true
}

/** Visible then, on the graph before or after its operation, and now. */
const sawAndSees = (tenant: TenantTables, event: EventRow, { scope }: Candidate): boolean =>
  (sees(tenant, scope, event.subject, event.operation - 1) || sees(tenant, scope, event.subject, event.sequence)) &&
  sees(tenant, scope, event.subject, null)

function moveCursor(tenant: TenantTables, row: SubscriptionRow, cursor: number, options: TurnOptions): void {
  const arrives = options.last && row.state === 'catching-up' && readLog(tenant, cursor, 1).length === 0
  const moved: SubscriptionRow = { ...row, cursor: arrives ? null : cursor, updatedAt: options.now }
  tenant.subscriptions.set(row.id, arrives ? { ...moved, state: 'active', revision: row.revision + 1 } : moved)
  if (arrives) tenant.version += 1
}
