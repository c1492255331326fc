import { describe, expect, it } from 'vitest'
import { expectCleanStop } from '../faults/expectations.js'
import { seedOfRun } from '../faults/random.js'
import { stopWhileHeld, stopWhilePublishing } from '../faults/shutdown.js'

describe('SIGTERM while publishing and delivering', () => {
  it('loses nothing and delivers nothing twice', { timeout: 240_000 }, async () => {
    expectCleanStop(await stopWhilePublishing(5, seedOfRun()))
  })

  it('returns what nobody answers to the queue, and ends', { timeout: 120_000 }, async () => {
    const report = await stopWhileHeld(500)
    expectCleanStop(report)
    expect(report.held).toBe(4)
    expect(report.took).toBeGreaterThanOrEqual(500)
    expect(report.took).toBeLessThan(10_000)
  })
})
