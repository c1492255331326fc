/**
 * Transactions, trees and switches over HTTP.
 */
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Plugin } from '../src/index.js'
import { createServer } from './app.js'
import { MATRIX_PLUGIN } from './objects.js'
import { type Call, call, startWorld, type World } from './testing.js'

/** Asynchronous work of `credential.suspended` waits here until it is let go. */
let letGo: () => void = () => undefined
let gate = Promise.resolve()
const shut = () => {
  gate = new Promise((resolve) => {
    letGo = resolve
  })
}

const PLUGIN: Plugin = {
  name: 'acme',
  processors: [
    { name: 'acme:gate', kind: 'asynchronous', types: ['credential.suspended'], run: () => gate },
    {
      name: 'acme:parent',
      kind: 'witness',
      types: ['device.issued'],
      run: async (_event, { publish }) => {
        for (const subject of ['b', 'a']) await publish({ type: 'user.updated', source: '/acme', subject, data: {} })
      },
    },
    { name: 'acme:early', kind: 'asynchronous', order: 1, types: ['user.disabled'], run: () => undefined },
    { name: 'acme:late', kind: 'asynchronous', order: 5, types: ['user.disabled'], run: () => undefined },
  ],
}

let world: World
beforeAll(async () => {
  const plugin = { ...MATRIX_PLUGIN, processors: [] }
  world = await startWorld({}, { plugins: [plugin, PLUGIN] })
})
afterAll(() => world.close())

const as = (method: string, path: string, given: Call = {}) =>
  call(world, method, path, { key: world.keys.operator, ...given })

const suspendCard = (transactionid: string) =>
  as('POST', '/v1/events', {
    body: { type: 'credential.suspended', source: '/cards', subject: transactionid, transactionid, data: {} },
  })

describe('GET /v1/transactions/{id}', () => {
  it('answers when the last processor of it has ended', async () => {
    shut()
    expect((await suspendCard('t1')).json).toMatchObject({ queued: ['acme:gate'] })
    expect((await as('GET', '/v1/transactions/t1')).json).toMatchObject({
      transactionId: 't1',
      events: 1,
      settled: false,
    })
    const waiting = as('GET', '/v1/transactions/t1?wait=20')
    setTimeout(() => letGo(), 200)
    const began = Date.now()
    expect(await waiting).toMatchObject({ status: 200, json: { settled: true, processing: { done: 1 }, failed: 0 } })
    expect(Date.now() - began).toBeLessThan(10_000)
  })

  it('answers what there is when the time is over', async () => {
    shut()
    await suspendCard('t2')
    const began = Date.now()
    expect(await as('GET', '/v1/transactions/t2?wait=1')).toMatchObject({ status: 200, json: { settled: false } })
    expect(Date.now() - began).toBeGreaterThan(900)
    letGo()
  })

  it('does not know a transaction that nothing belongs to, and does not wait for it', async () => {
    expect(await as('GET', '/v1/transactions/nobody?wait=30')).toMatchObject({
      status: 404,
      json: { code: 'not_found' },
    })
  })

  it.each(['61', '-1', '1.5', 'long'])('refuses wait=%s', async (wait) => {
    expect(await as('GET', `/v1/transactions/t1?wait=${wait}`)).toMatchObject({
      status: 422,
      json: { field: 'wait', expected: expect.stringContaining('from 0 to 60') },
    })
  })

  it('stops waiting when the server ends', async () => {
    shut()
    const own = await startWorld({}, { plugins: [PLUGIN] })
    const body = { type: 'credential.suspended', source: '/cards', subject: 'x', transactionid: 't3', data: {} }
    await call(own, 'POST', '/v1/events', { key: own.keys.operator, body })
    const waiting = call(own, 'GET', '/v1/transactions/t3?wait=60', { key: own.keys.operator })
    await new Promise((resolve) => setTimeout(resolve, 200))
    const began = Date.now()
    const closing = own.close()
    expect(await waiting).toMatchObject({ status: 200, json: { settled: false } })
    expect(Date.now() - began).toBeLessThan(5_000)
    letGo()
    await closing
  })

  it('stops waiting when the client goes', async () => {
    shut()
    await suspendCard('t6')
    const waits: (AbortSignal | undefined)[] = []
    // The same hub, watched.
    const settled: typeof world.hub.settled = (id, options) => {
      waits.push(options?.signal)
      return world.hub.settled(id, options)
    }
    const app = createServer({ ...world.hub, settled })
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const client = new AbortController()
    const headers = { authorization: `Bearer ${world.keys.operator}` }
    const path = `http://127.0.0.1:${port}/v1/transactions/t6?wait=60`
    const asking = fetch(path, { headers, signal: client.signal }).catch(() => 'gone')
    await expect.poll(() => waits.length).toBe(1)
    expect(waits[0]?.aborted).toBe(false)
    client.abort()
    expect(await asking).toBe('gone')
    await expect.poll(() => waits[0]?.aborted).toBe(true)
    await app.close()
    letGo()
  })
})

