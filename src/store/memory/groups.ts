/**
 * Where a task stands: ready in its lane, asleep, leased, behind the head of its group, or waiting for a lock.
 * A group leaves one at a time in sequence, or as a run; every exit calls `promote`.
 */

import { childOf } from '../child-of.js'
import { isCompared } from '../duplicate-rules.js'
import type { Lane } from '../port.js'
import type { TaskRow } from '../rows.js'
import { behindAll, foremost, NORMAL_RANK, RANKS, runWithout } from '../task-rules.js'
import { SortedList } from './sorted-list.js'
import type { Alarm, Behind, Blocked, Group, ReadyLane, Tables, TaskEntry, TenantTables } from './tables.js'
import { byRank, byTurn, joinKey, tenantOf } from './tables.js'

export const findTask = (tables: Tables, key: Pick<TaskRow, 'tenant' | 'sequence' | 'subscription'>) =>
  tables.tenants.get(key.tenant)?.tasks.get(key.sequence)?.get(key.subscription)

/** Writes the task and moves it from where it stood to where it stands now; the head has its group's rank. */
export function saveTask(tables: Tables, task: TaskRow): void {
  const tenant = tenantOf(tables, task.tenant)
  const rank = groupOf(tenant, task)?.rank ?? RANKS[task.priority]
  const siblings = childOf(tenant.tasks, task.sequence, () => new Map<string, TaskEntry>())
  const before = siblings.get(task.subscription)
  const entry = { task, rank }
  siblings.set(task.subscription, entry)
  if (before === undefined) tenant.places.add({ sequence: task.sequence, subscription: task.subscription })
  else leave(tables, tenant, before)
  stand(tables, tenant, entry)
}

export function forgetTask(tables: Tables, entry: TaskEntry): void {
  const { task } = entry
  const tenant = tenantOf(tables, task.tenant)
  leave(tables, tenant, entry)
  tenant.tasks.get(task.sequence)?.delete(task.subscription)
  tenant.places.delete({ sequence: task.sequence, subscription: task.subscription })
}

function stand(tables: Tables, tenant: TenantTables, entry: TaskEntry): void {
  const { task } = entry
  if (isAlike(task)) childOf(tenant.alike, alikeKey(task), () => new SortedList<number>(byNumber)).add(task.sequence)
  if (task.state === 'due') standReady(tables, entry)
  else if (task.state === 'leased') tables.leases.add(alarmAt(task, task.leasedUntil))
  else if (task.state === 'waiting' && task.wakeAt !== null) tables.sleeping.add(alarmAt(task, task.wakeAt))
  else if (task.blockedBy !== null) standBlocked(tenant, entry, task.blockedBy)
  else if (task.state === 'waiting') standBehind(tenant, task)
}

function leave(tables: Tables, tenant: TenantTables, entry: TaskEntry): void {
  const { task } = entry
  if (isAlike(task)) leaveAlike(tenant, task)
  if (task.state === 'due') leaveReady(tables, entry)
  else if (task.state === 'leased') tables.leases.delete(alarmAt(task, task.leasedUntil))
  else if (task.state === 'waiting' && task.wakeAt !== null) tables.sleeping.delete(alarmAt(task, task.wakeAt))
  else if (task.blockedBy !== null) leaveBlocked(tenant, entry, task.blockedBy)
  else if (task.state === 'waiting') leaveBehind(tenant, task)
}

const byNumber = (a: number, b: number): number => a - b
const isAlike = (task: TaskRow): boolean => isCompared(task) && (task.state === 'due' || task.state === 'waiting')
export const alikeKey = ({ subscription, likeness }: TaskRow): string => joinKey(subscription, likeness ?? '')

function leaveAlike(tenant: TenantTables, task: TaskRow): void {
  const likes = tenant.alike.get(alikeKey(task))
  likes?.delete(task.sequence)
  if (likes?.size === 0) tenant.alike.delete(alikeKey(task))
}

const alarmAt = (task: TaskRow, at: number | null): Alarm => ({
  at: at ?? 0,
  tenant: task.tenant,
  sequence: task.sequence,
  subscription: task.subscription,
})

const emptyLane = ({ tenant, subscription }: Lane): ReadyLane => ({
  tenant,
  subscription,
  high: new SortedList(byRank),
  normal: new SortedList(byRank),
})

export function laneOf(tables: Tables, tenant: string, subscription: string): ReadyLane | undefined {
  const lane = tables.ready.at(tables.ready.countBefore(emptyLane({ tenant, subscription })))
  return lane?.tenant === tenant && lane.subscription === subscription ? lane : undefined
}

/** The next in order that has a task to lease. */
export const laneAfter = ({ ready }: Tables, after: Lane | null): ReadyLane | undefined =>
  after === null ? ready.first() : ready.at(ready.countUpTo(emptyLane(after)))

function standReady(tables: Tables, { task, rank }: TaskEntry): void {
  const found = laneOf(tables, task.tenant, task.subscription)
  const lane = found ?? emptyLane(task)
  if (found === undefined) tables.ready.add(lane)
  const list = rank < NORMAL_RANK ? lane.high : lane.normal
  list.add({ rank, sequence: task.sequence })
}

function leaveReady(tables: Tables, { task, rank }: TaskEntry): void {
  const lane = laneOf(tables, task.tenant, task.subscription)
  if (lane === undefined) return
  const list = rank < NORMAL_RANK ? lane.high : lane.normal
  list.delete({ rank, sequence: task.sequence })
  if (lane.high.size + lane.normal.size === 0) tables.ready.delete(lane)
}

