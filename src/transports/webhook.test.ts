import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  type AddressInfo,
  createServer as createSocketServer,
  type Socket,
  type Server as SocketServer,
} from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { EgressClient } from '../access/egress/client.js'
import { EgressError } from '../access/egress/egress-error.js'
import { createPolicy } from '../access/egress/guard.js'
import { excerptsWithout } from './excerpt.js'
import { outcomeOfEgress } from './peer.js'
import { LONGEST_WAIT, SHORTEST_WAIT } from './retry-after.js'
import type { OutgoingMessage, Sender, SigningSecret } from './transport.js'
import { webhookTransport } from './webhook.js'
import { outcomeOfError } from './webhook-outcome.js'

const LOOPBACK = createPolicy({ allowHttp: true, allow: ['127.0.0.0/8', '::1/128'] })
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function transport(policy = LOOPBACK) {
  const egress = new EgressClient({ policy })
  closers.push(() => egress.close())
  return webhookTransport({ egress, version: '1.2.3' })
}

type Target = Readonly<Record<string, unknown>>
const open = (target: Target, secrets: readonly SigningSecret[] = []): Sender => transport().open(target, secrets)

async function listen(server: Server | SocketServer): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
}

const serve = (answer: (request: IncomingMessage, response: ServerResponse) => void) => listen(createServer(answer))
/** A server that does with the bare socket what it likes, as soon as something arrives. */
const serveRaw = (act: (socket: Socket) => void) =>
  listen(createSocketServer((socket) => socket.once('data', () => act(socket))))

const TIME = Date.UTC(2026, 10, 21, 12)
const BODY = '{"specversion":"1.0","note":"Zoë \u{1F511}"}'

const message = (more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  id: 'msg_1',
  event: { id: 'e1', source: '/test', type: 'device.issued' },
  time: TIME,
  attempt: 1,
  headers: { 'content-type': 'application/cloudevents+json' },
  body: BODY,
  ...more,
})

const deadline = (milliseconds: number) => AbortSignal.timeout(milliseconds)
const sendTo = (url: string, milliseconds = 5_000) => open({ url }).send(message(), deadline(milliseconds))

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const secret = (text: string) => `whsec_${Buffer.from(text.padEnd(32, '.')).toString('base64')}`

const IN_AN_HOUR = 'a date in an hour'

describe('a webhook', () => {
  it('posts the exact body with its headers and a signature every live secret made', async () => {
    const [present, former, gone] = [secret('present'), secret('former'), secret('gone')]
    const now = Date.now()
    let seen: { headers: IncomingMessage['headers']; body: string; method?: string | undefined } | undefined
    const url = await serve(async (request, response) => {
      seen = { headers: request.headers, body: await bodyOf(request), method: request.method }
      response.end()
    })
    const secrets = [{ secret: present }, { secret: former, until: now + 1 }, { secret: gone, until: now }]
    const sender = open({ url, headers: { Authorization: 'Bearer t' } }, secrets)
    const headers = { 'content-type': 'application/json', 'ce-id': 'e1' }
    expect(await sender.send(message({ time: now, headers }), deadline(5_000))).toMatchObject({
      outcome: 'delivered',
      code: '200',
    })
    expect(seen).toMatchObject({ method: 'POST', body: BODY })
    expect(seen?.headers).toMatchObject({
      ...headers,
      authorization: 'Bearer t',
      'user-agent': 'tocsin/1.2.3',
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(now / 1_000)),
    })
    const verify = (key: string) => new Webhook(key).verify(seen?.body ?? '', seen?.headers as Record<string, string>)
    expect(verify(present)).toEqual(JSON.parse(BODY))
    expect(verify(former)).toEqual(JSON.parse(BODY))
    expect(() => verify(gone)).toThrow()
  })

  it.each([
    ['http://127.0.0.1:1/', undefined, 'target.url'],
    ['not a url', undefined, 'target.url'],
    ['ftp://example.org/', undefined, 'target.url'],
    ['https://user:pass@example.org/', undefined, 'target.url'],
    ['https://example.org/', { Host: 'x' }, 'target.headers.Host'],
    ['https://example.org/', { 'Webhook-Signature': 'x' }, 'target.headers.Webhook-Signature'],
    ['https://example.org/', { 'ce-id': 'x' }, 'target.headers.ce-id'],
    ['https://example.org/', { 'x-a': '1', 'X-A': '2' }, 'target.headers.x-a'],
    ['https://example.org/', { 'x-a': 'a\r\nx-b: c' }, 'target.headers.x-a'],
    ['https://example.org/', { 'x a': '1' }, 'target.headers'],
    ['https://example.org/', 'x: y', 'target.headers'],
  ])('refuses %s with headers %j', async (url, headers, field) => {
    const strict = transport(createPolicy())
    await expect(strict.check({ url, ...(headers !== undefined && { headers }) })).rejects.toMatchObject({ field })
  })

  it('is refused, not retried, where policy forbids the way', async () => {
    const sender = transport(createPolicy()).open({ url: 'https://127.0.0.1:1/' })
    expect(await sender.send(message(), deadline(5_000))).toMatchObject({ outcome: 'refused', code: 'target_refused' })
  })
})

