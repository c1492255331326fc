/**
 * Receivers that misbehave. Whatever they do, a request ends by its deadline with a precise code, the connection
 * is closed when its state is not known, and the next request is served.
 */
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RawReceiver, rawReceiver } from '../../../test/raw-receiver.js'
import { EgressClient } from './client.js'
import { createPolicy } from './guard.js'

const TIMEOUT = 700
/** What a deadline may be late by on a busy machine. */
const SLACK = 500
const HEAD = 'HTTP/1.1 200 OK\r\n'
const LIMIT = 64 * 1024

let client: EgressClient
let receiver: RawReceiver | undefined

/** The first request of a process reads the HTTP client, which is not the receiver's time. */
beforeAll(async () => {
  const first = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
  const kind = await rawReceiver({ onRequest: (socket) => socket.write(`${HEAD}content-length: 0\r\n\r\n`) })
  await first.send({ method: 'GET', url: `http://127.0.0.1:${kind.port}/`, headers: {}, timeout: 60_000 })
  await first.close()
  await kind.close()
})
beforeEach(() => {
  client = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
})
afterEach(async () => {
  await receiver?.close()
  await client.close()
})

async function against(onRequest: (socket: Socket) => void, onConnection?: (socket: Socket) => void) {
  receiver = await rawReceiver({ onRequest, ...(onConnection && { onConnection }) })
  return receiver.port
}

const post = (port: number, timeout = TIMEOUT) =>
  client.send({ method: 'POST', url: `http://127.0.0.1:${port}/hook`, headers: {}, body: '{"a":1}', timeout })

async function outcomeOf(port: number, timeout?: number) {
  const started = performance.now()
  const outcome = await post(port, timeout).catch((error: unknown) => error)
  return { outcome, milliseconds: performance.now() - started }
}

/** Says `text`, then `piece` again and again while anyone listens. */
function drip(socket: Socket, text: string, piece: string, every: number): void {
  socket.write(text)
  const timer = setInterval(() => socket.write(piece), every)
  socket.on('close', () => clearInterval(timer))
}

/** Writes as fast as it is read. */
function pour(socket: Socket, text: string, piece: Buffer, most: number): void {
  let left = most
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left -= piece.length
      if (!socket.write(piece)) return void socket.once('drain', more)
    }
  }
  socket.write(text)
  more()
}

/** undici may have connected again after an abort, without a request. */
const closedSoon = () => expect.poll(() => receiver?.closed(), { timeout: 2_000 }).toBeGreaterThanOrEqual(1)

describe('a receiver that is slow', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['never answers', () => undefined],
    ['sends one byte of its headers at a time', (socket) => drip(socket, HEAD, 'x', 100)],
    ['never ends its status line', (socket) => drip(socket, 'HTTP/1.1 200 ', 'x', 50)],
    ['sends one byte of its body at a time', (socket) => drip(socket, `${HEAD}content-length: 5000\r\n\r\n`, 'x', 100)],
    [
      'sends one chunk at a time',
      (socket) => drip(socket, `${HEAD}transfer-encoding: chunked\r\n\r\n`, '1\r\nx\r\n', 100),
    ],
    [
      'never ends its chunk extension',
      (socket) => drip(socket, `${HEAD}transfer-encoding: chunked\r\n\r\n1;`, 'x', 50),
    ],
    ['sends less than it announced and waits', (socket) => socket.write(`${HEAD}content-length: 10\r\n\r\nshort`)],
    [
      'sends an informational answer now and then',
      (socket) => drip(socket, '', 'HTTP/1.1 103 Early Hints\r\n\r\n', 200),
    ],
  ])('and %s: timeout', async (_title, onRequest) => {
    const port = await against(onRequest)
    const { outcome, milliseconds } = await outcomeOf(port)
    expect(outcome).toMatchObject({ name: 'EgressError', code: 'timeout' })
    expect(milliseconds).toBeGreaterThan(TIMEOUT - 20)
    expect(milliseconds).toBeLessThan(TIMEOUT + SLACK)
    await closedSoon()
  })

  it('and takes no large body: timeout', async () => {
    const port = await against(
      () => undefined,
      (socket) => socket.pause(),
    )
    const body = Buffer.alloc(32 * 1024 * 1024)
    const url = `http://127.0.0.1:${port}/`
    const sent = client.send({ method: 'POST', url, headers: {}, body, timeout: TIMEOUT })
    await expect(sent).rejects.toMatchObject({ code: 'timeout' })
  })
})

