import { HeldLocks } from '../held-locks.js'
import type { Session } from './session.js'
import { TASK } from './shapes.js'

const LOCKING = `SELECT ${TASK.columns} FROM tasks INDEXED BY tasks_leased
  WHERE state = 'leased' AND lock_owner IS NOT NULL`

export function loadLocks(session: Session): HeldLocks {
  const locks = new HeldLocks()
  for (const row of session.all(LOCKING)) locks.take(TASK.read(row))
  return locks
}
