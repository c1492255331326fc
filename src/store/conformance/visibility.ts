import assert from 'node:assert/strict'
import type { Suite } from './fixtures.js'
import {
  admission,
  admitted,
  candidate,
  deed,
  event,
  link,
  one,
  put,
  receiptsOf,
  request,
  subscription,
  unlink,
} from './fixtures.js'

export function visibilityCases({ describe, test }: Suite): void {
  describe('visibility at admission', () => {
    const looking = (resource: string) => [candidate({ scope: { resource } })]

    test('shows an event to those who share the owner, are linked, or linked with the owner', async (store) => {
      const steps = [put('card-1', 'ann'), put('app', 'ann'), put('desk'), put('ann'), put('far'), put('lone')]
      await admitted(store, deed('setup', [...steps, link('desk', 'card-1'), link('ann', 'far')]))
      const seen = async (resource: string) =>
        one(await admitted(store, admission(event(`for-${resource}`), looking(resource)))).tasks.length === 1
      assert.deepEqual(await Promise.all(['app', 'desk', 'far', 'card-1', 'lone', 'unknown'].map(seen)), [
        true,
        true,
        true,
        true,
        false,
        false,
      ])
      const hidden = one(await admitted(store, admission(event('h'), looking('lone'))))
      assert.deepEqual([hidden.tasks, hidden.hidden], [[], ['a']])
    })

    test('decides for many at once as for each, however many links there are', async (store) => {
      const lookers = ['app', 'desk', 'rack', 'far', 'near', 'card-1', 'lone', 'unknown', 'was']
      const candidates = lookers.map((resource) => candidate({ subscription: resource, scope: { resource } }))
      const owned = [
        put('card-1', 'ann'),
        put('app', 'ann'),
        ...['desk', 'rack', 'ann', 'far', 'near', 'lone', 'was'].map((id) => put(id)),
      ]
      const linked = [
        link('desk', 'card-1'),
        link('card-1', 'rack'),
        link('ann', 'far'),
        link('near', 'ann'),
        link('was', 'card-1'),
      ]
      await admitted(store, deed('setup', [...owned, ...linked]))
      await admitted(store, deed('unlinked', [unlink('was', 'card-1')]))
      const seeing = ['app', 'desk', 'rack', 'far', 'near', 'card-1']
      const few = one(await admitted(store, admission(event('few'), candidates)))
      assert.deepEqual([few.tasks, few.hidden], [seeing, ['lone', 'unknown', 'was']])
      const pads = Array.from({ length: 90 }, (_, index) => `pad-${index}`)
      await admitted(store, deed('more', [...pads.map((id) => put(id)), ...pads.map((id) => link(id, 'card-1'))]))
      const many = one(await admitted(store, admission(event('many'), candidates)))
      assert.deepEqual([many.tasks, many.hidden], [seeing, ['lone', 'unknown', 'was']])
      await admitted(store, deed('gone', [{ do: 'remove', id: 'card-1' }]))
      const late = one(await admitted(store, admission(event('late'), candidates)))
      assert.deepEqual([late.tasks, late.hidden], [seeing, ['lone', 'unknown', 'was']])
    })

    test('does not take two missing owners for the same, nor an event without a subject', async (store) => {
      await admitted(store, deed('setup', [put('card-1'), put('app')]))
      assert.deepEqual(one(await admitted(store, admission(event('1'), looking('app')))).tasks, [])
      const bare = admission(event('2', { subject: null, partitionKey: '2' }), looking('app'))
      assert.deepEqual(one(await admitted(store, bare)).tasks, [])
    })

    test('looks before and after the whole operation, whichever grants', async (store) => {
      await admitted(store, deed('setup', [put('card-1', 'ann'), put('of-ann', 'ann'), put('of-bob', 'bob')]))
      const change = { expect: [], steps: [put('card-1', 'bob')] }
      const both = [
        candidate({ subscription: 'ann', scope: { resource: 'of-ann' } }),
        candidate({ subscription: 'bob', scope: { resource: 'of-bob' } }),
      ]
      const moved = one(await admitted(store, admission(event('move'), both, { change })))
      assert.deepEqual(moved.tasks, ['ann', 'bob'])
      const later = one(await admitted(store, admission(event('later'), both)))
      assert.deepEqual([later.tasks, later.hidden], [['bob'], ['ann']])
    })

    test('shows a removal to those it was linked with, and what comes after by its last graph', async (store) => {
      await admitted(store, deed('setup', [put('card-1', 'ann'), put('desk'), put('of-ann', 'ann')]))
      await admitted(store, deed('linked', [link('desk', 'card-1')]))
      const steps = [{ do: 'remove', id: 'card-1' } as const]
      const entries = ['gone', 'unlinked'].map((id) => ({ event: event(id), candidates: looking('desk'), results: [] }))
      const removal = admission(event('gone'), [], { events: entries, change: { expect: [], steps } })
      const receipts = await admitted(store, removal)
      assert.deepEqual(
        receipts.map(({ tasks }) => tasks),
        [['a'], ['a']],
      )
      assert.deepEqual(one(await admitted(store, admission(event('late'), looking('of-ann')))).tasks, ['a'])
      assert.deepEqual(one(await admitted(store, admission(event('late2'), looking('desk')))).tasks, ['a'])
    })

    test('a later member of a batch is seen on the graph that earlier members left', async (store) => {
      const outcomes = await store.admit(
        [deed('setup', [put('card-1', 'ann'), put('app', 'ann')]), admission(event('1'), looking('app'))],
        null,
      )
      assert.deepEqual(outcomes.flatMap(receiptsOf)[1]?.tasks, ['a'])
    })

    test('leaves nothing leased that nobody asked for', async (store) => {
      await store.subscriptions.create(subscription('a'))
      await admitted(store, admission(event('1')))
      assert.equal((await store.tasks.lease(request({ limit: 1 }))).leased.length, 1)
      assert.equal((await store.tasks.lease(request({ limit: 1 }))).leased.length, 0)
    })
  })
}
