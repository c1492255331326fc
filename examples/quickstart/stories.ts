/**
 * All that is published in a run: the stories of the five systems, spread evenly among the lives of the registry.
 */
import { CHANGES_IN_A_LIFE, lives } from './registry.js'
import type { Story } from './story.js'
import { systemStories } from './systems.js'

/** The same in every run. */
const SEED = 20_260_101

/** @param changes registry changes in all, rounded up to whole lives. */
export function stories(changes: number): readonly Story[] {
  const ours = lives(Math.ceil(changes / CHANGES_IN_A_LIFE))
  const theirs = systemStories(seeded(SEED))
  const placed = [
    ...ours.map((story, index) => ({ story, at: index / ours.length })),
    // Steps of the golden ratio spread a list evenly, whatever its length.
    ...theirs.map((story, index) => ({ story, at: (index * 0.618) % 1 })),
  ]
  return placed.sort((a, b) => a.at - b.at).map(({ story }) => story)
}

/** How many events they give. */
export const eventsIn = (plan: readonly Story[]): number =>
  plan.flatMap(({ steps }) => steps.flatMap(({ facts }) => facts)).length

/** mulberry32, by Tommy Ettinger: a small generator with a seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
