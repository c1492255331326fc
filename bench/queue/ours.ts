/**
 * Tocsin's queue: an asynchronous processor that does nothing, in the host's process; on SQLite with `synchronous=FULL`,
 * or on PostgreSQL. Priorities, order for each owner, retries and the history are on, as they always are.
 */
import type { PostgresAddress } from '../../test/services/postgres.js'
import { withHub, withHubOn } from '../place.js'
import { type AnyEvent, type Hub, TocsinError } from '../tocsin.js'
import type { Contender, Queue } from './contender.js'
import { inDatabaseOr } from './postgres.js'

export const tocsin: Contender = {
  name: 'Tocsin (embedded)',
  recipe: { queue: 'tocsin' },
  use: (work) => withHub(async (hub) => work(await queueOf(hub))),
}

export const tocsinOn = (server: PostgresAddress): Contender => ({
  name: `Tocsin (networked, PostgreSQL ${server.version})`,
  recipe: { queue: 'tocsin-postgres', server },
  use: (work, url) =>
    inDatabaseOr(url, server, (database) => withHubOn(database, async (hub) => work(await queueOf(hub)))),
})

/** Stopped for all who share the database, until it is told to work. */
async function queueOf(hub: Hub): Promise<Queue> {
  await hub.processing.set(hub.local, { stopped: true })
  let told: (number: number) => void = () => undefined
  const run = async ({ data }: AnyEvent) => told((data as { number: number }).number)
  hub.use({ name: 'bench:no-op', kind: 'asynchronous', run })
  return {
    enqueue: (job) => hub.publish(job),
    enqueueMany: async (jobs) => {
      const refused = (await hub.publishMany(jobs)).find((receipt) => receipt instanceof TocsinError)
      if (refused) throw refused
    },
    work: async (tell) => {
      told = tell
      await hub.processing.set(hub.local, { stopped: false })
    },
    unfinished: () => unfinished(hub),
  }
}

const UNFINISHED = /^tocsin_tasks\{state="(?:due|waiting|leased|held)"\} (\d+)$/gm

async function unfinished(hub: Hub): Promise<number> {
  const counts = [...(await hub.metrics()).matchAll(UNFINISHED)].map(([, count]) => Number(count))
  return counts.reduce((sum, count) => sum + count, 0)
}
