import { describe, expect, it } from 'vitest'
import { DataValidator } from './validate.js'

const fits = (pattern: string, text: string): boolean => {
  const schema = { type: 'object', properties: { text: { type: 'string', pattern } } }
  try {
    new DataValidator().check({ name: 'acme.told', schema }, { text })
    return true
  } catch {
    return false
  }
}

describe('patterns of a type', () => {
  it('take no longer for a text that is made for them', () => {
    expect(fits('^(a+)+$', 'a'.repeat(10_000))).toBe(true)
    expect(fits('^(a+)+$', `${'a'.repeat(10_000)}!`)).toBe(false)
  })

  it.each([
    ['^[a-z]+@[a-z.]+$', 'a@b.example', 'a@'],
    ['^\\p{L}+$', 'é', '1'],
    ['^\\u0041\\/$', 'A/', 'B/'],
    ['^(?!no)', 'yes', 'no'],
  ])('mean what they mean in JavaScript: %s', (pattern, good, bad) => {
    expect([fits(pattern, good), fits(pattern, bad)]).toEqual([true, false])
  })

  it('are kept apart within one type', () => {
    const schema = { properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } } }
    expect(() => new DataValidator().check({ name: 'acme.told', schema }, { a: 'a', b: 'b' })).not.toThrow()
  })
})
