/**
 * Handing out what is due: wake, rescue, then lanes in turn, heads of groups only. Each lane is found by one seek.
 */
import type { Lane, LeaseAnswer, LeasedTask, LeaseGrant, LeaseRequest } from '../port.js'
import type { TaskRow } from '../rows.js'
import type { SqlRow } from '../sql/row.js'
import { EVENT, TASK } from '../sql/shapes.js'
import {
  foremost,
  isLocalLane,
  leasedTask,
  NORMAL_RANK,
  PROBE_WINDOW,
  rescuedTask,
  runBehind,
  runBehindEach,
  SIFT_LIMIT,
  shareRoom,
  WAKE_LIMIT,
} from '../task-rules.js'
import { leaseByTurns, type Turn, together, type WaitingTenant } from '../turn-rules.js'
import { findTask, type Heir, promote, updateTask } from './groups.js'
import { yieldLocks } from './leaving.js'
import { goOn, placeAgain } from './likes.js'
import type { Session } from './session.js'

export function leaseTasks(session: Session, request: LeaseRequest): LeaseAnswer {
  wake(session, request.now)
  rescue(session, request.now)
  const { leased, more } =
    request.only === null ? leaseInTurn(session, request) : leaseOnly(session, request, request.only)
  return { leased, nextWakeAt: more ? request.now : nextAlarm(session) }
}

const ASLEEP = `SELECT ${TASK.columns} FROM tasks INDEXED BY tasks_asleep
  WHERE state = 'waiting' AND wake_at IS NOT NULL AND wake_at <= ?
  ORDER BY wake_at, tenant, sequence, subscription LIMIT ${WAKE_LIMIT}`

function wake(session: Session, now: number): void {
  for (const key of session.all(ASLEEP, now).map((row) => TASK.read(row))) {
    // One that woke before it may have ended it.
    const task = findTask(session, key)
    if (task?.state === 'waiting') placeAgain(session, task, { ...task, wakeAt: null }, now)
  }
}

const EXPIRED = `SELECT ${TASK.columns} FROM tasks INDEXED BY tasks_leased WHERE state = 'leased' AND leased_until <= ?
  ORDER BY leased_until, tenant, sequence, subscription LIMIT ${WAKE_LIMIT}`

function rescue(session: Session, now: number): void {
  for (const row of session.all(EXPIRED, now)) {
    const task = TASK.read(row)
    goOn(session, task, rescuedTask(task), now)
  }
}

const NEXT_ASLEEP = `SELECT wake_at FROM tasks INDEXED BY tasks_asleep WHERE state = 'waiting' AND wake_at IS NOT NULL
  ORDER BY wake_at LIMIT 1`
const NEXT_EXPIRED = `SELECT leased_until FROM tasks INDEXED BY tasks_leased WHERE state = 'leased'
  ORDER BY leased_until LIMIT 1`

function nextAlarm(session: Session): number | null {
  const rows = [session.get(NEXT_ASLEEP), session.get(NEXT_EXPIRED)].filter((row) => row !== undefined)
  return rows.length === 0 ? null : Math.min(...rows.map((row) => Number(row[0])))
}

// -------------------------------------------------------------------------------------------- lanes

function leaseOnly(session: Session, request: LeaseRequest, only: Lane): Turn {
  const isOpen = session.lane(only.tenant, only.subscription).active && !request.closed.includes(only.subscription)
  return isOpen ? leaseLane(session, only, request, request.limit) : { leased: [], more: false }
}

const leaseInTurn = (session: Session, request: LeaseRequest): Turn =>
  leaseByTurns(
    session.turns,
    request.limit,
    (tenant, isIncluded) => tenantAfter(session, tenant, isIncluded),
    (tenant, share) => leaseTenant(session, tenant, request, share),
  )

const TENANT_FROM = (is: '>' | '>='): string =>
  `SELECT t.tenant, (SELECT weight FROM tenants WHERE id = t.tenant) FROM tasks AS t INDEXED BY tasks_ready
  WHERE t.state = 'due' AND t.tenant ${is} ? ORDER BY t.tenant LIMIT 1`
