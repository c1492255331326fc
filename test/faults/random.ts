/**
 * Numbers that come again with the same seed, so that a failing run can be told by one number.
 */

/** Mulberry32: from 0 up to, not including, 1. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** TOCSIN_TEST_SEED runs a failed test again; otherwise every run takes another. */
export const seedOfRun = (): number => Number(process.env.TOCSIN_TEST_SEED ?? Date.now() % 1_000_000_007)

/** How often a fault is tried: as often as asked, and a part of that where the tests run a second time (`npm test` says so). */
export const rounds = (count: number): number => Math.ceil(count / Number(process.env.TOCSIN_TEST_PART ?? 1))

export const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** @throws when it does not come true in time, with what was waited for. */
export async function until(what: string, check: () => boolean | Promise<boolean>, within = 30_000): Promise<void> {
  const end = Date.now() + within
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`Waited ${within} ms in vain: ${what}`)
    await pause(10)
  }
}
