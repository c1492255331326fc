import { HeldLocks } from '../held-locks.js'
import { TASK } from '../sql/shapes.js'
import type { Session } from './session.js'

const LOCKING = `SELECT ${TASK.columns} FROM tasks INDEXED BY tasks_leased
  WHERE state = 'leased' AND lock_owner IS NOT NULL`

const AWAITED = `SELECT DISTINCT tenant, blocked_by FROM tasks INDEXED BY tasks_blocked WHERE blocked_by IS NOT NULL`

export const awaitedKey = (tenant: string, resource: string): string => `${tenant} ${resource}`

export const loadAwaited = (session: Session): Set<string> =>
  new Set(session.all(AWAITED).map(([tenant, resource]) => awaitedKey(String(tenant), String(resource))))

export function loadLocks(session: Session): HeldLocks {
  const locks = new HeldLocks()
  for (const row of session.all(LOCKING)) locks.take(TASK.read(row))
  return locks
}
