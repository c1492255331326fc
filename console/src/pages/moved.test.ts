import fc from 'fast-check'
import { expect, it } from 'vitest'
import { moved } from './moved.js'

const line = (...orders: readonly number[]) => orders.map((order, index) => ({ name: `p${index}`, order }))

it('finds a number between two, and moves others only where there is none', () => {
  expect(moved(line(10, 20, 30), 'p2', 1)).toEqual([{ name: 'p2', from: 30, to: 15 }])
  expect(moved(line(10, 20, 30), 'p0', 2)).toEqual([{ name: 'p0', from: 10, to: 31 }])
  expect(moved(line(0, 0, 0), 'p2', 0)).toEqual([
    { name: 'p0', from: 0, to: 1 },
    { name: 'p1', from: 0, to: 2 },
  ])
  expect(moved(line(-5, 5), 'p1', 0)).toEqual([{ name: 'p1', from: 5, to: -6 }])
  expect(moved(line(1, 2), 'p0', 0)).toEqual([])
})

it('puts it where it was put, whatever the orders', () => {
  const orders = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 6 })
  fc.assert(
    fc.property(orders, fc.nat(), fc.nat(), (given, which, where) => {
      const before = line(...given.toSorted((one, other) => one - other))
      const [name, index] = [`p${which % before.length}`, where % before.length]
      const moves = new Map(moved(before, name, index).map((move) => [move.name, move.to]))
      const rest = before.filter((each) => each.name !== name)
      const wanted = rest.toSpliced(index, 0, ...before.filter((each) => each.name === name)).map((each) => each.name)
      const after = before
        .map((each) => ({ ...each, order: moves.get(each.name) ?? each.order }))
        .toSorted((one, other) => one.order - other.order)
        .map((each) => each.name)
      expect(after).toEqual(wanted)
    }),
  )
})
