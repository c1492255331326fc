/**
 * Keys, tenants, processors and the audit trail, as administrators and operators use them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Call, call, startWorld, type World } from './testing.js'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const as = (role: 'operator' | 'admin', method: string, path: string, given: Call = {}) =>
  call(world, method, path, { key: world.keys[role], ...given })

describe('keys', () => {
  it('are shown once, listed without their secret, and revoked', async () => {
    const created = await as('admin', 'POST', '/v1/keys', {
      body: { name: 'reader', roles: ['reader'], scopes: ['events:read'] },
    })
    const key = String(created.json.key)
    expect(created).toMatchObject({ status: 201, json: { name: 'reader', roles: ['reader'], scopes: ['events:read'] } })
    expect((await call(world, 'GET', '/v1/events', { key })).status).toBe(200)
    expect((await call(world, 'GET', '/v1/types', { key })).status).toBe(403)
    const list = await as('admin', 'GET', '/v1/keys?limit=1000')
    expect(list.text).toContain(String(created.json.id))
    expect(list.text).not.toContain(key)
    expect(await as('admin', 'DELETE', `/v1/keys/${created.json.id}`)).toMatchObject({ status: 204, text: '' })
    expect((await call(world, 'GET', '/v1/events', { key })).status).toBe(401)
  })

  it('end when they expire', async () => {
    const expiresAt = new Date(Date.now() + 400).toISOString()
    const { json } = await as('admin', 'POST', '/v1/keys', { body: { name: 'short', roles: ['reader'], expiresAt } })
    const read = () => call(world, 'GET', '/v1/events', { key: String(json.key) })
    expect((await read()).status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect((await read()).status).toBe(401)
  })

  it('never give more than their maker has', async () => {
    const create = (key: string, body: object) =>
      call(world, 'POST', '/v1/keys', { key, body: { name: 'more', ...body } })
    expect(await create(world.keys.admin, { roles: ['operator'] })).toMatchObject({
      status: 403,
      json: { code: 'forbidden' },
    })
    const narrow = await create(world.keys.admin, { roles: ['admin'], scopes: ['keys:write'] })
    expect(await create(String(narrow.json.key), { roles: ['reader'], scopes: ['events:read'] })).toMatchObject({
      status: 403,
    })
    expect(await create(String(narrow.json.key), { roles: ['reader'] })).toMatchObject({ status: 403 })
  })

  it('are read from the authorization header alone, in whichever case its scheme is', async () => {
    const read = (headers: Record<string, string>) => call(world, 'GET', '/v1/types', { headers })
    expect((await read({ authorization: `bearer ${world.keys.reader}` })).status).toBe(200)
    expect((await read({ authorization: `Basic ${world.keys.reader}` })).status).toBe(401)
    expect((await read({ authorization: world.keys.reader })).status).toBe(401)
    expect((await call(world, 'GET', `/v1/types?access_token=${world.keys.reader}`)).status).toBe(401)
  })
})

describe('tenants', () => {
  it('are created, renamed and disabled; a disabled one is shut', async () => {
    expect(await as('operator', 'POST', '/v1/tenants', { body: { id: 'shut', name: 'Shut' } })).toMatchObject({
      status: 201,
    })
    expect(await as('operator', 'POST', '/v1/tenants', { body: { id: 'shut', name: 'Shut' } })).toMatchObject({
      status: 409,
    })
    const headers = { 'tocsin-tenant': 'shut' }
    const { json } = await as('operator', 'POST', '/v1/keys', { headers, body: { name: 'k', roles: ['reader'] } })
    const read = () => call(world, 'GET', '/v1/events', { key: String(json.key) })
    expect((await read()).status).toBe(200)
    const disabled = await as('operator', 'PATCH', '/v1/tenants/shut', { body: { name: 'Closed', disabled: true } })
    expect(disabled).toMatchObject({ status: 200, json: { id: 'shut', name: 'Closed' } })
    expect((await read()).status).toBe(401)
  })

  it('are not shut while it is the caller’s own, whichever tenant it acts on', async () => {
    await as('operator', 'POST', '/v1/tenants', { body: { id: 'elsewhere', name: 'Elsewhere' } })
    const { json: session } = await as('operator', 'GET', '/v1/session')
    const shut = { headers: { 'tocsin-tenant': 'elsewhere' }, body: { disabled: true } }
    expect(await as('operator', 'PATCH', `/v1/tenants/${session.tenant}`, shut)).toMatchObject({
      status: 409,
      json: { code: 'wrong_state' },
    })
    expect(await as('operator', 'PATCH', '/v1/tenants/elsewhere', shut)).toMatchObject({ status: 200 })
  })

  it('publish no more than they may, and are told when to come again', async () => {
    const body = { id: 'small', name: 'Small', openTypes: true, eventsPerSecond: 2, weight: 3 }
    const made = await as('operator', 'POST', '/v1/tenants', { body })
    expect(made).toMatchObject({ status: 201, json: { eventsPerSecond: 2, unfinishedTasks: null, weight: 3 } })
    const headers = { 'tocsin-tenant': 'small' }
    const publish = (nth: number) =>
      as('operator', 'POST', '/v1/events', { headers, body: { type: 'moon.landed', id: `${nth}`, data: {} } })
    const answers = await Promise.all(Array.from({ length: 20 }, (_, nth) => publish(nth)))
    expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThanOrEqual(2)
    const refused = answers.find(({ status }) => status !== 202)
    expect(refused).toMatchObject({ status: 429, json: { code: 'quota_exceeded', data: { quota: 'eventsPerSecond' } } })
    expect(Number(refused?.headers.get('retry-after'))).toBe(1)
    const wrong = await as('operator', 'PATCH', '/v1/tenants/small', { body: { eventsPerSecond: 0 } })
    expect(wrong).toMatchObject({ status: 422, json: { code: 'invalid_request', field: 'eventsPerSecond' } })
  })

  it('may accept types that are not in the catalogue', async () => {
    await as('operator', 'POST', '/v1/tenants', { body: { id: 'open', name: 'Open', openTypes: true } })
    const headers = { 'tocsin-tenant': 'open' }
    const body = { type: 'moon.landed', id: '1', data: {} }
    expect(await as('operator', 'POST', '/v1/events', { headers, body })).toMatchObject({
      status: 202,
      json: { tenant: 'open' },
    })
  })
})

describe('processors', () => {
  it('are configured at run time, and the audit trail knows by whom', async () => {
    const remove = world.hub.use({ name: 'test:judge', kind: 'judge', run: () => undefined })
    const list = await as('admin', 'GET', '/v1/processors')
    expect(list.json.items).toContainEqual(
      expect.objectContaining({ name: 'test:judge', kind: 'judge', enabled: true }),
    )
    const patch = (name: string, body: object) =>
      as('operator', 'PATCH', `/v1/processors/${encodeURIComponent(name)}`, { body })
    const changed = await patch('test:judge', {
      enabled: false,
      order: 7,
      types: ['user.*'],
      options: { strict: true },
    })
    expect(changed).toMatchObject({
      status: 200,
      json: { enabled: false, order: 7, types: ['user.*'], options: { strict: true } },
    })
    expect((await patch('nobody', { enabled: false })).status).toBe(404)
    remove()
    const audit = await as('admin', 'GET', '/v1/audit?limit=1000')
    expect(audit.text).toContain('test:judge')
  })
})

describe('the instance', () => {
  it('tells operators how it is', async () => {
    expect(await as('operator', 'GET', '/v1/health')).toMatchObject({ status: 200 })
    const metrics = await as('operator', 'GET', '/metrics')
    expect(metrics.headers.get('content-type')).toContain('text/plain')
    expect(metrics.text).toMatch(/^# HELP /)
  })

  it('lets nobody keep an answer, whoever asked by what', async () => {
    const answers = [
      await as('operator', 'GET', '/v1/keys'),
      await as('operator', 'POST', '/v1/keys', { body: { name: 'kept', roles: ['reader'] } }),
      await call(world, 'GET', '/v1/events'),
    ]
    for (const { headers } of answers)
      expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff'])
  })

  it('explains its problems', async () => {
    const { json } = await call(world, 'GET', '/v1/types')
    const explained = await call(world, 'GET', String(json.type))
    expect(explained).toMatchObject({ status: 200, json: { code: 'unauthenticated', status: 401, title: json.title } })
    expect((await call(world, 'GET', '/problems/toString')).status).toBe(404)
  })
})