describe('GET /v1/events/{id}/tree', () => {
  it('shows what came of an event, oldest first', async () => {
    const body = { id: 'root', type: 'device.issued', source: '/cards', subject: 'd', data: {} }
    expect((await as('POST', '/v1/events', { body })).status).toBe(202)
    const { json } = await as('GET', '/v1/events/root/tree')
    expect(json).toMatchObject({
      event: { id: 'root' },
      children: [
        { event: { subject: 'b', parentid: 'root', rootid: 'root' }, children: [] },
        { event: { subject: 'a', parentid: 'root', rootid: 'root' }, children: [] },
      ],
    })
    expect(json.truncated).toBeUndefined()
  })
})

describe('PATCH /v1/processing', () => {
  const set = (body: object) => as('PATCH', '/v1/processing', { body })

  it('stops the work and goes on accepting; what waited is done after', async () => {
    letGo()
    gate = Promise.resolve()
    expect((await as('GET', '/v1/processing')).json).toEqual({ asynchronous: true, stopped: false })
    expect(await set({ stopped: true })).toMatchObject({ status: 200, json: { asynchronous: true, stopped: true } })
    expect((await suspendCard('t4')).status).toBe(202)
    expect((await as('GET', '/v1/transactions/t4?wait=1')).json).toMatchObject({ settled: false })
    expect((await set({ stopped: false })).json).toMatchObject({ stopped: false })
    expect((await as('GET', '/v1/transactions/t4?wait=20')).json).toMatchObject({ settled: true })
  })

  it('does everything in place when it is not asynchronous', async () => {
    await set({ asynchronous: false })
    const { json } = await suspendCard('t5')
    await set({ asynchronous: true })
    expect(json).toMatchObject({ queued: [], results: [{ processor: 'acme:gate', state: 'executed' }] })
  })

  it('is refused with the field, and to who may only look', async () => {
    expect(await set({})).toMatchObject({ status: 422 })
    expect(await set({ stopped: 'yes' })).toMatchObject({ status: 422, json: { field: 'stopped' } })
    expect(await set({ paused: true })).toMatchObject({ status: 422, json: { field: 'paused' } })
    const body = { stopped: true }
    expect(await as('PATCH', '/v1/processing', { key: world.keys.admin, body })).toMatchObject({ status: 403 })
  })
})

describe('POST /v1/events?after=', () => {
  const publish = (after: string, given: Call = {}) =>
    as('POST', `/v1/events?after=${after}`, {
      body: { id: `after-${after}`, type: 'user.disabled', source: '/hr', subject: 'u', data: {} },
      ...given,
    })

  it('runs only what comes after that order', async () => {
    expect((await publish('1')).json).toMatchObject({ queued: ['acme:late'] })
    expect((await publish('-1')).json).toMatchObject({ queued: ['acme:early', 'acme:late'] })
  })

  it('is for operators and administrators, and for single events', async () => {
    expect(await publish('2', { key: world.keys.publisher })).toMatchObject({ status: 403 })
    expect(await publish('soon')).toMatchObject({
      status: 422,
      json: { field: 'after', expected: expect.stringMatching(/^a whole number/) },
    })
    expect(await as('POST', '/v1/events?after=1&after=2')).toMatchObject({ status: 422, json: { field: 'after' } })
    expect(await publish('2', { body: [] })).toMatchObject({ status: 422, json: { expected: 'a single event' } })
  })
})
