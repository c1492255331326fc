import { describe, expect, it } from 'vitest'
import { Lanes } from './lanes.js'

const lane = { tenant: 't', subscription: 's' }

describe('a lane', () => {
  it('has room for so many at once', () => {
    const lanes = new Lanes()
    lanes.limit(lane, { concurrency: 2 }, 0)
    expect([lanes.claim(lane, 0), lanes.claim(lane, 0), lanes.claim(lane, 0)]).toEqual([true, true, false])
    lanes.leave(lane, true, 0)
    expect(lanes.free(lane, 0)).toBe(1)
  })

  it('keeps its rate', () => {
    const lanes = new Lanes()
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

  it('keeps its rate from the first attempt on, which looks it up, and when it was forgotten meanwhile', () => {
    const lanes = new Lanes()
    const attempts: number[] = []
    for (let now = 1; now < 10_000; now += 100) {
      lanes.rooms(now)
      while (lanes.claim(lane, now)) {
        lanes.limit(lane, { concurrency: 10, rate: 0.5 }, now)
        lanes.leave(lane, true, now)
        attempts.push(now)
      }
    }
    expect(attempts).toEqual([1, 2_001, 4_001, 6_001, 8_001])
  })

  it('opens its breaker after five failures, lets one probe through, and closes when that succeeds', () => {
    const lanes = new Lanes()
    lanes.limit(lane, { concurrency: 10 }, 0)
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
    const lanes = new Lanes()
    lanes.limit(lane, { concurrency: 50 }, 0)
    for (let index = 0; index < 50; index++) lanes.enter(lane)
    for (let index = 0; index < 50; index++) lanes.leave(lane, false, 0)
    expect(lanes.breaker(lane, 999)).toBe('open')
    expect(lanes.breaker(lane, 1_000)).toBe('half-open')
    expect(lanes.claim(lane, 1_000)).toBe(true)
  })

  it('is not closed for as long as the clock was set back', () => {
    const lanes = new Lanes()
    const hour = 3_600_000
    lanes.limit(lane, { concurrency: 10, rate: 1 }, hour)
    for (let index = 0; index < 5; index++) {
      lanes.enter(lane)
      lanes.leave(lane, false, hour)
    }
    expect([lanes.breaker(lane, 1), lanes.nextChange(1)]).toEqual(['open', 60_001])
    expect([lanes.breaker(lane, 60_001), lanes.free(lane, 60_001)]).toEqual(['half-open', 0])
    expect(lanes.nextChange(60_001)).toBe(61_001)
    expect(lanes.free(lane, 70_000)).toBe(1)
  })

  it('is forgotten when there is nothing to remember', () => {
    const lanes = new Lanes()
    lanes.limit(lane, { concurrency: 10, rate: 2 }, 1)
    lanes.claim(lane, 1)
    expect(lanes.rooms(1)).toEqual([{ ...lane, free: 1 }])
    lanes.leave(lane, true, 1)
    expect(lanes.rooms(1)).toEqual([{ ...lane, free: 1 }])
    expect(lanes.rooms(501)).toEqual([{ ...lane, free: 2 }])
    expect(lanes.rooms(1_001)).toEqual([])
  })

  it('begins with one attempt, which learns the limits', () => {
    const lanes = new Lanes()
    expect([lanes.claim(lane, 0), lanes.claim(lane, 0)]).toEqual([true, false])
    expect(lanes.limit(lane, { concurrency: 3 }, 0)).toBe(true)
    expect(lanes.free(lane, 0)).toBe(2)
    expect(lanes.limit(lane, { concurrency: 3 }, 0)).toBe(false)
  })

  it('lets no more run than it may, even if more were granted', async () => {
    const lanes = new Lanes()
    lanes.limit(lane, { concurrency: 1 }, 0)
    lanes.enter(lane)
    expect(lanes.turn(lane)).toBeNull()
    lanes.enter(lane)
    let went = false
    const second = lanes.turn(lane)?.then(() => {
      went = true
    })
    await Promise.resolve()
    expect(went).toBe(false)
    lanes.leave(lane, true, 0)
    await second
    expect(went).toBe(true)
  })

  it('is forgotten with its subscription, but not while something runs', () => {
    const lanes = new Lanes()
    lanes.enter(lane)
    lanes.forget(lane)
    expect(lanes.free(lane, 0)).toBe(0)
    lanes.leave(lane, false, 0)
    lanes.forget(lane)
    expect(lanes.failures(lane)).toBe(0)
  })

  it('leaves the turns to other nodes that they have taken', () => {
    const lanes = new Lanes()
    lanes.limit(lane, { concurrency: 10, rate: 5 }, 1)
    expect(lanes.free(lane, 1)).toBe(5)
    lanes.pace(lane, 0, 1)
    expect(lanes.free(lane, 1)).toBe(5)
    lanes.pace(lane, 1_000, 1)
    expect(lanes.free(lane, 1_200)).toBe(0)
    expect(lanes.free(lane, 1_201)).toBe(1)
  })

  it('tells of its breaker what other nodes must know: opened, opened again, closed', () => {
    const told: unknown[] = []
    const lanes = new Lanes(undefined, ({ failures, openUntil }) => told.push([failures, openUntil]))
    lanes.limit(lane, { concurrency: 10 }, 0)
    for (let index = 0; index < 5; index++) fail(lanes, 0)
    fail(lanes, 1_000)
    lanes.enter(lane)
    lanes.leave(lane, true, 3_000)
    lanes.enter(lane)
    lanes.leave(lane, true, 3_000)
    expect(told).toEqual([
      [5, 1_000],
      [6, 3_000],
      [0, 0],
    ])
  })

  it('closes at once when its receiver was mended', () => {
    const lanes = new Lanes()
    for (let index = 0; index < 7; index++) fail(lanes, index * 100_000)
    expect(lanes.free(lane, 600_000)).toBe(0)
    lanes.mend(lane)
    expect([lanes.breaker(lane, 600_000), lanes.failures(lane), lanes.free(lane, 600_000)]).toEqual(['closed', 0, 1])
    lanes.mend({ tenant: 't', subscription: 'unknown' })
  })

  it('takes over what other nodes know of breakers, and forgets what they know no more', () => {
    const lanes = new Lanes()
    const other = { tenant: 't', subscription: 'other' }
    for (let index = 0; index < 5; index++) fail(lanes, 0)
    lanes.adopt([{ ...other, failures: 7, openUntil: 500 }])
    expect([lanes.breaker(lane, 0), lanes.breaker(other, 0)]).toEqual(['closed', 'open'])
    expect(lanes.free(other, 499)).toBe(0)
    expect(lanes.breaker(other, 500)).toBe('half-open')
    fail(lanes, 0)
    lanes.adopt([])
    expect(lanes.failures(lane)).toBe(1)
    expect(lanes.breaker(other, 0)).toBe('closed')
  })
})

function fail(lanes: Lanes, now: number): void {
  lanes.enter(lane)
  lanes.leave(lane, false, now)
}
