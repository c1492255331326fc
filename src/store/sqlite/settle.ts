import { childOf } from '../child-of.js'
import type { LeasedTask, LeaseGrant, Settlement, SettleResult, TaskKey } from '../port.js'
import type { ResultRow, TaskRow } from '../rows.js'
import { ATTEMPT, TASK } from '../sql/shapes.js'
import { attemptOf, holdsLease, isFinished, isHeldOutside, settledTask, takenOverTask } from '../task-rules.js'
import { findTask } from './groups.js'
import { leaseHeir } from './lease.js'
import { depart, endRunning, type Left, leave, moveUp } from './leaving.js'
import { goOn, stayOrDepart } from './likes.js'
import { putResults } from './log.js'
import { leaseKey, type Session } from './session.js'

export function settleAll(
  session: Session,
  settlements: readonly Settlement[],
  lease: LeaseGrant | null,
): readonly SettleResult[] {
  const ended = endTogether(session, settlements)
  return settlements.map((settlement) => settleOne(session, settlement, lease, ended.get(settlement)))
}

/** @param ended what it was, if its lease was held and its end is written. */
export function settleOne(
  session: Session,
  settlement: Settlement,
  lease: LeaseGrant | null,
  ended = endTogether(session, [settlement]).get(settlement),
): SettleResult {
  if (ended === undefined) return settleOther(session, settlement, lease)
  if (settlement.attempt !== null) addAttempt(session, ended, settlement.attempt)
  keepResults(session, ended, settlement.results)
  if (settlement.next.state !== 'done') endRunning(session, ended, { ...settlement.next, endedAt: settlement.now })
  return { status: 'settled', leased: handOn(session, ended, leave(session, ended), grantOf(settlement, lease)) }
}

interface AlikeEnd {
  readonly settlement: Settlement
  readonly members: Map<number, Settlement>
}

/**
 * By far the most frequent answer: the lease is held, and the task ends. Those that end alike are written by one statement,
 * which halves what it costs. Answers what they were; the others are looked at one by one.
 */
function endTogether(session: Session, settlements: readonly Settlement[]): ReadonlyMap<Settlement, TaskRow> {
  const tasks = new Map<Settlement, TaskRow>()
  const ends = new Map<string, AlikeEnd>()
  for (const settlement of firstOfEach(settlements)) {
    const task = isFinished(settlement.next.state) ? session.recallLease(settlement, settlement.token) : undefined
    if (task === undefined) continue
    tasks.set(settlement, task)
    const end = childOf(ends, endKey(settlement), () => ({ settlement, members: new Map<number, Settlement>() }))
    end.members.set(settlement.sequence, settlement)
  }
  for (const end of ends.values()) for (const lost of writeEnd(session, end)) tasks.delete(lost)
  return tasks
}

/** What is said again of a task comes after what was said first, whatever that did to its lease. */
function firstOfEach(settlements: readonly Settlement[]): readonly Settlement[] {
  if (settlements.length === 1) return settlements
  const seen = new Set<string>()
  return settlements.filter((settlement) => seen.size < seen.add(leaseKey(settlement)).size)
}

const endKey = ({ tenant, subscription, token, now, next }: Settlement): string =>
  `${now} ${token} ${next.state} ${JSON.stringify([next.code, next.message])} ${subscription} ${tenant}`

const END_ALIKE = `UPDATE tasks INDEXED BY sqlite_autoindex_tasks_1
  SET state = ?, code = ?, message = ?, ended_at = ?, leased_by = NULL, leased_until = NULL
  WHERE tenant = ? AND sequence IN (SELECT value FROM json_each(?)) AND subscription = ? AND token = ?
  AND state = 'leased' RETURNING sequence`

/** Answers those whose lease is not held any more. */
function writeEnd(session: Session, { settlement, members }: AlikeEnd): Iterable<Settlement> {
  const { tenant, subscription, token, now, next } = settlement
  const sequences = JSON.stringify([...members.keys()])
  const end = [next.state, next.code, next.message, now] as const
  const rows = session.change(END_ALIKE, ...end, tenant, sequences, subscription, token)
  session.tally(tenant, subscription, 'leased', -rows.length)
  session.tally(tenant, subscription, next.state, rows.length)
  for (const [sequence] of rows) members.delete(Number(sequence))
  return members.values()
}

/** The task goes on, its lease ran out meanwhile, or the token is no longer its own. */
function settleOther(session: Session, settlement: Settlement, lease: LeaseGrant | null): SettleResult {
  const task = findTask(session, settlement)
  if (task === undefined || !holdsLease(task, settlement.token)) return { status: 'lost', leased: [] }
  if (settlement.attempt !== null) addAttempt(session, task, settlement.attempt)
  putResults(session, settlement.results)
  const settled = settledTask(task, settlement)
  const left = isFinished(settled.state)
    ? depart(session, task, settled)
    : stayOrDepart(session, task, settled, settlement.now)
  return { status: 'settled', leased: handOn(session, task, left, grantOf(settlement, lease)) }
}

const grantOf = ({ leaseNext }: Settlement, lease: LeaseGrant | null): LeaseGrant | null => (leaseNext ? lease : null)

/**
 * The next of its group comes forward and is leased at once if it may be. Who waited for a lock was there first: then both
 * have to ask for it.
 */
function handOn(session: Session, gone: TaskRow, left: Left | null, lease: LeaseGrant | null): readonly LeasedTask[] {
  if (left === null || left.heir === null) return []
  if (lease !== null && !left.woken && session.lane(gone.tenant, gone.subscription).active)
    return leaseHeir(session, gone, left.heir, lease)
  moveUp(session, gone, left)
  return []
}

/** A first attempt takes the place of what was shown while it ran, row by row, unless a processor told several results. */
function keepResults(session: Session, task: TaskRow, results: readonly ResultRow[]): void {
  if (task.attempts > 1 || session.hasSeveral(task)) putResults(session, results)
  else for (const result of results) session.addResult(result)
}

function addAttempt(session: Session, task: TaskRow, attempt: NonNullable<Settlement['attempt']>): void {
  session.insert(ATTEMPT, attemptOf(task, attempt))
}

export const heartbeat = (
  session: Session,
  keys: readonly (TaskKey & { token: number })[],
  until: number,
): readonly TaskKey[] =>
  keys
    .filter((key) => !prolong(session, key, until))
    .map(({ tenant, sequence, subscription }) => ({ tenant, sequence, subscription }))

const prolong = (session: Session, key: TaskKey & { token: number }, until: number): boolean =>
  session.run(
    `UPDATE tasks SET leased_until = ?
     WHERE tenant = ? AND sequence = ? AND subscription = ? AND token = ? AND state = 'leased'`,
    until,
    key.tenant,
    key.sequence,
    key.subscription,
    key.token,
  ) === 1

const LEASED = `SELECT ${TASK.columns} FROM tasks INDEXED BY tasks_leased WHERE state = 'leased'
  ORDER BY leased_until, tenant, sequence, subscription`

export function takeOver(session: Session, now: number): number {
  const rows = session.all(LEASED).map((row) => TASK.read(row))
  const tasks = rows.filter((task) => !isHeldOutside(task))
  for (const task of tasks) goOn(session, task, takenOverTask(task), now)
  return tasks.length
}
