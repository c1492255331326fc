/**
 * Tocsin's queue: an asynchronous processor that does nothing, on SQLite with `synchronous=FULL`, in the host's process.
 * Priorities, order for each owner, retries and the history are on, as they always are.
 */
import { withHub } from '../place.js'
import { type AnyEvent, type Hub, TocsinError } from '../tocsin.js'
import type { Contender } from './contender.js'

export const tocsin: Contender = {
  name: 'Tocsin (embedded)',
  recipe: { queue: 'tocsin' },
  use: (work) =>
    withHub(async (hub) => {
      await hub.processing.set(hub.local, { stopped: true })
      let told: (number: number) => void = () => undefined
      const run = async ({ data }: AnyEvent) => told((data as { number: number }).number)
      hub.use({ name: 'bench:no-op', kind: 'asynchronous', run })
      return work({
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
      })
    }),
}

const UNFINISHED = /^tocsin_tasks\{state="(?:due|waiting|leased|held)"\} (\d+)$/gm

async function unfinished(hub: Hub): Promise<number> {
  const counts = [...(await hub.metrics()).matchAll(UNFINISHED)].map(([, count]) => Number(count))
  return counts.reduce((sum, count) => sum + count, 0)
}