const THIS_TENANT = TENANT_FROM('>=')
const NEXT_TENANT = TENANT_FROM('>')

function tenantAfter(session: Session, tenant: string, isIncluded: boolean): WaitingTenant | undefined {
  const row = session.get(isIncluded ? THIS_TENANT : NEXT_TENANT, tenant)
  return row && { tenant: String(row[0]), weight: Number(row[1] ?? 1) }
}

function leaseTenant(session: Session, tenant: string, request: LeaseRequest, share: number): Turn {
  const turns: Turn[] = []
  let room = share
  for (const subscription of lanesOf(session, tenant)) {
    if (room === 0) break
    if (request.closed.includes(subscription)) continue
    const { active, pulled } = session.lane(tenant, subscription)
    if (!active || pulled) continue
    const turn = leaseLane(session, { tenant, subscription }, request, room)
    turns.push(turn)
    room -= turn.leased.length
    if (turn.leased.length > 0) session.turns.gaveFrom(tenant, subscription)
  }
  return together(turns)
}

const NEXT_LANE = `SELECT subscription, subscription > ?3 FROM tasks INDEXED BY tasks_ready
  WHERE state = 'due' AND tenant = ?1 AND subscription > ?2 ORDER BY subscription LIMIT 1`

/** Once around: those after the one that gave last, then those up to it. */
function* lanesOf(session: Session, tenant: string): Generator<string> {
  const last = session.turns.lastLane(tenant)
  const next = (subscription: unknown) => session.get(NEXT_LANE, tenant, String(subscription), last)
  for (let row = next(last); row !== undefined; row = next(row[0])) yield String(row[0])
  for (let row = next(''); row !== undefined && row[1] === 0; row = next(row[0])) yield String(row[0])
}

// -------------------------------------------------------------------------------------------- one lane

/** What the event of a local task is about was a resource that has been removed since. */
const GONE = `EXISTS (SELECT 1 FROM resources AS r
  WHERE r.tenant = t.tenant AND r.id = t.subject AND r.removed_sequence > t.sequence)`

const EVENT_HEAD = EVENT.of('e').replace('e.body', 'NULL')

/** All of a row as one JSON text but the body: parsing it costs a third of fetching 45 values one by one. */
const READY = (rank: string, gone: string): string =>
  `SELECT json_array(${TASK.of('t')}, ${EVENT_HEAD}, ${gone}, t.rank), e.body
   FROM tasks AS t INDEXED BY tasks_ready
   CROSS JOIN events AS e ON e.tenant = t.tenant AND e.sequence = t.sequence
   WHERE t.state = 'due' AND t.tenant = ? AND t.subscription = ? AND t.rank ${rank}
   ORDER BY t.rank, t.sequence LIMIT ?`
const READY_HIGH = READY(`< ${NORMAL_RANK}`, '0')
const READY_NORMAL = READY(`= ${NORMAL_RANK}`, '0')
const LOCAL_HIGH = READY(`< ${NORMAL_RANK}`, GONE)
const LOCAL_NORMAL = READY(`= ${NORMAL_RANK}`, GONE)

/** Those that cannot have their locks step aside, and others are looked at in their place. */
function leaseLane(session: Session, lane: Lane, request: LeaseRequest, atMost: number): Turn {
  const listed = request.lanes.find(
    ({ tenant, subscription }) => tenant === lane.tenant && subscription === lane.subscription,
  )
  const most = Math.min(atMost, listed?.free ?? request.perLane)
  if (listed?.probe && most > 0) return { leased: leaseProbe(session, lane, request), more: false }
  const leased: LeasedTask[] = []
  let sifted = 0
  let woken = false
  while (leased.length < most && sifted < SIFT_LIMIT) {
    const blocked: TaskRow[] = []
    for (const rows of choose(session, lane, most - leased.length)) {
      leased.push(...leaseFirst(session, lane, rows, request, blocked, most - leased.length))
    }
    // In a lane that was passed by already, perhaps: it must not wait for the next alarm.
    for (const task of blocked) woken = yieldLocks(session, task) || woken
    if (blocked.length === 0) break
    sifted += blocked.length
  }
  leased.push(...leaseBehindEach(session, lane, leased, { ...request, perGroup: listed?.perGroup ?? 1 }, most))
  return { leased, more: woken || sifted >= SIFT_LIMIT }
}

