import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RawReceiver, rawReceiver } from '../../../test/raw-receiver.js'
import { EgressClient, type EgressMethod, type EgressRequest, mayCarryHeader } from './client.js'
import { createPolicy, type Lookup } from './guard.js'

const LOOPBACK = createPolicy({ allow: ['127.0.0.0/8', '::1'] })
const HEAD = 'HTTP/1.1 200 OK\r\n'
const OK = `${HEAD}content-length: 2\r\n\r\nok`

let client: EgressClient
let receiver: RawReceiver
let answer: string | Buffer

beforeEach(async () => {
  answer = OK
  client = new EgressClient({ policy: LOOPBACK })
  receiver = await rawReceiver({ onRequest: (socket) => socket.write(answer) })
})
afterEach(async () => {
  await receiver.close()
  await client.close()
})

const send = (over: Partial<EgressRequest> = {}, through = client) =>
  through.send({
    method: 'POST',
    url: `http://127.0.0.1:${receiver.port}/hook?a=1#part`,
    headers: { 'content-type': 'application/json', 'webhook-id': 'msg_1' },
    body: '{"a":"ü"}',
    timeout: 2_000,
    ...over,
  })

describe('a request', () => {
  it('arrives as it was given', async () => {
    await send()
    expect(receiver.received()).toBe(
      `POST /hook?a=1 HTTP/1.1\r\nhost: 127.0.0.1:${receiver.port}\r\nconnection: keep-alive\r\n` +
        'content-type: application/json\r\nwebhook-id: msg_1\r\ncontent-length: 10\r\n\r\n{"a":"Ã¼"}',
    )
  })

  it('brings back status, headers and body', async () => {
    answer = 'HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nSet-Cookie: a\r\nset-cookie: b\r\ncontent-length: 5\r\n\r\nlater'
    expect(await send()).toEqual({
      status: 503,
      headers: { 'retry-after': '7', 'set-cookie': ['a', 'b'], 'content-length': '5' },
      body: 'later',
      truncated: false,
    })
  })

  it('uses its connection again', async () => {
    for (let i = 0; i < 20; i++) await send()
    // A connection is free a turn after its answer, so the next request may make a second one.
    expect(receiver.connections()).toBeLessThanOrEqual(2)
  })

  it('goes to a name by its checked address, and names it in Host', async () => {
    const lookup: Lookup = async () => [{ address: '127.0.0.1', family: 4 }]
    const named = new EgressClient({ policy: LOOPBACK, lookup })
    await send({ url: `http://receiver.example:${receiver.port}/x` }, named)
    await named.close()
    expect(receiver.received()).toContain(`host: receiver.example:${receiver.port}\r\n`)
  })

  it('goes to the next address when the first does not listen', async () => {
    const lookup: Lookup = async () => [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]
    const named = new EgressClient({ policy: LOOPBACK, lookup })
    expect(await send({ url: `http://two.example:${receiver.port}/` }, named)).toMatchObject({ status: 200 })
    await named.close()
  })
})

describe('the answer', () => {
  it('is kept whole up to the limit and cut after it', async () => {
    answer = `${HEAD}content-length: 10\r\n\r\n0123456789`
    expect(await send({ maxResponse: 10 })).toMatchObject({ body: '0123456789', truncated: false })
    expect(await send({ maxResponse: 9 })).toMatchObject({ body: '012345678', truncated: true })
    expect(await send({ maxResponse: 0 })).toMatchObject({ body: '', truncated: true })
  })

  it('is not cut inside a character', async () => {
    answer = Buffer.from(`${HEAD}content-length: 6\r\n\r\naü€`)
    expect(await send({ maxResponse: 5 })).toMatchObject({ body: 'aü', truncated: true })
    expect(await send({ maxResponse: 2 })).toMatchObject({ body: 'a', truncated: true })
  })

  it('of a HEAD request has no body', async () => {
    const { body: _, ...head } = { method: 'HEAD' as const, body: undefined }
    const url = `http://127.0.0.1:${receiver.port}/`
    expect(await client.send({ ...head, url, headers: {}, timeout: 1_000 })).toMatchObject({ status: 200, body: '' })
  })
})

