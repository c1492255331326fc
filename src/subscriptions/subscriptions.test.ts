import { describe, expect, it } from 'vitest'
import type { Principal } from '../access/principal.js'
import { type ErrorCode, Fault, InvalidInput } from '../errors.js'
import { TypeCatalogue } from '../event/catalogue.js'
import { openMemoryStore } from '../store/memory/store.js'
import type { NewEvent } from '../store/rows.js'
import { fromRow, type SubscriptionSpec } from './subscription.js'
import { openSecrets, openTarget, type Sealer } from './subscription-secrets.js'
import { type AuditEntry, type SubscribedTransport, Subscriptions } from './subscriptions.js'

const principal = (id: string, roles: Principal['roles'], resource: string | null = null): Principal => ({
  ...{ id, name: id, tenant: 't', roles, scopes: [], resource },
})

const ADMIN = principal('admin', ['admin'])
const SUBSCRIBER = principal('sub', ['subscriber'], 'r1')
const OTHER = principal('other', ['subscriber'], 'r1')
const READER = principal('reader', ['reader', 'subscriber'])
const FOREIGN: Principal = { ...ADMIN, tenant: 'u' }

/** Reversible and bound to its context; real sealing is tested where it lives. */
const SEALER: Sealer = {
  seal: (plain, context) => Buffer.from(JSON.stringify({ context, plain })).toString('base64'),
  open: (sealed, context) => {
    const kept = JSON.parse(Buffer.from(sealed, 'base64').toString())
    if (kept.context !== context) throw new Fault('seal_broken', 'The seal belongs elsewhere.')
    return kept.plain
  },
}

const WEBHOOK: SubscribedTransport = {
  name: 'webhook',
  defaultFormat: 'cloudevents',
  signature: ({ signature }) => (signature === 'v1a' ? 'v1a' : 'v1'),
  target: {
    type: 'object',
    required: ['url'],
    properties: {
      url: { type: 'string' },
      signature: { enum: ['v1', 'v1a'] },
      headers: { type: 'object', writeOnly: true },
    },
    additionalProperties: false,
  },
  check: async (target) => {
    if (JSON.stringify(target).includes('127.0.0.1'))
      throw new InvalidInput('target_refused', 'The target may not be reached.', { field: 'target.url' })
  },
}
const LOG: SubscribedTransport = {
  name: 'log',
  defaultFormat: 'cloudevents',
  target: { type: 'object', additionalProperties: false },
  check: async () => {},
}

const LEAST = { name: 'one', types: ['*'], transport: 'log' }
const HOOK = {
  ...LEAST,
  transport: 'webhook',
  target: { url: 'https://a.example', headers: { authorization: 'hunter2' } },
}

function setUp(webhook = WEBHOOK) {
  const store = openMemoryStore()
  const catalogue = new TypeCatalogue([
    { name: 'device.issued', title: 'Device issued', category: 'device', classes: { person: ['holder'] } },
  ])
  const audit: AuditEntry[] = []
  const clock = { now: 1_000_000 }
  const told: string[] = []
  const mended: string[] = []
  let ids = 0
  let secrets = 0
  const service = new Subscriptions({
    store,
    sealer: SEALER,
    transports: new Map([
      ['webhook', webhook],
      ['log', LOG],
    ]),
    formats: new Map([['cloudevents', {}]]),
    catalogue,
    openTypes: async () => false,
    newSigningKey: (scheme) => {
      secrets += 1
      return {
        secret: `${scheme === 'v1' ? 'whsec' : 'whsk'}_${secrets}`,
        ...(scheme === 'v1a' && { publicKey: `public-${secrets}` }),
      }
    },
    newId: () => {
      ids += 1
      return `s${String(ids).padStart(4, '0')}`
    },
    now: () => clock.now,
    audit: async (entry) => {
      audit.push(entry)
    },
    mended: (_, id) => void mended.push(id),
    changed: (tenant, id) => {
      told.push(`${tenant}/${id}`)
    },
  })
  return { store, audit, clock, told, mended, service, catalogue }
}

const fails = (promise: Promise<unknown>, code: ErrorCode, field?: string) =>
  expect(promise).rejects.toMatchObject({ code, ...(field !== undefined && { field }) })

