/**
 * A thread for SQLite files: each question is one transaction on one file. Nothing inside SQLite can be broken off, and a thread
 * that is ended there takes the process with it; so it is asked between two steps whether anybody still waits for the answer.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../errors.js'
import type { SqlValue } from '../../store/sql/row.js'
import { type Connection, openConnection } from '../../store/sqlite/driver.js'
import { isBusy, resultCode } from '../../store/sqlite/failures.js'
import { type Gate, through } from '../../store/sqlite/gate.js'
import type { Bound, Done, Work } from './database.js'
import { type Answer, type Asked, isGivenUp } from './sqlite-threads.js'

/** Milliseconds to wait for another program that writes, and those that SQLite waits without our being asked. */
const BUSY = 5_000
const SLICE = 50

class GivenUp extends Error {}

const answerInside = through(workerData as Gate)(answerOf)

parentPort?.on('message', (asked: Asked | 'end') => {
  if (asked === 'end') parentPort?.close()
  else parentPort?.postMessage(answerInside(asked))
})

function answerOf(asked: Asked): Answer {
  try {
    return { done: answered(asked) }
  } catch (error) {
    return { failed: { message: messageOf(error), errcode: resultCode(error) ?? SQLITE_ERROR } }
  }
}

const SQLITE_ERROR = 1

/** `trusted_schema`: what a view or a trigger of the file may call is then only harmless. */
function answered(asked: Asked): Done {
  const { path, work, check = '' } = asked
  const file = openConnection(path, { timeout: SLICE })
  try {
    const patiently = waiting(asked)
    patiently(() => file.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF'))
    return work ? transact(file, work, patiently) : patiently(() => checked(file, check))
  } finally {
    file.close()
  }
}

type Patiently = <Result>(step: () => Result) => Result

/** Takes a step again and again while another program has the file. */
const waiting = (asked: Asked): Patiently => {
  const until = Date.now() + BUSY
  return (step) => {
    for (;;) {
      if (isGivenUp(asked)) throw new GivenUp('Nobody waits for the answer any more.')
      try {
        return step()
      } catch (error) {
        if (!isBusy(error) || Date.now() >= until) throw error
      }
    }
  }
}

/** Rolled back at once and by itself: a close alone may wait for statements that are still known. */
function transact(file: Connection, work: Work, patiently: Patiently): Done {
  patiently(() => file.exec('BEGIN IMMEDIATE'))
  try {
    const done = performed(file, work)
    if (done === 'told') file.exec('ROLLBACK')
    else patiently(() => file.exec('COMMIT'))
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
