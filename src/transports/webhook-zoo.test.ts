/**
 * The hostile receivers of which `webhook.test.ts` has no row, against the real transport: what each comes to for its task, that
 * no more than 64 KiB of it is kept, and that the one who comes after it is served. What the client below makes of each byte
 * stands in `access/egress/hostile.test.ts`.
 */
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import tls from 'node:tls'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Certificate, selfSigned } from '../../test/certificate.js'
import { type RawReceiver, rawReceiver } from '../../test/raw-receiver.js'
import { EgressClient } from '../access/egress/client.js'
import { createPolicy } from '../access/egress/guard.js'
import { EXCERPT_BYTES } from './excerpt.js'
import { LONGEST_WAIT, SHORTEST_WAIT } from './retry-after.js'
import type { OutgoingMessage, SendOutcome } from './transport.js'
import { webhookTransport } from './webhook.js'

const HEAD = 'HTTP/1.1 200 OK\r\n'
const OK = `${HEAD}content-length: 2\r\n\r\nok`
const GIB = 1024 ** 3
const BLOCK = Buffer.alloc(65_536, 'a')

const egress = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
const transport = webhookTransport({ egress, version: '1.2.3' })
let receiver: RawReceiver | undefined

afterEach(async () => {
  await receiver?.close()
  receiver = undefined
})
afterAll(() => egress.close())

const message: OutgoingMessage = {
  id: 'msg_1',
  event: { id: 'e1', source: '/test', type: 'device.issued' },
  time: Date.UTC(2026, 10, 21, 12),
  attempt: 1,
  headers: { 'content-type': 'application/cloudevents+json' },
  body: '{"specversion":"1.0"}',
}

const sendTo = (url: string, milliseconds = 20_000, target = {}): Promise<SendOutcome> =>
  transport.open({ url, ...target }).send(message, AbortSignal.timeout(milliseconds))

async function against(act: (socket: Socket) => unknown, milliseconds?: number): Promise<SendOutcome> {
  receiver = await rawReceiver({ onRequest: (socket) => void act(socket) })
  return sendTo(`http://127.0.0.1:${receiver.port}/hook`, milliseconds)
}

const responseOf = (outcome: SendOutcome): string => ('response' in outcome ? (outcome.response ?? '') : '')

/** Writes as fast as it is read; answers how much it could. */
function pour(socket: Socket, head: string, piece: Buffer): void {
  let left = 10 * GIB
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= piece.length
      if (!socket.write(piece)) return void socket.once('drain', more)
    }
  }
  socket.write(head)
  more()
}

function drip(socket: Socket, head: string, piece: string): void {
  socket.write(head)
  const timer = setInterval(() => socket.write(piece), 20)
  socket.on('close', () => clearInterval(timer))
}

const answer = (status: string, headers: string) => (socket: Socket) =>
  socket.end(`HTTP/1.1 ${status}\r\n${headers}content-length: 0\r\n\r\n`)

const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024))
const coded = (coding: string) =>
  Buffer.concat([Buffer.from(`${HEAD}content-encoding: ${coding}\r\ncontent-length: ${bomb.length}\r\n\r\n`), bomb])

