/**
 * The queue against a plain model of it: random lives with a clock of their own. TOCSIN_TEST_SEED leads the same again.
 */
import fc from 'fast-check'
import { afterAll, describe, it } from 'vitest'
import { seedOfRun } from '../faults/random.js'
import { MEMORY, SqliteFiles } from './grounds.js'
import { aStep, live } from './queue-life.js'

const files = new SqliteFiles()
afterAll(() => files.remove())

const GROUNDS = [
  ...MEMORY.map((ground) => [...ground, 200] as const),
  ['sqlite on a file', files.ground(), 40] as const,
]

describe.each(GROUNDS)('the queue on %s', (_, ground, runs) => {
  it(`keeps order, loses nothing and does nothing twice, early or together in ${runs} lives`, {
    timeout: 120_000,
  }, async () => {
    const lives = fc.array(aStep, { minLength: 1, maxLength: 60, size: 'max' })
    await fc.assert(
      fc.asyncProperty(lives, (steps) => live(ground, steps)),
      { seed: seedOfRun(), numRuns: runs, skipAllAfterTimeLimit: 60_000 },
    )
  })
})
