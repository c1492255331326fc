import assert from 'node:assert/strict'
import { NOTHING_DONE } from '../../registry/import-store.js'
import type { Store } from '../port.js'
import type { KeyRow } from '../rows.js'
import type { Suite } from './fixtures.js'
import { admission, admitted, candidate, deed, event, NOW, one, put, receiptsOf, subscription, T } from './fixtures.js'

const key = (id: string, over: Partial<KeyRow> = {}): KeyRow => ({
  ...{ id, tenant: T, kind: 'bearer', hash: id, sealed: null, name: id, roles: '["publisher"]', scopes: '[]' },
  ...{ resource: 'app', createdAt: NOW, expiresAt: null, revokedAt: null },
  ...over,
})

const looking = (id: string, resource: string) =>
  subscription(id, { spec: JSON.stringify({ scope: { resource }, transport: 'webhook' }) })

const remove = (id: string) => ({ do: 'remove', id }) as const

const revokedAt = async (store: Store, id: string) => (await store.access.getKey(id))?.revokedAt
const lifeOf = async (store: Store, id: string, tenant = T) => {
  const row = await store.subscriptions.get(tenant, id)
  return row && [row.state, row.revision, row.reason !== null]
}
const auditOf = async (store: Store) =>
  (await store.audit.list(T, { after: null, limit: 9 })).map(({ actor, action, object, at }) => [
    actor,
    action,
    object,
    at,
  ])

export function endingCases({ describe, test }: Suite): void {
  describe('what ends with a resource', () => {
    test('its keys do when it is removed, in the same operation, and nobody else\u2019s', async (store) => {
      const long = 'a'.repeat(250)
      for (const row of [
        key('own'),
        key('also'),
        key('past', { revokedAt: NOW - 9 }),
        key('of-long', { resource: long }),
        key('of-longer', { resource: `${long}b` }),
        key('free', { resource: null }),
        key('elsewhere', { tenant: 'other' }),
      ])
        await store.access.putKey(row)
      await admitted(store, deed('1', [put('app', 'ann'), put('desk'), put(long)]))
      await admitted(store, deed('2', [remove('desk'), remove('none')], { receivedAt: NOW + 1 }))
      assert.deepEqual([await revokedAt(store, 'own'), await auditOf(store)], [null, []])
      const gone = deed('3', [remove('app')], { receivedAt: NOW + 2, principal: 'key-9' })
      const [result] = await store.admit([gone], null)
      assert.equal(result?.status, 'admitted')
      const ended = result?.status === 'admitted' ? result.ended : undefined
      assert.deepEqual([[...(ended?.keys ?? [])].sort(), ended?.subscriptions], [['also', 'own'], []])
      for (const id of ['own', 'also']) assert.equal(await revokedAt(store, id), NOW + 2)
      assert.equal(await revokedAt(store, 'past'), NOW - 9)
      for (const id of ['free', 'of-long', 'of-longer', 'elsewhere']) assert.equal(await revokedAt(store, id), null)
      const told = (await auditOf(store)).sort((a, b) => (String(a[2]) < String(b[2]) ? -1 : 1))
      assert.deepEqual(told, [
        ['key-9', 'key.revoke', 'also', NOW + 2],
        ['key-9', 'key.revoke', 'own', NOW + 2],
      ])
      await admitted(store, deed('4', [remove(long)]))
      assert.deepEqual([await revokedAt(store, 'of-long'), await revokedAt(store, 'of-longer')], [NOW, null])
    })

    test('its subscriptions hear of its removal, and nothing of who has its id next', async (store) => {
      for (const row of [looking('own', 'app'), looking('other', 'apps'), subscription('all')])
        await store.subscriptions.create(row)
      await store.subscriptions.create({ ...looking('own', 'app'), tenant: 'other' })
      const own = [candidate({ subscription: 'own', scope: { resource: 'app' } })]
      const about = (id: string) => event(id, { subject: 'app', principal: 'key-9', receivedAt: NOW + 3 })
      await admitted(store, deed('1', [put('app', 'ann'), put('theirs', 'bob')]))
      const removal = admission(about('2'), own, { change: { expect: [], steps: [remove('app')] } })
      assert.deepEqual(one(await admitted(store, removal)).tasks, ['own'])
      assert.deepEqual(await lifeOf(store, 'own'), ['active', 1, false])
      const { version } = await store.subscriptions.load(T)
      const again = { change: { expect: [], steps: [put('app', 'bob')] }, subscriptionVersion: version }
      const late = admission(event('4', { subject: 'theirs' }), own, { subscriptionVersion: version })
      const [born, stale] = await store.admit([admission(about('3'), own, again), late], null)
      assert.deepEqual(one(receiptsOf(born)).tasks, [])
      assert.deepEqual(born?.status === 'admitted' && born.ended, { keys: [], subscriptions: ['own'] })
      assert.equal(stale?.status, 'stale')
      assert.deepEqual(await lifeOf(store, 'own'), ['disabled', 2, true])
      for (const id of ['other', 'all']) assert.deepEqual(await lifeOf(store, id), ['active', 1, false])
      assert.deepEqual(await lifeOf(store, 'own', 'other'), ['active', 1, false])
      assert.deepEqual(await auditOf(store), [['key-9', 'subscription.disable', 'own', NOW + 3]])
      await admitted(store, deed('5', [put('app', 'bob', 'card')]))
      assert.deepEqual(await lifeOf(store, 'own'), ['disabled', 2, true])
    })

    test('an import that uses the id again ends them too', async (store) => {
      await store.subscriptions.create(looking('own', 'app'))
      await admitted(store, deed('1', [put('app', 'ann'), put('app', 'ann')]))
      await admitted(store, deed('2', [remove('app')]))
      const resource = { line: 1, id: 'app', type: 'card', owner: 'bob', status: null, properties: '{}', links: [] }
      const batch = { tenant: T, id: 'i', after: 0, line: 1, at: NOW + 5, actor: 'key-9', awaited: [] }
      const lines = { ...batch, resources: [resource], done: NOTHING_DONE }
      const tried = await store.imports.take({ ...lines, id: 'try', dryRun: true })
      assert.deepEqual([tried?.ended, await lifeOf(store, 'own')], [undefined, ['active', 1, false]])
      const answer = await store.imports.take({ ...lines, dryRun: false })
      assert.deepEqual(answer?.ended, { keys: [], subscriptions: ['own'] })
      assert.deepEqual(await lifeOf(store, 'own'), ['disabled', 2, true])
      assert.deepEqual(await auditOf(store), [['key-9', 'subscription.disable', 'own', NOW + 5]])
      const row = await store.registry.get(T, 'app')
      assert.deepEqual([row?.revision, row?.createdAt], [3, NOW + 5])
    })
  })
}
