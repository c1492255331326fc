import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHub, type Hub, Unavailable } from '../src/index.js'
import { createServer } from './app.js'
import { call } from './testing.js'

let hub: Hub
beforeAll(async () => {
  hub = await createHub({ config: { database: 'memory', log: { level: 'silent' } } })
})
afterAll(() => hub.close())

describe('a problem', () => {
  it('says when to come again, in whole seconds', async () => {
    const app = createServer(hub)
    app.get('/busy', { config: { scope: 'open' } }, () =>
      Promise.reject(new Unavailable('quota_exceeded', 'Too many.', { retryAfter: 2.2, data: { limit: 5 } })),
    )
    const answer = await call({ url: await app.listen({ host: '127.0.0.1', port: 0 }) }, 'GET', '/busy')
    await app.close()
    expect(answer.headers.get('retry-after')).toBe('3')
    expect(answer.json).toEqual({
      type: '/problems/quota_exceeded',
      title: 'Too much at once',
      status: 429,
      detail: 'Too many.',
      code: 'quota_exceeded',
      data: { limit: 5 },
      retryAfter: 2.2,
      requestId: expect.any(String),
    })
  })

  it('names the field that does not fit as it is written everywhere', async () => {
    const { key } = await hub.keys.create(hub.local, { name: 'admin', roles: ['admin'] })
    const app = createServer(hub)
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const subscribe = (more: object) =>
      call({ url }, 'POST', '/v1/subscriptions', { key, body: { name: 'n', types: ['*'], transport: 'pull', ...more } })
    expect((await subscribe({ types: [] })).json).toMatchObject({
      detail: 'types must not have fewer than 1 items.',
      field: 'types',
    })
    expect((await subscribe({ types: [''] })).json).toMatchObject({ field: 'types[0]' })
    const refused = await subscribe({ retry: { attempts: 0 } })
    expect(refused.json).toMatchObject({ detail: 'retry.attempts must be >= 1.', field: 'retry.attempts' })
    expect(refused.json).not.toHaveProperty('expected')
    expect((await subscribe({ record: 'some' })).json).toMatchObject({
      field: 'record',
      expected: 'one of failures, all',
    })
    expect((await subscribe({ rte: 1 })).json).toMatchObject({
      detail: 'The body has no field "rte". Did you mean "rate"?',
      field: 'rte',
    })
    await app.close()
  })

  it('is no route’s fault by forgetting: each names its scope', async () => {
    const app = createServer(hub)
    expect(() => app.get('/forgotten', () => 'anything')).toThrow(TypeError)
    await app.close()
  })
})
