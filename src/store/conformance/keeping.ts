import assert from 'node:assert/strict'
import type { KeyRow } from '../rows.js'
import type { Suite } from './fixtures.js'
import {
  admission,
  admitSubjects,
  admitted,
  event,
  leased,
  NOW,
  result,
  settlement,
  subscription,
  T,
  tenantRow,
} from './fixtures.js'

export function keepingCases({ describe, test }: Suite): void {
  describe('a configuration', () => {
    test('is written whole, or not at all when a subscription has changed meanwhile', async (store) => {
      await store.subscriptions.create(subscription('old'))
      await store.subscriptions.create(subscription('gone'))
      const processor = {
        ...{ name: 'p', enabled: false, order: 3, types: null },
        options: null,
        updatedAt: NOW,
        updatedBy: 'me',
      }
      const changes = {
        settings: [{ name: 'types', value: '{}', at: NOW, by: 'me' }],
        processors: [processor],
        subscriptions: {
          create: [subscription('new')],
          update: [subscription('old', { name: 'Renamed', revision: 2 })],
          remove: [{ tenant: T, id: 'gone', revision: 2, now: NOW }],
        },
      }
      const names = async () => (await store.subscriptions.load(T)).rows.map(({ id, name }) => [id, name])
      const before = await names()
      assert.deepEqual(await store.configure(changes), { status: 'conflict', subscription: 'gone' })
      assert.deepEqual(
        [await store.settings.get('types'), await store.processors.settings(), await names()],
        [null, [], before],
      )
      const { create, update, remove } = changes.subscriptions
      const right = { create, update, remove: remove.map((each) => ({ ...each, revision: 1 })) }
      const { version } = await store.subscriptions.load(T)
      assert.deepEqual(await store.configure({ ...changes, subscriptions: right }), { status: 'done' })
      assert.deepEqual([await store.settings.get('types'), await store.processors.settings()], ['{}', [processor]])
      assert.deepEqual(await names(), [
        ['new', 'Subscription new'],
        ['old', 'Renamed'],
      ])
      assert.ok((await store.subscriptions.load(T)).version > version)
      assert.equal((await store.configure(changes)).status, 'conflict')
    })
  })

  describe('subscriptions', () => {
    test('are created once, and the version rises with every change', async (store) => {
      const versions = [(await store.subscriptions.load(T)).version]
      const note = async () => versions.push((await store.subscriptions.load(T)).version)
      assert.equal(await store.subscriptions.create(subscription('a')), true)
      await note()
      assert.equal(await store.subscriptions.create(subscription('a', { name: 'again' })), false)
      assert.equal((await store.subscriptions.load(T)).version, versions[1])
      assert.equal(await store.subscriptions.update(subscription('a', { revision: 2, name: 'new' })), true)
      await note()
      assert.equal(await store.subscriptions.update(subscription('a', { revision: 2, name: 'lost' })), false)
      assert.equal(await store.subscriptions.update(subscription('x', { revision: 1 })), false)
      assert.equal(await store.subscriptions.setState(T, 'a', 'disabled', 'It is gone.', NOW + 3), true)
      await note()
      assert.equal(await store.subscriptions.setState(T, 'x', 'paused', null, NOW), false)
      const row = await store.subscriptions.get(T, 'a')
      assert.deepEqual(
        row,
        subscription('a', { name: 'new', revision: 3, state: 'disabled', reason: 'It is gone.', updatedAt: NOW + 3 }),
      )
      assert.equal(await store.subscriptions.remove(T, 'a', NOW), true)
      await note()
      assert.equal(await store.subscriptions.remove(T, 'a', NOW), false)
      assert.equal(await store.subscriptions.get(T, 'a'), null)
      assert.deepEqual(
        versions,
        [...new Set(versions)].sort((x, y) => x - y),
      )
    })

    test('begin from now on when they say so', async (store) => {
      await admitSubjects(store, ['x', 'y'])
      await store.subscriptions.create(subscription('a', { startSequence: -1 }))
      assert.equal((await store.subscriptions.get(T, 'a'))?.startSequence, await store.log.head(T))
    })

    test('are listed by id, of one owner or all, and are kept apart by tenant', async (store) => {
      for (const id of ['c', 'a', 'b']) await store.subscriptions.create(subscription(id))
      await store.subscriptions.create(subscription('d', { owner: 'key-2' }))
      await store.subscriptions.create(subscription('a', { tenant: 'other', name: 'other' }))
      const ids = async (page: { after: string | null; limit: number; owner?: string }) =>
        (await store.subscriptions.list(T, page)).map(({ id }) => id).join('')
      assert.equal(await ids({ after: null, limit: 2 }), 'ab')
      assert.equal(await ids({ after: 'b', limit: 9 }), 'cd')
      assert.equal(await ids({ after: null, limit: 9, owner: 'key-2' }), 'd')
      const { rows } = await store.subscriptions.load(T)
      assert.deepEqual(
        rows.map(({ id }) => id),
        ['a', 'b', 'c', 'd'],
      )
      assert.equal((await store.subscriptions.get('other', 'a'))?.name, 'other')
    })
  })

  describe('keys, tenants, processors, audit', () => {
    const keyRow = (id: string, over: Partial<KeyRow> = {}): KeyRow => ({
      id,
      tenant: T,
      kind: 'bearer',
      hash: 'h',
      sealed: null,
      name: id,
      roles: '["admin"]',
      scopes: '[]',
      resource: null,
      createdAt: NOW,
      expiresAt: null,
      revokedAt: null,
      ...over,
    })

    const K3 = { tenant: 'other', resource: 'app', expiresAt: NOW + 1, kind: 'oauth1', sealed: 's' } as const

    test('keys are found by id, listed by tenant, revoked once', async (store) => {
      for (const id of ['k2', 'k1']) await store.access.putKey(keyRow(id))
      await store.access.putKey(keyRow('k3', K3))
      assert.deepEqual(await store.access.getKey('k3'), keyRow('k3', K3))
      assert.equal(await store.access.getKey('k9'), null)
      assert.deepEqual(
        (await store.access.listKeys(T, { after: null, limit: 9 })).map(({ id }) => id),
        ['k1', 'k2'],
      )
      assert.deepEqual((await store.access.listKeys(T, { after: 'k1', limit: 9 })).length, 1)
      assert.equal(await store.access.revokeKey('other', 'k1', NOW), false)
      assert.equal(await store.access.revokeKey(T, 'k1', NOW + 4), true)
      assert.equal(await store.access.revokeKey(T, 'k1', NOW + 5), false)
      assert.equal((await store.access.getKey('k1'))?.revokedAt, NOW + 4)
    })

    test('a nonce is spent once, and forgotten when it is too old to be used', async (store) => {
      const spend = (consumer: string, nonce: string, timestamp: number, oldest = 0) =>
        store.access.spendNonce({ consumer, nonce, timestamp }, oldest)
      assert.deepEqual(
        [await spend('a', 'n', 7), await spend('b', 'n', 7), await spend('a', 'm', 7), await spend('a', 'n', 8)],
        [true, true, true, true],
      )
      assert.equal(await spend('a', 'n', 7), false)
      const both = await Promise.all([spend('a', 'x', 9), spend('a', 'x', 9)])
      assert.deepEqual(both.sort(), [false, true])
      assert.equal(await spend('c', 'n', 10, 8), true)
      assert.deepEqual([await spend('a', 'n', 7), await spend('a', 'n', 8)], [true, false])
    })

    test('a person is mailed of an event by one claim at a time, until it is told, and once more for a replay', async (store) => {
      const key = { tenant: T, event: 'e', person: 'p' }
      const claim = (message: string, now: number, again: number | null = null, person = 'p') =>
        store.mail.claim({ ...key, person }, { message, now, until: now + 10, again })
      const both = await Promise.all([claim('a', 0), claim('b', 0)])
      assert.deepEqual(both.sort(), ['busy', 'yours'])
      const other = (await claim('a', 0)) === 'yours' ? 'b' : 'a'
      const holder = other === 'a' ? 'b' : 'a'
      // Who has the claim keeps it over a restart; the other gets it when it has run out.
      assert.deepEqual(
        [await claim(holder, 1), await claim(other, 10), await claim(other, 11)],
        ['yours', 'busy', 'yours'],
      )
      await store.mail.settle(key, holder, true, 12)
      assert.equal(await claim(holder, 12), 'busy')
      await store.mail.settle(key, other, false, 13)
      assert.equal(await claim(holder, 14), 'yours')
      await store.mail.settle(key, holder, true, 15)
      assert.deepEqual(
        [await claim(holder, 16), await claim(other, 99), await claim(holder, 16, 14)],
        ['told', 'told', 'told'],
      )
      assert.deepEqual([await claim(other, 16, 16), await claim('c', 16, null, 'q')], ['told', 'yours'])
      assert.equal(await claim(holder, 17, 16), 'yours')
      await store.mail.settle(key, holder, true, 18)
      assert.equal(await claim(holder, 19, 16), 'told')
      assert.deepEqual(
        [await store.mail.prune(18, 9), await store.mail.prune(19, 9), await store.mail.prune(19, 9)],
        [1, 1, 0],
      )
      assert.equal(await claim(other, 20), 'yours')
    })

    test('tenants are created or replaced', async (store) => {
      const row = tenantRow('acme', { name: 'Acme', weight: 3, eventsPerSecond: 50, unfinishedTasks: 2 ** 40 })
      await store.access.putTenant(row)
      await store.access.putTenant(tenantRow('beta', { openTypes: true }))
      await store.access.putTenant({ ...row, name: 'ACME', disabledAt: NOW })
      assert.deepEqual(await store.access.getTenant('acme'), { ...row, name: 'ACME', disabledAt: NOW })
      assert.equal(await store.access.getTenant('none'), null)
      const page = await store.access.listTenants({ after: 'acme', limit: 5 })
      assert.deepEqual(page, [tenantRow('beta', { openTypes: true })])
    })

    test('processor settings are put by name', async (store) => {
      const row = {
        name: 'b',
        enabled: false,
        order: 12.5,
        types: '["t.a"]',
        options: '{}',
        updatedAt: NOW,
        updatedBy: 'key-1',
      }
      await store.processors.put(row)
      await store.processors.put({ ...row, name: 'a', enabled: null, order: null, types: null, options: null })
      await store.processors.put({ ...row, enabled: true })
      assert.deepEqual(await store.processors.settings(), [
        { ...row, name: 'a', enabled: null, order: null, types: null, options: null },
        { ...row, enabled: true },
      ])
    })

    test('audit rows are numbered by tenant and listed newest first', async (store) => {
      const row = { tenant: T, at: NOW, actor: 'key-1', action: 'task.cancel', object: '1.a', detail: '{}' }
      for (const object of ['1', '2', '3']) await store.audit.append({ ...row, object })
      await store.audit.append({ ...row, tenant: 'other' })
      const rows = await store.audit.list(T, { after: null, limit: 2 })
      assert.deepEqual(
        rows.map(({ number, object }) => [number, object]),
        [
          [3, '3'],
          [2, '2'],
        ],
      )
      assert.deepEqual(await store.audit.list(T, { after: 2, limit: 9 }), [{ ...row, object: '1', number: 1 }])
    })
  })

  describe('rows of captured tables', () => {
    test('are known by their ids, as they were last put', async ({ capturedRows }) => {
      const of = (table: string, id: string, state: string | null = `{"id":"${id}"}`) => ({ table, id, state })
      const ids = async (table: string, after = '', limit = 9) =>
        (await capturedRows.list('people', table, after, limit)).map(({ id }) => id)
      await capturedRows.put('people', [of('p', 'b'), of('p', 'A'), of('p', 'c'), of('q', 'b', '1')])
      await capturedRows.put('others', [of('p', 'd')])
      assert.deepEqual([await ids('p'), await ids('p', 'A', 1), await ids('p', 'c')], [['A', 'b', 'c'], ['b'], []])
      await capturedRows.put('people', [of('p', 'b', '2'), of('p', 'A', null), of('p', 'none', null)])
      const found = await capturedRows.find('people', 'p', ['b', 'A', 'd', 'c'])
      const byId = [...found].sort((one, other) => (one.id < other.id ? -1 : 1))
      assert.deepEqual(byId, [
        { id: 'b', state: '2' },
        { id: 'c', state: '{"id":"c"}' },
      ])
      assert.deepEqual([await capturedRows.clear('people', 'p', 1), await capturedRows.clear('people', 'p', 9)], [1, 1])
      assert.deepEqual([await ids('p'), await ids('q')], [[], ['b']])
    })
  })

  describe('the store', () => {
    test('answers who it is', async (store) => {
      const info = await store.ping()
      assert.equal(info.epoch.length > 0, true)
      assert.equal((await store.ping()).epoch, info.epoch)
    })

    test('prunes what is old and finished, with all that hangs on it, in slices', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [x = 0, y = 0, z = 0] = await admitSubjects(store, ['x', 'y', 'z'])
      await admitted(store, admission(event('late', { receivedAt: NOW + 100 }), []))
      await admitted(store, admission(event('held', { state: 'suspended' }), []))
      const [first, second] = await leased(store)
      if (first === undefined || second === undefined) throw new Error('Two were due.')
      await store.tasks.settle([settlement(first.task), settlement(second.task)], null)
      await store.log.putResults([{ ...result('w'), tenant: T, sequence: x }])
      assert.equal(await store.prune(NOW + 50, 1), 1)
      assert.equal(await store.log.get(T, x), null)
      assert.equal(await store.tasks.get(first.task), null)
      assert.deepEqual(await store.tasks.attempts(first.task), [])
      assert.deepEqual(await store.log.results(T, x), [])
      assert.equal(await store.prune(NOW + 50, 10), 1)
      assert.equal(await store.prune(NOW + 50, 10), 0)
      assert.equal(await store.log.get(T, y), null)
      assert.notEqual(await store.log.get(T, z), null)
      assert.deepEqual(await store.tasks.counts(T), { leased: 1 })
      const [reused] = await store.admit([admission(event('x-0', { hash: 'other' }))], null)
      assert.equal(reused?.status, 'admitted')
    })

    test('refuses calls once it is closed, if it is durable', async (store) => {
      if (!store.features.durable) return
      await store.close()
      await assert.rejects(store.admit([admission(event('1'))], null), { code: 'unavailable' })
      await store.close()
    })
  })
}
