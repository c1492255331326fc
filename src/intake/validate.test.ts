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

describe('uniqueItems of a type', () => {
  const check = (list: readonly unknown[], unique = true) =>
    new DataValidator().check(
      { name: 'acme.told', schema: { properties: { list: { uniqueItems: unique } } } },
      { list },
    )

  it('takes time in proportion to the list', () => {
    const list = Array.from({ length: 20_000 }, (_, id) => ({ id, of: { type: 'user' } }))
    const begun = performance.now()
    expect(() => check(list)).not.toThrow()
    expect(performance.now() - begun).toBeLessThan(5_000)
  })

  it.each([
    ['members in another order', { a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }],
    ['the same number', JSON.parse('1.0'), 1],
    ['zeros', [0], [-0]],
    ['texts', 'é', '\u00e9'],
    ['null', null, null],
  ])('finds %s equal', (_what, one, other) => {
    expect(() => check([one, 'between', other])).toThrow(
      'data.list does not fit acme.told: it must NOT have duplicate items (items ## 0 and 2 are identical).',
    )
    expect(() => check([one, other], false)).not.toThrow()
  })

  it('tells apart what only looks alike', () => {
    const alike = [1, '1', [1], ['1'], [[1]], true, 'true', null, 'null', {}, '{}', [], '', [''], [null]]
    expect(() => check([...alike, { a: 1 }, { a: '1' }, { a: 1, b: 1 }, ['a', 'b'], ['a,b'], ['a","b']])).not.toThrow()
    expect(() => check([{ 'a":1,"b': 1 }, { a: 1, b: 1 }, { toString: 1 }, { valueOf: 1 }])).not.toThrow()
  })
})
