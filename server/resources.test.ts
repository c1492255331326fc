import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Call, call, startWorld, type World } from './testing.js'

let world: World
beforeAll(async () => {
  const plan = { name: 'urn:example:plan', implements: ['subscription'], version: '2.1' }
  world = await startWorld({}, { plugins: [{ name: 'plans', resourceTypes: [plan] }] })
})
afterAll(() => world.close())

const as = (method: string, path: string, given: Call = {}) =>
  call(world, method, path, { key: world.keys.publisher, ...given })

describe('resources', () => {
  it('are created once, where Location says', async () => {
    const body = { id: 'card/1 ü', type: 'device', owner: 'mia', properties: { serial: '7' } }
    const created = await as('POST', '/v1/resources', { body })
    expect(created).toMatchObject({
      status: 201,
      json: { resource: { ...body, revision: 1 }, receipts: [{ type: expect.any(String) }] },
    })
    expect(created.headers.get('etag')).toBe('"1"')
    const found = await as('GET', created.headers.get('location') ?? '')
    expect(found).toMatchObject({ status: 200, json: { id: 'card/1 ü', properties: { serial: '7' } } })
    expect(await as('POST', '/v1/resources', { body })).toMatchObject({ status: 409, json: { code: 'already_exists' } })
  })

  it('are changed only by who knows the present revision, if that is asked for', async () => {
    await as('POST', '/v1/resources', { body: { id: 'r', type: 'device' } })
    const patch = (status: string, tag?: string) =>
      as('PATCH', '/v1/resources/r', { body: { status }, headers: tag === undefined ? {} : { 'if-match': tag } })
    expect(await patch('active', '"1"')).toMatchObject({
      status: 200,
      json: { resource: { status: 'active', revision: 2 } },
    })
    expect(await patch('lost', '"1"')).toMatchObject({ status: 412, json: { code: 'precondition_failed' } })
    expect(await patch('lost', 'W/"2"')).toMatchObject({ status: 412 })
    expect((await patch('lost', '*')).headers.get('etag')).toBe('"3"')
    expect((await patch('found')).status).toBe(200)
    expect(await as('DELETE', '/v1/resources/r', { headers: { 'if-match': '"3"' } })).toMatchObject({ status: 412 })
    expect(await as('DELETE', '/v1/resources/r', { headers: { 'if-match': '"4"' } })).toMatchObject({ status: 200 })
  })

  it('are sent whole to who asks for what is new: a link from elsewhere and a removal leave the revision', async () => {
    for (const id of ['same', 'other']) await as('POST', '/v1/resources', { body: { id, type: 'device' } })
    const { headers } = await as('GET', '/v1/resources/same')
    const again = () => as('GET', '/v1/resources/same', { headers: { 'if-none-match': headers.get('etag') ?? '' } })
    const link = { from: 'other', relation: 'knows', to: 'same' }
    await as('PUT', '/v1/resources/other/links/knows/same')
    expect(await again()).toMatchObject({ status: 200, json: { revision: 1, links: [link] } })
    await as('DELETE', '/v1/resources/same')
    expect(await again()).toMatchObject({ status: 200, json: { removedAt: expect.any(String), links: [] } })
  })

  it('are not those that had their id before: keys, subscriptions and revisions of these are over', async () => {
    const create = (owner: string) => as('POST', '/v1/resources', { body: { id: 'desk', type: 'device', owner } })
    await create('ann')
    const grant = { name: 'desk', roles: ['subscriber', 'publisher'], resource: 'desk' }
    const { key, ...bound } = await world.hub.keys.create(world.hub.local, grant as never)
    const told = { name: 'desk', types: ['resource.*'], scope: { resource: 'desk' }, transport: 'pull' }
    const own = await as('POST', '/v1/subscriptions', { key, body: told })
    expect(own.status).toBe(201)
    expect(await as('GET', '/v1/resources/desk', { key })).toMatchObject({ status: 200, json: { owner: 'ann' } })
    const removed = await as('DELETE', '/v1/resources/desk', { headers: { 'if-match': '"1"' } })
    expect(removed.status).toBe(200)
    expect(await as('GET', '/v1/resources/desk', { key })).toMatchObject({ status: 401 })
    const again = await create('bob')
    expect([again.headers.get('etag'), again.json]).toMatchObject(['"2"', { resource: { owner: 'bob', revision: 2 } }])
    expect(
      await as('PATCH', '/v1/resources/desk', { body: { status: 'x' }, headers: { 'if-match': '"1"' } }),
    ).toMatchObject({ status: 412 })
    await as('POST', '/v1/resources', { body: { id: 'secret', type: 'device', owner: 'bob' } })
    const { id } = own.json as { id: string }
    const admin = { key: world.keys.admin }
    expect((await as('GET', `/v1/subscriptions/${id}`, admin)).json).toMatchObject({
      state: 'disabled',
      reason: 'The resource it looks from was removed, and its id is used again.',
    })
    const tasks = await as('GET', `/v1/tasks?subscription=${id}`, admin)
    expect((tasks.json as { items: { type: string }[] }).items.map(({ type }) => type)).toEqual(['resource.removed'])
    const audit = await as('GET', '/v1/audit', admin)
    const ends = (audit.json as { items: { action: string; object: string }[] }).items
    expect(ends).toContainEqual(expect.objectContaining({ action: 'key.revoke', object: bound.id }))
    expect(ends).toContainEqual(expect.objectContaining({ action: 'subscription.disable', object: id }))
  })

  it('are patched by a merge patch', async () => {
    await as('POST', '/v1/resources', { body: { id: 'm', type: 'device', properties: { a: 1, b: 2 } } })
    const headers = { 'content-type': 'application/merge-patch+json' }
    const changed = await as('PATCH', '/v1/resources/m', { body: { properties: { a: null, c: 3 } }, headers })
    expect(changed).toMatchObject({ status: 200, json: { resource: { properties: { b: 2, c: 3 } } } })
  })

  it('are linked and unlinked', async () => {
    for (const id of ['from', 'to']) await as('POST', '/v1/resources', { body: { id, type: 'user' } })
    const linked = await as('PUT', '/v1/resources/from/links/member-of/to', { body: { strong: true } })
    expect(linked).toMatchObject({
      status: 200,
      json: { resource: { links: [{ from: 'from', relation: 'member-of', to: 'to', strong: true }] } },
    })
    expect(await as('PUT', '/v1/resources/from/links/member-of/to')).toMatchObject({
      status: 200,
      json: { receipts: [] },
    })
    expect(await as('PUT', '/v1/resources/from/links/member-of/to', { body: { strong: false } })).toMatchObject({
      status: 409,
      json: { code: 'already_exists', field: 'strong' },
    })
    const unlinked = await as('DELETE', '/v1/resources/from/links/member-of/to')
    expect(unlinked).toMatchObject({ status: 200, json: { resource: { links: [] } } })
  })

  it('are linked and unlinked only at the revision that was read, if one is named', async () => {
    for (const id of ['held', 'holder']) await as('POST', '/v1/resources', { body: { id, type: 'user' } })
    const path = '/v1/resources/holder/links/holds/held'
    const tag = async () => ({ 'if-match': (await as('GET', '/v1/resources/holder')).headers.get('etag') ?? '' })
    const stale = { status: 412, json: { code: 'precondition_failed' } }
    expect(await as('PUT', path, { headers: { 'if-match': '"9"' } })).toMatchObject(stale)
    expect(await as('PUT', path, { headers: await tag() })).toMatchObject({ status: 200 })
    expect(await as('DELETE', path, { headers: { 'if-match': '"9"' } })).toMatchObject(stale)
    expect(await as('DELETE', path, { headers: await tag() })).toMatchObject({ status: 200 })
  })

  it('of a type that says what their properties are must be so, also after a change', async () => {
    const body = { id: 'plan', type: 'subscription', properties: { limits: 'many' } }
    expect(await as('POST', '/v1/resources', { body })).toMatchObject({
      status: 422,
      json: { code: 'invalid_data', field: 'properties.limits', expected: 'a value of type object' },
    })
    const type = 'urn:example:plan'
    expect((await as('POST', '/v1/resources', { body: { id: 'plan', type } })).status).toBe(201)
    // The base type's word counts too.
    const patch = { body: { properties: { limits: [] } } }
    expect(await as('PATCH', '/v1/resources/plan', patch)).toMatchObject({
      status: 422,
      json: { code: 'invalid_data' },
    })
    expect(await as('GET', '/v1/resources/plan')).toMatchObject({ json: { revision: 1 } })
    const { json } = await as('GET', `/v1/resource-types/${encodeURIComponent(type)}`)
    expect(json).toMatchObject({ name: type, implements: ['subscription'], version: '2.1' })
  })

  it('that are subscriptions are bound to domains, limited and renewed, each told as what it is', async () => {
    await as('POST', '/v1/resources', { body: { id: 'sub', type: 'subscription', owner: 'acme' } })
    const told = async (method: string, path: string, body: object, tag?: string) => {
      const given = tag === undefined ? { body } : { body, headers: { 'if-match': tag } }
      const { status, json } = await as(method, `/v1/resources/sub/${path}`, given)
      return { status, types: (json.receipts as { type: string }[] | undefined)?.map(({ type }) => type), json }
    }
    expect(await told('POST', 'domains', { domain: 'example.com', childId: 'child' })).toMatchObject({
      status: 200,
      types: ['resource.bound-to-domain'],
      json: { resource: { revision: 1 } },
    })
    expect(await told('PATCH', 'limits', { limits: { seats: 10, disk: 5 } }, '"1"')).toMatchObject({
      types: ['resource.limits-changed'],
      json: { resource: { revision: 2, properties: { limits: { seats: 10, disk: 5 } } } },
    })
    expect(await told('PATCH', 'limits', { limits: { seats: 10 } })).toMatchObject({ status: 200, types: [] })
    expect(await told('PATCH', 'limits', { limits: { disk: null } }, '"1"')).toMatchObject({ status: 412 })
    const period = { period: 12, periodType: 'month', expirationDate: '2026-12-31T00:00:00Z' }
    expect(await told('POST', 'renewals', period)).toMatchObject({ types: ['resource.renewed'] })
    const { json } = await call(world, 'GET', '/v1/events?subject=sub&type=resource.renewed', { key: world.keys.admin })
    expect(json.items).toMatchObject([{ event: { data: { ...period, id: 'sub', owner: 'acme', revision: 2 } } }])
  })

  it('that are none cannot, and what is asked must make sense', async () => {
    await as('POST', '/v1/resources', { body: { id: 'phone', type: 'device' } })
    await as('POST', '/v1/resources', { body: { id: 'bought', type: 'subscription' } })
    const refused = async (id: string, method: string, path: string, body: object) =>
      (await as(method, `/v1/resources/${id}/${path}`, { body })).json
    expect(await refused('phone', 'POST', 'domains', { domain: 'example.com' })).toMatchObject({ field: 'id' })
    expect(await refused('phone', 'PATCH', 'limits', { limits: { a: 1 } })).toMatchObject({ field: 'id' })
    expect(await refused('phone', 'POST', 'renewals', { period: 1, periodType: 'm' })).toMatchObject({ field: 'id' })
    expect(await refused('nobody', 'POST', 'domains', { domain: 'x' })).toMatchObject({ code: 'not_found' })
    for (const [path, body, field] of [
      ['domains', {}, 'domain'],
      ['domains', { domain: 'a\u0000b' }, 'domain'],
      ['renewals', { period: 0, periodType: 'month' }, 'period'],
      ['renewals', { period: 1, periodType: 'month', startDate: 'soon' }, 'startDate'],
    ] as const)
      expect(await refused('bought', 'POST', path, body)).toMatchObject({ field: expect.stringContaining(field) })
    expect(await refused('bought', 'PATCH', 'limits', { limits: {} })).toMatchObject({
      field: expect.stringContaining('limits'),
    })
  })

  it('come in pages', async () => {
    for (let index = 0; index < 5; index += 1) {
      await as('POST', '/v1/resources', { body: { id: `p${index}`, type: 'page' } })
    }
    const seen: unknown[] = []
    for (let next: unknown = ''; next !== null; ) {
      const { json } = await as('GET', `/v1/resources?type=page&limit=2${next && `&cursor=${next}`}`)
      seen.push(...(json.items as { id: string }[]).map(({ id }) => id))
      next = json.next
    }
    expect(seen).toEqual(['p0', 'p1', 'p2', 'p3', 'p4'])
  })
})

