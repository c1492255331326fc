/**
 * What the event engine of CzechIdM is tested for: 250 events of as many owners, for which it is given 15 seconds.
 */
import type { Contest } from '../contest.js'
import { type Contender, finished } from './contender.js'
import { jobAt } from './job.js'

const EVENTS = 250

export const owners = (ours: Contender): Contest => ({
  lines: [
    { work: `${EVENTS} events of distinct owners, published and run`, unit: 'ms', figure: 'time', atMost: 15_000 },
  ],
  ours: () =>
    ours.use(async (queue) => {
      await queue.work(() => undefined)
      const started = performance.now()
      for (let number = 0; number < EVENTS; number++) await queue.enqueue(jobAt(number))
      await finished(queue)
      return { time: performance.now() - started }
    }),
})
