/**
 * Units of work: begun together with the lock they need, tried again when PostgreSQL could not put them in order, and
 * committed together with the last of what they write.
 */
import type { ClientBase, Pool, PoolClient } from 'pg'
import { Fault } from '../../errors.js'
import type { SqlRow } from '../sqlite/driver.js'
import { failureOf, isPassing } from './failures.js'
import type { Memory } from './memory.js'
import { type Asked, ask, Session } from './session.js'

export interface Database {
  /** Each question on its own. */
  readonly read: Asked
  /** Alone: nobody else of this schema writes meanwhile. */
  write<Result>(work: (session: Session) => Promise<Result>): Promise<Result>
  /** Several questions about one moment. */
  snapshot<Result>(work: (asked: Asked) => Promise<Result>): Promise<Result>
}

/** A transaction that lost a race is tried so often. */
const TRIES = 5
/** Those who count at once count apart. */
const SLOTS = 16

export function openDatabase(pool: Pool, schema: string, memory: Memory): Database {
  const begin = `BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('tocsin.${schema}', 0))`
  const slotOf = slots()
  const inTurn = turns()
  return {
    read: asking({ query: pool.query.bind(pool) as ClientBase['query'] }),
    write: (work) =>
      inTurn(() =>
        retried(() =>
          transact(pool, begin, async (client) => {
            const session = new Session(client, memory, slotOf(client))
            const result = await work(session)
            return { result, written: session.flush() }
          }),
        ),
      ),
    snapshot: (work) =>
      transact(pool, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', async (client) => ({
        result: await work(asking(client)),
        written: Promise.resolve(),
      })),
  }
}

/** What was asked first is done first; only one connection waits for the lock. */
function turns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const turn = last.then(work, work)
    last = turn.catch(() => {})
    return turn
  }
}

/** Each connection its own, as far as they go. */
function slots(): (client: object) => number {
  const known = new WeakMap<object, number>()
  return (client) => {
    const slot = known.get(client) ?? Math.floor(Math.random() * SLOTS)
    known.set(client, slot)
    return slot
  }
}

function asking(client: Pick<ClientBase, 'query'>): Asked {
  const all: Asked['all'] = async (sql, ...values) => {
    try {
      return (await ask(client, sql, values)).rows
    } catch (error) {
      throw failureOf(error)
    }
  }
  const get = async (...asked: Parameters<Asked['get']>): Promise<SqlRow | undefined> => (await all(...asked))[0]
  return { all, get }
}

async function retried<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === TRIES || !isPassing(error)) throw failureOf(error)
    }
  }
}

interface Worked<Result> {
  readonly result: Result
  /** The last of what is written is under way; the commit is sent behind it. */
  readonly written: Promise<void>
}

async function transact<Result>(
  pool: Pool,
  begin: string,
  work: (client: PoolClient) => Promise<Worked<Result>>,
): Promise<Result> {
  const client = await connected(pool)
  try {
    const begun = client.query(begin)
    begun.catch(() => {})
    const { result, written } = await work(client)
    written.catch(() => {})
    const ended = client.query('COMMIT')
    ended.catch(() => {})
    await begun
    await written
    const { command } = await ended
    // PostgreSQL answers so when a statement before it failed.
    if (command !== 'COMMIT') throw new Fault('internal', 'PostgreSQL rolled the transaction back.')
    client.release()
    return result
  } catch (error) {
    await giveUp(client)
    throw error
  }
}

async function connected(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw failureOf(error)
  }
}

/** A connection whose transaction cannot be rolled back is not used again. */
async function giveUp(client: PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK')
    client.release()
  } catch (error) {
    client.release(error instanceof Error ? error : true)
  }
}