const turnOf = ({ rank, task: { sequence, subscription } }: TaskEntry): Blocked => ({ rank, sequence, subscription })

const standBlocked = (tenant: TenantTables, entry: TaskEntry, resource: string): void =>
  childOf(tenant.blocked, resource, () => new SortedList(byTurn)).add(turnOf(entry))

function leaveBlocked(tenant: TenantTables, entry: TaskEntry, resource: string): void {
  const waiters = tenant.blocked.get(resource)
  waiters?.delete(turnOf(entry))
  if (waiters?.size === 0) tenant.blocked.delete(resource)
}

const emptyBehind = (): Behind => ({ all: new SortedList(byNumber), high: new SortedList(byRank) })

function standBehind(tenant: TenantTables, task: TaskRow): void {
  if (task.groupKey === null) return
  const groups = childOf(tenant.behind, task.subscription, () => new Map<string, Behind>())
  const behind = childOf(groups, task.groupKey, emptyBehind)
  behind.all.add(task.sequence)
  if (RANKS[task.priority] < NORMAL_RANK) behind.high.add({ rank: RANKS[task.priority], sequence: task.sequence })
}

function leaveBehind(tenant: TenantTables, task: TaskRow): void {
  const behind = behindOf(tenant, task)
  if (behind === undefined || task.groupKey === null) return
  behind.all.delete(task.sequence)
  behind.high.delete({ rank: RANKS[task.priority], sequence: task.sequence })
  if (behind.all.size === 0) tenant.behind.get(task.subscription)?.delete(task.groupKey)
}

export const behindOf = (tenant: TenantTables, task: TaskRow): Behind | undefined =>
  task.groupKey === null ? undefined : tenant.behind.get(task.subscription)?.get(task.groupKey)

export const groupOf = (tenant: TenantTables, task: TaskRow) =>
  task.groupKey === null ? undefined : tenant.groups.get(task.subscription)?.get(task.groupKey)

/** A task that may not stand at the head of another's group: new, reopened or woken. Answers how it stands now. */
export function place(tables: Tables, task: TaskRow): TaskRow {
  if (task.wakeAt !== null) return standAs(tables, { ...task, state: 'waiting' })
  if (task.groupKey === null) return standAs(tables, foremost(task, tables.locks.busy(task)))
  const tenant = tenantOf(tables, task.tenant)
  const group = groupOf(tenant, task)
  if (group !== undefined && (group.run > 0 || group.head !== task.sequence)) return join(tables, tenant, task)
  return lead(tables, tenant, task, group?.rank ?? RANKS[task.priority])
}

function standAs(tables: Tables, task: TaskRow): TaskRow {
  saveTask(tables, task)
  return task
}

function lead(tables: Tables, tenant: TenantTables, task: TaskRow, rank: number): TaskRow {
  putGroup(tenant, task, { head: task.sequence, rank, run: 0 })
  return standAs(tables, foremost(task, tables.locks.busy(task)))
}

export function putGroup(tenant: TenantTables, member: TaskRow, group: Group): void {
  if (member.groupKey === null) return
  childOf(tenant.groups, member.subscription, () => new Map<string, Group>()).set(member.groupKey, group)
}

function join(tables: Tables, tenant: TenantTables, task: TaskRow): TaskRow {
  const waiting = behindAll(task)
  saveTask(tables, waiting)
  regroup(tables, tenant, waiting)
  return waiting
}

/** The group's rank is the best of its head and of all that wait behind it; a head that is due moves with it. */
export function regroup(tables: Tables, tenant: TenantTables, member: TaskRow): void {
  const group = groupOf(tenant, member)
  const head = group === undefined ? undefined : tenant.tasks.get(group.head)?.get(member.subscription)
  if (group === undefined || head === undefined || group.run > 0) return
  const rank = Math.min(RANKS[head.task.priority], behindOf(tenant, member)?.high.first()?.rank ?? NORMAL_RANK)
  if (rank === group.rank) return
  putGroup(tenant, member, { ...group, rank })
  saveTask(tables, head.task)
}

/** A task has left its group for good, or its run, as `gone` tells. Answers the new head if there is one by this. */
export function promote(tables: Tables, gone: TaskRow): TaskRow | null {
  const tenant = tenantOf(tables, gone.tenant)
  const group = groupOf(tenant, gone)
  if (group === undefined) return null
  const ledAlone = group.run === 0 && group.head === gone.sequence
  const run = runWithout(group, gone)
  if (!ledAlone && (run > 0 || group.run === 0)) {
    putGroup(tenant, gone, { ...group, run })
    if (RANKS[gone.priority] < NORMAL_RANK) regroup(tables, tenant, gone)
    return null
  }
  const behind = behindOf(tenant, gone)
  const next = behind?.all.first()
  const entry = next === undefined ? undefined : tenant.tasks.get(next)?.get(gone.subscription)
  if (entry === undefined) {
    if (gone.groupKey !== null) tenant.groups.get(gone.subscription)?.delete(gone.groupKey)
    return null
  }
  return lead(
    tables,
    tenant,
    entry.task,
    Math.min(RANKS[entry.task.priority], behind?.high.first()?.rank ?? NORMAL_RANK),
  )
}
