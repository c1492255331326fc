/**
 * One side of the measurement of memory.
 */
import type { Figures } from '../contest.js'
import { drained, type Recipe } from './contender.js'
import { contenderOf } from './field.js'
import { filled } from './job.js'

/** What is to be measured. */
export interface Passage {
  readonly recipe: Recipe
  readonly count: number
}

process.on('message', async (passage: Passage) => process.send?.(await held(passage)))
process.on('disconnect', () => process.exit())
process.send?.('ready')

const held = ({ recipe, count }: Passage): Promise<Figures> =>
  filled(contenderOf(recipe), count, async (queue) => {
    await drained(queue, count)
    globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    return { resident: rss / 1e6, heap: heapUsed / 1e6 }
  })