describe('a key bound to a resource', () => {
  const make = (id: string, owner: string | null) =>
    as('POST', '/v1/resources', { body: { id, type: 'device', owner, properties: { secret: `of ${id}` } } })

  async function bound() {
    await Promise.all([make('badge', 'acme'), make('door', 'acme'), make('safe', 'bank'), make('bank', null)])
    const { hub } = world
    return (await hub.keys.create(hub.local, { name: 'badge', roles: ['publisher'], resource: 'badge' })).key
  }

  it('changes and links only what that resource sees, and cannot widen its view', async () => {
    const key = await bound()
    const refused = (method: string, path: string, body?: unknown) =>
      expect(call(world, method, path, { key, body })).resolves.toMatchObject({
        status: 404,
        text: expect.not.stringContaining('of safe'),
      })
    await refused('PATCH', '/v1/resources/safe', { status: 'open' })
    await refused('PATCH', '/v1/resources/safe', { properties: {} })
    await refused('DELETE', '/v1/resources/safe')
    await refused('PUT', '/v1/resources/badge/links/opens/safe')
    await refused('PUT', '/v1/resources/safe/links/opened-by/badge')
    await refused('DELETE', '/v1/resources/safe/links/opened-by/badge')
    await refused('PATCH', '/v1/resources/badge', { owner: 'bank' })
    await refused('POST', '/v1/resources', { id: 'new', type: 'device', owner: 'bank' })
    expect((await as('GET', '/v1/resources/safe')).json).toMatchObject({ revision: 1, links: [] })
    const allowed = (method: string, path: string, body?: unknown) => call(world, method, path, { key, body })
    expect((await allowed('PATCH', '/v1/resources/door', { status: 'open' })).status).toBe(200)
    expect((await allowed('PUT', '/v1/resources/badge/links/opens/door')).status).toBeLessThan(300)
    expect((await allowed('POST', '/v1/resources', { id: 'bell', type: 'device', owner: 'acme' })).status).toBe(201)
  })

  it('is not told, by what it publishes, what the registry knows of a resource it does not see', async () => {
    const { hub } = world
    await Promise.all([make('vault', 'bank'), make('gate', 'acme'), make('lock', 'acme')])
    const roles = ['publisher', 'subscriber'] as const
    const { key } = await hub.keys.create(hub.local, { name: 'lock', roles, resource: 'lock' })
    const read = async (subject: string) => {
      const body = { type: 'device.updated', source: '/doors', subject, data: { deviceId: subject } }
      const { json } = await call(world, 'POST', '/v1/events', { key, body })
      const paths = ['', '/timeline', '/tree'].map((rest) => `/v1/events/${json.id}${rest}`)
      const answers = await Promise.all(paths.map((path) => call(world, 'GET', path, { key })))
      return answers.map((answer) => (answer.json.event as { data: unknown }).data)
    }
    const seen = { deviceId: 'gate', before: { owner: 'acme', status: null } }
    expect(await read('gate')).toEqual([seen, seen, seen])
    const unseen = { deviceId: 'vault' }
    expect(await read('vault')).toEqual([unseen, unseen, unseen])
    const kept = await hub.events.list(hub.local, { subject: 'vault', types: ['device.updated'] }, {})
    expect(kept.items).toMatchObject([{ event: { data: { before: { owner: 'bank' } } } }])
  })
})

