/**
 * What every queue of the bench is asked for, ours and the others.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { PostgresAddress } from '../../test/services/postgres.js'
import type { Contest, Figures, Line } from '../contest.js'
import type { Job } from './job.js'
import type { RedisAddress } from './redis.js'

/** `raw` is no peer but the limit of our store: see `raw/`. */
export const PEERS = ['raw', 'pg-boss', 'graphile-worker', 'bullmq'] as const
export type Peer = (typeof PEERS)[number]

export interface Queue {
  /** Answers when it is as durable as this queue promises. */
  enqueue(job: Job): Promise<unknown>
  /** The same for many in one call. */
  enqueueMany(jobs: readonly Job[]): Promise<unknown>
  /** Begins to work off what waits and what comes. Until then nothing is worked off. `run` gets the number of the job. */
  work(run: (number: number) => void): Promise<void>
  /** Jobs that are not finished. */
  unfinished(): Promise<number>
}

/** How another process makes the same contender. */
export type Recipe =
  | { readonly queue: 'tocsin' | 'raw' }
  | {
      readonly queue: 'tocsin-postgres' | 'raw-postgres' | 'pg-boss' | 'graphile-worker'
      readonly server: PostgresAddress
    }
  | { readonly queue: 'bullmq'; readonly server: RedisAddress }

export interface Contender {
  readonly recipe: Recipe
  /** Says what it is: its version, embedded or networked, and what its promise is worth. */
  readonly name: string
  /** The same with the jobs of each subject in order, if that is something else and it can. */
  readonly ordered?: Contender
  /**
   * A new and empty queue that is gone afterwards.
   * @param url of a database in which it begins or, where another process has begun it, goes on.
   */
  use<Result>(work: (queue: Queue) => Promise<Result>, url?: string): Promise<Result>
}

/** Who takes part. */
export interface Field {
  readonly ours: Contender
  readonly peers: readonly Contender[]
  /** What our store can do at all. */
  readonly limit?: Contender
  /** Peers that cannot be had here, and why. */
  readonly absent: Readonly<Record<string, string>>
}

export const among = (
  { ours, peers, absent }: Field,
  lines: readonly Line[],
  measure: (contender: Contender) => Promise<Figures>,
): Contest => ({
  lines,
  ours: () => measure(ours),
  against: Object.fromEntries(peers.map((peer) => [peer.name, () => measure(peer)])),
  absent,
})

/** The same beside the limit too, where that can do the work. */
export const amongAndLimit = (
  field: Field,
  lines: readonly Line[],
  measure: (contender: Contender) => Promise<Figures>,
): Contest => {
  const { limit } = field
  return { ...among(field, lines, measure), ...(limit && { limits: { [limit.name]: () => measure(limit) } }) }
}

/**
 * Works off what waits: milliseconds until `count` have run and are finished for good.
 * @param rest jobs that stay.
 */
export async function drained(queue: Queue, count: number, rest = 0): Promise<number> {
  let left = count
  const started = performance.now()
  await new Promise<void>((resolve, reject) => {
    queue
      .work(() => {
        left -= 1
        if (left === 0) resolve()
      })
      .catch(reject)
  })
  await finished(queue, rest)
  return performance.now() - started
}

export async function finished(queue: Queue, rest = 0): Promise<void> {
  while ((await queue.unfinished()) > rest) await sleep(2)
}

export const perSecondIn = (count: number, milliseconds: number): number => (count / milliseconds) * 1_000
