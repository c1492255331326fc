import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Batcher } from './batcher.js'

const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Two writes at once; the sizes of all. */
function measured() {
  const sizes: number[] = []
  const write = async (items: readonly number[]) => {
    sizes.push(items.length)
    await tick()
    return items
  }
  return { sizes, batcher: new Batcher(write, { most: 100, atOnce: 2 }) }
}

describe('a batcher', () => {
  it('writes together what one tick adds, and answers each its own', async () => {
    const writes: (readonly number[])[] = []
    const batcher = new Batcher(async (items: readonly number[]) => {
      writes.push(items)
      return items.map((item) => item * 2)
    })
    expect(await Promise.all([1, 2, 3].map((item) => batcher.add(item)))).toEqual([2, 4, 6])
    expect(writes).toEqual([[1, 2, 3]])
  })

  it('gathers while a write is under way, and never has two at once', async () => {
    let open = () => {}
    let running = 0
    const sizes: number[] = []
    const batcher = new Batcher(
      async (items: readonly number[]) => {
        running += 1
        expect(running).toBe(1)
        sizes.push(items.length)
        await new Promise<void>((resolve) => {
          open = resolve
        })
        running -= 1
        return items
      },
      { most: 2 },
    )
    const answers = [batcher.add(1)]
    await tick()
    for (const item of [2, 3, 4]) answers.push(batcher.add(item))
    for (let write = 0; write < 3; write++) {
      open()
      await tick()
    }
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4])
    expect(sizes).toEqual([1, 2, 1])
  })

  it('begins as many writes as it may, in order, and the rest wait', async () => {
    const open: (() => void)[] = []
    const begun: (readonly number[])[] = []
    const batcher = new Batcher(
      async (items: readonly number[]) => {
        begun.push(items)
        await new Promise<void>((resolve) => open.push(resolve))
        return items
      },
      { most: 10, atOnce: 2 },
    )
    const answers: Promise<number>[] = []
    for (const item of [1, 2, 3, 4]) {
      answers.push(batcher.add(item))
      await tick()
    }
    expect(begun).toEqual([[1], [2]])
    open[0]?.()
    await tick()
    expect(begun).toEqual([[1], [2], [3, 4]])
    for (const write of open) write()
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4])
  })

  it('tells half of the callers first when no other write is under way, so that one half is written for at a time', async () => {
    const { batcher, sizes } = measured()
    const caller = async (first: number) => {
      for (let item = first; item < first + 5; item++) expect(await batcher.add(item)).toBe(item)
    }
    await Promise.all(Array.from({ length: 8 }, (_, index) => caller(index * 10)))
    expect(sizes[0]).toBe(8)
    expect(Math.max(...sizes.slice(1))).toBe(4)
  })

  it('keeps the halves equal, however unequal they began', async () => {
    const { batcher, sizes } = measured()
    const caller = async (first: number) => {
      for (let item = first; item < first + 8; item++) await batcher.add(item)
    }
    const many = Array.from({ length: 7 }, (_, index) => caller(index * 10))
    await Promise.resolve()
    await Promise.all([...many, caller(70)])
    expect(sizes.slice(0, 2)).toEqual([7, 1])
    expect(Math.max(...sizes.slice(2))).toBe(4)
  })

  it('lets nobody wait for a write of another key, and takes no more of one than it may', async () => {
    const begun: (readonly string[])[] = []
    const open: (() => void)[] = []
    const batcher = new Batcher(
      async (items: readonly string[]) => {
        begun.push(items)
        await new Promise<void>((resolve) => open.push(resolve))
        return items
      },
      { most: 2, keyOf: (item) => item.charAt(0) },
    )
    const answers = ['a1', 'a2', 'a3', 'b1'].map((item) => batcher.add(item))
    await tick()
    answers.push(batcher.add('c1'), batcher.add('a4'))
    await tick()
    expect(begun).toEqual([['a1', 'a2', 'b1'], ['c1']])
    open[1]?.()
    await tick()
    answers.push(batcher.add('c2'))
    await tick()
    open[0]?.()
    await tick()
    expect(begun.slice(2)).toEqual([['c2'], ['a3', 'a4']])
    for (const write of open) write()
    expect(await Promise.all(answers)).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'c2'])
  })

  it('fails those of a write that failed, and goes on with the next', async () => {
    let broken = true
    const batcher = new Batcher(async (items: readonly string[]) => {
      if (broken) throw new Error('disk full')
      return items
    })
    const first = batcher.add('a')
    await expect(first).rejects.toThrow('disk full')
    broken = false
    expect(await batcher.add('b')).toBe('b')
  })

  it('refuses a write that forgets an item, rather than answer with nothing', async () => {
    const batcher = new Batcher(async () => [] as number[])
    await expect(batcher.add(1)).rejects.toThrow(TypeError)
  })

  it('keeps the order of arrival and mixes up no answers, whatever fails', async () => {
    const steps = fc.array(fc.record({ items: fc.nat({ max: 5 }), fails: fc.boolean(), waits: fc.boolean() }), {
      maxLength: 20,
    })
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (script, most) => {
        const written: number[] = []
        const batcher = new Batcher(
          async (items: readonly { id: number; fails: boolean }[]) => {
            await tick()
            if (items.some(({ fails }) => fails)) throw new Error('one of them')
            written.push(...items.map(({ id }) => id))
            return items.map(({ id }) => id)
          },
          { most },
        )
        let id = 0
        const answers: Promise<readonly [number, number | 'failed']>[] = []
        for (const { items, fails, waits } of script) {
          for (let index = 0; index < items; index++) {
            const mine = id++
            const answer = batcher.add({ id: mine, fails }).catch(() => 'failed' as const)
            answers.push(answer.then((told) => [mine, told]))
          }
          if (waits) await tick()
        }
        const told = await Promise.all(answers)
        expect(told.every(([mine, answer]) => answer === 'failed' || answer === mine)).toBe(true)
        expect(written).toEqual(told.flatMap(([, answer]) => (answer === 'failed' ? [] : [answer])))
      }),
      { numRuns: 100 },
    )
  })
})