describe('subscriptions', () => {
  it('that were kept before there was a choice have what holds without one', async () => {
    const { service, store } = setUp()
    const { id } = await service.create(ADMIN, LEAST)
    const row = await store.subscriptions.get('t', id)
    if (row === null) throw new Error('It was created.')
    const { delivery: _, duplicates: __, ...older } = JSON.parse(row.spec)
    await store.subscriptions.update({ ...row, spec: JSON.stringify(older), revision: 2 })
    expect(await service.get(ADMIN, id)).toMatchObject({ delivery: 'tasks', duplicates: 'keep' })
  })

  it('are created, read, listed, changed and removed, with audit', async () => {
    const { service, audit, store, told } = setUp()
    const created = await service.create(ADMIN, LEAST)
    expect(created).toMatchObject({ id: 's0001', state: 'active', owner: 'admin', revision: 1, hasSecret: false })
    expect('secret' in created).toBe(false)
    expect(await service.get(ADMIN, 's0001')).toEqual(created)
    const updated = await service.update(ADMIN, 's0001', { name: 'two', retry: { attempts: 3 } }, 1)
    expect(updated).toMatchObject({ name: 'two', revision: 2, retry: { attempts: 3, firstDelay: 5000 } })
    expect((await store.subscriptions.get('t', 's0001'))?.name).toBe('two')
    await service.remove(ADMIN, 's0001')
    await fails(service.get(ADMIN, 's0001'), 'not_found')
    await fails(service.remove(ADMIN, 's0001'), 'not_found')
    expect(told).toEqual(['t/s0001', 't/s0001', 't/s0001'])
    expect(audit.map(({ action, actor, object }) => [action, actor, object])).toEqual([
      ['subscription.create', 'admin', 's0001'],
      ['subscription.update', 'admin', 's0001'],
      ['subscription.remove', 'admin', 's0001'],
    ])
  })

  it('are mended by what changes what is sent or to whom, and by nothing else', async () => {
    const { service, store, mended } = setUp()
    const { id } = await service.create(ADMIN, HOOK)
    const mends = async (deed: Promise<unknown>) => {
      await deed
      return mended.splice(0).length > 0
    }
    expect(await mends(service.update(ADMIN, id, { name: 'x', rate: 5, notSelf: true }))).toBe(false)
    expect(await mends(service.update(ADMIN, id, { target: { url: HOOK.target.url } }))).toBe(false)
    expect(await mends(service.pause(ADMIN, id))).toBe(false)
    expect(await mends(service.resume(ADMIN, id))).toBe(false)
    expect(await mends(service.update(ADMIN, id, { target: { url: 'https://b.example' } }))).toBe(true)
    expect(await mends(service.update(ADMIN, id, { target: { headers: { authorization: 'other' } } }))).toBe(true)
    expect(await mends(service.update(ADMIN, id, { payload: 'thin' }))).toBe(true)
    expect(await mends(service.rotateSecret(ADMIN, id))).toBe(true)
    await store.subscriptions.setState('t', id, 'disabled', 'It failed.', 1)
    expect(await mends(service.resume(ADMIN, id))).toBe(true)
  })

  it('refuse a stale revision, and a change that came between', async () => {
    const { service, store } = setUp()
    const { id } = await service.create(ADMIN, LEAST)
    await service.update(ADMIN, id, { name: 'two' })
    await fails(service.update(ADMIN, id, { name: 'three' }, 1), 'precondition_failed', 'revision')
    const racing = [service.update(ADMIN, id, { name: 'a' }), service.update(ADMIN, id, { name: 'b' })]
    const results = await Promise.allSettled(racing)
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await store.subscriptions.get('t', id))?.revision).toBe(3)
  })

  it('are paged by an opaque cursor', async () => {
    const { service } = setUp()
    for (let n = 0; n < 3; n++) await service.create(ADMIN, { ...LEAST, name: String(n) })
    const first = await service.list(ADMIN, { limit: 2 })
    expect(first.items.map(({ name }) => name)).toEqual(['0', '1'])
    const second = await service.list(ADMIN, { limit: 2, cursor: first.next ?? '' })
    expect([second.items.map(({ name }) => name), second.next]).toEqual([['2'], null])
    await fails(service.list(ADMIN, { cursor: 'no*pe' }), 'invalid_cursor', 'cursor')
    for (const limit of [0, 1001, 1.5]) await fails(service.list(ADMIN, { limit }), 'invalid_request', 'limit')
  })

  it('check the target with its secrets, on every save', async () => {
    const { service } = setUp()
    await fails(service.create(ADMIN, { ...HOOK, target: { url: 'http://127.0.0.1' } }), 'target_refused', 'target.url')
    const { id } = await service.create(ADMIN, HOOK)
    for (const target of [{ url: 'http://127.0.0.1' }, { headers: { host: '127.0.0.1' } }])
      await fails(service.update(ADMIN, id, { target }), 'target_refused', 'target.url')
  })
})

