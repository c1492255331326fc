/**
 * Tocsin's queue: an asynchronous processor that does nothing, on SQLite with `synchronous=FULL`, in the host's process.
 * Priorities, order for each owner, retries and the history are on, as they always are.
 */
import { withHub } from '../place.js'
import type { Hub } from '../tocsin.js'
import { TocsinError } from '../tocsin.js'
import type { Contender } from './contender.js'

const HOUR = 3_600_000

export const tocsin: Contender = {
  name: 'Tocsin (embedded)',
  recipe: { queue: 'tocsin' },
  use: (work) =>
    withHub((hub) => {
      const gate = closedGate()
      let run: (number: number) => void = () => undefined
      hub.use({
        name: 'bench:no-op',
        kind: 'asynchronous',
        deadline: HOUR,
        run: async ({ data }) => {
          if (!gate.open) await gate.opened
          run((data as { number: number }).number)
        },
      })
      return work({
        enqueue: (job) => hub.publish(job),
        enqueueMany: async (jobs) => {
          const refused = (await hub.publishMany(jobs)).find((receipt) => receipt instanceof TocsinError)
          if (refused) throw refused
        },
        work: async (told) => {
          run = told
          gate.unlock()
        },
        unfinished: () => unfinished(hub),
      })
    }),
}

/** The first jobs stand before it with everybody else's behind them, as many as may run at once. */
function closedGate() {
  let unlock = () => {}
  const opened = new Promise<void>((resolve) => {
    unlock = resolve
  })
  const gate = {
    open: false,
    opened,
    unlock() {
      gate.open = true
      unlock()
    },
  }
  return gate
}

const UNFINISHED = /^tocsin_tasks\{state="(?:due|waiting|leased|held)"\} (\d+)$/gm

async function unfinished(hub: Hub): Promise<number> {
  const counts = [...(await hub.metrics()).matchAll(UNFINISHED)].map(([, count]) => Number(count))
  return counts.reduce((sum, count) => sum + count, 0)
}
