import { describe, expect, it } from 'vitest'
import { timestampOf, timestampOfMillis } from './timestamp.js'

describe('a time as another system writes it', () => {
  it.each([
    ['2026-11-21T18:51:58Z', '2026-11-21T18:51:58Z'],
    ['2026-11-21 18:51:58.670437', '2026-11-21T18:51:58.670437Z'],
    ['2026-11-21t18:51:58.1234567z', '2026-11-21T18:51:58.1234567Z'],
    ['2026-11-21T18:51:58.000+0100', '2026-11-21T18:51:58.000+01:00'],
    ['2024-02-29T00:00:00-05:30', '2024-02-29T00:00:00-05:30'],
  ])('%s is %s', (text, time) => expect(timestampOf(text)).toBe(time))
  it.each([
    '',
    'now',
    '2026-11-21',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-06-30T23:59:60Z',
    '2026-01-01T00:00:00+24:00',
    '9999-12-31T23:59:59-01:00',
    '0000-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z\n',
  ])('%j is none', (text) => expect(timestampOf(text)).toBeUndefined())
  it('in milliseconds lies between the years 1 and 9999', () => {
    expect(timestampOfMillis(0)).toBe('1970-01-01T00:00:00.000Z')
    expect(timestampOfMillis(253_402_300_799_999)).toBe('9999-12-31T23:59:59.999Z')
    for (const millis of [253_402_300_800_000, -62_135_596_800_001, 1.5, Number.NaN])
      expect(timestampOfMillis(millis)).toBeUndefined()
  })
})