describe('what a status means', () => {
  it.each([200, 201, 202, 204, 299])('%i is delivered', async (status) => {
    const url = await serve((_, response) => response.writeHead(status).end())
    expect(await sendTo(url)).toMatchObject({ outcome: 'delivered', code: String(status) })
  })

  it.each([400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 425, 429, 500, 502, 503, 504, 599])(
    '%i is tried again',
    async (status) => {
      const url = await serve((_, response) => response.writeHead(status).end('why'))
      expect(await sendTo(url)).toEqual({
        outcome: 'retry',
        code: String(status),
        message: `The receiver answered ${status}.`,
        response: 'why',
      })
    },
  )

  it('410 is refused and disables', async () => {
    const url = await serve((_, response) => response.writeHead(410).end())
    expect(await sendTo(url)).toMatchObject({ outcome: 'refused', code: '410', disable: true })
  })

  it.each([301, 302, 303, 307, 308])('%i is tried again, at the same place', async (status) => {
    let hits = 0
    const url = await serve((request, response) => {
      hits += 1
      response.writeHead(status, { location: request.url ?? '/' }).end()
    })
    expect(await sendTo(url)).toMatchObject({ outcome: 'retry', code: 'redirect' })
    expect(hits).toBe(1)
  })

  it.each([
    ['120', 120_000],
    ['0', SHORTEST_WAIT],
    ['-1', SHORTEST_WAIT],
    ['999999999999', LONGEST_WAIT],
    [IN_AN_HOUR, 3_600_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', SHORTEST_WAIT],
    ['whenever', undefined],
  ])('429 and 503 with Retry-After: %s', async (value, expected) => {
    for (const status of [429, 503]) {
      // Written as it is answered: a slow run has no older date.
      const said = () => (value === IN_AN_HOUR ? new Date(Date.now() + 3_600_000).toUTCString() : value)
      const url = await serve((_, response) => response.writeHead(status, { 'retry-after': said() }).end())
      const outcome = await sendTo(url)
      const after = outcome.outcome === 'retry' ? outcome.after : null
      if (expected === undefined) expect(after).toBeUndefined()
      else expect(Math.abs((after ?? 0) - expected)).toBeLessThanOrEqual(2_000)
    }
  })
})

it('that we have no room to connect for is released, by other transports too', () => {
  const error = new EgressError('exhausted', 'EMFILE')
  for (const outcome of [outcomeOfError(error, excerptsWithout([])), outcomeOfEgress(error)])
    expect(outcome).toMatchObject({ outcome: 'release', code: 'exhausted' })
})

describe('a hostile receiver', () => {
  const rejectsInTime = async (url: string) => {
    const signal = deadline(200)
    await expect(open({ url }).send(message(), signal)).rejects.toSatisfy((error) => error === signal.reason)
  }

  it('that never answers is left at the deadline', async () => rejectsInTime(await serveRaw(() => {})))

  it('that sends its headers byte by byte is left at the deadline', async () =>
    rejectsInTime(await serveRaw((socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx: '))))

  it('that sends its body byte by byte is left at the deadline', async () =>
    rejectsInTime(await serveRaw((socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n'))))

  it.each([
    ['resets before the answer', (socket: Socket) => socket.resetAndDestroy(), 'reset'],
    ['closes before the answer', (socket: Socket) => socket.destroy(), 'reset'],
    [
      'resets within the body',
      (socket: Socket) =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf', () => socket.resetAndDestroy()),
      'reset',
    ],
    ['has no status line', (socket: Socket) => socket.end('HELLO THERE\r\n\r\n'), 'protocol'],
    ['has no such status', (socket: Socket) => socket.end('HTTP/1.1 9999 WHAT\r\n\r\n'), 'protocol'],
    [
      'switches protocols',
      (socket: Socket) => socket.end('HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      'protocol',
    ],
    [
      'sends headers without end',
      (socket: Socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`),
      'protocol',
    ],
  ])('that %s is tried again', async (_name, act, code) => {
    expect(await sendTo(await serveRaw((socket) => void act(socket)))).toMatchObject({ outcome: 'retry', code })
  })

  it('that is not there is tried again', async () => {
    const url = await serve(() => {})
    await closers.pop()?.()
    expect(await sendTo(url)).toMatchObject({ outcome: 'retry', code: 'connect' })
  })

  it('that sends a gigabyte is not listened to', async () => {
    let sent = 0
    const url = await serve((_, response) => {
      const block = Buffer.alloc(65_536, 'x')
      const pour = (): void => {
        while (sent < 2 ** 30 && !response.destroyed) {
          sent += block.length
          if (!response.write(block)) return void response.once('drain', pour)
        }
        response.end()
      }
      response.writeHead(200, { 'content-length': 2 ** 30 })
      pour()
    })
    const outcome = await sendTo(url)
    expect(outcome).toMatchObject({ outcome: 'delivered' })
    expect('response' in outcome && outcome.response?.length).toBe(65_536)
    expect(sent).toBeLessThan(64 * 2 ** 20)
  })

  it('that repeats what it was sent learns nothing into our records', async () => {
    const signing = secret('signing')
    const url = await serve((request, response) =>
      response.writeHead(401).end(`${JSON.stringify(request.headers)} ${signing}`),
    )
    const sender = open({ url, headers: { authorization: 'Bearer canary-1', 'x-key': 'canary-2' } }, [
      { secret: signing },
    ])
    const outcome = JSON.stringify(await sender.send(message(), deadline(5_000)))
    expect(outcome).toContain('***')
    for (const canary of ['canary-1', 'canary-2', signing.slice(6)]) expect(outcome).not.toContain(canary)
  })

  it('does not slow a good one', async () => {
    const bad = await serveRaw(() => {})
    const good = await serve((_, response) => response.end())
    const way = transport()
    const [toBad, toGood] = [way.open({ url: bad }), way.open({ url: good })]
    const attempts = Array.from({ length: 20 }, () => new AbortController())
    const stuck = attempts.map(({ signal }) => toBad.send(message(), signal).catch(() => 'left'))
    const startedAt = performance.now()
    for (let count = 0; count < 100; count += 1) {
      expect(await toGood.send(message(), deadline(5_000))).toMatchObject({ outcome: 'delivered' })
    }
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    for (const attempt of attempts) attempt.abort()
    expect(new Set(await Promise.all(stuck))).toEqual(new Set(['left']))
  })
})

function drip(socket: Socket, head: string): void {
  socket.write(head)
  const timer = setInterval(() => socket.write('H'), 20)
  socket.on('close', () => clearInterval(timer))
}
