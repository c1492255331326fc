/**
 * What others pay for one key that has a long backlog of its own.
 */
import type { Contest } from '../contest.js'
import { type Contender, perSecondIn } from './contender.js'
import { fill, jobAt } from './job.js'

/** @param backlog of the one key. @param count tasks of others, each with a key of its own. */
export const neighbours = (ours: Contender, backlog: number, count: number): Contest => ({
  lines: [
    { work: `others beside one key's backlog of ${backlog}`, unit: '1/s', figure: 'rate' },
    { work: 'time they take, to the time without it', unit: '', figure: 'ratio', atMost: 1.2 },
  ],
  ours: async () => {
    const alone = await timeOfOthers(ours, 0, count)
    const beside = await timeOfOthers(ours, backlog, count)
    return { rate: perSecondIn(count, beside), ratio: beside / alone }
  },
})

/** Milliseconds until the last of the others has run; they come after the backlog. */
const timeOfOthers = (ours: Contender, backlog: number, count: number): Promise<number> =>
  ours.use(async (queue) => {
    await fill(queue, 0, backlog, (number) => jobAt(number, 'busy'))
    await fill(queue, backlog, backlog + count, (number) => jobAt(number, `user-${number}`))
    let left = count
    const started = performance.now()
    await new Promise<void>((resolve, reject) => {
      const told = (number: number) => {
        if (number >= backlog) left -= 1
        if (left === 0) resolve()
      }
      queue.work(told).catch(reject)
    })
    return performance.now() - started
  })
