import assert from 'node:assert/strict'
import type { Suite } from './fixtures.js'
import {
  admission,
  admitSubjects,
  admitted,
  again,
  candidate,
  event,
  leased,
  NOW,
  one,
  sequencesOf,
  settlement,
  stateOf,
  subscription,
  T,
} from './fixtures.js'

export function groupCases({ describe, test }: Suite): void {
  describe('groups', () => {
    test('let one go at a time, in sequence, and different groups side by side', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [x1 = 0, y1 = 0, x2 = 0, x3 = 0] = await admitSubjects(store, ['x', 'y', 'x', 'x'])
      const heads = await leased(store)
      assert.deepEqual(sequencesOf(heads), [x1, y1])
      assert.deepEqual([await stateOf(store, x2), await stateOf(store, x3)], ['waiting', 'waiting'])
      await store.tasks.settle(
        heads.map(({ task }) => settlement(task)),
        null,
      )
      const second = await leased(store)
      assert.deepEqual(sequencesOf(second), [x2])
      await store.tasks.settle([settlement(one(second).task)], null)
      assert.deepEqual(sequencesOf(await leased(store)), [x3])
    })

    test('wait for a failing head, and only they do', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [x1 = 0, , y1 = 0] = await admitSubjects(store, ['x', 'x', 'y'])
      const heads = await leased(store)
      assert.deepEqual(sequencesOf(heads), [x1, y1])
      const [head, other] = heads
      if (head === undefined || other === undefined) throw new Error('Two were due.')
      await store.tasks.settle([settlement(head.task, again(NOW + 1_000)), settlement(other.task)], null)
      assert.deepEqual(await leased(store), [])
      assert.deepEqual(sequencesOf(await leased(store, { now: NOW + 1_000 })), [x1])
    })

    test('move on when the head ends in whatever way', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const sequences = await admitSubjects(store, ['x', 'x', 'x', 'x', 'x'])
      for (const state of ['refused', 'exhausted', 'not-executed'] as const) {
        const head = one(await leased(store))
        assert.equal(head.task.sequence, sequences[['refused', 'exhausted', 'not-executed'].indexOf(state)])
        await store.tasks.settle([settlement(head.task, { state, code: '500', message: null })], null)
      }
      assert.equal(
        await store.tasks.cancel({ tenant: T, sequence: sequences[3] ?? 0, subscription: 'a' }, NOW, 'c', 'm'),
        true,
      )
      assert.deepEqual(sequencesOf(await leased(store)), [sequences[4]])
    })

    test('close the gap when one that waits is cancelled', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [, second = 0, third = 0] = await admitSubjects(store, ['x', 'x', 'x'])
      const head = one(await leased(store))
      await store.tasks.cancel({ tenant: T, sequence: second, subscription: 'a' }, NOW, 'c', 'm')
      await store.tasks.settle([settlement(head.task)], null)
      assert.deepEqual(sequencesOf(await leased(store)), [third])
    })

    test('are raised by one that waits above NORMAL, without letting it overtake', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [plain = 0] = await admitSubjects(store, ['plain'])
      const [raised = 0] = await admitSubjects(store, ['x'])
      const [urgent = 0] = await admitSubjects(store, ['x'], { priority: 'high' })
      const [last = 0] = await admitSubjects(store, ['x'])
      const first = one(await leased(store, { limit: 1 }))
      assert.deepEqual([first.task.sequence, first.task.priority], [raised, 'normal'])
      await store.tasks.settle([settlement(first.task)], null)
      const rest = await leased(store)
      assert.deepEqual(sequencesOf(rest), [urgent, plain])
      await store.tasks.settle(
        rest.map(({ task }) => settlement(task)),
        null,
      )
      assert.deepEqual(sequencesOf(await leased(store)), [last])
    })

    test('sink again when the one that raised them is gone', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [plain = 0] = await admitSubjects(store, ['plain'])
      const [head = 0] = await admitSubjects(store, ['x'])
      const [urgent = 0] = await admitSubjects(store, ['x'], { priority: 'high' })
      await store.tasks.cancel({ tenant: T, sequence: urgent, subscription: 'a' }, NOW, 'c', 'm')
      assert.deepEqual(sequencesOf(await leased(store)), [plain, head])
    })

    test('are not kept under order none', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const sequences = await admitSubjects(store, ['x', 'x', 'x'], { order: 'none' })
      const all = await leased(store)
      assert.deepEqual(sequencesOf(all), sequences)
      assert.equal(all[0]?.task.groupKey, null)
    })

    test('keep of each type the latest under order latest, and whatever is under way', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const latest = [candidate({ order: 'latest' })]
      const send = async (id: string, type: string) =>
        one(await admitted(store, admission(event(id, { type }), latest))).sequence
      const first = await send('1', 't.a')
      const head = one(await leased(store))
      const second = await send('2', 't.a')
      const other = await send('3', 't.b')
      const third = await send('4', 't.a')
      const states = await Promise.all([first, second, other, third].map((sequence) => stateOf(store, sequence)))
      assert.deepEqual(states, ['leased', 'cancelled', 'waiting', 'waiting'])
      const dropped = await store.tasks.get({ tenant: T, sequence: second, subscription: 'a' })
      assert.equal(dropped?.code, 'superseded')
      await store.tasks.settle([settlement(head.task, again(NOW + 1_000))], null)
      const fourth = await send('5', 't.a')
      assert.equal(await stateOf(store, first), 'cancelled')
      assert.deepEqual(sequencesOf(await leased(store)), [other])
      assert.equal(await stateOf(store, fourth), 'waiting')
    })

    test('are joined by a future-dated task when its time comes, behind the present head', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [future = 0] = await admitSubjects(store, ['x'], { wakeAt: NOW + 500 })
      const [head = 0, behind = 0] = await admitSubjects(store, ['x', 'x'])
      const first = one(await leased(store))
      assert.equal(first.task.sequence, head)
      const woken = await leased(store, { now: NOW + 500 })
      assert.deepEqual(woken, [])
      const joined = await store.tasks.get({ tenant: T, sequence: future, subscription: 'a' })
      assert.deepEqual([joined?.state, joined?.wakeAt], ['waiting', null])
      await store.tasks.settle([settlement(first.task)], null)
      const next = one(await leased(store, { now: NOW + 600 }))
      assert.equal(next.task.sequence, future)
      await store.tasks.settle([settlement(next.task)], null)
      assert.deepEqual(sequencesOf(await leased(store, { now: NOW + 600 })), [behind])
    })

    test('let a future-dated task lead when they are empty', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [future = 0] = await admitSubjects(store, ['x'], { wakeAt: NOW + 500 })
      const [past = 0] = await admitSubjects(store, ['y'], { wakeAt: NOW - 500 })
      assert.deepEqual(sequencesOf(await leased(store)), [past])
      assert.deepEqual(sequencesOf(await leased(store, { now: NOW + 500 })), [future])
    })

    test('of one subject are kept apart by subscription and tenant', async (store) => {
      for (const id of ['a', 'b']) await store.subscriptions.create(subscription(id))
      await store.subscriptions.create(subscription('a', { tenant: 'other' }))
      const both = [candidate(), candidate({ subscription: 'b' })]
      await admitted(store, admission(event('1'), both))
      await admitted(store, admission(event('2'), both))
      await admitted(store, admission(event('1', { tenant: 'other' }), both))
      const heads = await leased(store)
      assert.deepEqual(
        heads.map(({ task }) => [task.tenant, task.subscription, task.sequence]),
        [
          [T, 'a', 1],
          [T, 'b', 1],
          ['other', 'a', 1],
        ],
      )
    })
  })
}
