/**
 * One transaction, from a connection of the pool and back to it. What the last of its statements wait for is sent together
 * with the commit.
 */
import type { ClientBase, Pool, PoolClient } from 'pg'
import { Fault, Unavailable } from '../../errors.js'
import type { SqlRow } from '../sql/row.js'
import { type Asked, ask, type Value } from './conversation.js'
import { failureOf, isCut } from './failures.js'
import { unheard } from './unheard.js'

/** What lost a race or its connection is tried so often. */
const TRIES = 5

/** Of one moment after another. A question is asked again where the connection broke. */
export const askingPool = (pool: Pool): Asked => {
  const client = { query: pool.query.bind(pool) as ClientBase['query'] }
  return asking((sql, values) => retried(() => ask(client, sql, values), isCut))
}

export const askingClient = (client: ClientBase): Asked => asking((sql, values) => ask(client, sql, values))

function asking(asks: (...asked: [Parameters<Asked['all']>[0], readonly Value[]]) => ReturnType<typeof ask>): Asked {
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

/** @param committing called when the commit has been sent */
export async function transact<Result>(
  pool: Pool,
  begin: string,
  work: (client: PoolClient) => Promise<Worked<Result>>,
  committing = (): void => {},
): Promise<Result> {
  const client = await connected(pool)
  const begun = unheard(client.query(begin))
  try {
    const { result, written } = await work(client)
    const ended = unheard(client.query('COMMIT'))
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
    await giveUp(client)
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
async function giveUp(client: PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK')
    client.release()
  } catch (error) {
    client.release(error instanceof Error ? error : true)
  }
}
