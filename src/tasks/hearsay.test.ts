import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Hearsay } from './hearsay.js'

describe('what other nodes say that they left', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function hearing() {
    const times: number[] = []
    const hearsay = new Hearsay(() => times.push(performance.now()))
    return { hearsay, times }
  }

  it('is looked for at once, and later and later while that is in vain', () => {
    const begin = performance.now()
    const times: number[] = []
    const hearsay: Hearsay = new Hearsay(() => {
      times.push(performance.now() - begin)
      hearsay.looked(false)
    })
    for (let index = 0; index < 1_500; index++) {
      hearsay.hear()
      vi.advanceTimersByTime(1)
    }
    expect(times).toEqual([0, 1, 4, 11, 26, 57, 120, 247, 497, 747, 997, 1_247, 1_497])
  })

  it('is looked for at once again when something was found, or after a while', () => {
    const { hearsay, times } = hearing()
    const hear = (hasFound: boolean) => {
      const before = times.length
      hearsay.hear()
      const isAtOnce = times.length > before
      vi.advanceTimersByTime(300)
      hearsay.looked(hasFound)
      return isAtOnce
    }
    for (let index = 0; index < 10; index++) hear(false)
    expect(hear(true)).toBe(false)
    expect([hear(true), hear(true)]).toEqual([true, true])
    for (let index = 0; index < 10; index++) hear(false)
    vi.advanceTimersByTime(250)
    expect(hear(false)).toBe(true)
  })

  it('does not count looks that others asked for', () => {
    const { hearsay, times } = hearing()
    for (let index = 0; index < 10; index++) hearsay.looked(false)
    hearsay.hear()
    expect(times).toHaveLength(1)
  })

  it('is not looked for after the end', () => {
    const { hearsay, times } = hearing()
    hearsay.hear()
    hearsay.looked(false)
    hearsay.hear()
    hearsay.stop()
    vi.advanceTimersByTime(1_000)
    expect(times).toHaveLength(1)
  })
})
