import type { LeasedTask, LeaseGrant, Settlement, SettleResult, TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { TASK } from '../sql/shapes.js'
import { attemptOf, holdsLease, isFinished, isHeldOutside, settledTask, takenOverTask } from '../task-rules.js'
import { arraysOf, rowsOf } from './arrays.js'
import { keyOf, taskKey } from './changes.js'
import { leaseHeir } from './lease.js'
import { depart, type Left, moveUp } from './leaving.js'
import { goOn, stayOrDepart } from './likes.js'
import type { Steps } from './line.js'
import { putResults } from './log.js'
import { prefetchLeaving, prefetchSettlements } from './prefetch.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

export const settleSteps = (
  settlements: readonly Settlement[],
  lease: LeaseGrant | null,
): Steps<readonly SettleResult[]> => ({
  prepare: (session) => prefetchSettlements(session, settlements),
  perform: async (session) => {
    const results: SettleResult[] = []
    for (const settlement of settlements) results.push(await settleOne(session, settlement, lease))
    return results
  },
  size: settlements.length,
})

/** A lease that ran out meanwhile, or whose token is no longer the task's own, is lost. */
async function settleOne(session: Session, settlement: Settlement, lease: LeaseGrant | null): Promise<SettleResult> {
  const task = await session.task(settlement)
  if (task === undefined || !holdsLease(task, settlement.token)) return { status: 'lost', leased: [] }
  if (settlement.attempt !== null) session.putAttempt(attemptOf(task, settlement.attempt))
  putResults(session, settlement.results)
  const settled = settledTask(task, settlement)
  const left = isFinished(settled.state)
    ? await depart(session, task, settled)
    : await stayOrDepart(session, task, settled, settlement.now)
  return { status: 'settled', leased: await handOn(session, task, left, settlement.leaseNext ? lease : null) }
}

/**
 * The next of its group comes forward and is leased at once if it may be. Who waited for a lock was there first: then both
 * have to ask for it.
 */
async function handOn(
  session: Session,
  gone: TaskRow,
  left: Left | null,
  lease: LeaseGrant | null,
): Promise<readonly LeasedTask[]> {
  if (left === null || left.heir === null) return []
  if (lease !== null && !left.woken && (await session.lane(gone.tenant, gone.subscription)).active)
    return leaseHeir(session, gone, left.heir, lease)
  await moveUp(session, gone, left)
  return []
}

const PROLONG = statement(`UPDATE tasks AS t SET leased_until = ?
  FROM ${rowsOf({ tenant: 'text', sequence: 'int8', subscription: 'text', token: 'int8' })}
  WHERE t.tenant = v.tenant AND t.sequence = v.sequence AND t.subscription = v.subscription AND t.token = v.token
  AND t.state = 'leased' RETURNING t.tenant, t.subscription, t.sequence, t.token`)

export async function heartbeat(
  session: Session,
  keys: readonly (TaskKey & { token: number })[],
  until: number,
): Promise<readonly TaskKey[]> {
  const asked = keys.map(({ tenant, sequence, subscription, token }) => [tenant, sequence, subscription, token])
  const rows = await session.all(PROLONG, until, ...arraysOf(['text', 'int8', 'text', 'int8'], asked))
  for (const [tenant, subscription, sequence] of rows)
    session.prolonged(keyOf(tenant ?? '', subscription ?? '', sequence ?? 0), until)
  const held = new Set(rows.map((row) => row.join('\u0001')))
  return keys
    .filter((key) => !held.has(keyOf(taskKey(key), key.token)))
    .map(({ tenant, sequence, subscription }) => ({ tenant, sequence, subscription }))
}

const LEASED = statement(`SELECT ${TASK.columns} FROM tasks WHERE state = 'leased'
  ORDER BY leased_until, tenant, sequence, subscription`)

export async function takeOver(session: Session, now: number): Promise<number> {
  const rows = await session.all(LEASED)
  const tasks = rows.map((row) => session.readTask(row)).filter((task) => !isHeldOutside(task))
  await prefetchLeaving(session, tasks)
  for (const task of tasks) await goOn(session, task, takenOverTask(task), now)
  return tasks.length
}
