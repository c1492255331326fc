/**
 * Batches and compressed bodies, against receivers that read them as the CloudEvents SDK and Standard Webhooks' own library do.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { type CloudEvent, HTTP } from 'cloudevents'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { EgressClient } from '../access/egress/client.js'
import { createPolicy } from '../access/egress/guard.js'
import type { AnyEvent } from '../event/envelope.js'
import { cloudeventsBatchFormat, cloudeventsFormat } from '../formats/cloudevents.js'
import { cloudeventsBinaryFormat } from '../formats/cloudevents-binary.js'
import { dataFormat } from '../formats/data.js'
import type { Format } from '../formats/format.js'
import { verify } from '../formats/standard-webhooks.js'
import type { OutgoingMessage } from './transport.js'
import { webhookTransport } from './webhook.js'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Request {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** @param answer the status. */
async function receiver(answer: (request: Request, number: number) => number | Promise<number>) {
  const requests: Request[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const taken = { headers: request.headers, body: Buffer.concat(chunks) }
    requests.push(taken)
    response.writeHead(await answer(taken, requests.length)).end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closers.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, requests }
}

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes ...').toString('base64')}`

function open(target: Readonly<Record<string, unknown>>) {
  const egress = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
  closers.push(() => egress.close())
  return webhookTransport({ egress, version: '1' }).open(target, [{ secret: SECRET }])
}

const NOW = Date.now()
const quiet = () => AbortSignal.timeout(5_000)

function message(number: number, format: Format = cloudeventsBatchFormat, more: Partial<OutgoingMessage> = {}) {
  const data = { number, text: 'Zoë '.repeat(number === 0 ? 1_000 : 1) }
  const event: AnyEvent = { id: `e${number}`, source: '/cms', type: 'device.issued', subject: `d${number}`, data }
  return { id: `msg_${number}`, event, time: NOW, attempt: 1, ...format.encode(event), ...more }
}

const eventsIn = ({ headers, body }: Request): readonly CloudEvent<unknown>[] =>
  [HTTP.toEvent({ headers, body: body.toString() })].flat() as CloudEvent<unknown>[]
const isSigned = ({ headers }: Request, body: string) =>
  new Webhook(SECRET).verify(body, headers as Record<string, string>) !== undefined

describe('a batch', () => {
  it('holds what waits at the same time, signed as a whole, and each event is told once', async () => {
    const { url, requests } = await receiver(() => 204)
    const sender = open({ url, maxBatch: 10 })
    const messages = Array.from({ length: 25 }, (_, index) => message(index + 1))
    const outcomes = await Promise.all(messages.map((each) => sender.send(each, quiet())))
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['delivered']))
    expect(requests.map((request) => eventsIn(request).length).sort()).toEqual([10, 10, 5].sort())
    const told = requests.flatMap((request) => eventsIn(request).map(({ id }) => id))
    expect(told.sort()).toEqual(messages.map(({ event }) => event.id).sort())
    for (const request of requests) expect(isSigned(request, request.body.toString())).toBe(true)
    expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(3)
  })

  it('that fails, fails for all, and each is tried again alone, so that a bad event holds up itself', async () => {
    const { url, requests } = await receiver(({ body }) => (body.includes('"e2"') ? 422 : 204))
    const sender = open({ url, maxBatch: 10 })
    const tell = (attempt: number) =>
      Promise.all([1, 2, 3].map((each) => sender.send(message(each, undefined, { attempt }), quiet())))
    expect((await tell(1)).map(({ outcome }) => outcome)).toEqual(['retry', 'retry', 'retry'])
    expect((await tell(2)).map(({ outcome }) => outcome)).toEqual(['delivered', 'retry', 'delivered'])
    expect(requests.map((request) => eventsIn(request).length)).toEqual([3, 1, 1, 1])
    expect(
      requests
        .slice(1)
        .map(({ headers }) => headers['webhook-id'])
        .sort(),
    ).toEqual(['msg_1', 'msg_2', 'msg_3'])
  })

  it('goes on without who was called off, and ends when all were', async () => {
    const { url, requests } = await receiver(() => new Promise(() => {}))
    const sender = open({ url, maxBatch: 10 })
    const off = [new AbortController(), new AbortController()] as const
    const early = new AbortController()
    const gone = sender.send(message(3), early.signal)
    early.abort(new Error('early'))
    await expect(gone).rejects.toThrow('early')
    const sent = off.map((each, index) => sender.send(message(index + 1), each.signal))
    for (const each of sent) each.catch(() => undefined)
    await expect.poll(() => requests.length).toBe(1)
    expect(requests[0] && eventsIn(requests[0]).map(({ id }) => id)).toEqual(['e1', 'e2'])
    for (const [index, each] of off.entries()) {
      each.abort(new Error(`no ${index}`))
      await expect(sent[index]).rejects.toThrow(`no ${index}`)
    }
  })

  it('is asked of a format that writes batches', async () => {
    const { url, requests } = await receiver(() => 204)
    expect(await open({ url, maxBatch: 10 }).send(message(1, cloudeventsFormat), quiet())).toMatchObject({
      outcome: 'refused',
      code: 'not_a_batch',
    })
    expect(requests).toEqual([])
  })

  it('with a replay, or of events too long for one request, goes alone', async () => {
    const { url, requests } = await receiver(() => 204)
    const sender = open({ url, maxBatch: 10 })
    const long = { body: `[{"data":"${'x'.repeat(700_000)}"}]` }
    const sent = [
      message(1),
      message(2, undefined, { replayedAt: 1 }),
      message(3, undefined, long),
      message(4, undefined, long),
    ]
    await Promise.all(sent.map((each) => sender.send(each, quiet())))
    expect(requests).toHaveLength(3)
    expect(requests.filter(({ headers }) => headers['tocsin-replay'] === 'true')).toHaveLength(1)
  })

  it('says that it is a replay where all of a digest are replayed', async () => {
    const { url, requests } = await receiver(() => 204)
    const sender = open({ url })
    const again = { replayedAt: 1 }
    await sender.sendTogether?.([message(1, undefined, again), message(2, undefined, again)], quiet())
    await sender.sendTogether?.([message(3), message(4, undefined, again)], quiet())
    expect(requests.map(({ headers }) => headers['tocsin-replay'])).toEqual(['true', undefined])
  })
})

describe('a compressed body', () => {
  it.each([cloudeventsFormat, cloudeventsBinaryFormat, cloudeventsBatchFormat, dataFormat])(
    'of the format $name is read by who takes the coding off, and signed as it is read then',
    async (format) => {
      const { url, requests } = await receiver(() => 204)
      const sender = open({ url, compression: 'gzip' })
      const long = message(0, format)
      expect(await sender.send(long, quiet())).toMatchObject({ outcome: 'delivered' })
      const [request] = requests
      if (request === undefined) throw new Error('Nothing came.')
      expect(request.headers['content-encoding']).toBe('gzip')
      expect(request.body.length).toBeLessThan(long.body.length / 4)
      const read = gunzipSync(request.body).toString()
      expect(read).toBe(long.body)
      expect(isSigned(request, read)).toBe(true)
      expect(verify(request.headers, read, [SECRET], { now: NOW })).toMatchObject({ id: 'msg_0' })
    },
  )

  it('is left as it is where there is nothing to win', async () => {
    const { url, requests } = await receiver(() => 204)
    const short = message(1, dataFormat)
    await open({ url, compression: 'gzip' }).send(short, quiet())
    expect(requests[0]?.headers).not.toHaveProperty('content-encoding')
    expect(requests[0]?.body.toString()).toBe(short.body)
  })
})
