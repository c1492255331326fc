/**
 * What is old enough goes: events, tasks that ended, what was refused in the inbox; each by one node at a time.
 */
import type { Config } from './config-schema.js'
import type { Cluster } from './store/cluster.js'
import type { Store } from './store/port.js'
import { keepFor } from './store/retention.js'

/** In milliseconds. */
const AN_HOUR = 3_600_000
const A_DAY = 24 * AN_HOUR

interface Circumstances {
  now(): number
  failed(error: unknown): void
}

/** Begins at once, and again every hour. @returns a function that stops all of it */
export function retain(
  store: Store,
  { lead }: Pick<Cluster, 'lead'>,
  { events, tasks }: Config['retention'],
  circumstances: Circumstances,
): () => Promise<void> {
  const keep = (name: string, days: number, prune: Store['prune']) =>
    keepFor(
      { prune },
      { ...circumstances, every: AN_HOUR, age: days * A_DAY, lead: (work) => lead(`retention.${name}`, work) },
    )
  const stops = [
    keep('events', events, (before, limit) => store.prune(before, limit)),
    keep('tasks', tasks, (before, limit) => store.pruneTasks(before, limit)),
    ...(store.inbox ? [keep('inbox', events, store.inbox.prune)] : []),
  ]
  return async () => void (await Promise.all(stops.map((stop) => stop())))
}
