/**
 * What a task costs while many wait: each that runs publishes the next, so that as many wait as before.
 */
import type { Contest } from '../contest.js'
import type { Contender } from './contender.js'
import { filled, jobAt } from './job.js'

const DEPTHS = [1_000, 100_000, 1_000_000]

/** @param scale divides the depths. @param count tasks that are measured at each. */
export const depth = (ours: Contender, scale: number, count: number): Contest => {
  const depths = DEPTHS.map((each) => Math.ceil(each / scale))
  const [least = 0] = depths
  const deepest = depths.at(-1) ?? 0
  return {
    lines: [
      ...depths.map((each) => ({ work: `a task while ${each} wait`, unit: 'us', figure: `at ${each}` })),
      { work: `a task while ${deepest} wait, to one while ${least} wait`, unit: '', figure: 'ratio', atMost: 1.5 },
    ],
    ours: async () => {
      // Thrown away: by then all is compiled.
      await costAt(ours, least, count)
      const costs: Record<string, number> = {}
      for (const each of depths) costs[`at ${each}`] = await costAt(ours, each, count)
      return { ...costs, ratio: (costs[`at ${deepest}`] ?? Number.NaN) / (costs[`at ${least}`] ?? Number.NaN) }
    },
    // Filling it takes minutes.
    warm: false,
    runs: 1,
  }
}

/** Microseconds from a task to the next: published, leased, run and finished. */
const costAt = (ours: Contender, depth: number, count: number): Promise<number> =>
  filled(ours, depth, async (queue) => {
    const started = performance.now()
    await new Promise<void>((resolve, reject) => {
      let run = 0
      const next = () => {
        run += 1
        if (run === count) resolve()
        if (run <= count) queue.enqueue(jobAt(depth + run)).catch(reject)
      }
      queue.work(next).catch(reject)
    })
    return ((performance.now() - started) * 1_000) / count
  })
