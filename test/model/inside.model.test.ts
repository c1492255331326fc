/**
 * Hosts that publish inside their own transactions: a thousand random interleavings of beginning, publishing, committing,
 * rolling back and restarts. TOCSIN_TEST_SEED leads the same again.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seedOfRun } from '../faults/random.js'
import { Lives, steps, type World } from './inside-life.js'
import { Reader } from './inside-reader.js'
import { sqliteWorld } from './inside-worlds.js'

const RUNS = 1_000

async function inWorld(open: () => Promise<World>, work: (world: World) => Promise<void>): Promise<void> {
  const world = await open()
  const reader = new Reader()
  const [first] = world.hubs
  if (first) reader.follow(first)
  const followed: World = {
    ...world,
    restart: async (hub) => {
      await reader.leave()
      await world.restart(hub)
      if (world.hubs[0]) reader.follow(world.hubs[0])
    },
  }
  try {
    await work(followed)
    if (world.hubs[0]) await reader.check(world.hubs[0])
  } finally {
    await reader.leave()
    await world.close()
  }
}

describe.each([['SQLite', sqliteWorld]] as const)("inside hosts' transactions on %s", (_, open) => {
  const name = `an event is there if and only if its host committed, once, and readers skip none: ${RUNS} lives`
  it(name, { timeout: 180_000 }, () =>
    inWorld(open, async (world) => {
      const lives = new Lives(world)
      const property = fc.asyncProperty(steps, (taken) => lives.live(taken))
      await fc.assert(property, { seed: seedOfRun(), numRuns: RUNS })
      // Else it would prove nothing.
      expect(lives.committed).toBeGreaterThan(RUNS)
    }),
  )
})
