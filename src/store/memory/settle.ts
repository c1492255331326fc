import { childOf } from '../child-of.js'
import type { LeasedTask, LeaseGrant, Settlement, SettleResult, TaskKey } from '../port.js'
import type { AttemptRow } from '../rows.js'
import { attemptOf, holdsLease, isFinished, isHeldOutside, settledTask, takenOverTask } from '../task-rules.js'
import { findTask, saveTask } from './groups.js'
import { isActive, leaseOne } from './lease.js'
import type { Left } from './leaving.js'
import { finish } from './leaving.js'
import { goOn } from './likes.js'
import { putResults } from './log.js'
import type { Tables } from './tables.js'
import { tenantOf } from './tables.js'

export function settleOne(tables: Tables, settlement: Settlement, lease: LeaseGrant | null): SettleResult {
  const task = findTask(tables, settlement)?.task
  if (task === undefined || !holdsLease(task, settlement.token)) return { status: 'lost', leased: [] }
  if (settlement.attempt !== null) addAttempt(tables, attemptOf(task, settlement.attempt))
  putResults(tables, settlement.results)
  const settled = settledTask(task, settlement)
  const left = isFinished(settled.state) ? finish(tables, task, settled) : goOn(tables, task, settled, settlement.now)
  return { status: 'settled', leased: left && settlement.leaseNext ? leaseNext(tables, left, lease) : [] }
}

/** Who waited for a lock was there first: then both have to ask for it. */
const leaseNext = (tables: Tables, { next, woken }: Left, lease: LeaseGrant | null): readonly LeasedTask[] =>
  next?.state === 'due' && !woken && lease !== null && isActive(tables, next) ? leaseOne(tables, next, lease) : []

function addAttempt(tables: Tables, attempt: AttemptRow): void {
  const { attempts } = tenantOf(tables, attempt.tenant)
  const bySubscription = childOf(attempts, attempt.sequence, () => new Map<string, AttemptRow[]>())
  childOf(bySubscription, attempt.subscription, (): AttemptRow[] => []).push(attempt)
}

export const heartbeat = (
  tables: Tables,
  keys: readonly (TaskKey & { token: number })[],
  until: number,
): readonly TaskKey[] => keys.filter((key) => !prolong(tables, key, until)).map(bareKey)

const bareKey = ({ tenant, sequence, subscription }: TaskKey): TaskKey => ({ tenant, sequence, subscription })

function prolong(tables: Tables, key: TaskKey & { token: number }, until: number): boolean {
  const task = findTask(tables, key)?.task
  if (task?.state !== 'leased' || task.token !== key.token) return false
  saveTask(tables, { ...task, leasedUntil: until })
  return true
}

export function takeOver(tables: Tables, now: number): number {
  const leases = [...tables.leases.upFrom(0)]
  const tasks = leases.flatMap((lease) => findTask(tables, lease)?.task ?? [])
  const ours = tasks.filter((task) => !isHeldOutside(task))
  for (const task of ours) goOn(tables, task, takenOverTask(task), now)
  return ours.length
}
