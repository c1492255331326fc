import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMessages } from './messages.js'

async function* chunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
}

async function read(text: string, size = 7) {
  const all = []
  for await (const message of readMessages(chunks(text, size))) all.push(message)
  return all
}

describe('messages', () => {
  it('reads JSON lines, with their numbers, over empty lines', async () => {
    expect(await read('\n{"a":1}\r\n\n{"a":2}')).toEqual([
      { line: 2, text: '{"a":1}', value: { a: 1 } },
      { line: 4, text: '{"a":2}', value: { a: 2 } },
    ])
  })

  it('tells a line that is no JSON and goes on', async () => {
    expect(await read('{"a":1}\n{"a":\n{"a":3}\n')).toEqual([
      { line: 1, text: '{"a":1}', value: { a: 1 } },
      { line: 2, problem: 'This line is not JSON.' },
      { line: 3, text: '{"a":3}', value: { a: 3 } },
    ])
  })

  it('reads one value over several lines', async () => {
    expect(await read('\ufeff{\n  "a": "é",\n  "b": [1]\n}\n')).toMatchObject([{ line: 1, value: { a: 'é', b: [1] } }])
  })

  it('reads an array, each element with its own line and its own text', async () => {
    const text = '\n[\n  {"a": "],[{\\""},\n\n  {"n": 12345678901234567890}, {"b": [1, {"c": 2}]}\n]\n'
    expect(await read(text)).toMatchObject([
      { line: 3, text: '{"a": "],[{\\""}' },
      { line: 5, text: '{"n": 12345678901234567890}' },
      { line: 5, text: '{"b": [1, {"c": 2}]}' },
    ])
  })

  it('reads an array on the first line', async () => {
    expect(await read('[{"a":1},\n{"a":2}]')).toMatchObject([{ line: 1 }, { line: 2 }])
    expect(await read('[]')).toEqual([])
    expect(await read('[{"a":1}]')).toMatchObject([{ line: 1, text: '{"a":1}' }])
  })

  it('reads nothing from nothing', async () => {
    expect(await read('')).toEqual([])
    expect(await read(' \n \n')).toEqual([])
  })

  it('says when it is neither', async () => {
    expect(await read('hello\nworld')).toEqual([{ line: 1, problem: 'This is neither JSON nor JSON lines.' }])
  })

  it('gives back every value of any JSON, however the bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 8 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        async (values, size, pretty) => {
          const plain = JSON.parse(JSON.stringify(values))
          const asArray = await read(JSON.stringify(values, null, pretty ? 2 : 0), size)
          expect(asArray.map((message) => ('value' in message ? message.value : null))).toEqual(plain)
          for (const message of asArray) if ('text' in message) expect(JSON.parse(message.text)).toEqual(message.value)
          const objects = values.map((value) => ({ value }))
          const asLines = await read(objects.map((value) => JSON.stringify(value)).join('\n'), size)
          expect(asLines.map((message) => ('value' in message ? message.value : null))).toEqual(
            JSON.parse(JSON.stringify(objects)),
          )
        },
      ),
      { numRuns: 200 },
    )
  })
})
