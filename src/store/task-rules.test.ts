import { describe, expect, it } from 'vitest'
import { isPulled, shareRoom } from './task-rules.js'

describe('the share of a contended lane', () => {
  it('is 70 to 30 over any number of turns, however small each is', () => {
    for (const room of [1, 2, 3, 7]) {
      let [credit, high] = [0, 0]
      for (let turn = 0; turn < 100; turn++) {
        const share = shareRoom(room, { high: room, normal: room }, credit)
        credit = share.credit
        high += share.high
        expect(share.high + share.normal).toBe(room)
      }
      expect(high / (100 * room)).toBeCloseTo(0.7, 2)
    }
  })

  it('flows to whoever has something to send', () => {
    expect(shareRoom(10, { high: 0, normal: 10 }, 0)).toMatchObject({ high: 0, normal: 10 })
    expect(shareRoom(10, { high: 10, normal: 0 }, 0)).toMatchObject({ high: 10, normal: 0 })
    expect(shareRoom(10, { high: 10, normal: 1 }, 0)).toMatchObject({ high: 9, normal: 1 })
    expect(shareRoom(10, { high: 2, normal: 10 }, 0)).toMatchObject({ high: 2, normal: 8 })
    expect(shareRoom(10, { high: 3, normal: 4 }, 0.5)).toEqual({ high: 3, normal: 4, credit: 0.5 })
  })
})

describe('a pulled subscription', () => {
  it('is one whose transport says so', () => {
    expect(isPulled('{"transport":"pull"}')).toBe(true)
    expect(['{"transport":"webhook"}', '{}', 'null', '[]', 'no JSON'].some(isPulled)).toBe(false)
  })
})
