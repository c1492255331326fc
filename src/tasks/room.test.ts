import { describe, expect, it } from 'vitest'
import { Room } from './room.js'

const lane = (subscription: string) => ({ tenant: 't', subscription })

describe('the room of a node', () => {
  it('is for receivers that are well, and half of it for others, rounded up', () => {
    const room = new Room(5)
    expect([room.left(true), room.left(false)]).toEqual([5, 3])
    const places = [room.enter(false), room.enter(false), room.enter(false)]
    expect([room.left(true), room.left(false)]).toEqual([2, 0])
    for (const place of places) place.leave()
    expect([room.left(true), room.left(false)]).toEqual([5, 3])
    const all = Array.from({ length: 4 }, () => room.enter(true))
    expect([room.left(true), room.left(false)]).toEqual([1, 1])
    for (const place of all) place.leave()
    expect(new Room(1).left(false)).toBe(1)
  })

  it('takes back what was promised as what it was then', () => {
    const room = new Room(4)
    room.promise(lane('a'), false)
    room.promise(lane('a'), true)
    room.promise(lane('a'), false)
    expect([room.left(true), room.left(false)]).toEqual([1, 0])
    for (let index = 0; index < 3; index++) room.release(lane('a'))
    expect([room.left(true), room.left(false)]).toEqual([4, 2])
  })

  it('is given up by those that only wait, up to twenty for each place', () => {
    const room = new Room(1)
    const waiting = Array.from({ length: 20 }, () => {
      const place = room.enter(false)
      expect(place.wait()).toBe(true)
      return place
    })
    const last = room.enter(false)
    expect([last.wait(), room.left(true)]).toEqual([false, 0])
    last.leave()
    for (const place of waiting) place.leave()
    expect(room.left(true)).toBe(1)
    expect(room.enter(true).wait()).toBe(true)
  })
})
