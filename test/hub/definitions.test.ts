import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Hub } from '../../src/index.js'
import { createGround, type Ground, STORES } from './ground.js'

const LOST = {
  title: 'A badge was lost',
  version: '1.0',
  category: 'device',
  caseOf: 'device.issued',
  schema: { type: 'object', properties: { badge: { type: 'string' } }, required: ['badge'] },
}
const FILE = {
  types: { 'acme.badge-lost': LOST },
  resourceTypes: { gate: { implements: ['door'] }, door: { schema: { properties: { floor: { type: 'integer' } } } } },
  processors: { 'test:watch': { order: 7 } },
  subscriptions: {
    'badges-to-siem': { name: 'Badges', types: ['acme.badge-lost'], transport: 'pull' },
    gates: { name: 'Gates', types: ['resource.*'], source: { type: 'gate' }, transport: 'pull', order: 'none' },
  },
}

const REACHING = { config: { egress: { allow: ['127.0.0.0/8'], allowHttp: true } } }

describe.each(STORES)('definitions on %s', (kind) => {
  let ground: Ground
  let hub: Hub
  beforeEach(async () => {
    ground = createGround(kind)
    hub = await ground.open(REACHING)
    hub.use({ name: 'test:watch', kind: 'witness', run: () => undefined })
  })
  afterEach(async () => {
    await hub.close()
    ground.remove()
  })
  const apply = (file: unknown, options = {}) => hub.definitions.apply(hub.local, file, options)
  const diff = (file: unknown, options = {}) => hub.definitions.diff(hub.local, file, options)
  const NOTHING = { types: [], resourceTypes: [], processors: [], subscriptions: [] }

  it('say of which class a sensitive field is, and who subscribes which classes it sees', async () => {
    const named = (classes: object) => ({ types: { 'acme.badge-lost': { ...LOST, classes } } })
    for (const bad of [{ Person: ['badge'] }, { sensitive: ['badge'] }, { person: 'badge' }])
      await expect(apply(named(bad))).rejects.toMatchObject({ field: 'types.acme.badge-lost.classes' })
    await apply(named({ person: ['badge'] }))
    const heard: unknown[] = []
    for (const sees of [[], ['person']]) {
      const spec = { name: 'badges', types: ['acme.badge-lost'], transport: 'pull', redaction: 'sensitive', sees }
      const { id } = await hub.subscriptions.create(hub.local, spec)
      await hub.publish({ type: 'acme.badge-lost', source: '/gate', data: { badge: '17' } })
      const leased = await hub.tasks.lease(hub.local, id)
      heard.push(...leased.map(({ event }) => event?.data))
    }
    expect(heard).toEqual([{}, { badge: '17' }])
  })

  it('are applied whole, hold at once and after a restart, and once only', async () => {
    const changes = await diff(FILE)
    expect(await apply(FILE, { dryRun: true })).toEqual(changes)
    expect(await hub.definitions.export(hub.local)).toEqual({
      types: {},
      resourceTypes: {},
      processors: {},
      subscriptions: {},
    })
    expect(await apply(FILE)).toEqual(changes)
    expect(changes.types).toMatchObject([{ name: 'acme.badge-lost', change: 'add', breaks: null, affects: [] }])
    expect(changes.subscriptions.map(({ id, change }) => [id, change])).toEqual([
      ['badges-to-siem', 'add'],
      ['gates', 'add'],
    ])
    expect(await apply(FILE)).toEqual(NOTHING)
    if (kind !== 'memory') {
      await hub.close()
      hub = await ground.open()
    }
    const exported = await hub.definitions.export(hub.local)
    expect(exported).toMatchObject({ ...FILE, subscriptions: { gates: { name: 'Gates', concurrency: 10 } } })
    expect(await apply(exported, { prune: true })).toEqual(NOTHING)
    const event = { type: 'acme.badge-lost', source: '/doors', subject: 'b-1' }
    await expect(hub.publish({ ...event, data: {} })).rejects.toMatchObject({
      code: 'invalid_data',
      field: 'data.badge',
    })
    await hub.publish({ ...event, id: 'lost-1', data: { badge: 'b-1' } })
    expect((await hub.explain(hub.local, 'lost-1', 'badges-to-siem')).told).toBe(true)
    await expect(
      hub.resources.change(hub.local, { do: 'create', id: 'g', type: 'gate', properties: { floor: 'top' } }),
    ).rejects.toMatchObject({ code: 'invalid_data', field: 'properties.floor' })
    const { receipts } = await hub.resources.change(hub.local, { do: 'create', id: 'g', type: 'gate' })
    expect(receipts).toHaveLength(1)
  })

  it('change compatibly as they are, incompatibly with a new version, which names who is affected', async () => {
    await apply(FILE)
    const type = (more: object) => ({ types: { 'acme.badge-lost': { ...LOST, ...more } } })
    const wider = { ...LOST.schema, properties: { ...LOST.schema.properties, hall: { type: 'string' } } }
    expect((await apply(type({ schema: wider, title: 'Lost' }))).types).toMatchObject([
      { change: 'change', breaks: null, before: { title: 'A badge was lost' }, after: { title: 'Lost' } },
    ])
    const other = { ...wider, properties: { badge: { type: 'integer' } } }
    await expect(apply(type({ schema: other }))).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'types.acme.badge-lost.version',
      expected: 'a version above 1.0',
      data: { breaks: 'schema.properties.badge.type' },
    })
    await expect(apply(type({ version: '0.9' }))).rejects.toMatchObject({ field: 'types.acme.badge-lost.version' })
    expect((await apply(type({ schema: other, version: '1.1' }))).types).toMatchObject([
      {
        breaks: 'schema.properties.badge.type',
        affects: [{ id: 'badges-to-siem', name: 'Badges', tenant: 'default' }],
      },
    ])
    await hub.publish({ type: 'acme.badge-lost', source: '/doors', data: { badge: 7 } })
    const { resourceTypes } = await diff({ resourceTypes: { gate: { version: '2.0' } } })
    expect(resourceTypes).toMatchObject([{ breaks: 'implements', affects: [{ id: 'gates' }] }])
  })

  it('go only by prune, section by section', async () => {
    await apply(FILE)
    expect(await apply({ subscriptions: {} })).toEqual(NOTHING)
    const { subscriptions } = await apply({ subscriptions: { gates: FILE.subscriptions.gates } }, { prune: true })
    expect(subscriptions).toMatchObject([{ id: 'badges-to-siem', change: 'remove' }])
    expect((await apply({ types: {} }, { prune: true })).types).toMatchObject([{ change: 'remove', breaks: 'removed' }])
    expect(await hub.definitions.export(hub.local)).toMatchObject({
      ...{ types: {}, resourceTypes: FILE.resourceTypes, processors: FILE.processors },
      subscriptions: { gates: {} },
    })
  })

  it('are refused whole when any of it is wrong', async () => {
    const before = await hub.definitions.export(hub.local)
    const wrong: readonly (readonly [unknown, string | undefined])[] = [
      [[], undefined],
      [{ subscription: {} }, 'subscription'],
      [{ types: { x: { category: 'device' } } }, 'types.x.title'],
      [{ types: { x: { ...LOST, versions: '1' } } }, 'types.x.versions'],
      [{ types: { x: { ...LOST, schema: { type: 'strin' } } } }, 'types.x.schema'],
      [{ types: { x: { ...LOST, schema: { $ref: '#' } } } }, 'types.x.schema'],
      [{ types: { x: { ...LOST, schema: { properties: { a: { pattern: '^(?=a)' } } } } } }, 'types.x.schema'],
      [
        { types: { x: { ...LOST, schema: { properties: { a: { pattern: '((a{0,30}){0,30})' } } } } } },
        'types.x.schema',
      ],
      [{ types: { x: { ...LOST, caseOf: 'device.nothing' } } }, 'types.x.caseOf'],
      [{ types: { 'user.created': LOST } }, 'types.user.created'],
      [{ resourceTypes: { subscription: {} } }, 'resourceTypes.subscription'],
      [{ resourceTypes: { a: { implements: ['b'] }, b: { implements: ['a'] } } }, 'resourceTypes.a.implements'],
      [{ processors: { 'test:watch': { order: 'first' } } }, 'processors.test:watch.order'],
      [{ subscriptions: { 'a b': {} } }, 'subscriptions.a b'],
      [{ subscriptions: { 'local.x': {} } }, 'subscriptions.local.x'],
      [{ subscriptions: { a: { name: 'A', types: ['no.such'], transport: 'pull' } } }, 'subscriptions.a.types[0]'],
    ]
    for (const [part, field] of wrong) {
      const file = Array.isArray(part) ? part : { ...FILE, ...(part as object) }
      await expect(apply(file)).rejects.toMatchObject(field === undefined ? { code: 'invalid_request' } : { field })
    }
    expect(await hub.definitions.export(hub.local)).toEqual(before)
  })

  it('belong to who may change them, and subscriptions to their tenant', async () => {
    await apply(FILE)
    await hub.tenants.create(hub.local, { id: 'other', name: 'Other' })
    const admin = { ...hub.local, tenant: 'other', roles: ['admin'] as const }
    expect((await hub.definitions.export(admin)).subscriptions).toEqual({})
    await expect(hub.definitions.apply(admin, { types: { y: LOST } })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(hub.definitions.apply(admin, { processors: {} })).rejects.toMatchObject({ code: 'forbidden' })
    const subscriptions = { 'badges-to-siem': { ...FILE.subscriptions['badges-to-siem'], name: 'Others' } }
    await hub.definitions.apply(admin, { subscriptions }, { prune: true })
    expect((await hub.definitions.export(hub.local)).subscriptions).toMatchObject({
      gates: {},
      'badges-to-siem': { name: 'Badges' },
    })
    const subscriber = { ...admin, roles: ['subscriber'] as const, resource: 'r' }
    await expect(hub.definitions.apply(subscriber, { subscriptions })).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('never show a secret, and keep those a file does not say', async () => {
    const target = { url: 'http://127.0.0.1:9/', headers: { authorization: 'Bearer s3cret-1' } }
    const file = (more: object) => ({
      subscriptions: {
        siem: { name: 'SIEM', types: ['user.*'], transport: 'webhook', target: { ...target, ...more } },
      },
    })
    const first = await apply(file({}))
    const exported = await hub.definitions.export(hub.local)
    expect(JSON.stringify([first, exported, (await hub.audit.list(hub.local, {})).items])).not.toContain('s3cret')
    expect(await diff(exported)).toEqual(NOTHING)
    expect(await diff(file({}))).toEqual(NOTHING)
    const { subscriptions } = await diff(file({ headers: { authorization: 'Bearer s3cret-2' } }))
    expect(subscriptions).toEqual([{ id: 'siem', change: 'change', before: {}, after: { secrets: '(changed)' } }])
  })
})
