import { describe, expect, it } from 'vitest'
import { LogWindow } from './log-window.js'

/** A window, up to where it said that all is told, and how each telling ends. */
function windowOf(most: number) {
  const reached: number[] = []
  const window = new LogWindow(most, (sequence) => void reached.push(sequence))
  const ends = new Map<number, (told: boolean | Error) => void>()
  const begin = (sequence: number) =>
    window.begin(
      sequence,
      () =>
        new Promise((resolve, reject) => {
          ends.set(sequence, (told) => (told instanceof Error ? reject(told) : resolve(told)))
        }),
    )
  const end = async (sequence: number, told: boolean | Error = true) => {
    ends.get(sequence)?.(told)
    await turn()
  }
  return { window, reached, begin, end }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

async function hasRoom(window: LogWindow): Promise<boolean> {
  return await Promise.race([window.room().then(() => true), turn().then(() => false)])
}

describe('the window of a reader of the log', () => {
  it('is full when as many are under way as it holds', async () => {
    const { window, begin, end } = windowOf(2)
    begin(1)
    expect(await hasRoom(window)).toBe(true)
    begin(2)
    expect(await hasRoom(window)).toBe(false)
    await end(2)
    expect(await hasRoom(window)).toBe(true)
  })

  it('reaches up to the oldest that is under way', async () => {
    const { window, reached, begin, end } = windowOf(3)
    begin(1)
    window.pass(2)
    begin(3)
    window.pass(4)
    await end(3)
    expect(reached).toEqual([])
    await end(1)
    expect(reached).toEqual([4])
    window.pass(5)
    expect(reached).toEqual([4, 5])
  })

  it('does not go on for ever beyond one that is not told, however many nobody wants', async () => {
    const { window, reached, begin, end } = windowOf(2)
    begin(1)
    for (let sequence = 2; sequence < 500; sequence++) {
      begin(sequence)
      await end(sequence)
    }
    for (let sequence = 500; sequence < 2_000; sequence++) window.pass(sequence)
    expect(await hasRoom(window)).toBe(true)
    begin(2_000)
    await end(2_000)
    expect(await hasRoom(window)).toBe(false)
    await end(1)
    expect(reached).toEqual([2_000])
    expect(await hasRoom(window)).toBe(true)
  })

  it('closes when one is not told, and what is under way ends', async () => {
    const { window, reached, begin, end } = windowOf(2)
    begin(1)
    begin(2)
    const room = window.room()
    await end(2, false)
    await room
    expect(window.closed.aborted).toBe(true)
    const ended = window.ended()
    await end(1)
    await ended
    expect(reached).toEqual([1])
  })

  it('closes when a telling throws, and says so in the end', async () => {
    const { window, begin, end } = windowOf(1)
    begin(1)
    await end(1, new Error('odd'))
    expect(window.closed.aborted).toBe(true)
    await expect(window.ended()).rejects.toThrow('odd')
  })
})