describe('a receiver that breaks off', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['by a reset before it answers', (socket) => socket.resetAndDestroy()],
    ['by closing before it answers', (socket) => socket.end()],
    ['by a reset in its headers', (socket) => socket.write(`${HEAD}x-a: `, () => socket.resetAndDestroy())],
    ['by closing in its headers', (socket) => socket.end(`${HEAD}x-a: `)],
    [
      'by a reset in its body',
      (socket) => socket.write(`${HEAD}content-length: 10\r\n\r\nshort`, () => socket.resetAndDestroy()),
    ],
    ['by closing in its body', (socket) => socket.end(`${HEAD}content-length: 10\r\n\r\nshort`)],
    ['by closing in a chunk', (socket) => socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nab`)],
    [
      'by closing in a chunk, as it said',
      (socket) => socket.end(`${HEAD}connection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab`),
    ],
  ])('%s: reset', async (_title, onRequest) => {
    const port = await against(onRequest)
    const { outcome, milliseconds } = await outcomeOf(port)
    expect(outcome).toMatchObject({ name: 'EgressError', code: 'reset' })
    expect(milliseconds).toBeLessThan(TIMEOUT)
  })

  it('at once when connected to: connect or reset, as it comes', async () => {
    const port = await against(
      () => undefined,
      (socket) => socket.resetAndDestroy(),
    )
    expect((await outcomeOf(port)).outcome).toMatchObject({ code: expect.stringMatching(/^(connect|reset)$/) })
  })

  it('after its answer: the answer counts', async () => {
    const port = await against((socket) =>
      socket.write(`${HEAD}content-length: 2\r\n\r\nok`, () => setTimeout(() => socket.resetAndDestroy(), 20)),
    )
    expect((await outcomeOf(port)).outcome).toMatchObject({ status: 200, body: 'ok' })
  })

  it('half, and still answers: the answer counts', async () => {
    const port = await against((socket) => socket.end(`${HEAD}connection: close\r\n\r\nuntil the end`))
    expect((await outcomeOf(port)).outcome).toMatchObject({ status: 200, body: 'until the end', truncated: false })
  })
})

describe('a receiver that does not speak HTTP/1.1', () => {
  it.each<[string, string]>([
    ['a status line that is none', 'HELLO\r\n\r\n'],
    ['the greeting of a mail server', '220 mail.example ESMTP\r\n'],
    ['a version that is none', 'HTTP/9.9 200 OK\r\n\r\n'],
    ['a status that is none', 'HTTP/1.1 2x0 OK\r\n\r\n'],
    ['TLS', '\x15\x03\x01\x00\x02\x02\x46'],
    ['a header without a name', `${HEAD}: x\r\ncontent-length: 0\r\n\r\n`],
    ['a line break inside a header', `${HEAD}x-a: 1\nx-b\x00: 2\r\n\r\n`],
    ['two lengths', `${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\nokk`],
    ['a length that is none', `${HEAD}content-length: -1\r\n\r\n`],
    ['a length and chunks', `${HEAD}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a chunk size that is none', `${HEAD}transfer-encoding: chunked\r\n\r\nxyz\r\n`],
    [
      'an upgrade nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    ],
    ['an upgrade to nothing', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['a 100 that nobody waits for', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['100 kB of headers', `${HEAD}${`x-filler: ${'a'.repeat(1000)}\r\n`.repeat(100)}\r\n`],
    ['one header of 100 kB', `${HEAD}x-filler: ${'a'.repeat(100_000)}\r\n\r\n`],
    [
      '100 kB of trailers',
      `${HEAD}transfer-encoding: chunked\r\n\r\n0\r\n${`x-t: ${'a'.repeat(1000)}\r\n`.repeat(100)}\r\n`,
    ],
    ['a flood of informational answers', 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(10_000)],
  ])('but sends %s: protocol', async (_title, text) => {
    const port = await against((socket) => socket.write(text, 'latin1'))
    const { outcome, milliseconds } = await outcomeOf(port)
    expect(outcome).toMatchObject({ name: 'EgressError', code: 'protocol' })
    expect(milliseconds).toBeLessThan(TIMEOUT)
    await closedSoon()
  })

  it('but closes before the length it announced: protocol', async () => {
    const port = await against((socket) => socket.end(`${HEAD}connection: close\r\ncontent-length: 10\r\n\r\nshort`))
    const { outcome } = await outcomeOf(port)
    expect(outcome).toMatchObject({ code: 'protocol', message: expect.stringContaining('its length is not') })
  })

  it('may send a few informational answers', async () => {
    const port = await against((socket) =>
      socket.write(`${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5)}${HEAD}content-length: 2\r\n\r\nok`),
    )
    expect((await outcomeOf(port)).outcome).toMatchObject({ status: 200, body: 'ok' })
  })

  it('may name headers like members of objects', async () => {
    const port = await against((socket) =>
      socket.write(`${HEAD}__proto__: a\r\nconstructor: b\r\n__proto__: c\r\ncontent-length: 2\r\n\r\nok`),
    )
    expect((await outcomeOf(port)).outcome).toMatchObject({ status: 200, body: 'ok' })
    expect(Object.hasOwn(Object.prototype, 'a')).toBe(false)
  })
})

describe('a receiver that answers too much', () => {
  const block = Buffer.alloc(LIMIT, 'a')
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), block, Buffer.from('\r\n')])
  const GIB = 1024 ** 3

  it.each<[string, string, Buffer]>([
    ['1 GiB', `${HEAD}content-length: ${GIB}\r\n\r\n`, block],
    ['chunks without end', `${HEAD}transfer-encoding: chunked\r\n\r\n`, chunk],
    ['until it closes', `${HEAD}connection: close\r\n\r\n`, block],
  ])('%s: cut at 64 KiB, and no more is read', async (_title, head, piece) => {
    const before = process.memoryUsage().rss
    const port = await against((socket) => pour(socket, head, piece, GIB))
    const { outcome } = await outcomeOf(port, 5_000)
    expect(outcome).toMatchObject({ status: 200, truncated: true, body: 'a'.repeat(LIMIT) })
    await closedSoon()
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024)
  })

  it('in gzip: 1 MiB that would be 1 GiB is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    const head = `${HEAD}content-encoding: ${'gzip, '.repeat(99)}gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`
    const port = await against((socket) => void socket.write(Buffer.concat([Buffer.from(head), bomb])))
    const { outcome } = await outcomeOf(port, 5_000)
    expect(bomb.length).toBeGreaterThan(LIMIT / 2)
    expect(outcome).toMatchObject({ status: 200 })
    expect((outcome as { body: string }).body.length).toBeLessThanOrEqual(LIMIT)
  })

  it('a second answer: it is not taken for the answer of the next request', async () => {
    let requests = 0
    const answer = (text: string) => `${HEAD}content-length: ${text.length}\r\n\r\n${text}`
    const port = await against((socket) => {
      requests += 1
      socket.write(requests === 1 ? answer('first') + answer('forged') : answer('second'))
    })
    expect((await outcomeOf(port)).outcome).toMatchObject({ body: 'first' })
    expect((await outcomeOf(port)).outcome).toMatchObject({ body: 'second' })
  })

  it('more than it announced: only what it announced is its answer', async () => {
    const port = await against((socket) => socket.write(`${HEAD}content-length: 2\r\n\r\nok and more`))
    expect((await outcomeOf(port)).outcome).toMatchObject({ status: 200, body: 'ok', truncated: false })
    await closedSoon()
  })
})

describe('a receiver that leads inside', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://127.0.0.1:1/',
    'http://[::1]/',
    'file:///etc/passwd',
    '//169.254.169.254/',
  ])('to %s: its redirect is an answer', async (location) => {
    const port = await against((socket) =>
      socket.write(`HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`),
    )
    expect((await outcomeOf(port)).outcome).toMatchObject({ status: 302, headers: { location } })
    expect(receiver?.connections()).toBe(1)
  })
})

describe('beside hostile receivers', () => {
  it('good ones are served', async () => {
    const bad = await rawReceiver()
    const port = await against((socket) => socket.write(`${HEAD}content-length: 2\r\n\r\nok`))
    const stuck = Array.from({ length: 100 }, () => post(bad.port).catch((error: { code: string }) => error.code))
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(port, 5_000)))
    expect(answers.every(({ body }) => body === 'ok')).toBe(true)
    expect(new Set(await Promise.all(stuck))).toEqual(new Set(['timeout']))
    await bad.close()
  })
})
