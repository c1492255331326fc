/**
 * The queue against a plain model of it: random lives with a clock of their own. TOCSIN_TEST_SEED leads the same again.
 */
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { seedOfRun } from '../faults/random.js'
import { FOUND } from './found.js'
import { MEMORY, SqliteFiles } from './grounds.js'
import { type Ground, live, lives, rooms, share } from './queue-life.js'

const files = new SqliteFiles()
afterAll(() => files.remove())

/** How many lives each is led: the long form is `test/chaos/queue-model.chaos.ts`. */
const GROUNDS: readonly (readonly [string, Ground, number])[] = [
  ...MEMORY.map(([name, ground]) => [name, ground, name === 'memory' ? 200 : 60] as const),
  ['sqlite on a file', files.ground(), 25],
]
const sized = (numRuns: number) => ({ seed: seedOfRun(), numRuns, interruptAfterTimeLimit: 60_000 })

describe.each(GROUNDS)('the queue on %s', (_, ground, runs) => {
  it(`keeps order, loses nothing and does nothing twice, early or together: ${runs} lives`, { timeout: 120_000 }, () =>
    fc.assert(
      fc.asyncProperty(lives(60), (steps) => live(ground, steps)),
      sized(runs),
    ),
  )

  it('shares its room 70 to 30, within one at every moment', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(rooms, (sizes) => share(ground, sizes)),
      sized(10),
    ),
  )

  it.each(Object.entries(FOUND))('holds in a life that failed once: %s', { timeout: 20_000 }, async (_, steps) => {
    await live(ground, steps)
  })
})

describe('the model (controls)', () => {
  const [[, memory] = ['', null]] = MEMORY
  /** A store that does one thing wrong. */
  const wrong = (spoil: (store: Awaited<ReturnType<Ground['open']>>) => object): Ground => ({
    ...{ crash: null, restart: null },
    open: async () => {
      if (!memory) throw new Error('There is no store.')
      const store = await memory.open()
      return { ...store, tasks: { ...store.tasks, ...spoil(store) } }
    },
  })

  it.each([
    ['hands out what is leased already', { tokens: true }],
    ['forgets a task', { forgets: true }],
    ['cancels nothing and says it did', { cancels: true }],
  ] as const)('finds a store that %s', { timeout: 60_000 }, async (_, { ...fault }) => {
    let last: readonly object[] = []
    const ground = wrong(({ tasks }) => ({
      ...('tokens' in fault && {
        lease: async (request: Parameters<typeof tasks.lease>[0]) => {
          const answer = await tasks.lease(request)
          const leased = answer.leased.length > 0 ? answer.leased : (last as typeof answer.leased)
          last = answer.leased
          return { ...answer, leased }
        },
      }),
      ...('forgets' in fault && {
        settle: async (...given: Parameters<typeof tasks.settle>) => {
          const answers = await tasks.settle(...given)
          if (given[0][0]?.next.state === 'waiting') await tasks.remove(given[0])
          return answers
        },
      }),
      ...('cancels' in fault && { cancel: async () => true }),
    }))
    const check = fc.check(
      fc.asyncProperty(lives(60), (steps) => live(ground, steps)),
      { seed: 1, numRuns: 50, endOnFailure: true },
    )
    expect((await check).failed).toBe(true)
  })
})
