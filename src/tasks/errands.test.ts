import { describe, expect, it } from 'vitest'
import { percentOf } from './errands.js'

describe('the way to being disabled', () => {
  it.each([
    [10, { 5: 50, 7: 70, 9: 90, 10: 100, 15: 50, 17: 70, 19: 90, 20: 100 }],
    [4, { 2: 50, 3: 70, 4: 100, 6: 50, 7: 70, 8: 100 }],
    [1, { 1: 100, 2: 100 }],
  ])('of %i failures has these steps', (most, steps) => {
    const found = Array.from({ length: most * 2 + 1 }, (_, failures) => [failures, percentOf(failures, most)])
    expect(Object.fromEntries(found.filter(([, percent]) => percent !== null))).toEqual(steps)
  })
})
