/**
 * A thread for SQLite files: each question is about one file, in one transaction. Nothing inside SQLite can be broken off, and a thread
 * that is ended there takes the process with it; so it is asked between two steps whether anybody still waits for the answer.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../errors.js'
import type { SqlValue } from '../../store/sql/row.js'
import { type Connection, openConnection } from '../../store/sqlite/driver.js'
import { isBusy, resultCode } from '../../store/sqlite/failures.js'
import { type Gate, through } from '../../store/sqlite/gate.js'
import type { Bound, Done, Work } from './database.js'
import { type Asked, isGivenUp, type Outcome } from './sqlite-threads.js'

/** Milliseconds to wait for another program that writes, and those that SQLite waits without our being asked. */
const BUSY = 5_000
const SLICE = 50

class GivenUp extends Error {}

const answerInside = through(workerData as Gate)(outcomesOf)

parentPort?.on('message', (asked: Asked | 'end') => {
  if (asked === 'end') parentPort?.close()
  else parentPort?.postMessage(answerInside(asked))
})

/** In the order of what was asked. */
function outcomesOf(asked: Asked): readonly Outcome[] {
  try {
    return answered(asked)
  } catch (error) {
    return (asked.works ?? [null]).map(() => failed(error))
  }
}

const SQLITE_ERROR = 1
const SQLITE_CONSTRAINT = 19

const codeOf = (error: unknown): number => resultCode(error) ?? SQLITE_ERROR
const failed = (error: unknown): Outcome => ({ failed: { message: messageOf(error), errcode: codeOf(error) } })

/** `trusted_schema`: what a view or a trigger of the file may call is then only harmless. */
function answered(asked: Asked): readonly Outcome[] {
  const { path, works, check = '' } = asked
  const file = openConnection(path, { timeout: SLICE })
  try {
    const patiently = waiting(asked)
    patiently(() => file.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF'))
    if (works === undefined) return [patiently(() => checked(file, check))]
    const shared = works.length > 1 ? together(file, works, patiently) : null
    return shared ?? works.map((work) => alone(file, work, waiting(asked)))
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

/** One transaction, of which each that fails is undone by itself; null if one spoiled it for all, such as by a deferred constraint. */
function together(file: Connection, works: readonly Work[], patiently: Patiently): readonly Outcome[] | null {
  patiently(() => file.exec('BEGIN IMMEDIATE'))
  try {
    const outcomes = works.map((work) => undoneAlone(file, work))
    patiently(() => file.exec('COMMIT'))
    return outcomes
  } catch (error) {
    rollBack(file)
    if ((codeOf(error) & 0xff) === SQLITE_CONSTRAINT) return null
    throw error
  }
}

function undoneAlone(file: Connection, work: Work): Outcome {
  file.exec('SAVEPOINT event')
  try {
    const done = performed(file, work)
    file.exec('RELEASE event')
    return { done }
  } catch (error) {
    try {
      file.exec('ROLLBACK TO event; RELEASE event')
    } catch {
      // The transaction is gone.
      throw error
    }
    return failed(error)
  }
}

function alone(file: Connection, work: Work, patiently: Patiently): Outcome {
  try {
    patiently(() => file.exec('BEGIN IMMEDIATE'))
    const done = performed(file, work)
    patiently(() => file.exec('COMMIT'))
    return { done }
  } catch (error) {
    rollBack(file)
    return failed(error)
  }
}

/** At once and by itself: a close alone may wait for statements that are still known. */
function rollBack(file: Connection): void {
  try {
    file.exec('ROLLBACK')
  } catch {
    // SQLite did it already.
  }
}

function performed(file: Connection, { guard, statement }: Work): Done {
  return guard !== null && changes(file, guard) === 0 ? 'told' : changes(file, statement)
}

const changes = (file: Connection, { text, values }: Bound): number =>
  Number(file.prepare(text).run(...(values as SqlValue[])).changes)

function checked(file: Connection, text: string): Outcome {
  file.prepare(text)
  return { done: 0 }
}
