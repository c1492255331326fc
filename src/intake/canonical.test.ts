import { describe, expect, it } from 'vitest'
import { canonical, sha256 } from './canonical.js'

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    expect(canonical({ b: [1, { d: null, c: true }], a: 'x' }, '')).toBe('{"a":"x","b":[1,{"c":true,"d":null}]}')
    expect(sha256(canonical({ a: 1, b: 2 }, ''))).toBe(sha256(canonical({ b: 2, a: 1 }, '')))
    expect(sha256(canonical({ a: 1 }, ''))).not.toBe(sha256(canonical({ a: 2 }, '')))
  })

  it('is what JSON.stringify writes, but for the order', () => {
    const value = { text: 'é\n"\u2028', number: 1e21, list: [-0, 0.1, 'x'], none: undefined }
    expect(JSON.parse(canonical(value, ''))).toEqual(JSON.parse(JSON.stringify(value)))
  })

  it.each([
    ['a lone surrogate', { data: { name: '\ud800' } }, 'invalid_encoding', 'data.name'],
    ['__proto__', JSON.parse('{"data":{"__proto__":{}}}'), 'forbidden_key', 'data.__proto__'],
    ['a function', { data: () => 1 }, 'invalid_data', 'data'],
    ['NaN', { data: [Number.NaN] }, 'invalid_data', 'data[0]'],
    ['a date', { data: new Date() }, 'invalid_data', 'data'],
    ['a bigint', { data: 1n }, 'invalid_data', 'data'],
  ])('refuses %s and says where', (_, value, code, field) => {
    expect(() => canonical(value, '')).toThrow(expect.objectContaining({ code, field }))
  })

  it('refuses depth and cycles', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    expect(() => canonical(cycle, '')).toThrow(expect.objectContaining({ code: 'too_deep' }))
  })
})