describe('the links of a resource', () => {
  interface Page {
    readonly items: readonly { readonly from: string; readonly relation: string; readonly to: string }[]
    readonly next: string | null
  }

  it('are shown up to a thousand, and all of them page by page', async () => {
    const ids = Array.from({ length: 1_200 }, (_, index) => `staff-${index}`)
    const people = ids.map((id) => JSON.stringify({ id, type: 'user', links: [{ relation: 'works-at', to: 'firm' }] }))
    const firm = { id: 'firm', type: 'organisation', links: [{ relation: 'led-by', to: 'staff-7' }] }
    const lines = new TextEncoder().encode([JSON.stringify(firm), ...people].join('\n'))
    const { hub } = world
    await hub.imports.run(hub.local, Readable.from([lines]))
    expect((await as('GET', '/v1/resources/firm')).json).toMatchObject({
      links: expect.objectContaining({ length: 1_000 }),
      moreLinks: true,
    })
    expect((await as('GET', '/v1/resources/staff-7')).json).toMatchObject({ moreLinks: false })
    const all: string[] = []
    for (let next: string | null = ''; next !== null; ) {
      const answer = await as('GET', `/v1/resources/firm/links?limit=500${next && `&cursor=${next}`}`)
      const page = answer.json as unknown as Page
      all.push(...page.items.map(({ from, relation, to }) => `${from} ${relation} ${to}`))
      next = page.next
    }
    expect([all.length, new Set(all).size]).toEqual([1_201, 1_201])
    const led = (await as('GET', '/v1/resources/firm/links?relation=led-by')).json
    expect(led).toEqual({ items: [{ relation: 'led-by', from: 'firm', to: 'staff-7', strong: false }], next: null })
  })

  it('are not told of what is not there, nor by a cursor of something else', async () => {
    expect(await as('GET', '/v1/resources/nowhere/links')).toMatchObject({ status: 404 })
    expect(await as('GET', '/v1/resources/firm/links?cursor=W10')).toMatchObject({
      status: 422,
      json: { code: 'invalid_cursor', field: 'cursor' },
    })
  })
})

