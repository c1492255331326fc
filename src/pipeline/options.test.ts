import { describe, expect, it } from 'vitest'
import { checkOptions, compile, hasSecret, maskedOptions, unmasked } from './options.js'

const secret = { type: 'string', writeOnly: true }
const schema = {
  properties: {
    pin: secret,
    apiKey: { type: 'string' },
    list: { items: { properties: { code: secret, plain: {} } } },
    codes: { items: secret },
  },
}
const options = {
  pin: '1',
  apiKey: 'known to be none',
  list: [{ code: '2', plain: 'x' }, { code: '3' }],
  codes: ['4', '5'],
  token: '6',
}
const shown = {
  pin: '***',
  apiKey: 'known to be none',
  list: [{ code: '***', plain: 'x' }, { code: '***' }],
  codes: ['***', '***'],
  token: '***',
}

describe('options', () => {
  it('are shown without what the schema marks, at any depth, and what is called like a secret', () => {
    expect(maskedOptions(schema, options)).toEqual(shown)
    expect(hasSecret(schema, options)).toBe(true)
    expect(hasSecret(schema, { apiKey: 'x', list: [] })).toBe(false)
    expect(hasSecret(undefined, { apiKey: 'x' })).toBe(true)
  })

  it('are shown without what a schema marks in one of its parts, or tells elsewhere of a secret name', () => {
    const elsewhere = { properties: { pin: { anyOf: [secret, { type: 'null' }] }, password: { $ref: '#/$defs/p' } } }
    expect(maskedOptions(elsewhere, { pin: '1', password: '2' })).toEqual({ pin: '***', password: '***' })
  })

  it('given back as shown are what they were', () => {
    expect(unmasked(schema, shown, options, options)).toEqual(options)
  })

  it('given anew are new', () => {
    const given = { ...shown, pin: '9', codes: ['***', '8', '7'] }
    expect(unmasked(schema, given, options, options)).toEqual({ ...options, pin: '9', codes: ['4', '8', '7'] })
  })

  it('never set are left out, so that what lies below holds', () => {
    expect(unmasked(schema, { pin: '***' }, {}, { pin: '1' })).toEqual({})
    expect(unmasked(schema, { apiKey: '***' }, {}, {})).toEqual({ apiKey: '***' })
  })

  it('of two processors may have schemas with the same id', () => {
    compile('a', { $id: 'https://a.example/s', type: 'object' })
    expect(() => compile('b', { $id: 'https://a.example/s', type: 'object' })).not.toThrow()
  })

  it('are looked through for equal items once, from the first', () => {
    const processor = { name: 'a', optionsSchema: { properties: { list: { uniqueItems: true } } } }
    const refusal = 'options.list must NOT have duplicate items (items ## 0 and 1 are identical).'
    // Ajv's own would compare each with each, from the last.
    expect(() => checkOptions(processor, { list: [{ a: 1 }, { a: 1 }, { a: 1 }] }, 'options')).toThrow(refusal)
    expect(() => checkOptions(processor, { list: [{ a: 1 }, { a: 2 }] }, 'options')).not.toThrow()
  })

  it('without a schema may be anything', () => {
    expect(() => checkOptions({ name: 'a', kind: 'judge', run: () => undefined }, { x: 1 }, 'options')).not.toThrow()
  })
})
