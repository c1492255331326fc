/**
 * One process uses the file. The lock is SQLite's own exclusive lock, held on an empty file beside the database: the
 * system releases it however the process ends, kill -9 included, and a backup can still open a second connection, which
 * `locking_mode=EXCLUSIVE` on the database itself would forbid.
 */
import { realpathSync } from 'node:fs'
import { Unavailable } from '../../errors.js'
import type { Connection } from './driver.js'
import { openConnection } from './driver.js'
import { failureOf, isBusy } from './failures.js'

/** Answers how to release it. @throws Unavailable if another process, or another store of this one, holds it. */
export function lockFile(path: string): () => void {
  const connection = openLock(path)
  try {
    connection.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    connection.close()
    if (!isBusy(error)) throw failureOf(error)
    throw new Unavailable('unavailable', `The database ${path} is in use by another process.`, { data: { path } })
  }
  return () => connection.close()
}

function openLock(path: string): Connection {
  try {
    return openConnection(`${targetOf(path)}.lock`, { timeout: 0 })
  } catch (error) {
    throw failureOf(error)
  }
}

/** Two names of one file share one lock. */
function targetOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
