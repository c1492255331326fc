import { describe, expect, it } from 'vitest'
import { LONGEST_WAIT, retryAfter, SHORTEST_WAIT } from './retry-after.js'

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0)
const wait = (value: string | undefined, date?: string) => retryAfter(value, date, NOW)

describe('Retry-After', () => {
  it('reads seconds', () => {
    expect(wait('120')).toBe(120_000)
    expect(wait(' 7 ')).toBe(7_000)
  })

  it('keeps to its range', () => {
    expect(wait('0')).toBe(SHORTEST_WAIT)
    expect(wait('-5')).toBe(SHORTEST_WAIT)
    expect(wait('99999999999999999999999999')).toBe(LONGEST_WAIT)
    expect(wait('Sat, 21 Nov 2020 12:00:00 GMT')).toBe(SHORTEST_WAIT)
    expect(wait('Sat, 21 Nov 2099 12:00:00 GMT')).toBe(LONGEST_WAIT)
  })

  it.each([
    ['IMF-fixdate', 'Sat, 21 Nov 2026 12:01:00 GMT'],
    ['RFC 850', 'Saturday, 21-Nov-26 12:01:00 GMT'],
    ['asctime', 'Sat Nov 21 12:01:00 2026'],
  ])('reads a date as %s', (_form, text) => {
    expect(wait(text)).toBe(60_000)
  })

  it("measures a date by the receiver's own clock", () => {
    expect(wait('Tue, 01 Jan 2030 00:00:30 GMT', 'Tue, 01 Jan 2030 00:00:00 GMT')).toBe(30_000)
  })

  it.each([
    undefined,
    '',
    'soon',
    '1.5',
    '1e3',
    '0x10',
    '2026-11-21T12:01:00Z',
    '12, 13',
    'Sat, 99 Nov 2026 12:01:00 GMT',
    'NaN',
  ])('ignores %j', (text) => {
    expect(wait(text)).toBeUndefined()
  })
})
