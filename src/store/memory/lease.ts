/**
 * Handing out what is due: wake, rescue, then lanes in turn, heads of groups only.
 */
import type { Lane, LeaseAnswer, LeasedTask, LeaseGrant, LeaseRequest } from '../port.js'
import { isLocalLane, isPulled, leasedTask, lets, rescuedTask, shareRoom, WAKE_LIMIT } from '../task-rules.js'
import { findTask, laneOf, place, saveTask } from './groups.js'
import type { SortedList } from './sorted-list.js'
import type { Alarm, Ranked, ReadyLane, Tables } from './tables.js'
import { joinKey, takePage, tenantOf } from './tables.js'

export function leaseTasks(tables: Tables, request: LeaseRequest): LeaseAnswer {
  wake(tables, request.now)
  rescue(tables, request.now)
  const answer = request.only === null ? leaseInTurn(tables, request) : leaseOnly(tables, request, request.only)
  return { ...answer, nextWakeAt: nextAlarm(tables) }
}

const dueAlarms = (list: SortedList<Alarm>, now: number): readonly Alarm[] =>
  takePage(list.upFrom(0), WAKE_LIMIT).filter((alarm) => alarm.at <= now)

function wake(tables: Tables, now: number): void {
  for (const alarm of dueAlarms(tables.sleeping, now)) {
    const task = findTask(tables, alarm)?.task
    if (task !== undefined) place(tables, { ...task, wakeAt: null })
  }
}

function rescue(tables: Tables, now: number): void {
  for (const alarm of dueAlarms(tables.leases, now)) {
    const task = findTask(tables, alarm)?.task
    if (task !== undefined) saveTask(tables, rescuedTask(task))
  }
}

function nextAlarm(tables: Tables): number | null {
  const times = [tables.sleeping.first()?.at, tables.leases.first()?.at].filter((at) => at !== undefined)
  return times.length === 0 ? null : Math.min(...times)
}

// -------------------------------------------------------------------------------------------- lanes

function leaseOnly(tables: Tables, request: LeaseRequest, only: Lane): Omit<LeaseAnswer, 'nextWakeAt'> {
  const lane = laneOf(tables, only.tenant, only.subscription)
  const leased = lane !== undefined && isActive(tables, lane) ? leaseLane(tables, lane, request, request.limit) : []
  return { leased, last: leased.length > 0 ? only : request.after }
}

function leaseInTurn(tables: Tables, request: LeaseRequest): Omit<LeaseAnswer, 'nextWakeAt'> {
  const leased: LeasedTask[] = []
  let last = request.after
  for (const lane of lanesFrom(tables, request.after)) {
    const room = request.limit - leased.length
    if (room <= 0) break
    if (!isActive(tables, lane) || isPulledLane(tables, lane)) continue
    const taken = leaseLane(tables, lane, request, room)
    leased.push(...taken)
    if (taken.length > 0) last = { tenant: lane.tenant, subscription: lane.subscription }
  }
  return { leased, last }
}

/** A copy: leasing empties lanes. */
function lanesFrom(tables: Tables, after: Lane | null): readonly ReadyLane[] {
  const lanes = [...tables.ready.upFrom(0)]
  if (after === null) return lanes
  const [first] = lanes
  if (first === undefined) return lanes
  const start = tables.ready.countUpTo({ ...first, ...after })
  return [...lanes.slice(start), ...lanes.slice(0, start)]
}

export function isActive(tables: Tables, { tenant, subscription }: Lane): boolean {
  if (isLocalLane(subscription)) return true
  const row = tenantOf(tables, tenant).subscriptions.get(subscription)
  return row !== undefined && lets(row.state)
}

function isPulledLane(tables: Tables, { tenant, subscription }: Lane): boolean {
  const row = tenantOf(tables, tenant).subscriptions.get(subscription)
  return row !== undefined && isPulled(row.spec)
}

function leaseLane(tables: Tables, lane: ReadyLane, request: LeaseRequest, atMost: number): readonly LeasedTask[] {
  const listed = request.lanes.find(
    ({ tenant, subscription }) => tenant === lane.tenant && subscription === lane.subscription,
  )
  const room = Math.min(atMost, listed?.free ?? request.perLane)
  if (room <= 0) return []
  const key = joinKey(lane.tenant, lane.subscription)
  const waiting = { high: Math.min(room, lane.high.size), normal: Math.min(room, lane.normal.size) }
  const share = shareRoom(room, waiting, tables.credits.get(key) ?? 0)
  if (share.credit === 0) tables.credits.delete(key)
  else tables.credits.set(key, share.credit)
  const chosen = [...takePage(lane.high.upFrom(0), share.high), ...takePage(lane.normal.upFrom(0), share.normal)]
  return chosen.flatMap((ranked) => leaseRanked(tables, lane, ranked, request))
}

const leaseRanked = (tables: Tables, lane: Lane, { sequence }: Ranked, grant: LeaseGrant): readonly LeasedTask[] =>
  leaseOne(tables, { tenant: lane.tenant, subscription: lane.subscription, sequence }, grant)

/** The task and its event, or nothing if either is gone. */
export function leaseOne(tables: Tables, key: Lane & { sequence: number }, grant: LeaseGrant): readonly LeasedTask[] {
  const entry = findTask(tables, key)
  const event = tenantOf(tables, key.tenant).events.get(key.sequence)
  if (entry === undefined || event === undefined) return []
  const task = leasedTask(entry.task, grant)
  saveTask(tables, task)
  return [{ task, event, gone: false }]
}
