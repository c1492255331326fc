/**
 * Handing out what is due: wake, rescue, then lanes in turn, heads of groups only.
 */
import type { Lane, LeaseAnswer, LeasedTask, LeaseGrant, LeaseRequest } from '../port.js'
import type { EventRow, TaskRow } from '../rows.js'
import {
  foremost,
  isLocalLane,
  isPulled,
  leasedTask,
  lets,
  PROBE_WINDOW,
  rescuedTask,
  runBehind,
  runBehindEach,
  SIFT_LIMIT,
  shareRoom,
  WAKE_LIMIT,
} from '../task-rules.js'
import { leaseByTurns, type Turn, together, type WaitingTenant } from '../turn-rules.js'
import { behindOf, findTask, groupOf, laneAfter, laneOf, putGroup, saveTask } from './groups.js'
import { yieldLocks } from './leaving.js'
import { goOn, placeAgain } from './likes.js'
import type { SortedList } from './sorted-list.js'
import type { Alarm, ReadyLane, Tables, TenantTables } from './tables.js'
import { joinKey, takePage, tenantOf } from './tables.js'

export function leaseTasks(tables: Tables, request: LeaseRequest): LeaseAnswer {
  wake(tables, request.now)
  rescue(tables, request.now)
  const { leased, more } =
    request.only === null ? leaseInTurn(tables, request) : leaseOnly(tables, request, request.only)
  return { leased, nextWakeAt: more ? request.now : nextAlarm(tables) }
}

const dueAlarms = (list: SortedList<Alarm>, now: number): readonly Alarm[] =>
  takePage(list.upFrom(0), WAKE_LIMIT).filter((alarm) => alarm.at <= now)

function wake(tables: Tables, now: number): void {
  for (const alarm of dueAlarms(tables.sleeping, now)) {
    const task = findTask(tables, alarm)?.task
    // One that woke before it may have ended it.
    if (task?.state === 'waiting') placeAgain(tables, task, { ...task, wakeAt: null }, now)
  }
}

function rescue(tables: Tables, now: number): void {
  for (const alarm of dueAlarms(tables.leases, now)) {
    const task = findTask(tables, alarm)?.task
    if (task === undefined) continue
    goOn(tables, task, rescuedTask(task), now)
  }
}

function nextAlarm(tables: Tables): number | null {
  const times = [tables.sleeping.first()?.at, tables.leases.first()?.at].filter((at) => at !== undefined)
  return times.length === 0 ? null : Math.min(...times)
}

// -------------------------------------------------------------------------------------------- lanes

function leaseOnly(tables: Tables, request: LeaseRequest, only: Lane): Turn {
  const lane = laneOf(tables, only.tenant, only.subscription)
  const isOpen = lane !== undefined && isActive(tables, lane) && !request.closed.includes(only.subscription)
  return isOpen ? leaseLane(tables, lane, request, request.limit) : { leased: [], more: false }
}

const leaseInTurn = (tables: Tables, request: LeaseRequest): Turn =>
  leaseByTurns(
    tables.turns,
    request.limit,
    (tenant, isIncluded) => tenantAfter(tables, tenant, isIncluded),
    (tenant, share) => leaseTenant(tables, tenant, request, share),
  )

function tenantAfter(tables: Tables, tenant: string, isIncluded: boolean): WaitingTenant | undefined {
  const next = laneAfter(tables, { tenant: isIncluded ? tenant : `${tenant}\0`, subscription: '' })
  return next && { tenant: next.tenant, weight: tables.tenantRows.get(next.tenant)?.weight ?? 1 }
}

function leaseTenant(tables: Tables, tenant: string, request: LeaseRequest, share: number): Turn {
  const turns: Turn[] = []
  let room = share
  for (const lane of lanesOf(tables, tenant)) {
    if (room === 0) break
    if (request.closed.includes(lane.subscription)) continue
    if (!isActive(tables, lane) || isPulledLane(tables, lane)) continue
    const turn = leaseLane(tables, lane, request, room)
    turns.push(turn)
    room -= turn.leased.length
    if (turn.leased.length > 0) tables.turns.gaveFrom(tenant, lane.subscription)
  }
  return together(turns)
}

