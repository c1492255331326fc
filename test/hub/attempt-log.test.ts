/**
 * What the attempt log keeps, telling again, and sending again.
 */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Hub } from '../../src/index.js'
import { createGround, type Ground, STORES, user } from './ground.js'

const SECRET = 'canary-of-a-header'
const EGRESS = { egress: { allow: ['127.0.0.0/8'] } }

describe.each(STORES)('the attempt log on %s', (kind) => {
  let ground: Ground
  let hub: Hub
  let url: string
  let status: number | null
  let heard: { readonly headers: IncomingHttpHeaders; readonly body: string }[]
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    heard.push({ headers: request.headers, body })
    // It echoes what it was told in secret.
    if (status !== null) response.writeHead(status).end(`I was told ${request.headers['x-secret']}`)
  })

  beforeEach(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?sig=${SECRET}`
    status = 200
    heard = []
    ground = createGround(kind)
    hub = await ground.open({ config: EGRESS })
  })
  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await hub.close()
    ground.remove()
  })

  const subscribe = (more: object = {}) =>
    hub.subscriptions.create(hub.local, {
      name: 'receiver',
      types: ['user.*'],
      transport: 'webhook',
      target: { url, headers: { 'x-secret': SECRET }, publicHeaders: { 'x-shown': 'yes' } },
      ...more,
    })

  /** The task of a subject that was published, once it is in that state. */
  async function ended(subject: string, state: string) {
    return vi.waitFor(
      async () => {
        const [task] = (await hub.tasks.list(hub.local, { subject }, {})).items
        expect(task?.state).toBe(state)
        return hub.tasks.get(hub.local, String(task?.id))
      },
      { timeout: 5_000, interval: 10 },
    )
  }

  it('measures attempts by the way they went out', async () => {
    await subscribe()
    await subscribe({ name: 'reader', delivery: 'log' })
    await subscribe({ name: 'line', transport: 'log', target: {} })
    await hub.publish(user('ada'))
    await vi.waitFor(
      async () => {
        const text = await hub.metrics()
        const counts = [...text.matchAll(/^tocsin_attempt_seconds_count\{transport="([^"]+)",[^}]*\} (\d+)$/gm)]
        expect(Object.fromEntries(counts.map(([, transport, count]) => [transport, count]))).toEqual({
          webhook: '2',
          log: '1',
        })
      },
      { timeout: 10_000, interval: 20 },
    )
  })

  it('keeps of a failure what was sent and where the time went, without secrets, until it is erased', async () => {
    status = 503
    await subscribe({ retry: { attempts: 1 } })
    await hub.publish(user('ada'))
    const { history, id } = await ended('ada', 'exhausted')
    expect(history).toMatchObject([
      {
        ...{ errorClass: 'answer', code: '503', response: 'I was told ***', node: hub.node },
        request: {
          method: 'POST',
          target: url.replace(SECRET, '***'),
          headers: {
            'x-secret': '***',
            'x-shown': 'yes',
            'webhook-signature': '***',
            'webhook-id': expect.any(String),
          },
          bytes: Buffer.byteLength(heard[0]?.body ?? ''),
          digest: expect.stringMatching(/^[\w-]{43}$/),
        },
      },
    ])
    expect(JSON.stringify(history)).not.toContain(SECRET)
    expect(Object.keys(history[0]?.timing ?? {})).toContain('wait')
    await hub.erase(hub.local, 'ada')
    expect((await hub.tasks.get(hub.local, id)).history).toMatchObject([{ code: '503', request: null, response: null }])
  })

  it('keeps nothing but the outcome of a success, unless all is to be recorded', async () => {
    const { id } = await subscribe()
    await hub.publish(user('ada'))
    expect((await ended('ada', 'done')).history).toMatchObject([
      { code: '200', errorClass: null, request: null, timing: null },
    ])
    await hub.subscriptions.update(hub.local, id, { record: 'all' })
    await hub.publish(user('bob'))
    expect((await ended('bob', 'done')).history).toMatchObject([
      { code: '200', request: { method: 'POST' }, timing: {} },
    ])
  })

  it('tells of an attempt that was cut off how far it had come', async () => {
    status = null
    await subscribe({ retry: { attempts: 1 }, timeout: 100 })
    await hub.publish(user('ada'))
    const [attempt] = (await ended('ada', 'exhausted')).history
    expect(attempt).toMatchObject({ errorClass: 'timeout', code: 'timeout', request: { method: 'POST' } })
    expect(attempt?.timing?.wait).toBeGreaterThan(50)
  })

  it('sends again by the same id and the secret of now', async () => {
    const { id } = await subscribe()
    await hub.publish(user('ada'))
    const { id: task } = await ended('ada', 'done')
    const shown = await hub.subscriptions.rotateSecret(hub.local, id, 0)
    await hub.tasks.retry(hub.local, task)
    await expect.poll(() => heard).toHaveLength(2)
    const [first, second] = heard
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(second?.headers).not.toHaveProperty('tocsin-replay')
    const verify = (one: typeof first) =>
      new Webhook('secret' in shown ? String(shown.secret) : '').verify(
        one?.body ?? '',
        one?.headers as Record<string, string>,
      )
    expect(verify(second)).toMatchObject({ subject: 'ada' })
    expect(() => verify(first)).toThrow()
  })

  it('marks what a replay tells, and does not hold its failures against the receiver', async () => {
    const { id } = await subscribe({ retry: { attempts: 6, firstDelay: 1, maxDelay: 1 }, disableAfter: 2 })
    await hub.publish(user('ada'))
    await ended('ada', 'done')
    status = 410
    const count = (filters: unknown) => hub.replay(hub.local, id, { filters }, { dryRun: true })
    expect(await count(undefined)).toEqual({ count: 1 })
    expect(await count([{ cel: 'data.name == "ada"' }, { exact: { subject: 'ada' } }])).toEqual({ count: 1 })
    expect(await count([{ prefix: { subject: 'b' } }])).toEqual({ count: 0 })
    await expect(count([{ like: 'a' }])).rejects.toMatchObject({ code: 'invalid_filter', field: 'filters[0].like' })
    await hub.replay(hub.local, id, {})
    expect((await ended('ada', 'refused')).replayedAt).not.toBeNull()
    status = 503
    await hub.replay(hub.local, id, {})
    await ended('ada', 'exhausted')
    expect(await hub.subscriptions.get(hub.local, id)).toMatchObject({ state: 'active' })
    // Five failures in a row would have opened it.
    expect(await hub.metrics()).toContain('tocsin_breakers{state="open"} 0')
    const [live, ...again] = heard
    expect(live?.headers).not.toHaveProperty('tocsin-replay')
    expect(JSON.parse(live?.body ?? '')).not.toHaveProperty('tocsinreplay')
    expect(again).toHaveLength(7)
    for (const { headers, body } of again) {
      expect(headers).toMatchObject({ 'tocsin-replay': 'true', 'webhook-id': live?.headers['webhook-id'] })
      expect(JSON.parse(body)).toMatchObject({ tocsinreplay: true, subject: 'ada' })
    }
  })
})
