/**
 * The controller on the wire: the behaviours of the reference, by real HTTP against a real application, on every store.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type ApplicationServer,
  CONTEXT,
  type Controller,
  EVENTS,
  STORES,
  SUBSCRIPTION,
  startApplication,
  startController,
  until,
  ZONE,
} from '../../test/aps/world.js'

/** Milliseconds, for a machine that is busy. */
const PATIENT = 120_000

const PA = 'http://parallels.com/aps/events/pa/subscription/'

describe.each(STORES)('the controller on %s', (store) => {
  let application: ApplicationServer
  let controller: Controller
  let context: string
  let customer: string
  let count = 0

  beforeAll(async () => {
    application = await startApplication()
    controller = await startController(store, application)
  }, PATIENT)
  afterAll(async () => {
    await controller.close()
    await application.close()
  })
  /** A customer of its own for each test, with a context of the application. */
  beforeEach(async () => {
    application.told.length = 0
    application.answer = () => 204
    count += 1
    customer = `customer-${count}`
    context = `context-${count}`
    await create(customer, 'http://aps-standard.org/types/core/account/1.0')
    await create(context, CONTEXT, customer)
  })

  const change = (one: Parameters<Controller['hub']['resources']['change']>[1]) =>
    controller.hub.resources.change(controller.hub.local, one)
  const create = (id: string, type: string, owner: string | null = null) => change({ do: 'create', id, type, owner })
  const at = (id: string) => `/aps/2/resources/${id}/aps/subscriptions`
  const subscribe = (event: string, more: object = {}, id = context) =>
    controller.aps('POST', at(id), {
      ...{ event: EVENTS + event, source: { type: ZONE }, relation: '', handler: 'onDomain' },
      ...more,
    })
  const toldOf = (id: string) => application.told.filter(({ body }) => body.source.id === id)
  const heard = (id: string, times = 1, patience?: number) =>
    until(() => toldOf(id).length === times, `${id} told ${times} times`, patience)
  /** Nothing is on its way any more. */
  const quiet = () =>
    until(async () => {
      const counts = await controller.hub.tasks.counts(controller.hub.local, {})
      return JSON.stringify(counts).match(/"(due|leased|waiting)":[1-9]/) === null
    }, 'quiet')
  const fast = (id: string, delay = 60) =>
    controller.hub.subscriptions.update(controller.hub.local, id, { retry: { firstDelay: delay, maxDelay: delay } })

  it('1. subscribes by type and by id, answers 200 with what is stored, takes an empty relation', async () => {
    const byType = await subscribe('changed')
    expect(byType).toMatchObject({ status: 200, json: { event: `${EVENTS}changed`, handler: 'onDomain' } })
    expect(byType.json).toEqual({ ...byType.json, id: expect.any(String), source: { type: ZONE } })
    expect(byType.json).not.toHaveProperty('relation')
    await create(`zone-${count}`, ZONE, customer)
    const byId = await subscribe('removed', { source: { id: `zone-${count}` } })
    expect(byId).toMatchObject({ status: 200, json: { source: { id: `zone-${count}` } } })
  })

  it('2. lists what a resource has, reads and deletes one', async () => {
    const { json } = await subscribe('changed')
    const other = await subscribe('available')
    const all = await controller.aps('GET', at(context))
    expect(JSON.parse(all.text)).toEqual(expect.arrayContaining([json, other.json]))
    expect(JSON.parse(all.text)).toHaveLength(2)
    expect((await controller.aps('GET', `${at(context)}/${json.id}`)).json).toEqual(json)
    expect(await controller.aps('DELETE', `${at(context)}/${json.id}`)).toMatchObject({ status: 204, text: '' })
    expect((await controller.aps('GET', `${at(context)}/${json.id}`)).status).toBe(404)
    expect(JSON.parse((await controller.aps('GET', at(context))).text)).toEqual([other.json])
  })

  it('3. refuses what could never come, and names the field', async () => {
    const bad: readonly (readonly [object, string])[] = [
      [{ source: {} }, 'source'],
      [{ source: undefined }, 'source'],
      [{ source: { type: ZONE, name: 'x' } }, 'source.name'],
      [{ handler: 'onDomainEvent' }, 'handler'],
      [{ handler: 'toString' }, 'handler'],
      [{ handler: undefined }, 'handler'],
      [{ handler: 'onTwo' }, 'handler'],
      [{ event: `${EVENTS}renamed` }, 'event'],
      [{ event: 'changed' }, 'event'],
      [{ relation: 'users' }, 'relation'],
      [{ event: `${PA}renewed` }, 'source.type'],
      [{ event: `${PA}limits/changed`, source: { id: context } }, 'source.id'],
      [{ more: 1 }, 'more'],
    ]
    for (const [more, field] of bad) {
      const answer = await subscribe('changed', more)
      expect({ more, status: answer.status, field: answer.json.field }).toEqual({ more, status: 422, field })
    }
    const stranger = await subscribe('changed', {}, 'nobody')
    expect(stranger).toMatchObject({ status: 404, json: { code: 'not_found' } })
    // Of a type that is not the application's own: told as one that is not there.
    const foreign = await subscribe('changed', {}, customer)
    expect(foreign.json.code).toBe('not_found')
    expect((await subscribe('changed', { source: { id: 'nothing' } })).status).toBe(404)
  })

  it('4. posts to the operation’s path, with the headers of a controller, signed', async () => {
    await subscribe('available')
    const zone = `zone-${count}`
    const headers = { 'aps-transaction-id': `t-${count}` }
    const body = { aps: { id: zone, type: ZONE } }
    const made = await controller.aps('POST', '/aps/2/resources', body, { ...headers, 'aps-resource-id': context })
    expect(made).toMatchObject({ status: 200, json: { aps: { id: zone, type: ZONE, revision: 1 } } })
    expect(made.headers.get('aps-transaction-id')).toBe(`t-${count}`)
    await heard(zone)
    const [told] = toldOf(zone)
    expect(told).toMatchObject({
      url: `/contexts/${context}/onDomainEvent`,
      body: { event: `${EVENTS}available`, source: { id: zone, type: ZONE } },
      headers: {
        'content-type': 'application/json',
        'aps-controller-uri': expect.stringMatching(/^http/),
        'aps-instance-id': 'app-1',
        'aps-transaction-id': `t-${count}`,
        authorization: expect.stringContaining(`oauth_consumer_key="${controller.consumer.key}"`),
      },
    })
    const authorization = told?.headers.authorization ?? ''
    const sent = { method: 'POST', urls: [application.url + told?.url], authorization, body: new Uint8Array() }
    expect((await controller.hub.keys.signer(sent)).id).toBe(controller.consumer.key)
  })

  it('5. tells one change for one call, however many properties; a status alone is one too', async () => {
    const zone = `zone-${count}`
    await create(zone, 'http://example.org/zone/2.0', customer)
    await subscribe('changed')
    const as = { 'aps-resource-id': context }
    const five = { a: 1, b: 2, c: 3, d: 4, e: { f: 5 } }
    expect((await controller.aps('PUT', `/aps/2/resources/${zone}`, five, as)).json).toMatchObject(five)
    await heard(zone)
    const ready = { aps: { status: 'aps:ready', revision: 2 } }
    expect((await controller.aps('PUT', `/aps/2/resources/${zone}`, ready, as)).status).toBe(200)
    await heard(zone, 2)
    expect((await controller.aps('PUT', `/aps/2/resources/${zone}`, ready, as)).status).toBe(412)
    await quiet()
    expect(toldOf(zone)).toHaveLength(2)
  })

  it('6. tells of links by the relation asked for, and of no other', async () => {
    await create(`user-${count}`, 'http://aps-standard.org/types/core/user/1.0', customer)
    const source = { id: context }
    for (const event of ['linked', 'unlinked']) await subscribe(event, { source, relation: 'users', handler: 'onLink' })
    for (const relation of ['admins', 'users']) {
      const path = `/aps/2/resources/${context}/${relation}`
      const as = { 'aps-resource-id': context }
      const body = { aps: { id: `user-${count}` } }
      expect(await controller.aps('POST', path, body, as)).toMatchObject({ status: 200, json: { aps: body.aps } })
      expect(JSON.parse((await controller.aps('GET', path, undefined, as)).text)).toHaveLength(1)
      expect((await controller.aps('DELETE', `${path}/user-${count}`, undefined, as)).status).toBe(204)
    }
    await heard(context, 2)
    await quiet()
    expect(
      toldOf(context)
        .map(({ body }) => body.event)
        .sort(),
    ).toEqual([`${EVENTS}linked`, `${EVENTS}unlinked`])
  })

  it('7. tells the same owner, and others only while they are linked', async () => {
    await subscribe('changed')
    for (const [id, owner] of [
      ['mine', customer],
      ['theirs', 'another'],
    ] as const)
      await create(`${id}-${count}`, ZONE, owner)
    const touch = (id: string, n: number) => change({ do: 'update', id: `${id}-${count}`, properties: { n } })
    await touch('mine', 1)
    await touch('theirs', 1)
    await heard(`mine-${count}`)
    const link = { from: context, relation: 'watches', to: `theirs-${count}` }
    await change({ do: 'link', ...link })
    await touch('theirs', 2)
    await heard(`theirs-${count}`)
    await change({ do: 'unlink', ...link })
    await touch('theirs', 3)
    await touch('mine', 2)
    await heard(`mine-${count}`, 2)
    await quiet()
    expect(toldOf(`theirs-${count}`)).toHaveLength(1)
  })

  it('8. ends with 200 or 204, waits on 202 without limit, gives up after ten failures and keeps the dead letter', {
    timeout: 3 * PATIENT,
  }, async () => {
    const answers = new Map<string, (n: number) => number>([
      ['patient', (n) => (n <= 20 ? 202 : 200)],
      ['broken', () => 500],
      ['healing', (n) => (n <= 9 ? 503 : 200)],
      ['fine', () => 204],
      ['created', (n) => (n === 1 ? 201 : 204)],
    ])
    application.answer = ({ body: { source } }) =>
      answers.get(source.id.split('-')[0] ?? '')?.(toldOf(source.id).length) ?? 204
    const { json } = await subscribe('available')
    // Slow enough for what arrives in between to keep the breaker closed: once it is open, its probes may all be of what fails.
    await fast(String(json.id), 300)
    const operator: unknown[] = []
    controller.hub.handle('operator', (event) => void operator.push(event.data))
    const target = { handler: 'operator' }
    const tell = { name: 'operator', types: ['tocsin.task.exhausted'], transport: 'local', target }
    await controller.hub.subscriptions.create(controller.hub.local, tell)
    for (const name of answers.keys()) await create(`${name}-${count}`, ZONE, customer)
    for (let n = 0; toldOf(`patient-${count}`).length < 21 || toldOf(`broken-${count}`).length < 10; n++) {
      await create(`between${n}-${count}`, ZONE, customer)
      await heard(`between${n}-${count}`, 1, PATIENT)
    }
    await heard(`healing-${count}`, 10, PATIENT)
    await quiet()
    const counted = [...answers.keys()].map((name) => toldOf(`${name}-${count}`).length)
    expect(counted).toEqual([21, 10, 10, 1, 2])
    const { items } = await controller.hub.tasks.list(controller.hub.local, { states: ['exhausted'] }, {})
    expect(items.filter(({ subject }) => subject === `broken-${count}`)).toHaveLength(1)
    await until(() => operator.length === 1, 'the operator is told')
    expect(operator).toMatchObject([{ subject: `broken-${count}`, attempts: 10, code: '500' }])
  })

  if (store !== 'memory')
    it('9. keeps what waits over a restart', async () => {
      application.answer = () => 500
      const { json } = await subscribe('available')
      await fast(String(json.id))
      await create(`kept-${count}`, ZONE, customer)
      await heard(`kept-${count}`)
      await controller.restart()
      application.answer = () => 204
      await quiet()
      const { items } = await controller.hub.tasks.list(controller.hub.local, { subscription: String(json.id) }, {})
      expect(items.map(({ state }) => state)).toEqual(['done'])
      expect(JSON.parse((await controller.aps('GET', at(context))).text)).toHaveLength(1)
    })

  it('10. ends the subscriptions with their subscriber', async () => {
    await subscribe('available')
    expect((await controller.aps('DELETE', `/aps/2/resources/${context}`)).status).toBe(204)
    expect((await controller.aps('GET', at(context))).status).toBe(404)
    await create(context, CONTEXT, customer)
    expect(await controller.aps('GET', at(context))).toMatchObject({ status: 200, text: '[]' })
    await create(`zone-${count}`, ZONE, customer)
    await quiet()
    expect(toldOf(`zone-${count}`)).toEqual([])
  })

  it('11. tells what only subscriptions tell, with parameters; declared operations need no call', async () => {
    const bought = `bought-${count}`
    await create(bought, SUBSCRIPTION, customer)
    await create(`renewing-${count}`, 'http://example.org/renewing/1.0', customer)
    for (const event of ['bindToDomain', 'limits/changed'])
      expect((await subscribe('', { event: PA + event, source: { id: bought } })).status).toBe(200)
    await change({ do: 'bind-to-domain', id: bought, domain: 'example.com' })
    await change({ do: 'change-limits', id: bought, limits: { users: 7 } })
    const expirationDate = '2026-12-31T00:00:00Z'
    await change({ do: 'renew', id: bought, period: 12, periodType: 'month', expirationDate })
    await heard(bought, 3)
    const parameters = Object.fromEntries(toldOf(bought).map(({ url, body }) => [body.event, [url, body.parameters]]))
    expect(parameters).toEqual({
      [`${PA}bindToDomain`]: [`/contexts/${context}/onDomainEvent`, { domainName: 'example.com' }],
      [`${PA}limits/changed`]: [`/contexts/${context}/onDomainEvent`, { limits: { users: 7 } }],
      [`${PA}renewed`]: [
        `/renewals/renewing-${count}/onSubscriptionRenew`,
        { newPeriod: { period: 12, periodType: 'month' }, expirationDate },
      ],
    })
  })

  it('finds resources by RQL, of those that are seen', async () => {
    for (const [n, name] of ['b', 'a', 'c'].entries())
      await change({
        do: 'create',
        id: `z${n}-${count}`,
        type: 'http://example.org/zone/2.0',
        owner: customer,
        properties: { name, n },
      })
    await create(`hidden-${count}`, ZONE, 'another')
    const as = { 'aps-resource-id': context }
    const ids = async (query: string) => {
      const answer = await controller.aps('GET', `/aps/2/resources?${query}`, undefined, as)
      expect(answer.status, answer.text).toBe(200)
      return (JSON.parse(answer.text) as { aps: { id: string } }[]).map(({ aps }) => aps.id.split('-')[0]).join(' ')
    }
    const zones = `implementing(${ZONE})`
    expect(await ids(`${zones},sort(+name)`)).toBe('z1 z0 z2')
    expect(await ids(`${zones}&sort(-n)&limit(1,1)`)).toBe('z1')
    expect(await ids(`${zones},or(eq(name,a),in(n,(2,9)))`)).toBe('z1 z2')
    expect(await ids(`${zones},not(like(name,*b*)),ne(aps.status,null)`)).toBe('')
    expect(await ids(`eq(aps.type,${encodeURIComponent(CONTEXT)})`)).toBe('context')
  })

  it('tells another tenant’s ids from missing ones to nobody', async () => {
    const tenant = `other-${count}`
    await controller.hub.tenants.create(controller.hub.local, { id: tenant, name: 'Other' })
    const there = { ...controller.hub.local, tenant }
    await controller.hub.resources.change(there, { do: 'create', id: `far-${count}`, type: CONTEXT })
    for (const place of ['', '/aps/subscriptions', '/users', '/aps/subscriptions/sub_1']) {
      const read = (id: string, as = {}) => controller.aps('GET', `/aps/2/resources/${id}${place}`, undefined, as)
      const plain = (text: string) => text.replaceAll(/(far|gone)-\d+/g, 'ID').replace(/"requestId":"[^"]+"/, '')
      const [far, gone] = [await read(`far-${count}`), await read(`gone-${count}`)]
      expect(far.status).toBe(404)
      expect(plain(far.text)).toBe(plain(gone.text))
      const placed = await read(context, { 'aps-resource-id': `far-${count}` })
      expect(placed.status).toBe(404)
    }
  })

  it('lets no key that is bound to an application change what it sees and where notifications go', async () => {
    await create(`person-${count}`, 'user', 'somebody')
    const wider = { types: { user: { service: 'x', operations: {} } } }
    expect((await controller.aps('PUT', '/aps/2/resources/app-1', wider)).status).toBe(422)
    expect((await controller.aps('GET', `/aps/2/resources/person-${count}`)).status).toBe(404)
    const properties = { endpoint: 'https://a.example', controllerUri: 'https://b.example', ...wider }
    const another = { aps: { type: 'aps-application' }, ...properties }
    expect((await controller.aps('POST', '/aps/2/resources', another)).status).toBe(422)
    expect((await controller.aps('DELETE', '/aps/2/resources/app-1')).status).toBe(422)
    expect((await controller.asAdmin('GET', '/aps/2/resources/app-1')).json).not.toHaveProperty('types.user')
  })

  it('takes no endpoint with a password, or of what a header cannot hold', async () => {
    const good = { endpoint: 'https://a.example/x', controllerUri: 'https://b.example/' }
    for (const bad of [{ endpoint: 'https://me:secret@a.example' }, { controllerUri: 'https://b.example/\nX: y' }]) {
      const aps = { type: 'aps-application', id: `bad-${count}` }
      const made = await controller.asAdmin('POST', '/aps/2/resources', { aps, ...good, ...bad, types: {} })
      expect(made).toMatchObject({ status: 422, json: { code: 'invalid_data' } })
    }
  })

  it('ends no subscription for a removal that a publisher merely tells', async () => {
    await subscribe('changed')
    const { hub } = controller
    const source = '/somebody'
    await hub.publish({ type: 'resource.removed', source, subject: context, data: { id: context, type: CONTEXT } })
    expect((await controller.aps('GET', at(context))).json).toHaveLength(1)
  })

  it('notifies no other subscriber than the one in whose place the subscription is', async () => {
    const { hub } = controller
    const roles = ['publisher', 'subscriber'] as const
    const { key } = await hub.keys.create(hub.local, { name: 'one', roles, resource: customer })
    const target = { application: 'app-1', subscriber: context, handler: 'onDomain', event: `${EVENTS}changed` }
    const body = { name: 'x', types: ['resource.*'], transport: 'aps', target }
    expect(await controller.asKey(key, 'POST', '/v1/subscriptions', body)).toMatchObject({
      status: 422,
      json: { field: 'target.subscriber' },
    })
  })

  it('sends any transaction id, percent-encoded where a header cannot hold it', async () => {
    await subscribe('changed', { source: { type: CONTEXT } })
    const done = { do: 'update', id: context, properties: { n: 1 } } as const
    await controller.hub.resources.change(controller.hub.local, done, { transactionId: 'заказ' })
    await heard(context)
    expect(toldOf(context)[0]?.headers['aps-transaction-id']).toBe(encodeURIComponent('заказ'))
  })

  it('leaves out what is linked and out of sight', async () => {
    const { hub } = controller
    const roles = ['publisher'] as const
    const { key } = await hub.keys.create(hub.local, { name: 'one', roles, resource: context })
    for (const [id, owner] of [
      ['far', 'somebody'],
      ['near', customer],
      ['zone', customer],
    ] as const)
      await create(`${id}-${count}`, ZONE, owner)
    for (const id of ['far', 'near'])
      await change({ do: 'link', from: `zone-${count}`, relation: 'to', to: `${id}-${count}` })
    expect(await controller.asKey(key, 'GET', `/aps/2/resources/zone-${count}/to`)).toMatchObject({
      status: 200,
      json: [{ aps: { id: `near-${count}` } }],
    })
  })

  it('goes on without an application whose properties were erased', async () => {
    const { hub } = controller
    const properties = { endpoint: 'https://a.example', controllerUri: 'https://b.example', types: {} }
    await change({ do: 'create', id: `app-of-${count}`, type: 'aps-application', properties })
    await hub.erase(hub.local, `app-of-${count}`, { compact: false })
    expect((await subscribe('changed')).status).toBe(200)
  })

  it('asks who calls, and takes a signed call once', async () => {
    const path = `/aps/2/resources/${context}`
    const bare = await fetch(controller.url + path)
    expect(bare.status).toBe(401)
    expect((await controller.aps('GET', path, undefined, { authorization: 'Bearer nonsense' })).status).toBe(401)
    expect((await controller.asAdmin('GET', path)).status).toBe(200)
    const forged =
      'OAuth oauth_consumer_key="x", oauth_nonce="n", oauth_timestamp="1", oauth_signature="x", oauth_signature_method="HMAC-SHA1"'
    expect((await controller.aps('GET', path, undefined, { authorization: forged })).status).toBe(401)
    expect((await controller.aps('GET', path, undefined, { 'aps-resource-id': customer })).status).toBe(404)
  })
})
