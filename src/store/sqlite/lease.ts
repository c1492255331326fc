/**
 * Handing out what is due: wake, rescue, then lanes in turn, heads of groups only. Each lane is found by one seek.
 */
import type { Lane, LeaseAnswer, LeasedTask, LeaseGrant, LeaseRequest } from '../port.js'
import type { TaskRow } from '../rows.js'
import { leasedTask, NORMAL_RANK, RANKS, rescuedTask, shareRoom, WAKE_LIMIT } from '../task-rules.js'
import type { SqlRow } from './driver.js'
import { place, saveTask, updateTask } from './groups.js'
import { findEvent } from './log.js'
import type { Session } from './session.js'
import { EVENT, TASK } from './shapes.js'

export function leaseTasks(session: Session, request: LeaseRequest): LeaseAnswer {
  wake(session, request.now)
  rescue(session, request.now)
  const answer = request.only === null ? leaseInTurn(session, request) : leaseOnly(session, request, request.only)
  return { ...answer, nextWakeAt: nextAlarm(session) }
}

const ASLEEP = `SELECT ${TASK.columns} FROM tasks INDEXED BY tasks_asleep
  WHERE state = 'waiting' AND wake_at IS NOT NULL AND wake_at <= ?
  ORDER BY wake_at, tenant, sequence, subscription LIMIT ${WAKE_LIMIT}`

function wake(session: Session, now: number): void {
  for (const row of session.all(ASLEEP, now)) {
    const task = TASK.read(row)
    place(session, task, { ...task, wakeAt: null })
  }
}

const EXPIRED = `SELECT ${TASK.columns} FROM tasks INDEXED BY tasks_leased WHERE state = 'leased' AND leased_until <= ?
  ORDER BY leased_until, tenant, sequence, subscription LIMIT ${WAKE_LIMIT}`