describe('changes at the same time', () => {
  it('answer who held the revision that lost as they answer who comes later', async () => {
    await as('POST', '/v1/resources', { body: { id: 'hot', type: 'device' } })
    const patch = (status: string) =>
      as('PATCH', '/v1/resources/hot', { body: { status }, headers: { 'if-match': '"1"' } })
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(patch))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412])
  })
})

describe('an operator', () => {
  it('acts on the tenant it names; nobody else may', async () => {
    const headers = { 'tocsin-tenant': world.other.tenant }
    const body = { id: 'theirs', type: 'device' }
    expect(await call(world, 'POST', '/v1/resources', { key: world.keys.operator, headers, body })).toMatchObject({
      status: 201,
    })
    expect(await call(world, 'GET', '/v1/resources/theirs', { key: world.other.key })).toMatchObject({ status: 200 })
    expect(await as('GET', '/v1/resources/theirs')).toMatchObject({ status: 404 })
    expect(await call(world, 'GET', '/v1/resources/theirs', { key: world.keys.admin, headers })).toMatchObject({
      status: 403,
    })
  })

  it('is told when there is no such tenant', async () => {
    const headers = { 'tocsin-tenant': 'nobody' }
    expect(await call(world, 'GET', '/v1/resources', { key: world.keys.operator, headers })).toMatchObject({
      status: 404,
    })
  })
})
