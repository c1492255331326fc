/** Rows of CzechIdM on a hub: who hears them, which are queued, which are duplicates of one another. */
import { afterEach, describe, expect, it } from 'vitest'
import { createHub, type Hub, isTocsinError, type Processor } from '../../src/index.js'
import { czechidm } from './index.js'
import { propertiesToSettings } from './properties/index.js'

const hubs: Hub[] = []
const OWNER = '33333333-3333-4333-8333-333333333333'

async function open(): Promise<Hub> {
  const hub = await createHub({ database: 'memory', plugins: [czechidm], config: { log: { level: 'silent' } } })
  hubs.push(hub)
  return hub
}

afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.close()
})

const row = (entity: string, eventType: string, more: Readonly<Record<string, unknown>> = {}) => ({
  ownerType: `eu.bcvsolutions.idm.core.model.entity.${entity}`,
  ownerId: OWNER,
  eventType,
  ...more,
})

/** Publishes rows one after the other; answers the receipts. */
async function publish(hub: Hub, rows: readonly unknown[]) {
  const receipts = []
  for (const each of rows) receipts.push(...(await hub.translate('czechidm', each)))
  return receipts.map((receipt) => {
    if (isTocsinError(receipt)) throw receipt
    return receipt
  })
}

function listening(hub: Hub, name: string, more: Partial<Processor> = {}): string[] {
  const heard: string[] = []
  hub.use({ name, kind: 'witness', run: (event) => void heard.push(event.type), ...more })
  return heard
}

describe('a processor for a base type', () => {
  it('hears every entity that implements it, and no other', async () => {
    const hub = await open()
    const everything = listening(hub, 'mine:all', { resourceTypes: ['czechidm.Entity'] })
    const formable = listening(hub, 'mine:formable', { resourceTypes: ['czechidm.Formable'] })
    const identity = listening(hub, 'mine:identity', { resourceTypes: ['czechidm.Identity'] })
    const native = listening(hub, 'mine:native', { types: ['user.updated'] })
    const rows = [
      row('IdmIdentity', 'UPDATE'),
      row('IdmRole', 'CREATE'),
      row('IdmToken', 'CREATE'),
      row('Other', 'WAIT'),
    ]
    await publish(hub, rows)
    expect(everything).toEqual([
      'czechidm.Identity.UPDATE',
      'czechidm.Role.CREATE',
      'czechidm.Token.CREATE',
      'czechidm.custom',
    ])
    expect(formable).toEqual(['czechidm.Identity.UPDATE', 'czechidm.Role.CREATE'])
    expect(identity).toEqual(['czechidm.Identity.UPDATE'])
    expect(native).toEqual(['czechidm.Identity.UPDATE'])
  })
})

describe('an asynchronous processor', () => {
  const asynchronous = (types: readonly string[]): Processor => ({
    name: 'mine:later',
    kind: 'asynchronous',
    types,
    run: () => undefined,
  })
  it('cannot name DELETE, of any entity', async () => {
    const hub = await open()
    for (const type of ['czechidm.Identity.DELETE', 'czechidm.DELETE'])
      expect(() => hub.use(asynchronous([type]))).toThrow(/refuses asynchronous processors/)
  })
  it('is not queued for DELETE, nor for a row that says skip-notify', async () => {
    const hub = await open()
    hub.use(asynchronous(['czechidm.*']))
    const [kept, removed, skipped] = await publish(hub, [
      row('IdmIdentity', 'NOTIFY'),
      row('IdmIdentity', 'DELETE'),
      row('IdmIdentity', 'NOTIFY', { properties: { 'idm:skip-notify': 'true' } }),
    ])
    expect([kept?.queued, removed?.queued, skipped?.queued]).toEqual([['mine:later'], [], []])
  })
})

describe('of two rows that wait', () => {
  /** The states of the two, and the code of the older. */
  async function both(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>) {
    const hub = await open()
    await hub.processing.set(hub.local, { stopped: true })
    hub.use({ name: 'mine:later', kind: 'asynchronous', resourceTypes: ['czechidm.Entity'], run: () => undefined })
    await publish(hub, [row('IdmIdentity', 'NOTIFY', one), row('IdmIdentity', 'NOTIFY', other)])
    const { items } = await hub.tasks.list(hub.local, { local: true }, {})
    return [...items].reverse().map(({ state, code }) => code ?? state)
  }
  const content = { id: OWNER, username: 'novak', firstName: 'Jan' }
  const before = { id: OWNER, firstName: 'Honza', modified: '2026-11-21T10:00:00Z', modifier: 'hr' }

  it.each([
    ['nothing', {}, {}],
    ['the content', { content }, { content: { ...content, firstName: 'Jana' } }],
    ['who made it', { creator: 'hr', creatorId: 'a' }, { creator: 'admin', creatorId: 'b' }],
    ['id, time, transaction and priority', { id: 'one', priority: 'HIGH' }, { id: 'two', transactionId: 't' }],
    ['internal properties', {}, { properties: { 'idm:permission': ['UPDATE'], 'idm:transaction-id': 't' } }],
    ['the audit fields of the original', { originalSource: before }, { originalSource: { ...before, modifier: 'x' } }],
    ['what is embedded in the original', { originalSource: before }, { originalSource: { ...before, _embedded: {} } }],
  ])('the older is a duplicate if they differ in %s', async (_, one, other) => {
    expect((await both(one, other))[0]).toBe('duplicate')
  })
  it.each([
    ['a property', { properties: { reason: 'a' } }, { properties: { reason: 'b' } }],
    ['a property that is missing', { properties: { reason: 'a' } }, {}],
    ['the parent type', { parentEventType: 'CREATE' }, { parentEventType: 'UPDATE' }],
    ['the original', { originalSource: before }, { originalSource: { ...before, firstName: 'Jan' } }],
    ['an original that is missing', { originalSource: before }, {}],
    ['the owner', {}, { ownerId: '44444444-4444-4444-8444-444444444444' }],
  ])('both stay if they differ in %s', async (_, one, other) => {
    expect(await both(one, other)).not.toContain('duplicate')
  })
})

describe('an imported setting', () => {
  it('chooses event types as CzechIdM would', async () => {
    const hub = await open()
    const heard = listening(hub, 'core:identity-save-processor', { types: ['czechidm.Identity.CREATE'] })
    const { processors } = propertiesToSettings(
      'idm.sec.core.processor.identity-save-processor.eventTypes = UPDATE, EAV_SAVE',
    )
    await hub.processors.apply(hub.local, { processors })
    await publish(hub, [row('IdmIdentity', 'CREATE'), row('IdmIdentity', 'UPDATE'), row('IdmIdentity', 'EAV_SAVE')])
    expect(heard).toEqual(['czechidm.Identity.UPDATE', 'czechidm.Identity.EAV_SAVE'])
  })
})

describe('the overview', () => {
  it('shows theirs beside ours, and ours in the place of theirs', async () => {
    const hub = await open()
    const processors = () =>
      hub.processors
        .overview(hub.local)
        .flatMap(({ types }) => types.flatMap((type) => type.processors))
        .filter(({ name }) => name === 'acc:identity-save-processor')
    expect(processors()).toMatchObject([{ origin: 'czechidm', kind: 'asynchronous', order: 1000, enabled: null }])
    listening(hub, 'acc:identity-save-processor', { resourceTypes: ['czechidm.Identity'], order: 3 })
    expect(processors()).toMatchObject([{ origin: 'here', order: 3, enabled: true }])
  })
})
