import fc from 'fast-check'
import { afterAll, describe, it } from 'vitest'
import { seedOfRun } from '../faults/random.js'
import { MEMORY, SqliteFiles } from '../model/grounds.js'
import { live, lives, rooms, share } from '../model/queue-life.js'

const files = new SqliteFiles()
afterAll(() => files.remove())

describe.each([...MEMORY, ['sqlite on a file', files.ground()] as const])('the queue on %s', (name, ground) => {
  const numRuns = name === 'memory' ? 20_000 : 3_000

  it(`agrees with its model in ${numRuns} lives of up to 200 steps`, () =>
    fc.assert(
      fc.asyncProperty(lives(200), (steps) => live(ground, steps)),
      { seed: seedOfRun(), numRuns },
    ))

  it('shares its room 70 to 30 in 1,000 rows of rooms', () =>
    fc.assert(
      fc.asyncProperty(rooms, (sizes) => share(ground, sizes)),
      { seed: seedOfRun(), numRuns: 1_000 },
    ))
})
