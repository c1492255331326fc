/**
 * Many lives in one world, and a reader who follows the log through all of them.
 */
import fc from 'fast-check'
import { expect } from 'vitest'
import { Lives, steps, type World } from './inside-life.js'
import { Reader } from './inside-reader.js'

/** @throws when a life, or what the reader saw of all, is not as it must be */
export async function leadLives(open: () => Promise<World>, runs: number, seed: number): Promise<void> {
  const reader = new Reader()
  const world = await open()
  const follow = () => {
    if (world.hubs[0]) reader.follow(world.hubs[0])
  }
  const restart = async (hub: number) => {
    await reader.leave()
    await world.restart(hub)
    follow()
  }
  follow()
  try {
    const lives = new Lives({ ...world, restart })
    const property = fc.asyncProperty(steps, (taken) => lives.live(taken))
    await fc.assert(property, { seed, numRuns: runs })
    // Else it would prove nothing.
    expect(lives.committed).toBeGreaterThan(runs)
    if (world.hubs[0]) await reader.check(world.hubs[0])
  } finally {
    await reader.leave()
    await world.close()
  }
}
