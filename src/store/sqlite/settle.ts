import type { LeasedTask, LeaseGrant, Settlement, SettleResult, TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { attemptOf, holdsLease, isFinished, settledTask, takenOverTask } from '../task-rules.js'
import { findTask, finish, saveTask } from './groups.js'
import { leaseOne } from './lease.js'
import type { Session } from './session.js'
import { ATTEMPT, TASK } from './shapes.js'

const INSERT_ATTEMPT = `INSERT OR REPLACE INTO attempts (${ATTEMPT.columns}) VALUES (${ATTEMPT.marks})`

export function settleOne(session: Session, settlement: Settlement, lease: LeaseGrant | null): SettleResult {
  const task = findTask(session, settlement)
  if (task === undefined || !holdsLease(task, settlement.token)) return { status: 'lost', leased: [] }
  if (settlement.attempt !== null) {
    session.run(INSERT_ATTEMPT, ...ATTEMPT.write(attemptOf(task, settlement.attempt)))
  }
  const settled = settledTask(task, settlement)
  if (!isFinished(settled.state)) {
    saveTask(session, task, settled)
    return { status: 'settled', leased: [] }
  }
  const next = finish(session, task, settled)
  return { status: 'settled', leased: settlement.leaseNext ? leaseNext(session, next, lease) : [] }
}

const leaseNext = (session: Session, next: TaskRow | null, lease: LeaseGrant | null): readonly LeasedTask[] =>
  next !== null && lease !== null && session.lane(next.tenant, next.subscription).active
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

export function takeOver(session: Session): number {
  const rows = session.all(`SELECT ${TASK.columns} FROM tasks INDEXED BY tasks_leased WHERE state = 'leased'`)
  for (const row of rows) {
    const task = TASK.read(row)
    saveTask(session, task, takenOverTask(task))
  }
  return rows.length
}
