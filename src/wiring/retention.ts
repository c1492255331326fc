/**
 * What is old enough goes: events, tasks that ended, what was refused in the inbox; each by one node at a time. Where they lie
 * in partitions, these are made ahead.
 */

import type { Cluster } from '../store/cluster.js'
import type { Ages } from '../store/partition-views.js'
import type { Store } from '../store/port.js'
import { inRounds, keepFor } from '../store/retention.js'
import type { Config } from './config/schema.js'

/** In milliseconds. */
const AN_HOUR = 3_600_000
const A_DAY = 24 * AN_HOUR

/** The first period begins at midnight: who only comes and goes makes none. */
const SELDOM = { every: AN_HOUR, after: 60_000 }

/** Days. Each part costs whoever looks through the log a little. */
const PARTITION = 30

interface Circumstances {
  now(): number
  failed(error: unknown): void
}

export const agesOf = ({ retention: { events, tasks } }: Pick<Config, 'retention'>): Ages => ({
  events: events * A_DAY,
  tasks: tasks * A_DAY,
})

/** Begins at once, and again every hour. @returns a function that stops all of it */
export function retain(
  store: Store,
  { lead }: Pick<Cluster, 'lead'>,
  { retention: { events, tasks }, store: { partition = PARTITION } }: Pick<Config, 'retention' | 'store'>,
  circumstances: Circumstances,
): () => Promise<void> {
  const { now, failed } = circumstances
  const keep = (name: string, days: number, prune: Store['prune']) =>
    keepFor(
      { prune },
      { ...circumstances, every: AN_HOUR, age: days * A_DAY, lead: (work) => lead(`retention.${name}`, work) },
    )
  const { partitions } = store
  const periods = async () => {
    await partitions?.prepare(now(), partition * A_DAY)
    if (events > 0) await partitions?.dropEvents(now() - events * A_DAY)
    if (tasks > 0) await partitions?.dropTasks(now() - tasks * A_DAY)
  }
  const stops = [
    keep('events', events, (before, limit) => store.prune(before, limit)),
    keep('tasks', tasks, (before, limit) => store.pruneTasks(before, limit)),
    ...(partitions
      ? [inRounds(periods, { ...SELDOM, lead: (work) => lead('retention.partitions', work), failed })]
      : []),
    keep('mail', events, store.mail.prune),
    ...(store.inbox ? [keep('inbox', events, store.inbox.prune)] : []),
  ]
  return async () => void (await Promise.all(stops.map((stop) => stop())))
}
