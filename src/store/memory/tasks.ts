import type { Candidate, Lane, TaskKey, TaskStore, TurnOptions } from '../port.js'
import type { EventRow, SubscriptionRow, TaskRow } from '../rows.js'
import { endedTask, isElsewhere, isFinished, isLocalLane, isTold, reopenedTask, toldAgain } from '../task-rules.js'
import { addTask } from './admit.js'
import { findTask } from './groups.js'
import { leaseTasks } from './lease.js'
import { finish } from './leaving.js'
import { placeAgain, prioritise } from './likes.js'
import { readLog } from './log.js'
import { sees } from './registry.js'
import { removeTasks } from './removal.js'
import { heartbeat, settleOne, takeOver } from './settle.js'
import type { Tables, TenantTables } from './tables.js'
import { tenantOf } from './tables.js'
import { countBy, countTasks, listTasks, shownTask } from './task-lists.js'

export const memoryTasks = (tables: Tables): TaskStore => ({
  lease: async (request) => leaseTasks(tables, request),
  settle: async (settlements, lease) => settlements.map((settlement) => settleOne(tables, settlement, lease)),
  heartbeat: async (keys, until) => heartbeat(tables, keys, until),
  takeOver: async (now) => takeOver(tables, now),
  get: async (key) => shownTask(tables, findTask(tables, key)?.task),
  list: async (filter, page) => listTasks(tables, filter, page),
  attempts: async (key) => [...(tenantOf(tables, key.tenant).attempts.get(key.sequence)?.get(key.subscription) ?? [])],
  counts: async (tenant, subscription) => countTasks(tables, tenant, subscription),
  countsBy: async (filter) => countBy(tables, filter),
  reprioritise: async (key, priority) => reprioritise(tables, key, priority),
  remove: async (keys) => removeTasks(tables, keys),
  cancel: async (key, now, code, message) => cancelTask(tables, key, now, code, message),
  retry: async (key, now) => retryTask(tables, key, now),
  turn: async (lane, entries, options) => turnLog(tables, lane, entries, options),
})

function cancelTask(tables: Tables, key: TaskKey, now: number, code: string, message: string): boolean {
  const task = findTask(tables, key)?.task
  if (task === undefined || isFinished(task.state)) return false
  finish(tables, task, endedTask(task, { state: 'cancelled', code, message }, now))
  return true
}

function reprioritise(tables: Tables, key: TaskKey, priority: TaskRow['priority']): boolean {
  const task = findTask(tables, key)?.task
  if (task?.state !== 'due' && task?.state !== 'waiting') return false
  prioritise(tables, task, priority)
  return true
}

function retryTask(tables: Tables, key: TaskKey, now: number): boolean {
  const task = findTask(tables, key)?.task
  const { subscriptions } = tenantOf(tables, key.tenant)
  if (task === undefined || !(isLocalLane(key.subscription) || subscriptions.has(key.subscription))) return false
  if (!isFinished(task.state) && task.wakeAt === null) return false
  placeAgain(tables, task, reopenedTask(task), now)
  return true
}

// -------------------------------------------------------------------------------------------- turning

function turnLog(
  tables: Tables,
  lane: Lane,
  entries: readonly { event: EventRow; candidate: Candidate }[],
  options: TurnOptions,
): number | null {
  const tenant = tenantOf(tables, lane.tenant)
  const row = tenant.subscriptions.get(lane.subscription)
  if (row === undefined && !isLocalLane(lane.subscription)) return 0
  if (row !== undefined && isElsewhere(row, options)) return null
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
  if (!kept || !isTold(kept) || !sawAndSees(tenant, kept, candidate)) return false
  const task = tenant.tasks.get(kept.sequence)?.get(candidate.subscription)?.task
  if (task === undefined) addTask(tables, kept, candidate, options.now, options.now)
  else if (options.again && isFinished(task.state))
    placeAgain(tables, task, reopenedTask(toldAgain(task, candidate)), options.now)
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
