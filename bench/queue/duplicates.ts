/**
 * Jobs like one that still waits: what it costs to find them, and that only the newest of them runs.
 */
import type { Contest } from '../contest.js'
import { perSecond } from '../place.js'
import { type Contender, finished } from './contender.js'
import { jobAt } from './job.js'

const CALLERS = 50

/** @param repeats of ten jobs so many are like an older one, that many places before them that the queue is searched. */
export const duplicates = (ours: Contender, repeats: number, count: number): Contest => {
  const percent = repeats * 10
  return {
    lines: [
      { work: `enqueue one by one, ${percent} % duplicates`, unit: '1/s', figure: 'rate' },
      { work: `of these worked off, ${percent} % duplicates`, unit: '%', figure: 'run', atMost: 100 - percent },
    ],
    ours: () =>
      ours.use(async (queue) => {
        const rate = await perSecond(count, CALLERS, (index) => queue.enqueue(jobAt(numberAt(index, repeats))))
        let run = 0
        await queue.work(() => {
          run += 1
        })
        await finished(queue)
        return { rate, run: (run / count) * 100 }
      }),
  }
}

/** What is repeated lies in the middle of all that was published before. */
function numberAt(index: number, repeats: number): number {
  const ten = Math.floor(index / 10)
  return index % 10 < 10 - repeats ? index : Math.floor(ten / 2) * 10
}