describe('who may', () => {
  it('needs the scopes', async () => {
    const { service } = setUp()
    const publisher = principal('p', ['publisher'])
    await fails(service.create(publisher, LEAST), 'forbidden')
    await fails(service.list(publisher), 'forbidden')
    await fails(service.get(publisher, 'x'), 'forbidden')
    await fails(service.update({ ...ADMIN, scopes: ['subscriptions:read'] }, 'x', {}), 'forbidden')
  })

  it('tells sensitive fields only to who reads them in events', async () => {
    const { service } = setUp()
    expect((await service.create(SUBSCRIBER, LEAST)).redaction).toBe('sensitive')
    expect((await service.create(ADMIN, LEAST)).redaction).toBe('none')
    await fails(service.create(SUBSCRIBER, { ...LEAST, redaction: 'none' }), 'forbidden', 'redaction')
    await fails(service.update(SUBSCRIBER, 's0001', { redaction: 'none' }), 'forbidden', 'redaction')
  })

  it('tells classes of sensitive fields to whom somebody who reads them has granted them', async () => {
    const { service } = setUp()
    await fails(service.create(SUBSCRIBER, { ...LEAST, sees: ['person'] }), 'forbidden', 'sees')
    const { id } = await service.create(SUBSCRIBER, LEAST)
    expect(await service.update(ADMIN, id, { sees: ['person'] })).toMatchObject({
      redaction: 'sensitive',
      sees: ['person'],
    })
    expect(await service.update(SUBSCRIBER, id, { name: 'other' })).toMatchObject({ sees: ['person'] })
    await fails(service.update(SUBSCRIBER, id, { sees: ['person', 'sensitive'] }), 'forbidden', 'sees')
    await fails(service.update(SUBSCRIBER, id, { redaction: 'none', sees: null }), 'forbidden', 'redaction')
    expect(await service.update(SUBSCRIBER, id, { sees: null })).not.toHaveProperty('sees')
    await fails(service.update(SUBSCRIBER, id, { sees: ['person'] }), 'forbidden', 'sees')
    expect(await service.create(ADMIN, { ...LEAST, sees: ['person'] })).toMatchObject({ redaction: 'sensitive' })
    await fails(service.create(ADMIN, { ...LEAST, sees: ['persons'] }), 'invalid_request', 'sees[0]')
    await fails(service.create(ADMIN, { ...LEAST, redaction: 'none', sees: ['person'] }), 'invalid_request', 'sees')
  })

  it('lets a bound principal look only in the place of its resource', async () => {
    const { service } = setUp()
    expect((await service.create(SUBSCRIBER, LEAST)).scope).toEqual({ resource: 'r1' })
    expect((await service.create(SUBSCRIBER, { ...LEAST, scope: { resource: 'r1' } })).scope).toEqual({
      resource: 'r1',
    })
    await fails(service.create(SUBSCRIBER, { ...LEAST, scope: 'tenant' }), 'forbidden', 'scope')
    await fails(service.create(SUBSCRIBER, { ...LEAST, scope: { resource: 'r2' } }), 'forbidden', 'scope')
    await fails(service.update(SUBSCRIBER, 's0001', { scope: 'tenant' }), 'forbidden', 'scope')
    await fails(service.create({ ...ADMIN, resource: 'r1' }, { ...LEAST, scope: 'tenant' }), 'forbidden', 'scope')
  })

  it('lets who governs the tenant name it or any resource, and no other unbound key', async () => {
    const { service } = setUp()
    expect((await service.create(ADMIN, LEAST)).scope).toBe('tenant')
    expect((await service.create(ADMIN, { ...LEAST, scope: { resource: 'r9' } })).scope).toEqual({ resource: 'r9' })
    for (const scope of ['tenant', { resource: 'r1' }])
      await fails(service.create(READER, { ...LEAST, scope }), 'forbidden', 'scope')
  })

  it('shows and lets change only one’s own, and hides the rest as missing', async () => {
    const { service } = setUp()
    const mine = await service.create(SUBSCRIBER, LEAST)
    const admins = await service.create(ADMIN, LEAST)
    for (const id of [admins.id, 'missing']) {
      await fails(service.get(SUBSCRIBER, id), 'not_found')
      await fails(service.update(SUBSCRIBER, id, { name: 'x' }), 'not_found')
      await fails(service.pause(SUBSCRIBER, id), 'not_found')
      await fails(service.rotateSecret(SUBSCRIBER, id), 'not_found')
      await fails(service.remove(SUBSCRIBER, id), 'not_found')
    }
    await fails(service.get(OTHER, mine.id), 'not_found')
    await fails(service.get(FOREIGN, mine.id), 'not_found')
    expect((await service.list(SUBSCRIBER)).items.map(({ id }) => id)).toEqual([mine.id])
    expect((await service.list(FOREIGN)).items).toEqual([])
    expect((await service.list(ADMIN)).items).toHaveLength(2)
    expect((await service.list(READER)).items).toHaveLength(2)
    await fails(service.pause(READER, mine.id), 'forbidden')
    expect((await service.pause(ADMIN, mine.id)).state).toBe('paused')
    expect((await service.update(ADMIN, mine.id, { name: 'x' })).scope).toEqual({ resource: 'r1' })
  })
})