describe('a batcher whose writes all go one way', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Each write takes ten milliseconds; who has written what, when. */
  function oneWay() {
    const writes: { readonly key: string; readonly size: number; readonly from: number; readonly to: number }[] = []
    const write = async (keys: readonly string[]) => {
      const from = performance.now()
      await new Promise((resolve) => setTimeout(resolve, 10))
      const to = performance.now()
      for (const key of new Set(keys)) writes.push({ key, size: keys.filter((each) => each === key).length, from, to })
      return keys
    }
    const batcher = new Batcher(write, { most: 100, atOnce: 2, oneWay: true, keyOf: (key) => key })
    const begun = performance.now()
    const until = (end: number) => () => performance.now() - begun < end
    /** So many callers, each of which goes on when it is answered. */
    const flood = async (key: string, callers: number, goesOn: () => boolean) => {
      const caller = async () => {
        while (goesOn()) await batcher.add(key)
      }
      await Promise.all(Array.from({ length: callers }, caller))
    }
    const trickle = async (key: string, goesOn: () => boolean) => {
      while (goesOn()) {
        await batcher.add(key)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    const of = (key: string, since: number) => writes.filter((each) => each.key === key && each.from - begun >= since)
    return { flood, trickle, until, of }
  }

  it('has who writes without a pause leave the others half of the time, in small writes, one after the other', async () => {
    const { flood, trickle, until, of } = oneWay()
    const all = Promise.all([flood('much', 60, until(2_000)), trickle('little', until(2_000))])
    await vi.runAllTimersAsync()
    await all
    const crowding = of('much', 200).filter(({ from }, index, { length }) => index < length - 2 && from < 1_900)
    expect(crowding.length).toBeGreaterThan(50)
    for (const { size } of crowding) expect(size).toBeLessThanOrEqual(16)
    for (const [index, { from }] of crowding.slice(1).entries())
      expect(from - (crowding[index]?.to ?? 0)).toBeGreaterThanOrEqual(10)
    for (const { size } of of('little', 0)) expect(size).toBe(1)
    expect(of('little', 0).length).toBeGreaterThan(30)
  })

  it.each([
    ['who writes alone', { much: 60, little: 0 }],
    ['who writes now and then', { much: 0, little: 2 }],
  ])('has nothing of %s wait', async (_, { much, little }) => {
    const { flood, trickle, until, of } = oneWay()
    const some = Array.from({ length: little }, (_, index) => trickle(`little ${index}`, until(2_000)))
    const all = Promise.all([flood('much', much, until(2_000)), ...some])
    await vi.runAllTimersAsync()
    await all
    if (much > 0)
      expect(
        Math.min(
          ...of('much', 200)
            .slice(0, -4)
            .map(({ size }) => size),
        ),
      ).toBe(30)
    for (let index = 0; index < little; index++) expect(of(`little ${index}`, 0).length).toBeGreaterThan(30)
  })

  it('forgets that others wrote, after a while', async () => {
    const { flood, trickle, until, of } = oneWay()
    const all = Promise.all([flood('much', 60, until(3_000)), trickle('little', until(500))])
    await vi.runAllTimersAsync()
    await all
    expect(
      Math.max(
        ...of('much', 300)
          .filter(({ from }) => from < 1_000)
          .map(({ size }) => size),
      ),
    ).toBeLessThanOrEqual(16)
    expect(
      Math.max(
        ...of('much', 1_800)
          .slice(0, -4)
          .map(({ size }) => size),
      ),
    ).toBeGreaterThanOrEqual(30)
  })
})