describe('a request that fails', () => {
  it('to connect: connect', async () => {
    await receiver.close()
    receiver = await rawReceiver()
    const { port } = receiver
    await receiver.close()
    const failures = Array.from({ length: 100 }, () =>
      send({ url: `http://127.0.0.1:${port}/` }).catch((error) => error),
    )
    const errors = await Promise.all(failures)
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['connect']))
    expect(errors[0].message).toBe('No connection could be made: ECONNREFUSED.')
    receiver = await rawReceiver()
  })

  it('to find the address in time: timeout', async () => {
    const silent = new EgressClient({
      policy: LOOPBACK,
      connectTimeout: 100,
      lookup: () => new Promise(() => undefined),
    })
    await expect(send({ url: 'https://silent.example/' }, silent)).rejects.toMatchObject({ code: 'timeout' })
    await silent.close()
  })

  it('when cancelled, before, while it waits and while it runs: aborted', async () => {
    answer = ''
    const narrow = new EgressClient({ policy: LOOPBACK, connections: 1 })
    const stop = new AbortController()
    const cancelled = Array.from({ length: 3 }, () => send({ signal: stop.signal }, narrow).catch((error) => error))
    setTimeout(() => stop.abort(), 50)
    for (const error of await Promise.all(cancelled)) expect(error).toMatchObject({ code: 'aborted' })
    await expect(send({ signal: stop.signal }, narrow)).rejects.toMatchObject({ code: 'aborted' })
    answer = OK
    expect(await send({}, narrow)).toMatchObject({ body: 'ok' })
    await narrow.close()
  })

  it('after its deadline in the queue does not cost the connection of another', async () => {
    const narrow = new EgressClient({ policy: LOOPBACK, connections: 1 })
    const slow = await rawReceiver({ onRequest: (socket) => setTimeout(() => socket.write(OK), 300) })
    const url = `http://127.0.0.1:${slow.port}/`
    const first = send({ url }, narrow)
    const late = send({ url, timeout: 50 }, narrow)
    const third = send({ url }, narrow)
    await expect(late).rejects.toMatchObject({ code: 'timeout' })
    expect(await Promise.all([first, third])).toMatchObject([{ body: 'ok' }, { body: 'ok' }])
    expect(slow.connections()).toBe(1)
    await narrow.close()
    await slow.close()
  })

  it('never tells headers or body', async () => {
    answer = 'HELLO\r\n\r\n'
    const error = await send({ headers: { authorization: 'canary-secret' }, body: 'canary-body' }).catch((each) => each)
    expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('canary')
  })
})

describe('misuse', () => {
  it.each<[string, Partial<EgressRequest>]>([
    ['a method of its own', { method: 'CONNECT' as EgressMethod }],
    ['a host header', { headers: { Host: 'other.example' } }],
    ['a length of its own', { headers: { 'Content-Length': '3' } }],
    ['an encoding of its own', { headers: { 'transfer-encoding': 'chunked' } }],
    ['a line break in a header', { headers: { 'x-a': 'b\r\nx-c: d' } }],
    ['a header name that is none', { headers: { 'x a': 'b' } }],
    ['no time', { timeout: 0 }],
    ['a time that is none', { timeout: Number.NaN }],
    ['endless time', { timeout: Number.POSITIVE_INFINITY }],
    ['a negative limit', { maxResponse: -1 }],
  ])('%s is a TypeError', async (_title, over) => {
    await expect(send(over)).rejects.toBeInstanceOf(TypeError)
    expect(receiver.received()).toBe('')
  })

  it('is known before', () => {
    expect(mayCarryHeader('HOST')).toBe(false)
    expect(mayCarryHeader('Authorization')).toBe(true)
  })
})

describe('connections', () => {
  it('of origins long not used are closed', async () => {
    const others = await Promise.all([1, 2, 3].map(() => rawReceiver({ onRequest: (socket) => socket.write(OK) })))
    const few = new EgressClient({ policy: LOOPBACK, origins: 2 })
    for (const { port } of others) await send({ url: `http://127.0.0.1:${port}/` }, few)
    await expect.poll(() => others.map((other) => other.open())).toEqual([0, 1, 1])
    await few.close()
    await expect.poll(() => others.map((other) => other.open())).toEqual([0, 0, 0])
    await Promise.all(others.map((other) => other.close()))
  })

  it('to one origin are bounded, and all requests are served', async () => {
    const few = new EgressClient({ policy: LOOPBACK, connections: 3 })
    const answers = await Promise.all(Array.from({ length: 200 }, () => send({}, few)))
    expect(answers).toHaveLength(200)
    expect(receiver.connections()).toBeLessThanOrEqual(3)
    await few.close()
  })

  it('are closed by close(), which waits for what runs and takes nothing new', async () => {
    const slow = await rawReceiver({ onRequest: (socket) => setTimeout(() => socket.write(OK), 100) })
    const running = send({ url: `http://127.0.0.1:${slow.port}/` })
    await expect.poll(() => slow.connections()).toBe(1)
    const closing = client.close()
    await expect(send()).rejects.toMatchObject({ code: 'aborted' })
    expect(await running).toMatchObject({ body: 'ok' })
    await closing
    await expect.poll(() => slow.open()).toBe(0)
    await slow.close()
  })
})
