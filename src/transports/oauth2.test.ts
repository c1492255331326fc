/**
 * A token for each webhook, from a token server and to a receiver that are both really there.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { EgressClient } from '../access/egress/client.js'
import { createPolicy } from '../access/egress/guard.js'
import { webhookTransport } from './webhook.js'

const servers: Server[] = []
const clients: EgressClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const json =
  (value: unknown): RequestListener =>
  (_, response) =>
    void response.end(JSON.stringify(value))
const CLIENT = { clientId: 'id:1 ü', clientSecret: 'canary/secret+1', scope: 'events write' }

/** A token server that counts, and a receiver that takes the tokens of `good`. */
async function setUp({ life = 3600, more = {} }: { readonly life?: number; readonly more?: object } = {}) {
  const asked: { readonly authorization: string | undefined; readonly form: URLSearchParams }[] = []
  const seen: (string | undefined)[] = []
  const withdrawn = new Set<string>()
  const tokenUrl = await serve(async (request, response) => {
    asked.push({ authorization: request.headers.authorization, form: new URLSearchParams(await textOf(request)) })
    response.end(JSON.stringify({ access_token: `token-${asked.length}`, token_type: 'Bearer', expires_in: life }))
  })
  const url = await serve((request, response) => {
    const given = request.headers.authorization
    seen.push(given)
    response.writeHead(withdrawn.has(given ?? '') ? 401 : 200).end(`you sent ${given}`)
  })
  return { asked, seen, withdrawn, ...sendTo({ url, oauth2: { ...CLIENT, tokenUrl, ...more } }) }
}

function sendTo(target: Readonly<Record<string, unknown>>) {
  const egress = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
  clients.push(egress)
  const transport = webhookTransport({ egress, version: '1.2.3' })
  const sender = transport.open(target)
  const event = { id: 'e1', source: '/test', type: 'device.issued' }
  const send = (time = 1_000_000) =>
    sender.send({ id: 'm1', event, time, attempt: 1, headers: {}, body: '{}' }, AbortSignal.timeout(5_000))
  return { transport, send }
}

describe('a token by client credentials', () => {
  it('is asked for once, by those who wait together too, and shown to the receiver', async () => {
    const { asked, seen, send } = await setUp()
    const outcomes = await Promise.all([send(), send(), send()])
    outcomes.push(await send())
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['delivered']))
    expect(asked).toHaveLength(1)
    expect(seen).toEqual(Array(4).fill('Bearer token-1'))
    // RFC 6749, section 2.3.1: form-encoded, then Basic.
    const pair = Buffer.from((asked[0]?.authorization ?? '').slice(6), 'base64').toString()
    expect(pair).toBe('id%3A1+%C3%BC:canary%2Fsecret%2B1')
    expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      scope: 'events write',
    })
  })

  it('may be asked for with the secret in the body', async () => {
    const { asked, send } = await setUp({ more: { authentication: 'body', audience: 'a' } })
    await send()
    expect(asked[0]?.authorization).toBeUndefined()
    const { clientId: client_id, clientSecret: client_secret } = CLIENT
    expect(Object.fromEntries(asked[0]?.form ?? [])).toMatchObject({ client_id, client_secret, audience: 'a' })
  })

  it('is asked for anew before it expires, and once it is refused', async () => {
    const { seen, withdrawn, send } = await setUp({ life: 100 })
    await send(0)
    await send(69_999)
    await send(70_000)
    withdrawn.add('Bearer token-2')
    expect(await send(70_001)).toMatchObject({ outcome: 'delivered' })
    expect(seen.map((each) => each?.slice(-1))).toEqual(['1', '1', '2', '2', '3'])
  })

  it('that is refused again is a failed attempt, and stands in no record', async () => {
    const { seen, withdrawn, send } = await setUp()
    for (const number of [1, 2]) withdrawn.add(`Bearer token-${number}`)
    const outcome = await send()
    expect(outcome).toMatchObject({ outcome: 'retry', code: '401', response: 'you sent Bearer ***' })
    expect(seen).toHaveLength(2)
  })

  it.each<[string, RequestListener, string]>([
    ['refuses', (_, response) => void response.writeHead(400).end('canary/secret+1 is wrong'), 'token_refused'],
    ['sends elsewhere', (_, response) => void response.writeHead(302, { location: '/' }).end(), 'token_refused'],
    ['says nothing', (_, response) => void response.end(), 'token_unreadable'],
    ['gives none', json({ token_type: 'bearer' }), 'token_unreadable'],
    ['gives another kind', json({ access_token: 'x', token_type: 'mac' }), 'token_unreadable'],
    ['gives a second header', json({ access_token: 'x\r\nhost: y', token_type: 'bearer' }), 'token_unreadable'],
    ['goes away', (request) => void request.socket.destroy(), 'token_reset'],
  ])('is waited for where the token server %s', async (_what, answer, code) => {
    let reached = false
    const url = await serve((_, response) => {
      reached = true
      response.end()
    })
    const { send } = sendTo({ url, oauth2: { ...CLIENT, tokenUrl: await serve(answer) } })
    const outcome = await send()
    expect(outcome).toMatchObject({ outcome: 'retry', code })
    expect(JSON.stringify(outcome)).not.toContain('canary')
    expect(reached).toBe(false)
  })

  it('that is refused is so for a reason, if the token server names one of the known', async () => {
    const telling = async (error: string) => {
      const answer: RequestListener = (_, response) =>
        void response.writeHead(401).end(JSON.stringify({ error, error_description: 'canary/secret+1' }))
      return await sendTo({ url: await serve(answer), oauth2: { ...CLIENT, tokenUrl: await serve(answer) } }).send()
    }
    expect(await telling('invalid_client')).toMatchObject({ message: 'The token server answered 401: invalid_client.' })
    expect(await telling('canary/secret+1')).toMatchObject({ message: 'The token server answered 401.' })
  })

  it('is waited for as long as the token server asks', async () => {
    const busy: RequestListener = (_, response) => void response.writeHead(503, { 'retry-after': '120' }).end()
    const { send } = sendTo({ url: await serve(busy), oauth2: { ...CLIENT, tokenUrl: await serve(busy) } })
    expect(await send()).toMatchObject({ outcome: 'retry', code: 'token_refused', after: 120_000 })
  })

  it.each<[object, string]>([
    [{ oauth2: { ...CLIENT, tokenUrl: 'https://10.0.0.1/' } }, 'target.oauth2.tokenUrl'],
    [{ oauth2: { ...CLIENT, tokenUrl: 'https://a:b@example.org/' } }, 'target.oauth2.tokenUrl'],
    [{ oauth2: { ...CLIENT, tokenUrl: 'https://127.0.0.1/' }, headers: { Authorization: 'x' } }, 'target.oauth2'],
  ])('is refused with its field when saved: %j', async (target, field) => {
    const { transport } = sendTo({ url: 'http://127.0.0.1:1/' })
    await expect(transport.check({ url: 'http://127.0.0.1:1/', ...target })).rejects.toMatchObject({ field })
  })

  it('is never asked for where policy forbids the way', async () => {
    const { send } = sendTo({ url: 'http://127.0.0.1:1/', oauth2: { ...CLIENT, tokenUrl: 'https://10.0.0.1/' } })
    expect(await send()).toMatchObject({ outcome: 'refused', code: 'target_refused' })
  })
})