describe('secrets of a subscription', () => {
  it('are shown once, sealed, and in no view, list or audit row', async () => {
    const { service, store, audit } = setUp()
    const { secret, ...view } = await service.create(ADMIN, HOOK)
    expect(secret).toMatch(/^whsec_/)
    expect(view).toMatchObject({ hasSecret: true, target: { url: 'https://a.example' } })
    const row = await store.subscriptions.get('t', view.id)
    const shown = [view, await service.get(ADMIN, view.id), await service.list(ADMIN), audit, row]
    const told = [
      ...shown,
      await service.update(ADMIN, view.id, { name: 'x', target: { headers: { a: 'hunter3' } } }),
      audit,
    ]
    for (const each of told) expect(JSON.stringify(each)).not.toMatch(/hunter|whsec_/)
  })

  it('stay over an update, and are opened for the sender alone', async () => {
    const { service, store } = setUp()
    const { id, secret } = await service.create(ADMIN, HOOK)
    await service.update(ADMIN, id, { target: { url: 'https://b.example' } })
    const row = await store.subscriptions.get('t', id)
    if (!row) throw new Error('gone')
    expect(openTarget(fromRow(row), SEALER, 0)).toEqual({
      target: { url: 'https://b.example', headers: { authorization: 'hunter2' } },
      signing: [{ secret }],
    })
    expect(() => openSecrets({ ...row, id: 'elsewhere' }, SEALER)).toThrow(Fault)
    await service.update(ADMIN, id, { transport: 'log', target: {} })
    expect((await store.subscriptions.get('t', id))?.secrets).toBeNull()
  })

  it('rotate with an overlap', async () => {
    const { service, store, clock } = setUp()
    const { id, secret: first } = await service.create(ADMIN, HOOK)
    const rotate = async (overlap?: number) => {
      const key = await service.rotateSecret(ADMIN, id, overlap)
      return 'secret' in key ? key.secret : ''
    }
    const signingAt = async (now: number) => {
      const row = await store.subscriptions.get('t', id)
      return row && openTarget(fromRow(row), SEALER, now).signing
    }
    const second = await rotate(1000)
    expect(second).not.toBe(first)
    const until = clock.now + 1000
    expect(await signingAt(until - 1)).toEqual([{ secret: second }, { secret: first, until }])
    expect(await signingAt(until)).toEqual([{ secret: second }])
    const third = await rotate()
    expect(await signingAt(clock.now)).toEqual([
      { secret: third },
      { secret: second, until: clock.now + 86_400_000 },
      { secret: first, until },
    ])
    expect(await service.get(ADMIN, id)).toMatchObject({ revision: 3 })
    for (const overlap of [-1, 1.5, 31 * 86_400_000])
      await fails(service.rotateSecret(ADMIN, id, overlap), 'invalid_request', 'overlap')
    const unsigned = await service.create(ADMIN, LEAST)
    await fails(service.rotateSecret(ADMIN, unsigned.id), 'wrong_state')
  })

  it('are not made or moved before the receiver said that it wants events, and it is asked no more often', async () => {
    const asked: unknown[] = []
    const prove = async (target: object) => {
      asked.push(target)
      if (JSON.stringify(target).includes('shy'))
        throw new InvalidInput('target_refused', 'It does not want them.', { field: 'target.proof' })
    }
    const { service } = setUp({ ...WEBHOOK, prove })
    await fails(service.create(ADMIN, { ...HOOK, target: { url: 'https://shy.example' } }), 'target_refused')
    expect((await service.list(ADMIN)).items).toEqual([])
    const { id } = await service.create(ADMIN, HOOK)
    await service.update(ADMIN, id, { name: 'other' })
    expect(asked.slice(1)).toEqual([HOOK.target])
    await fails(service.update(ADMIN, id, { target: { url: 'https://shy.example' } }), 'target_refused')
    expect((await service.get(ADMIN, id)).target).toEqual({ url: HOOK.target.url })
    const file = { [id]: { ...HOOK, target: { url: 'https://shy.example' } } }
    const { catalogue } = setUp()
    await fails(service.plan(ADMIN, file, { prune: false, catalogue }), 'target_refused')
  })

  it('show of an asymmetric key the public half, and change their kind by a rotation', async () => {
    const { service, store, clock } = setUp()
    const target = { ...HOOK.target, signature: 'v1a' }
    const created = await service.create(ADMIN, { ...HOOK, target })
    expect(created).toMatchObject({ publicKey: 'public-1' })
    expect(created).not.toHaveProperty('secret')
    await service.update(ADMIN, created.id, { target: { signature: 'v1' } })
    const row = async () => fromRow((await store.subscriptions.get('t', created.id)) ?? expect.fail('it is gone'))
    const signing = async () => openTarget(await row(), SEALER, clock.now).signing.map(({ secret }) => secret)
    expect(await signing()).toEqual(['whsk_1'])
    expect(await service.rotateSecret(ADMIN, created.id)).toEqual({ secret: 'whsec_2' })
    expect(await signing()).toEqual(['whsec_2', 'whsk_1'])
  })
})

