import { describe, expect, it } from 'vitest'
import { LogCursor } from './log-cursor.js'

describe('the cursor of a reader of the log', () => {
  it('is kept one write at a time, with all that was reached meanwhile', async () => {
    const moves: (readonly [number, number])[] = []
    let release = () => {}
    const cursor = new LogCursor(0, async (from, to) => {
      moves.push([from, to])
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return true
    })
    for (const sequence of [1, 2, 3]) cursor.reach(sequence)
    expect(moves).toEqual([[0, 1]])
    const saved = cursor.saved()
    release()
    await Promise.resolve().then(() => Promise.resolve())
    expect(moves).toEqual([
      [0, 1],
      [1, 3],
    ])
    release()
    await saved
  })

  it('is lost when somebody else has moved it, and is written no more', async () => {
    const moves: number[] = []
    const cursor = new LogCursor(0, async (_, to) => {
      moves.push(to)
      return false
    })
    cursor.reach(1)
    await cursor.saved()
    expect(cursor.isLost).toBe(true)
    cursor.reach(2)
    await cursor.saved()
    expect(moves).toEqual([1])
  })

  it('tells who waits for it that it could not be kept', async () => {
    const cursor = new LogCursor(0, () => Promise.reject(new Error('disk full')))
    cursor.reach(1)
    await expect(cursor.saved()).rejects.toThrow('disk full')
  })
})
