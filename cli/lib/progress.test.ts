import { describe, expect, it } from 'vitest'
import { createProgress, progressLine } from './progress.js'

describe('progress', () => {
  it('shows share, counts and rate', () => {
    expect(progressLine({ done: 1234, failed: 2, share: 1 / 3, milliseconds: 500 }, 80)).toBe(
      '[########                ]  33%  1,234 published, 2 failed  2,468/s',
    )
  })

  it('shows no bar where the end is not known, and is never wider than the terminal', () => {
    expect(progressLine({ done: 5, failed: 0, share: null, milliseconds: 0 }, 80)).toBe('5 published  0/s')
    expect(progressLine({ done: 5, failed: 0, share: 1, milliseconds: 1 }, 20).length).toBe(19)
  })

  it('draws at most ten times a second and takes its line away', () => {
    const written: string[] = []
    const progress = createProgress((text) => void written.push(text), 80)
    const progressed = { done: 1, failed: 0, share: 0.5, milliseconds: 1000 }
    for (const now of [0, 50, 99, 100, 150, 220]) progress.draw(progressed, now)
    expect(written).toHaveLength(3)
    progress.clear()
    progress.clear()
    expect(written).toHaveLength(4)
    expect(written[3]).toBe('\r\u001b[K')
  })

  it('is silent without a terminal', () => {
    const progress = createProgress(null, 80)
    progress.draw({ done: 1, failed: 0, share: 1, milliseconds: 1 }, 0)
    progress.clear()
  })
})
