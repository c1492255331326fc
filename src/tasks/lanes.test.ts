import { describe, expect, it } from 'vitest'
import { Lanes } from './lanes.js'

const lane = { tenant: 't', subscription: 's' }

describe('a lane', () => {
  it('has room for so many at once', () => {
    const lanes = new Lanes(2)
    expect([lanes.claim(lane, 0), lanes.claim(lane, 0), lanes.claim(lane, 0)]).toEqual([true, true, false])
    lanes.leave(lane, true, 0)
    expect(lanes.free(lane, 0)).toBe(1)
  })

  it('keeps its rate', () => {
    const lanes = new Lanes(100)
    lanes.limit(lane, { concurrency: 100, rate: 5 }, 1)
    for (let index = 0; index < 5; index++) {
      expect(lanes.claim(lane, 1)).toBe(true)
      lanes.leave(lane, true, 1)
    }
    expect(lanes.free(lane, 1)).toBe(0)
    expect(lanes.nextChange(1)).toBe(201)
    expect(lanes.free(lane, 201)).toBe(1)
    expect(lanes.free(lane, 100_000)).toBe(5)
  })

  it('opens its breaker after five failures, lets one probe through, and closes when that succeeds', () => {
    const lanes = new Lanes(10)
    for (let index = 0; index < 5; index++) {
      lanes.enter(lane)
      lanes.leave(lane, false, 0)
    }
    expect(lanes.breaker(lane, 0)).toBe('open')
    expect(lanes.free(lane, 999)).toBe(0)
    expect(lanes.breaker(lane, 1_000)).toBe('half-open')
    expect(lanes.claim(lane, 1_000)).toBe(true)
    expect(lanes.claim(lane, 1_000)).toBe(false)
    lanes.leave(lane, false, 1_000)
    expect(lanes.free(lane, 2_999)).toBe(0)
    expect(lanes.claim(lane, 3_000)).toBe(true)
    lanes.leave(lane, true, 3_000)
    expect(lanes.breaker(lane, 3_000)).toBe('closed')
    expect(lanes.free(lane, 3_000)).toBe(10)
  })

  it('pauses no longer when a whole crowd fails at once', () => {
    const lanes = new Lanes(50)
    for (let index = 0; index < 50; index++) lanes.enter(lane)
    for (let index = 0; index < 50; index++) lanes.leave(lane, false, 0)
    expect(lanes.breaker(lane, 999)).toBe('open')
    expect(lanes.breaker(lane, 1_000)).toBe('half-open')
    expect(lanes.claim(lane, 1_000)).toBe(true)
  })

  it('is forgotten when there is nothing to remember', () => {
    const lanes = new Lanes(10)
    lanes.claim(lane, 0)
    expect(lanes.rooms(0)).toEqual([{ ...lane, free: 9 }])
    lanes.leave(lane, true, 0)
    expect(lanes.rooms(0)).toEqual([])
  })
})
