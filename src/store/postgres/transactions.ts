/**
 * One transaction, from a connection of the pool and back to it. What the last of its statements wait for is sent together
 * with the commit.
 */
import type { Pool, PoolClient } from 'pg'
import { Fault, Unavailable } from '../../errors.js'
import type { SqlRow } from '../sql/row.js'
import type { Asked } from './conversation.js'
import { failureOf, isCut } from './failures.js'
import { type Answer, Flights, type Value } from './flight.js'
import { type Statement, statement } from './statement.js'
import { unheard } from './unheard.js'

/** What lost a race or its connection is tried so often. */
const TRIES = 5

const COMMIT = statement('COMMIT')
const ROLLBACK = statement('ROLLBACK')

/** Of one moment after another. A question is asked again where the connection broke. */
export const askingPool = (pool: Pool): Asked =>
  asking((sql, values) => retried(() => onAnyConnection(pool, sql, values), isCut))

export const askingIn = (flights: Flights): Asked => asking((sql, values) => flights.ask(sql, values))

/** One that fails is not used again. */
async function onAnyConnection(pool: Pool, sql: Statement | string, values: readonly Value[]): Promise<Answer> {
  const client = await pool.connect()
  try {
    const answer = await new Flights(client).ask(sql, values)
    client.release()
    return answer
  } catch (error) {
    client.release(true)
    throw error
  }
}

function asking(asks: (sql: Statement | string, values: readonly Value[]) => Promise<Answer>): Asked {
  const all: Asked['all'] = async (sql, ...values) => {
    try {
      return (await asks(sql, values)).rows
    } catch (error) {
      throw failureOf(error)
    }
  }
  const get = async (...asked: Parameters<Asked['get']>): Promise<SqlRow | undefined> => (await all(...asked))[0]
  return { all, get }
}

export async function retried<Result>(
  attempt: () => Promise<Result>,
  mayPass: (error: unknown) => boolean,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === TRIES || !mayPass(error)) throw error
    }
  }
}

export interface Worked<Result> {
  readonly result: Result
  /** The last of what is written is under way; the commit is sent behind it. */
  readonly written: Promise<unknown>
}

/**
 * @param begin the statements that begin it.
 * @param committing called when the commit has been sent
 */
export async function transact<Result>(
  pool: Pool,
  begin: readonly Statement[],
  work: (flights: Flights, client: PoolClient) => Promise<Worked<Result>>,
  committing = (): void => {},
): Promise<Result> {
  const client = await connected(pool)
  const flights = new Flights(client)
  const begun = unheard(Promise.all(begin.map((sql) => flights.ask(sql))))
  try {
    const { result, written } = await work(flights, client)
    const ended = unheard(flights.ask(COMMIT))
    unheard(written)
    committing()
    await begun
    await written
    const { command } = await ended
    // PostgreSQL answers so when a statement before it failed.
    if (command !== 'COMMIT') throw new Fault('internal', 'PostgreSQL rolled the transaction back.')
    client.release()
    return result
  } catch (error) {
    // What follows a failed statement only says that one failed.
    const first = await begun.then(
      () => error,
      (cause: unknown) => cause,
    )
    await giveUp(client, flights)
    throw first
  }
}

async function connected(pool: Pool): Promise<PoolClient> {
  if (pool.ending) throw new Unavailable('unavailable', 'The store is closed.')
  try {
    return await pool.connect()
  } catch (error) {
    throw failureOf(error)
  }
}

/** A connection whose transaction cannot be rolled back is not used again. */
async function giveUp(client: PoolClient, flights: Flights): Promise<void> {
  try {
    await flights.ask(ROLLBACK)
    client.release()
  } catch (error) {
    client.release(error instanceof Error ? error : true)
  }
}