describe('a receiver that', () => {
  it.each<[string, (socket: Socket) => unknown, object]>([
    [
      'resets after its answer',
      (s) => s.write(OK, () => setTimeout(() => s.resetAndDestroy(), 20)),
      { outcome: 'delivered' },
    ],
    ['half-closes and answers', (s) => s.end(`${HEAD}connection: close\r\n\r\nok`), { outcome: 'delivered' }],
    ['half-closes within its headers', (s) => s.end(`${HEAD}x-a: `), { outcome: 'retry', code: 'reset' }],
    [
      'half-closes within its body',
      (s) => s.end(`${HEAD}content-length: 9\r\n\r\nok`),
      { outcome: 'retry', code: 'reset' },
    ],
    ['answers 10 GiB', (s) => pour(s, `${HEAD}content-length: ${10 * GIB}\r\n\r\n`, BLOCK), { outcome: 'delivered' }],
    [
      'answers chunks without end',
      (s) => pour(s, `${HEAD}transfer-encoding: chunked\r\n\r\n`, Buffer.from(`10000\r\n${BLOCK}\r\n`)),
      { outcome: 'delivered' },
    ],
    [
      'refuses with chunks without end',
      (s) => pour(s, 'HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n', Buffer.from(`10000\r\n${BLOCK}\r\n`)),
      { outcome: 'retry', code: '500' },
    ],
    ['answers a gzip bomb of 1:1000', (s) => s.write(coded('gzip')), { outcome: 'delivered' }],
    [
      'answers in a hundred codings',
      (s) => s.write(coded(Array(100).fill('gzip').join(', '))),
      { outcome: 'delivered' },
    ],
    ['sends to itself without end', answer('308 Again', 'location: /hook\r\n'), { outcome: 'retry', code: 'redirect' }],
    [
      'sends to 127.0.0.1',
      answer('302 Found', 'location: http://127.0.0.1:1/\r\n'),
      { outcome: 'retry', code: 'redirect' },
    ],
    [
      'sends to the metadata of a cloud',
      answer('307 Found', 'location: http://169.254.169.254/latest/\r\n'),
      { outcome: 'retry', code: 'redirect' },
    ],
    ['sends to [::1]', answer('303 Found', 'location: http://[::1]/\r\n'), { outcome: 'retry', code: 'redirect' }],
    [
      'sends to a file',
      answer('301 Found', 'location: file:///etc/passwd\r\n'),
      { outcome: 'retry', code: 'redirect' },
    ],
    [
      'sends 100 kB of headers',
      (s) => s.write(`${HEAD}${`x-a: ${'a'.repeat(1000)}\r\n`.repeat(100)}\r\n`),
      { outcome: 'retry', code: 'protocol' },
    ],
    [
      'floods with 1xx',
      (s) => s.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(10_000)),
      { outcome: 'retry', code: 'protocol' },
    ],
    [
      'says a longer length than its body has, and closes',
      (s) => s.end(`${HEAD}connection: close\r\ncontent-length: 9\r\n\r\nok`),
      { outcome: 'retry', code: 'protocol' },
    ],
    [
      'says two lengths',
      (s) => s.write(`${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\nokk`),
      { outcome: 'retry', code: 'protocol' },
    ],
    [
      'says a shorter length than its body has',
      (s) => s.write(`${HEAD}content-length: 2\r\n\r\nok and more`),
      { outcome: 'delivered', response: 'ok' },
    ],
    ['answers twice', (s) => s.write(OK + OK), { outcome: 'delivered', response: 'ok' }],
    [
      'answers text that no database takes',
      (s) =>
        s.end(
          Buffer.concat([
            Buffer.from(`${HEAD}content-length: 6\r\n\r\n`),
            Buffer.from([0, 0xff, 0xfe, 0x1b, 0x5b, 0x41]),
          ]),
        ),
      { outcome: 'delivered', response: '\uFFFD\uFFFD\uFFFD\u001b[A' },
    ],
    ['is gone (410)', answer('410 Gone', ''), { outcome: 'refused', code: '410', disable: true }],
    [
      'wants less (429), later than for ever',
      answer('429 Slow', 'retry-after: 99999999999999999999\r\n'),
      { outcome: 'retry', code: '429', after: LONGEST_WAIT },
    ],
    [
      'wants less (429), since yesterday',
      answer('429 Slow', 'retry-after: -86400\r\n'),
      { outcome: 'retry', code: '429', after: SHORTEST_WAIT },
    ],
    [
      'wants less (429), on a date long gone',
      answer('429 Slow', 'retry-after: Sun, 06 Nov 1994 08:49:37 GMT\r\n'),
      { outcome: 'retry', after: SHORTEST_WAIT },
    ],
  ])('%s', async (_title, act, expected) => {
    const outcome = await against(act)
    expect(outcome).toMatchObject(expected)
    expect(Buffer.byteLength(responseOf(outcome))).toBeLessThanOrEqual(EXCERPT_BYTES)
    const port = receiver?.port
    await receiver?.close()
    receiver = await rawReceiver({ port: port ?? 0, onRequest: (socket) => void socket.write(OK) })
    expect(await sendTo(`http://127.0.0.1:${port}/hook`)).toMatchObject({ outcome: 'delivered', response: 'ok' })
  })

  it.each<[string, (socket: Socket) => unknown]>([
    ['never ends its status line', (s) => drip(s, 'HTTP/1.1 200 ', 'x')],
    ['sends one byte of a chunk at a time', (s) => drip(s, `${HEAD}transfer-encoding: chunked\r\n\r\n`, '1\r\nx\r\n')],
    ['never ends a chunk extension', (s) => drip(s, `${HEAD}transfer-encoding: chunked\r\n\r\n1;`, 'x')],
    ['answers less than it announced, and waits', (s) => s.write(`${HEAD}content-length: 9\r\n\r\nok`)],
  ])('%s is left at the deadline', async (_title, act) => {
    await expect(against(act, 150)).rejects.toMatchObject({ name: 'TimeoutError' })
    // undici may have connected again, without a request.
    await expect.poll(() => receiver?.closed(), { timeout: 10_000 }).toBeGreaterThanOrEqual(1)
  })
})

describe('a receiver over TLS that', () => {
  let ours: Certificate
  let other: Certificate
  let expired: Certificate
  let server: tls.Server | undefined
  beforeAll(() => {
    ours = selfSigned('ours.example')
    other = selfSigned('other.example', { days: 2, address: '127.0.0.9' })
    expired = selfSigned('ours.example', { days: -1 })
  })
  afterEach(() => server?.close())

  async function serve(options: tls.TlsOptions): Promise<string> {
    server = tls.createServer(options, (socket) => socket.on('error', () => {}).on('data', () => socket.end(OK)))
    server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  it('is vouched for is told (the control)', async () => {
    expect(await sendTo(await serve(ours), 20_000, { ca: ours.cert })).toMatchObject({ outcome: 'delivered' })
  })

  it.each<[string, () => tls.TlsOptions, () => string | undefined]>([
    ['vouches for itself', () => ours, () => undefined],
    ['has the certificate of another host', () => other, () => other.cert],
    ['has a certificate that has expired', () => expired, () => expired.cert],
    ['speaks TLS 1.0', () => ({ ...ours, ...OLD }), () => ours.cert],
  ])('%s hears nothing and is tried again', async (_title, options, ca) => {
    const trusted = ca()
    const outcome = await sendTo(await serve(options()), 20_000, trusted === undefined ? {} : { ca: trusted })
    expect(outcome).toMatchObject({ outcome: 'retry', code: 'tls' })
  })
})

/** What a receiver of the last century speaks. */
const OLD = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
