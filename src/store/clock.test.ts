import { expect, it } from 'vitest'
import { Clock } from './clock.js'

it('follows the store, by the middle of the question, and goes on alone', async () => {
  let ticks = 500
  const clock = new Clock(10_000, () => ticks)
  expect(clock.now()).toBe(10_000)
  ticks += 1_000
  expect(clock.now()).toBe(11_000)
  await clock.follow(async () => {
    ticks += 100
    return 90_000
  })
  expect(clock.now()).toBe(90_050)
  ticks += 1_000
  expect(clock.now()).toBe(91_050)
})

it('goes on as it was when the store does not answer', async () => {
  let ticks = 0
  const clock = new Clock(10_000, () => ticks)
  await expect(clock.follow(() => Promise.reject(new Error('away')))).rejects.toThrow('away')
  ticks += 5
  expect(clock.now()).toBe(10_005)
})
