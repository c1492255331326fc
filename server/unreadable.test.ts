import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from './testing.js'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

/** What is answered to these bytes until the server ends the connection. */
async function send(bytes: string): Promise<{ status: number; head: string; json: unknown }> {
  const socket = connect(Number(new URL(world.url).port), '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.write(bytes)
  await once(socket, 'close')
  const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), head, json: JSON.parse(body) }
}

describe('what is no HTTP request is answered with a problem', () => {
  it.each([
    ['another version', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n', 'malformed_request', 400],
    ['an unknown method', 'FOO / HTTP/1.1\r\nHost: x\r\n\r\n', 'malformed_request', 400],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      'malformed_request',
      400,
    ],
    ['the beginning of TLS', '\x16\x03\x01\x02\x00', 'malformed_request', 400],
    ['no host', 'GET /v1/health HTTP/1.1\r\nConnection: close\r\n\r\n', 'malformed_request', 400],
    ['long headers', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 'headers_too_large', 431],
  ])('%s', async (_name, bytes, code, status) => {
    const answer = await send(bytes)
    expect(answer.json).toMatchObject({ type: `/problems/${code}`, code, status, requestId: expect.any(String) })
    expect(answer.status).toBe(status)
    expect(answer.head.toLowerCase()).toContain('content-type: application/problem+json')
    expect(answer.head.toLowerCase()).toContain('cache-control: no-store')
    expect(answer.head.toLowerCase()).toContain('x-content-type-options: nosniff')
  })

  it('a path that is not percent-encoded', async () => {
    const answer = await send('GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(answer.json).toMatchObject({ code: 'invalid_encoding', status: 400 })
    expect(answer.head.toLowerCase()).toContain('cache-control: no-store')
  })
})
