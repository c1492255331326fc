import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Lanes } from './lanes.js'
import type { Message } from './messages.js'

const message = (line: number, value: unknown): Message => ({ line, text: JSON.stringify(value), value })

describe('lanes', () => {
  it('keeps the order of a subject while several batches are under way', async () => {
    const sent: Message[] = []
    let running = 0
    let most = 0
    const lanes = new Lanes(4, 3, async (batch) => {
      running += 1
      most = Math.max(most, running)
      await sleep((batch[0]?.line ?? 0) % 7)
      sent.push(...batch)
      running -= 1
    })
    for (let line = 1; line <= 200; line += 1) await lanes.put(message(line, { subject: `s${line % 9}` }))
    await lanes.end()
    expect(sent).toHaveLength(200)
    expect(most).toBeGreaterThan(1)
    for (let subject = 0; subject < 9; subject += 1) {
      const lines = sent.filter(({ line }) => line % 9 === subject).map(({ line }) => line)
      expect(lines).toEqual([...lines].sort((a, b) => a - b))
    }
  })

  it('does not let the last batch overtake the one before', async () => {
    const sent: number[] = []
    const lanes = new Lanes(1, 2, async (batch) => {
      await sleep(batch.length === 2 ? 30 : 0)
      sent.push(...batch.map(({ line }) => line))
    })
    for (let line = 1; line <= 3; line += 1) await lanes.put(message(line, {}))
    await lanes.end()
    expect(sent).toEqual([1, 2, 3])
  })

  it('puts the partition key before the subject, and what has neither in turn', async () => {
    const batches: number[][] = []
    const lanes = new Lanes(2, 100, async (batch) => void batches.push(batch.map(({ line }) => line)))
    for (let line = 1; line <= 4; line += 1)
      await lanes.put(message(line, { subject: `s${line}`, partitionkey: 'one' }))
    await lanes.end()
    expect(batches).toEqual([[1, 2, 3, 4]])
    batches.length = 0
    const others = new Lanes(2, 100, async (batch) => void batches.push(batch.map(({ line }) => line)))
    for (let line = 1; line <= 4; line += 1) await others.put(message(line, {}))
    await others.end()
    expect(batches.flat().sort()).toEqual([1, 2, 3, 4])
    expect(batches).toHaveLength(2)
  })

  it('sends a batch that grew large before it is full', async () => {
    const sizes: number[] = []
    const lanes = new Lanes(1, 1000, async (batch) => void sizes.push(batch.length))
    for (let line = 1; line <= 3; line += 1) await lanes.put(message(line, { data: 'x'.repeat(600_000) }))
    await lanes.end()
    expect(sizes).toEqual([2, 1])
  })
})