const PROBE = `SELECT json_array(${TASK.of('t')}, ${EVENT_HEAD}, 0, t.rank), e.body
  FROM (SELECT * FROM (SELECT * FROM tasks INDEXED BY tasks_ready
      WHERE state = 'due' AND tenant = ? AND subscription = ? ORDER BY rank, sequence LIMIT ${PROBE_WINDOW})
    ORDER BY failures, rank, sequence LIMIT 1) AS t
  CROSS JOIN events AS e ON e.tenant = t.tenant AND e.sequence = t.sequence`

/** That which has failed least. Subscribers' lanes alone have breakers, and their tasks lock nothing. */
function leaseProbe(session: Session, { tenant, subscription }: Lane, grant: LeaseGrant): readonly LeasedTask[] {
  const row = session.get(PROBE, tenant, subscription)
  if (row === undefined) return []
  const { task: due, event, gone, rank } = readReady(row)
  const task = leaseOf(session, due, grant)
  session.run(LEASE_ONE, grant.node, grant.until, rank, tenant, due.sequence, subscription)
  session.tally(tenant, subscription, 'due', -1)
  session.tally(tenant, subscription, 'leased', 1)
  return [{ task, event, gone }]
}

/** The first above NORMAL, and the first of the rest. */
function choose(session: Session, lane: Lane, room: number): readonly (readonly SqlRow[])[] {
  const local = isLocalLane(lane.subscription)
  const high = session.all(local ? LOCAL_HIGH : READY_HIGH, lane.tenant, lane.subscription, room)
  const normal = session.all(local ? LOCAL_NORMAL : READY_NORMAL, lane.tenant, lane.subscription, room)
  const key = JSON.stringify([lane.tenant, lane.subscription])
  const share = shareRoom(room, { high: high.length, normal: normal.length }, session.credits.get(key) ?? 0)
  if (share.credit === 0) session.credits.delete(key)
  else session.credits.set(key, share.credit)
  return [high.slice(0, share.high), normal.slice(0, share.normal)]
}

const LEASE_FIRST = `UPDATE tasks SET state = 'leased', wake_at = NULL, attempts = attempts + 1, token = token + 1,
  leased_by = ?, leased_until = ? WHERE state = 'due' AND tenant = ? AND subscription = ? AND rank = ? AND sequence <= ?`

/**
 * What was read is the beginning of the index: when those that are blocked have left it, one statement for each rank leases
 * the others.
 */
function leaseFirst(
  session: Session,
  lane: Lane,
  rows: readonly SqlRow[],
  request: LeaseRequest,
  blocked: TaskRow[],
  room: number,
): readonly LeasedTask[] {
  const lastOfRank = new Map<number, number>()
  const leased: LeasedTask[] = []
  let heads = 0
  for (const row of rows) {
    if (leased.length >= room) break
    const { task, event, gone, rank } = readReady(row)
    const busy = session.locks.busy(task)
    if (busy === null) {
      lastOfRank.set(rank, task.sequence)
      heads += 1
      leased.push({ task: leaseOf(session, task, request), event, gone })
      leased.push(...leaseRun(session, lane, task, request, runBehind(task, request, room - leased.length)))
    } else {
      updateTask(session, task, foremost(task, busy), rank)
      blocked.push(task)
    }
  }
  for (const [rank, sequence] of lastOfRank) {
    session.run(LEASE_FIRST, request.node, request.until, lane.tenant, lane.subscription, rank, sequence)
  }
  if (heads > 0) session.tally(lane.tenant, lane.subscription, 'due', -heads)
  if (heads > 0) session.tally(lane.tenant, lane.subscription, 'leased', heads)
  return leased
}

