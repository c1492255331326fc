/**
 * A thread for SQLite files: each question is one transaction on one file.
 */
import { parentPort } from 'node:worker_threads'
import { messageOf } from '../../errors.js'
import type { SqlValue } from '../../store/sql/row.js'
import { type Connection, openConnection } from '../../store/sqlite/driver.js'
import { resultCode } from '../../store/sqlite/failures.js'
import type { Bound, Done, Work } from './database.js'
import type { Answer, Asked } from './sqlite-threads.js'

/** Milliseconds to wait for another program that writes. */
const BUSY = 5_000

parentPort?.on('message', (asked: Asked) => parentPort?.postMessage(answerOf(asked)))

function answerOf(asked: Asked): Answer {
  try {
    return { done: answered(asked) }
  } catch (error) {
    return { failed: { message: messageOf(error), errcode: resultCode(error) ?? SQLITE_ERROR } }
  }
}

const SQLITE_ERROR = 1

/** `trusted_schema`: what a view or a trigger of the file may call is then only harmless. */
function answered({ path, work, check = '' }: Asked): Done {
  const file = openConnection(path, { timeout: BUSY })
  try {
    file.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF')
    return work ? transact(file, work) : checked(file, check)
  } finally {
    file.close()
  }
}

/** Rolled back at once and by itself: a close alone may wait for statements that are still known. */
function transact(file: Connection, work: Work): Done {
  file.exec('BEGIN IMMEDIATE')
  try {
    const done = performed(file, work)
    file.exec(done === 'told' ? 'ROLLBACK' : 'COMMIT')
    return done
  } catch (error) {
    file.exec('ROLLBACK')
    throw error
  }
}

function performed(file: Connection, { guard, statement }: Work): Done {
  return guard !== null && changes(file, guard) === 0 ? 'told' : changes(file, statement)
}

const changes = (file: Connection, { text, values }: Bound): number =>
  Number(file.prepare(text).run(...(values as SqlValue[])).changes)

function checked(file: Connection, text: string): Done {
  file.prepare(text)
  return 0
}