const event = (id: string, receivedAt: number): NewEvent => ({
  ...{ tenant: 't', source: '/s', id, type: 'device.issued', subject: null, partitionKey: id, superOwner: null },
  ...{ transactionId: null, parentId: null, rootId: null, priority: 'normal', receivedAt, executeAt: null },
  ...{ expiresAt: null, state: 'admitted', processedOrder: null, hash: id, principal: 'p', body: '{}', deed: null },
})

describe('where a subscription starts', () => {
  const TIMES = [1_000_000, 2_000_000, 3_000_000]

  async function withEvents() {
    const parts = setUp()
    parts.clock.now = 4_000_000
    for (const [index, time] of TIMES.entries()) {
      const events = [{ event: event(String(index), time), candidates: [], results: [] }]
      await parts.store.admit([{ tenant: 't', events, change: null, subscriptionVersion: null }], null)
    }
    return parts
  }

  it.each<[SubscriptionSpec['start'], string, number, number | null]>([
    ['now', 'active', 3, null],
    ['earliest', 'catching-up', 0, 0],
    [1, 'catching-up', 0, 0],
    [0, 'catching-up', 0, 0],
    [3, 'catching-up', 2, 2],
    ['00000000000000000002', 'catching-up', 1, 1],
    [new Date(0).toISOString(), 'catching-up', 0, 0],
    [new Date(2_000_000).toISOString(), 'catching-up', 1, 1],
    [new Date(2_000_001).toISOString(), 'catching-up', 2, 2],
    [new Date(3_500_000).toISOString(), 'catching-up', 3, 3],
  ])('%s: %s after %s', async (start, state, after, cursor) => {
    const { service, store } = await withEvents()
    const { id } = await service.create(ADMIN, { ...LEAST, start })
    expect(await store.subscriptions.get('t', id)).toMatchObject({ state, startSequence: after, cursor })
  })

  it('is never to come', async () => {
    const { service } = await withEvents()
    await fails(service.create(ADMIN, { ...LEAST, start: 4 }), 'invalid_request', 'start')
    const later = new Date(4_000_001).toISOString()
    await fails(service.create(ADMIN, { ...LEAST, start: later }), 'invalid_request', 'start')
  })
})

describe('pause and resume', () => {
  it('hold and go on, where it stood', async () => {
    const { service, audit } = setUp()
    const live = await service.create(ADMIN, LEAST)
    const behind = await service.create(ADMIN, { ...LEAST, start: 'earliest' })
    expect((await service.pause(ADMIN, live.id)).state).toBe('paused')
    expect((await service.pause(ADMIN, live.id)).state).toBe('paused')
    expect((await service.resume(ADMIN, live.id)).state).toBe('active')
    expect((await service.resume(ADMIN, live.id)).state).toBe('active')
    expect((await service.pause(ADMIN, behind.id)).state).toBe('paused')
    expect((await service.resume(ADMIN, behind.id)).state).toBe('catching-up')
    expect(audit.filter(({ action }) => action !== 'subscription.create')).toHaveLength(4)
  })

  it('cannot pause what is disabled, and bring it back without its reason', async () => {
    const { service, store } = setUp()
    const { id } = await service.create(ADMIN, LEAST)
    await store.subscriptions.setState('t', id, 'disabled', 'The receiver is gone.', 1)
    expect((await service.get(ADMIN, id)).reason).toBe('The receiver is gone.')
    await fails(service.pause(ADMIN, id), 'wrong_state')
    expect(await service.resume(ADMIN, id)).toMatchObject({ state: 'active', reason: null })
  })
})
