/**
 * How the store's parts reach PostgreSQL: single questions on any connection, work in line, a snapshot.
 */
import type { Pool } from 'pg'
import type { Asked } from './conversation.js'
import { failureOf, isCut, isPassing } from './failures.js'
import { Line, type Steps } from './line.js'
import type { Memory } from './memory.js'
import { Reads } from './reads.js'
import { Session } from './session.js'
import { statement } from './statement.js'
import { askingIn, askingPool, retried, transact } from './transactions.js'

export interface Database {
  /** Each question on its own. */
  readonly read: Asked
  /** Nobody else of this schema writes meanwhile. */
  write<Result>(work: (session: Session) => Promise<Result>): Promise<Result>
  /** The same, for what asks before it writes: the questions of all who write together are sent together. */
  share<Result>(steps: Steps<Result>): Promise<Result>
  /** Several questions about one moment. */
  snapshot<Result>(work: (asked: Asked) => Promise<Result>): Promise<Result>
  /** Changes tables, while nobody else writes and for no longer than others can wait. */
  alter<Result>(work: (session: Session) => Promise<Result>): Promise<Result>
  readonly memory: Memory
  /** Takes no more work, and waits for what there is. */
  close(): Promise<void>
}

/** A table is asked for in vain while somebody reads it for long: then it is left for the next time. */
const ALTERING = statement("SET LOCAL lock_timeout = '1s'")
const BEGIN = statement('BEGIN')
const SNAPSHOT = statement('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')

/** Those who count at once count apart. */
const SLOTS = 16

export function openDatabase(pool: Pool, schema: string, memory: Memory): Database {
  const begin = [BEGIN, statement(`SELECT pg_advisory_xact_lock(hashtextextended('tocsin.${schema}', 0))`)]
  const slotOf = slots()
  const line = new Line((work, committing) => {
    let isSent = false
    const sent = (): void => {
      isSent = true
      committing()
    }
    const attempt = () =>
      transact(
        pool,
        begin,
        async (flights, client) => {
          const session = new Session(flights, memory, slotOf(client))
          const result = await work(session)
          return { result, written: session.end() }
        },
        sent,
      )
    return retried(attempt, (error) => isPassing(error) || (!isSent && isCut(error)))
  })
  const alter: Database['alter'] = (work) =>
    transact(pool, [...begin, ALTERING], async (flights, client) => {
      const session = new Session(flights, memory, slotOf(client))
      return { result: await work(session), written: session.end() }
    }).catch((error: unknown) => {
      throw failureOf(error)
    })
  const reads = new Reads()
  const snapshot: Database['snapshot'] = (work) =>
    reads.during(() =>
      transact(pool, [SNAPSHOT], async (flights) => ({
        result: await work(askingIn(flights)),
        written: Promise.resolve(),
      })).catch((error: unknown) => {
        throw failureOf(error)
      }),
    )
  return {
    read: reads.over(askingPool(pool)),
    write: (work) => line.join({ perform: work }),
    share: (steps) => line.join(steps),
    snapshot,
    alter,
    memory,
    close: async () => {
      await Promise.all([line.close(), reads.close()])
      await pool.end()
    },
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