/** `rank` is that of the row where it was asked for. */
function readReady([json, body]: SqlRow): LeasedTask & { readonly rank: number } {
  const values = JSON.parse(String(json)) as SqlRow
  const after = TASK.width + EVENT.width
  const event = { ...EVENT.read(values, TASK.width), body: String(body) }
  return { task: TASK.read(values), event, gone: values[after] === 1, rank: Number(values[after + 1]) }
}

function leaseOf(session: Session, due: TaskRow, grant: LeaseGrant): TaskRow {
  const task = leasedTask(due, grant)
  session.locks.take(task)
  session.standing.move(due, task)
  session.rememberLease(task)
  return task
}

const HEIR = (gone: string): string =>
  `SELECT json_array(${TASK.of('t')}, ${EVENT_HEAD}, ${gone}), e.body
   FROM tasks AS t CROSS JOIN events AS e ON e.tenant = t.tenant AND e.sequence = t.sequence
   WHERE t.tenant = ? AND t.sequence = ? AND t.subscription = ?`
const LOCAL_HEIR = HEIR(GONE)
const OTHER_HEIR = HEIR('0')
const LEASE_ONE = `UPDATE tasks SET state = 'leased', attempts = attempts + 1, token = token + 1, leased_by = ?,
  leased_until = ?, rank = ? WHERE tenant = ? AND sequence = ? AND subscription = ?`

/** The next head of a group comes forward and is leased in one step, unless one of its locks is busy. */
export function leaseHeir(session: Session, lane: Lane, heir: Heir, grant: LeaseGrant): readonly LeasedTask[] {
  const leased = leaseBehind(session, lane, heir, grant)
  if (leased.length === 0) promote(session, lane, heir)
  return leased
}

/** Those that come behind heads that are leased, once there is no other head for their room. */
function leaseBehindEach(
  session: Session,
  lane: Lane,
  leased: readonly LeasedTask[],
  request: LeaseGrant & { readonly perGroup: number },
  room: number,
): readonly LeasedTask[] {
  if (request.perGroup === 1) return []
  const heads = leased.filter(({ task }) => session.standing.next(task) !== undefined)
  const most = runBehindEach(heads.length, request.perGroup, room - leased.length)
  return heads.flatMap(({ task }) => leaseRun(session, lane, task, request, most))
}

/** So many of those that come behind a head that is leased, up to one whose locks somebody else holds. */
function leaseRun(session: Session, lane: Lane, head: TaskRow, grant: LeaseGrant, most: number): readonly LeasedTask[] {
  const group = session.standing.group(head)
  if (most === 0 || group === undefined) return []
  const leased: LeasedTask[] = []
  const run = [head]
  for (const sequence of session.standing.behind(head, most)) {
    const [next] = leaseBehind(session, lane, { sequence, rank: NORMAL_RANK }, grant, run)
    if (next === undefined) break
    leased.push(next)
    run.push(next.task)
  }
  if (leased.length > 0) group.run = run.length
  return leased
}

function leaseBehind(
  session: Session,
  lane: Lane,
  { sequence, rank }: Heir,
  grant: LeaseGrant,
  run: readonly TaskRow[] = [],
): readonly LeasedTask[] {
  const { tenant, subscription } = lane
  const row = session.get(isLocalLane(subscription) ? LOCAL_HEIR : OTHER_HEIR, tenant, sequence, subscription)
  const found = row === undefined ? undefined : readReady(row)
  if (found === undefined || session.locks.busy(found.task, run) !== null) return []
  const task = leaseOf(session, found.task, grant)
  session.run(LEASE_ONE, grant.node, grant.until, rank, tenant, sequence, subscription)
  session.tally(tenant, subscription, 'waiting', -1)
  session.tally(tenant, subscription, 'leased', 1)
  return [{ task, event: found.event, gone: found.gone }]
}
