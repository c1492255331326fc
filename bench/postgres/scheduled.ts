/**
 * What a task costs where nine of ten that wait have a date that has not come.
 */
import type { Contest } from '../contest.js'
import { type Contender, drained } from '../queue/contender.js'
import { fill, type Job, jobAt } from '../queue/job.js'

const DEPTHS = [10_000, 1_000_000]
const FAR = '2999-01-01T00:00:00Z'

/** @param scale divides the depths. */
export const scheduled = (ours: Contender, scale: number): Contest => {
  const depths = DEPTHS.map((each) => Math.ceil(each / scale))
  const [least = 0, most = 0] = depths
  return {
    lines: [
      ...depths.map((each) => ({ work: `a task, 90 % of ${each} scheduled`, unit: 'us', figure: `at ${each}` })),
      { work: `a task of ${most}, to one of ${least}`, unit: '', figure: 'ratio', atMost: 1.5 },
    ],
    ours: async () => {
      const costs: Record<string, number> = {}
      for (const each of depths) costs[`at ${each}`] = await costAt(ours, each, Math.ceil(least / 10))
      return { ...costs, ratio: (costs[`at ${most}`] ?? Number.NaN) / (costs[`at ${least}`] ?? Number.NaN) }
    },
    // Filling it takes minutes.
    warm: false,
    runs: 1,
  }
}

/** Microseconds a task while the first `count` of those that are due are worked off. */
const costAt = (ours: Contender, depth: number, count: number): Promise<number> =>
  ours.use(async (queue) => {
    await fill(queue, 0, depth, jobWithDate)
    return ((await drained(queue, count, depth - count)) * 1_000) / count
  })

const jobWithDate = (number: number): Job & { readonly executeAt?: string } =>
  number % 10 === 0 ? jobAt(number) : { ...jobAt(number), executeAt: FAR }
