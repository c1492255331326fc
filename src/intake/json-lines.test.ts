import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonLine, parseJsonLines } from './json-lines.js'

const collect = async (chunks: readonly Uint8Array[], limits = {}): Promise<readonly JsonLine[]> => {
  const lines: JsonLine[] = []
  for await (const line of parseJsonLines(Readable.from(chunks), limits)) lines.push(line)
  return lines
}

describe('JSON lines', () => {
  it('are read with their numbers, empty ones left out', async () => {
    const lines = await collect([Buffer.from('{"a":1}\n\n  \r\n[2]\r\n"three"')])
    expect(lines).toEqual([
      { line: 1, value: { a: 1 } },
      { line: 4, value: [2] },
      { line: 5, value: 'three' },
    ])
  })

  it('go on after a bad one', async () => {
    const [first, second, third] = await collect([Buffer.from('1\n{"a":}\n3\n')])
    expect(first).toEqual({ line: 1, value: 1 })
    expect(second).toMatchObject({ line: 2, error: { code: 'invalid_json' } })
    expect(third).toEqual({ line: 3, value: 3 })
  })

  it('may be cut anywhere, inside a character too', async () => {
    const text = Buffer.from('{"name":"Jiří 😀"}\n{"b":2}\n')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 8 }), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length]
        const chunks = places.slice(1).map((end, at) => text.subarray(places[at], end))
        expect(await collect(chunks)).toEqual([
          { line: 1, value: { name: 'Jiří 😀' } },
          { line: 2, value: { b: 2 } },
        ])
      }),
    )
  })

  it('are skipped when too long, without being kept', async () => {
    const long = Array.from({ length: 1_000 }, () => Buffer.alloc(1_000, 0x20))
    const lines = await collect([Buffer.from('1\n'), ...long, Buffer.from('x\n2\n')], { maxBytes: 100 })
    expect(lines).toMatchObject([
      { line: 1, value: 1 },
      { line: 2, error: { code: 'too_large' } },
      { line: 3, value: 2 },
    ])
  })

  it('survive a stream that fills its buffer again', async () => {
    const buffer = Buffer.alloc(4)
    async function* reusing() {
      for (const part of ['["ab', 'cd"]', '\n"e"']) {
        buffer.write(part)
        yield buffer.subarray(0, part.length)
      }
    }
    const lines: JsonLine[] = []
    for await (const line of parseJsonLines(reusing())) lines.push(line)
    expect(lines).toEqual([
      { line: 1, value: ['abcd'] },
      { line: 2, value: 'e' },
    ])
  })
})
