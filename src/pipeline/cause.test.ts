import { describe, expect, it } from 'vitest'
import { causeOf, cutCause } from './cause.js'

describe('a cause', () => {
  it('is a line each, without stacks', () => {
    const cause = causeOf(new RangeError('outer', { cause: new Error('middle', { cause: 'inner' }) }))
    expect(cause).toBe('RangeError: outer\ncaused by Error: middle\ncaused by inner')
  })

  it('ends, even when it leads back to itself', () => {
    const error = new Error('round')
    error.cause = error
    expect(causeOf(error).split('\n')).toHaveLength(10)
  })

  it('has at most 4 KiB and no half character', () => {
    const cut = cutCause(`a${'€'.repeat(5_000)}`)
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(4_096)
    expect(cut).toMatch(/^a€+…$/)
    expect(cutCause('short')).toBe('short')
  })

  it.each([
    ['whsec_c2VjcmV0LXNlY3JldA== did not fit', '*** did not fit'],
    ['whsk_c2VjcmV0 and whpk_cHVibGlj', '*** and whpk_cHVibGlj'],
    ['GET https://ada:hunter2@db.example/x failed', 'GET https://ada:***@db.example/x failed'],
    ['authorization: Bearer abc.def-1', 'authorization: Bearer ***'],
  ])('shows no secret: %s', (text, shown) => {
    expect(cutCause(text)).toBe(shown)
  })
})