function rescue(session: Session, now: number): void {
  for (const row of session.all(EXPIRED, now)) {
    const task = TASK.read(row)
    saveTask(session, task, rescuedTask(task))
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

function leaseOnly(session: Session, request: LeaseRequest, only: Lane): Omit<LeaseAnswer, 'nextWakeAt'> {
  const { active } = session.lane(only.tenant, only.subscription)
  const leased = active ? leaseLane(session, only, request, request.limit) : []
  return { leased, last: leased.length > 0 ? only : request.after }
}

function leaseInTurn(session: Session, request: LeaseRequest): Omit<LeaseAnswer, 'nextWakeAt'> {
  const leased: LeasedTask[] = []
  let last = request.after
  for (const lane of lanesFrom(session, request.after)) {
    const room = request.limit - leased.length
    if (room <= 0) break
    const { active, pulled } = session.lane(lane.tenant, lane.subscription)
    if (!active || pulled) continue
    const taken = leaseLane(session, lane, request, room)
    leased.push(...taken)
    if (taken.length > 0) last = lane
  }
  return { leased, last }
}

const FIRST_LANE = `SELECT tenant, subscription FROM tasks INDEXED BY tasks_ready WHERE state = 'due'
  ORDER BY tenant, subscription LIMIT 1`
// Two seeks: SQLite walks through a lane to get past (tenant, subscription) in one.
const NEXT_LANE = `SELECT tenant, subscription FROM tasks INDEXED BY tasks_ready
  WHERE state = 'due' AND tenant = ? AND subscription > ? ORDER BY subscription LIMIT 1`
const NEXT_TENANT = `SELECT tenant, subscription FROM tasks INDEXED BY tasks_ready
  WHERE state = 'due' AND tenant > ? ORDER BY tenant, subscription LIMIT 1`

/** Once around: those after `after`, then those from the beginning up to it. */
function* lanesFrom(session: Session, after: Lane | null): Generator<Lane> {
  for (let lane = nextLane(session, after); lane !== null; lane = nextLane(session, lane)) yield lane
  if (after === null) return
  for (let lane = nextLane(session, null); lane !== null; lane = nextLane(session, lane)) {
    const isPast = session.get(
      'SELECT (?, ?) > (?, ?)',
      lane.tenant,
      lane.subscription,
      after.tenant,
      after.subscription,
    )
    if (isPast?.[0] === 1) return
    yield lane
  }
}

function nextLane(session: Session, after: Lane | null): Lane | null {
  const row =
    after === null
      ? session.get(FIRST_LANE)
      : (session.get(NEXT_LANE, after.tenant, after.subscription) ?? session.get(NEXT_TENANT, after.tenant))
  return row === undefined ? null : { tenant: String(row[0]), subscription: String(row[1]) }
}

// -------------------------------------------------------------------------------------------- one lane

/** All of a row as one JSON text but the body: parsing it costs a third of fetching 41 values one by one. */
const READY = (rank: string): string =>
  `SELECT json_array(${TASK.of('t')}, ${EVENT.of('e').replace('e.body', 'NULL')}, t.rank), e.body
   FROM tasks AS t INDEXED BY tasks_ready
   CROSS JOIN events AS e ON e.tenant = t.tenant AND e.sequence = t.sequence
   WHERE t.state = 'due' AND t.tenant = ? AND t.subscription = ? AND t.rank ${rank}
   ORDER BY t.rank, t.sequence LIMIT ?`
const READY_HIGH = READY(`< ${NORMAL_RANK}`)
const READY_NORMAL = READY(`= ${NORMAL_RANK}`)

function leaseLane(session: Session, lane: Lane, request: LeaseRequest, atMost: number): readonly LeasedTask[] {
  const listed = request.lanes.find(
    ({ tenant, subscription }) => tenant === lane.tenant && subscription === lane.subscription,
  )
  const room = Math.min(atMost, listed?.free ?? request.perLane)
  if (room <= 0) return []
  const high = session.all(READY_HIGH, lane.tenant, lane.subscription, room)
  const normal = session.all(READY_NORMAL, lane.tenant, lane.subscription, room)
  const key = JSON.stringify([lane.tenant, lane.subscription])
  const share = shareRoom(room, { high: high.length, normal: normal.length }, session.credits.get(key) ?? 0)
  if (share.credit === 0) session.credits.delete(key)
  else session.credits.set(key, share.credit)
  return [
    ...leaseFirst(session, lane, high.slice(0, share.high), request),
    ...leaseFirst(session, lane, normal.slice(0, share.normal), request),
  ]
}

const LEASE_FIRST = `UPDATE tasks SET state = 'leased', wake_at = NULL, attempts = attempts + 1, token = token + 1,
  leased_by = ?, leased_until = ? WHERE state = 'due' AND tenant = ? AND subscription = ? AND rank = ? AND sequence <= ?`

/** What was read is the beginning of the index: one statement for each rank in it leases just these. */
function leaseFirst(session: Session, lane: Lane, rows: readonly SqlRow[], grant: LeaseGrant): readonly LeasedTask[] {
  const lastOfRank = new Map<number, number>()
  const leased = rows.map(([json, body]) => {
    const values = JSON.parse(String(json)) as SqlRow
    const task = TASK.read(values)
    lastOfRank.set(Number(values[TASK.width + EVENT.width]), task.sequence)
    const held = leasedTask(task, grant)
    session.rememberLease(held)
    return { task: held, event: { ...EVENT.read(values, TASK.width), body: String(body) }, gone: false }
  })
  for (const [rank, sequence] of lastOfRank) {
    session.run(LEASE_FIRST, grant.node, grant.until, lane.tenant, lane.subscription, rank, sequence)
  }
  if (leased.length > 0) session.tally(lane.tenant, lane.subscription, 'due', -leased.length)
  if (leased.length > 0) session.tally(lane.tenant, lane.subscription, 'leased', leased.length)
  return leased
}

/** A head that has just become due. */
export function leaseOne(session: Session, due: TaskRow, grant: LeaseGrant): readonly LeasedTask[] {
  const event = findEvent(session, due.tenant, due.sequence)
  if (event === undefined) return []
  const task = leasedTask(due, grant)
  updateTask(session, due, task, RANKS[due.priority])
  session.rememberLease(task)
  return [{ task, event, gone: false }]
}
