import type { LeasedTask, LeaseGrant, Settlement, SettleResult, TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { attemptOf, holdsLease, isFinished, settledTask, takenOverTask } from '../task-rules.js'
import { findTask } from './groups.js'
import { leaseOne } from './lease.js'
import type { Left } from './leaving.js'
import { finish, leave } from './leaving.js'
import { goOn } from './likes.js'
import { putResults } from './log.js'
import type { Session } from './session.js'
import { ATTEMPT, TASK } from './shapes.js'

export function settleOne(session: Session, settlement: Settlement, lease: LeaseGrant | null): SettleResult {
  const ended = endLeased(session, settlement)
  if (ended === undefined) return settleOther(session, settlement, lease)
  if (settlement.attempt !== null) addAttempt(session, ended, settlement.attempt)
  putResults(session, settlement.results)
  const left = leave(session, ended)
  return { status: 'settled', leased: settlement.leaseNext ? leaseNext(session, left, lease) : [] }
}

const END_LEASED = `UPDATE tasks SET state = ?, code = ?, message = ?, ended_at = ?, leased_by = NULL, leased_until = NULL
  WHERE tenant = ? AND sequence = ? AND subscription = ? AND token = ? AND state = 'leased'`

/** By far the most frequent answer, in one statement: the lease is held, and the task ends. */
function endLeased(session: Session, settlement: Settlement): TaskRow | undefined {
  const { tenant, sequence, subscription, token, now, next } = settlement
  const task = isFinished(next.state) ? session.recallLease(settlement, token) : undefined
  if (task === undefined) return undefined
  const key = [tenant, sequence, subscription] as const
  if (session.run(END_LEASED, next.state, next.code, next.message, now, ...key, token) === 0) return undefined
  session.tally(tenant, subscription, 'leased', -1)
  session.tally(tenant, subscription, next.state, 1)
  return task
}

/** The task goes on, its lease ran out meanwhile, or the token is no longer its own. */
function settleOther(session: Session, settlement: Settlement, lease: LeaseGrant | null): SettleResult {
  const task = findTask(session, settlement)
  if (task === undefined || !holdsLease(task, settlement.token)) return { status: 'lost', leased: [] }
  if (settlement.attempt !== null) addAttempt(session, task, settlement.attempt)
  putResults(session, settlement.results)
  const settled = settledTask(task, settlement)
  const left = isFinished(settled.state) ? finish(session, task, settled) : goOn(session, task, settled, settlement.now)
  return { status: 'settled', leased: left && settlement.leaseNext ? leaseNext(session, left, lease) : [] }
}

function addAttempt(session: Session, task: TaskRow, attempt: NonNullable<Settlement['attempt']>): void {
  session.insert(ATTEMPT, attemptOf(task, attempt))
}

/** Who waited for a lock was there first: then both have to ask for it. */
const leaseNext = (session: Session, { next, woken }: Left, lease: LeaseGrant | null): readonly LeasedTask[] =>
  next?.state === 'due' && !woken && lease !== null && session.lane(next.tenant, next.subscription).active
    ? leaseOne(session, next, lease)
    : []

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
  const rows = session.all(LEASED)
  for (const row of rows) {
    const task = TASK.read(row)
    goOn(session, task, takenOverTask(task), now)
  }
  return rows.length
}
