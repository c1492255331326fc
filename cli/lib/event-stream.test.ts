import { describe, expect, it } from 'vitest'
import { readStream } from './event-stream.js'

async function read(text: string, size: number) {
  const bytes = new TextEncoder().encode(text)
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
  }
  const all = []
  for await (const message of readStream(chunks())) all.push(message)
  return all
}

describe('server-sent events', () => {
  const text = ':\n\nid: 7\ndata: {"a":"é"}\n\nevent: x\r\ndata:one\r\ndata: two\r\n\r\nid: 9\n\ndata\n\ndata: cut off'

  it.each([1, 2, 3, 5, 1000])('are read however the bytes arrive (%i at a time)', async (size) => {
    expect(await read(text, size)).toEqual([
      { id: '7', data: '{"a":"é"}' },
      { id: '7', data: 'one\ntwo' },
      { id: '9', data: '' },
    ])
  })
})
