import { fullFormats } from 'ajv-formats/dist/formats.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../errors.js'
import {
  checkExtension,
  checkExtensionName,
  checkMediaType,
  checkTags,
  checkText,
  checkTimestamp,
  checkUri,
  checkUriReference,
  isJson,
} from './attribute-values.js'

const refused = (check: (value: unknown, field: string) => unknown, value: unknown): boolean => {
  try {
    check(value, 'f')
    return false
  } catch (error) {
    if (
      error instanceof InvalidInput &&
      error.code === 'invalid_event' &&
      error.field?.startsWith('f') &&
      error.expected
    )
      return true
    throw error
  }
}

describe('a timestamp', () => {
  it.each([
    '2026-11-21T21:00:00Z',
    '2024-02-29t00:00:00.123456789z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '2026-01-01T00:00:00-00:00',
    '2000-02-29T12:00:00+23:59',
  ])('may be %s', (value) => {
    expect(checkTimestamp(value, 'f')).toBe(value)
    expect(Date.parse(value)).not.toBeNaN()
  })

  it.each([
    '',
    '2026-11-21',
    '2026-11-21T21:00:00',
    '2026-11-21 21:00:00Z',
    '2023-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2016-12-31T23:59:60Z',
    '10000-01-01T00:00:00Z',
    '+010000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-00:01',
    '0000-01-01T00:00:00+00:01',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00Z ',
    1234,
    null,
  ])('may not be %j', (value) => {
    expect(refused(checkTimestamp, value)).toBe(true)
  })

  it('says of a leap second what is wrong', () => {
    expect(() => checkTimestamp('2016-12-31T23:59:60Z', 'time')).toThrow('time is a leap second.')
  })

  it('written by JavaScript is always taken', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0000-01-01T00:00:00Z'),
          max: new Date('9999-12-31T23:59:59.999Z'),
          noInvalidDate: true,
        }),
        (date) => {
          expect(checkTimestamp(date.toISOString(), 'f')).toBe(date.toISOString())
        },
      ),
    )
  })
})

describe('a URI reference', () => {
  const colonWithoutScheme = /^(?![A-Za-z][A-Za-z0-9+.-]*:)[^/?#]*:/
  const oracle = fullFormats['uri-reference'] as RegExp
  const part = fc.constantFrom(
    '/',
    '//',
    ':',
    'a',
    'http',
    '1',
    '?',
    '#',
    '[',
    ']',
    '::1',
    '@',
    '%41',
    '%',
    '%4',
    ' ',
    'é',
    '.',
    '..',
    '-',
    '|',
    '<',
    'v1.x',
    '8080',
    '',
  )

  it('agrees with the pattern that ajv uses', () => {
    // Theirs also takes double quotes and a colon in the first segment (RFC 3986 section 4.2 does not), takes a bad
    // authority for a path, and knows more of addresses in brackets.
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const text = parts.join('')
        fc.pre(text !== '' && !text.includes('['))
        const ours = !refused(checkUriReference, text)
        const theirs = oracle.test(text) && !colonWithoutScheme.test(text)
        expect(ours && !theirs, text).toBe(false)
        if (!text.includes('//')) expect(ours, text).toBe(theirs)
      }),
      { numRuns: 20_000 },
    )
  })

  it.each([
    '/cms/1',
    'https://cms.example:8443/a?b#c',
    'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66',
    'mailto:a@b.example',
    '../x',
    '#',
    '//host',
    'http://[2001:db8::1]:80/',
    'a/b:c',
    '?q',
  ])('may be %s', (value) => {
    expect(checkUriReference(value, 'f')).toBe(value)
  })

  it.each([
    '',
    'with space',
    '/é',
    'a:b c',
    '1a:b',
    '%zz',
    'http://[bad',
    'http://a:b:c',
    '/a#b#c',
    '\\',
    'http://[::1]x',
  ])('may not be %j', (value) => {
    expect(refused(checkUriReference, value)).toBe(true)
  })

  it('with a scheme is a URI', () => {
    expect(checkUri('urn:x', 'f')).toBe('urn:x')
    expect(refused(checkUri, '/relative')).toBe(true)
  })

  it('is judged in no time, however long', () => {
    const start = performance.now()
    for (const text of [`http://${'a@'.repeat(50_000)}`, `http://${'%41'.repeat(50_000)}[`, `${'a:'.repeat(50_000)} `])
      refused(checkUriReference, text)
    expect(performance.now() - start).toBeLessThan(500)
  })
})

describe('text', () => {
  it('has no control characters, lone surrogates or noncharacters', () => {
    for (const value of [
      'a\nb',
      '\u0000',
      '\u007f',
      '\u0085',
      '\ud800',
      'x\udc00',
      '\ufdd0',
      '\ufffe',
      '\u{1ffff}',
      '',
      1,
      true,
    ]) {
      expect(refused(checkText, value)).toBe(true)
    }
    for (const value of ['a b', 'Jiří', '😀', '\u202e', '\u00a0']) expect(checkText(value, 'f')).toBe(value)
  })
})

describe('an extension', () => {
  it('is a string, a boolean or a 32-bit integer', () => {
    for (const value of ['', 'a', true, 0, 2_147_483_647, -2_147_483_648])
      expect(checkExtension(value, 'f')).toBe(value)
    for (const value of [2_147_483_648, -2_147_483_649, 1.5, Number.NaN, 1e300, [], {}, 'a\u0001', '\ud800'])
      expect(refused(checkExtension, value)).toBe(true)
  })

  it('has a lower-case name', () => {
    expect(checkExtensionName('a1', 'f')).toBe('a1')
    for (const name of ['', 'A', 'a-b', 'a_b', 'á', 'data_x'])
      expect(refused((value) => checkExtensionName(String(value), 'f'), name)).toBe(true)
  })
})

describe('a list of tags', () => {
  it('has no empty tag and no comma', () => {
    expect(checkTags(['a', 'b c'], 'f')).toEqual(['a', 'b c'])
    for (const value of ['a', [''], ['a,b'], [' a'], [1]]) expect(refused(checkTags, value)).toBe(true)
  })
})

describe('a media type', () => {
  it('has a type and a subtype, perhaps parameters', () => {
    for (const value of ['application/json', 'text/plain; charset=utf-8', 'a/b;c="d e"'])
      expect(checkMediaType(value, 'f')).toBe(value)
    for (const value of ['json', 'a/', '/b', 'a/b;', 'a/b; c', 'a b/c', 'a/b\r\nx: y'])
      expect(refused(checkMediaType, value)).toBe(true)
  })

  it('may say JSON', () => {
    for (const value of [
      undefined,
      'application/json',
      'text/json; charset=utf-8',
      'application/problem+json',
      'APPLICATION/JSON',
    ])
      expect(isJson(value)).toBe(true)
    for (const value of ['application/jsonl', 'text/plain', 'application/json-seq', 'application/x; y=a/json'])
      expect(isJson(value)).toBe(false)
  })
})