/** Once around: those after the one that gave last, then those up to it. Leasing empties lanes and fills others. */
function* lanesOf(tables: Tables, tenant: string): Generator<ReadyLane> {
  const last = tables.turns.lastLane(tenant)
  const next = (subscription: string): ReadyLane | undefined => {
    const lane = laneAfter(tables, { tenant, subscription })
    return lane?.tenant === tenant ? lane : undefined
  }
  for (let lane = next(last); lane !== undefined; lane = next(lane.subscription)) yield lane
  for (let lane = next(''); lane !== undefined; lane = next(lane.subscription)) {
    if (lane.subscription > last) return
    yield lane
  }
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

/** Those that cannot have their locks step aside, and others are looked at in their place. */
function leaseLane(tables: Tables, lane: ReadyLane, request: LeaseRequest, atMost: number): Turn {
  const listed = request.lanes.find(
    ({ tenant, subscription }) => tenant === lane.tenant && subscription === lane.subscription,
  )
  const most = Math.min(atMost, listed?.free ?? request.perLane)
  if (listed?.probe && most > 0) return { leased: leaseProbe(tables, lane, request), more: false }
  const leased: LeasedTask[] = []
  let sifted = 0
  let woken = false
  while (leased.length < most && sifted < SIFT_LIMIT) {
    const chosen = choose(tables, laneOf(tables, lane.tenant, lane.subscription) ?? lane, most - leased.length)
    const blocked: TaskRow[] = []
    for (const task of chosen) {
      const room = most - leased.length
      if (room <= 0) break
      if (leaseIfFree(tables, task, request, leased))
        leased.push(...leaseRun(tables, task, request, runBehind(task, request, room - 1)))
      else blocked.push(task)
    }
    // In a lane that was passed by already, perhaps: it must not wait for the next alarm.
    for (const task of blocked) woken = yieldLocks(tables, task) || woken
    if (blocked.length === 0) break
    sifted += blocked.length
  }
  leased.push(...leaseBehindEach(tables, leased, { ...request, perGroup: listed?.perGroup ?? 1 }, most))
  return { leased, more: woken || sifted >= SIFT_LIMIT }
}

function leaseProbe(tables: Tables, { tenant, subscription, high, normal }: ReadyLane, grant: LeaseGrant) {
  const first = takePage(inTurn(high, normal), PROBE_WINDOW)
  const tasks = first.flatMap(({ sequence }) => findTask(tables, { tenant, subscription, sequence })?.task ?? [])
  const probe = tasks.reduce<TaskRow | null>(
    (best, task) => (task.failures < (best?.failures ?? Infinity) ? task : best),
    null,
  )
  return probe === null ? [] : leaseOne(tables, probe, grant)
}

function* inTurn(high: ReadyLane['high'], normal: ReadyLane['normal']) {
  yield* high.upFrom(0)
  yield* normal.upFrom(0)
}

function choose(tables: Tables, lane: ReadyLane, room: number): readonly TaskRow[] {
  const key = joinKey(lane.tenant, lane.subscription)
  const waiting = { high: Math.min(room, lane.high.size), normal: Math.min(room, lane.normal.size) }
  const share = shareRoom(room, waiting, tables.credits.get(key) ?? 0)
  if (share.credit === 0) tables.credits.delete(key)
  else tables.credits.set(key, share.credit)
  const chosen = [...takePage(lane.high.upFrom(0), share.high), ...takePage(lane.normal.upFrom(0), share.normal)]
  const { tenant, subscription } = lane
  return chosen.flatMap(({ sequence }) => findTask(tables, { tenant, subscription, sequence })?.task ?? [])
}

function leaseIfFree(tables: Tables, task: TaskRow, grant: LeaseGrant, leased: LeasedTask[]): boolean {
  const busy = tables.locks.busy(task)
  if (busy === null) leased.push(...leaseOne(tables, task, grant))
  else saveTask(tables, foremost(task, busy))
  return busy === null
}

/** Those that come behind heads that are leased, once there is no other head for their room. */
function leaseBehindEach(
  tables: Tables,
  leased: readonly LeasedTask[],
  request: LeaseGrant & { readonly perGroup: number },
  room: number,
): readonly LeasedTask[] {
  if (request.perGroup === 1) return []
  const heads = leased.filter(({ task }) => behindOf(tenantOf(tables, task.tenant), task)?.all.first() !== undefined)
  const most = runBehindEach(heads.length, request.perGroup, room - leased.length)
  return heads.flatMap(({ task }) => leaseRun(tables, task, request, most))
}

/** So many of those that come behind a head that is leased, up to one whose locks somebody else holds. */
function leaseRun(tables: Tables, head: TaskRow, grant: LeaseGrant, most: number): readonly LeasedTask[] {
  const tenant = tenantOf(tables, head.tenant)
  const group = groupOf(tenant, head)
  if (most === 0 || group === undefined || findTask(tables, head)?.task.state !== 'leased') return []
  const leased: LeasedTask[] = []
  const run = [head]
  for (const sequence of takePage(behindOf(tenant, head)?.all.upFrom(0) ?? [], most)) {
    const task = findTask(tables, { ...head, sequence })?.task
    const [next] = task === undefined || tables.locks.busy(task, run) !== null ? [] : leaseOne(tables, task, grant)
    if (next === undefined) break
    leased.push(next)
    run.push(next.task)
  }
  if (leased.length > 0) putGroup(tenant, head, { ...group, run: run.length })
  return leased
}

/** The task and its event, or nothing if the event is gone. */
export function leaseOne(tables: Tables, due: TaskRow, grant: LeaseGrant): readonly LeasedTask[] {
  const tenant = tenantOf(tables, due.tenant)
  const event = tenant.events.get(due.sequence)
  if (event === undefined) return []
  const task = leasedTask(due, grant)
  tables.locks.take(task)
  saveTask(tables, task)
  return [{ task, event, gone: isLocalLane(task.subscription) && isGone(tenant, event) }]
}

const isGone = ({ resources }: TenantTables, { subject, sequence }: EventRow): boolean =>
  subject !== null && (resources.get(subject)?.removedSequence ?? 0) > sequence
