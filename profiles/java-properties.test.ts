import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../src/index.js'
import { decodeProperties, readProperties } from './java-properties.js'

interface Vector {
  readonly text: string
  readonly properties: readonly (readonly [string, string])[] | null
}

const { vectors }: { vectors: readonly Vector[] } = JSON.parse(
  readFileSync(new URL('./czechidm/fixtures/properties.json', import.meta.url), 'utf8'),
)
const pairs = (text: string) => readProperties(text).map(({ key, value }) => [key, value])

describe('a properties file', () => {
  it.each(vectors.map(({ text, properties }) => [text, properties] as const))(
    '%j is what Java reads',
    (text, wanted) => {
      if (wanted === null) expect(() => readProperties(text)).toThrow(InvalidInput)
      else expect(pairs(text)).toEqual(wanted)
    },
  )
  it('tells the line on which a key begins, of the one that holds', () => {
    expect(readProperties('# x\n\na = 1\\\n  2\r\nb=2\ra=3\n')).toEqual([
      { key: 'a', value: '3', line: 6 },
      { key: 'b', value: '2', line: 5 },
    ])
  })
  it('names the line it refuses, not what stands there', () => {
    expect(() => readProperties('a=1\nb.password=secret\\u12\n')).toThrow('Line 2 holds a \\u without its four digits.')
  })
  it('of any text is read or refused, in time that grows with its length', () => {
    const parts = fc.constantFrom('a', '=', ':', ' ', '\\', '\n', '\r', '#', '\\u0041', '\\u', 'é')
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60 }), (text) => {
        try {
          for (const { key, value } of readProperties(text.join(''))) expect(typeof (key + value)).toBe('string')
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInput)
        }
      }),
    )
    for (const part of ['\\', ' ', '\\ ', 'a=\\\n', '='] as const) {
      const started = performance.now()
      readProperties(`${part.repeat(200_000)}\n`)
      expect(performance.now() - started, JSON.stringify(part)).toBeLessThan(2000)
    }
  })
  it('is UTF-8, or ISO 8859-1 where it is no UTF-8', () => {
    expect(decodeProperties(Buffer.from('a=č', 'utf8'))).toBe('a=č')
    expect(decodeProperties(Buffer.from('\ufeffa=b', 'utf8'))).toBe('a=b')
    expect(decodeProperties(Uint8Array.from([0x61, 0x3d, 0xe9]))).toBe('a=é')
  })
})
