import assert from 'node:assert/strict'
import type { TaskFilter, TurnOptions } from '../port.js'
import type { Suite } from './fixtures.js'
import {
  admission,
  admitSubjects,
  admitted,
  candidate,
  deed,
  event,
  leased,
  link,
  NOW,
  one,
  put,
  sequencesOf,
  settlement,
  stateOf,
  subscription,
  T,
  unlink,
} from './fixtures.js'

const key = (sequence: number, id = 'a') => ({ tenant: T, sequence, subscription: id })

export function taskCases({ describe, test }: Suite): void {
  describe('tasks', () => {
    test('are listed newest first by every field of the filter, page by page', async (store) => {
      for (const id of ['a', 'b']) await store.subscriptions.create(subscription(id))
      for (const [id, type, subject] of [
        ['1', 't.a', 's1'],
        ['2', 't.b', 's1'],
        ['3', 't.a', 's2'],
      ] as const) {
        await admitted(
          store,
          admission(event(id, { type, subject }), [candidate(), candidate({ subscription: 'b', order: 'none' })]),
        )
      }
      const head = (await leased(store, { limit: 1 }))[0]
      if (head !== undefined) {
        await store.tasks.settle([settlement(head.task, { state: 'exhausted', code: null, message: null })], null)
      }
      const ids = async (filter: Omit<TaskFilter, 'tenant'>) =>
        (await store.tasks.list({ tenant: T, ...filter }, { after: null, limit: 10 }))
          .map((task) => `${task.sequence}${task.subscription}`)
          .join(' ')
      assert.equal(await ids({}), '3b 3a 2b 2a 1b 1a')
      assert.deepEqual(await store.tasks.counts(T, 'b'), { due: 3 })
      assert.equal(await ids({ subscription: 'a' }), '3a 2a 1a')
      assert.equal(await ids({ sequence: 2 }), '2b 2a')
      assert.equal(await ids({ types: ['t.a'] }), '3b 3a 1b 1a')
      assert.equal(await ids({ types: [] }), '')
      assert.equal(await ids({ subject: 's1', subscription: 'b' }), '2b 1b')
      assert.equal(await ids({ states: ['exhausted'] }), '1a')
      assert.equal(await ids({ states: ['refused', 'exhausted'], subscription: 'b' }), '')
      assert.equal(await ids({ states: ['due', 'exhausted'] }), '3b 3a 2b 2a 1b 1a')
      assert.equal((await store.tasks.list({ tenant: 'other' }, { after: null, limit: 10 })).length, 0)
      const page = await store.tasks.list({ tenant: T }, { after: { sequence: 3, subscription: 'a' }, limit: 2 })
      assert.equal(page.map((task) => `${task.sequence}${task.subscription}`).join(' '), '2b 2a')
    })

    test('of a paused or disabled subscription are shown as held', async (store) => {
      for (const id of ['a', 'b']) await store.subscriptions.create(subscription(id))
      const [x = 0, behind = 0] = await admitSubjects(store, ['x', 'x'])
      await admitSubjects(store, ['y'], { subscription: 'b' })
      await admitSubjects(store, ['z'], { wakeAt: NOW + 9 })
      const head = (await leased(store)).find(({ task }) => task.sequence === x)
      await store.subscriptions.setState(T, 'a', 'paused', null, NOW)
      assert.deepEqual([await stateOf(store, x), await stateOf(store, behind)], ['leased', 'held'])
      assert.deepEqual(await store.tasks.counts(T), { leased: 2, held: 2 })
      assert.equal((await store.tasks.list({ tenant: T, states: ['held'] }, { after: null, limit: 9 })).length, 2)
      assert.equal((await store.tasks.list({ tenant: T, states: ['waiting'] }, { after: null, limit: 9 })).length, 0)
      if (head !== undefined) await store.tasks.settle([settlement(head.task)], null)
      assert.equal(await stateOf(store, behind), 'held')
      await store.subscriptions.setState(T, 'a', 'active', null, NOW)
      assert.deepEqual(await store.tasks.counts(T), { done: 1, leased: 1, due: 1, waiting: 1 })
    })

    test('are counted by tenant and for all', async (store) => {
      assert.deepEqual(await store.tasks.counts(null), {})
      await admitSubjects(store, ['x', 'x', 'y'])
      await admitted(store, admission(event('1', { tenant: 'other' })))
      assert.deepEqual(await store.tasks.counts(T), { due: 2, waiting: 1 })
      assert.deepEqual(await store.tasks.counts(null), { due: 3, waiting: 1 })
    })

    test('end once when cancelled, with the reason', async (store) => {
      const [x = 0] = await admitSubjects(store, ['x'])
      assert.equal(await store.tasks.cancel(key(x), NOW + 5, 'unwanted', 'By hand.'), true)
      assert.equal(await store.tasks.cancel(key(x), NOW + 6, 'again', ''), false)
      assert.equal(await store.tasks.cancel(key(999), NOW, 'c', 'm'), false)
      const task = await store.tasks.get(key(x))
      assert.deepEqual(
        [task?.state, task?.code, task?.message, task?.endedAt],
        ['cancelled', 'unwanted', 'By hand.', NOW + 5],
      )
    })

    test('start afresh by retry when they ended or sleep', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [x = 0, y = 0, z = 0] = await admitSubjects(store, ['x', 'x', 'z'])
      assert.equal(await store.tasks.retry(key(x), NOW), false)
      assert.equal(await store.tasks.retry(key(y), NOW), false)
      const [first, other] = await leased(store)
      if (first === undefined || other === undefined) throw new Error('Two were due.')
      assert.equal(await store.tasks.retry(key(x), NOW), false)
      const failing = { state: 'exhausted', code: '500', message: 'No.' } as const
      const sleeping = { state: 'waiting', wakeAt: NOW + 9_999, failed: true, code: '503', message: null } as const
      await store.tasks.settle([settlement(first.task, failing), settlement(other.task, sleeping)], null)
      assert.equal(await store.tasks.retry(key(x), NOW), true)
      assert.equal(await stateOf(store, x), 'waiting')
      assert.equal(await store.tasks.retry(key(z), NOW), true)
      const now = await leased(store)
      assert.deepEqual(sequencesOf(now), [y, z])
      assert.deepEqual([now[1]?.task.failures, now[1]?.task.code, now[1]?.task.attempts], [0, null, 2])
      await store.tasks.settle(
        now.map(({ task }) => settlement(task)),
        null,
      )
      const retried = one(await leased(store)).task
      assert.deepEqual([retried.sequence, retried.failures, retried.endedAt], [x, 0, null])
      assert.equal(await store.tasks.retry(key(999), NOW), false)
    })

    test('of a removed subscription end, and cannot be retried', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [x = 0, y = 0] = await admitSubjects(store, ['x', 'x'])
      const [z = 0] = await admitSubjects(store, ['z'], { wakeAt: NOW + 9 })
      const head = one(await leased(store))
      assert.equal(await store.subscriptions.remove(T, 'a', NOW + 7), true)
      const states = await Promise.all([x, y, z].map((sequence) => stateOf(store, sequence)))
      assert.deepEqual(states, ['not-executed', 'not-executed', 'not-executed'])
      assert.equal(one(await store.tasks.settle([settlement(head.task)], null)).status, 'lost')
      assert.equal(await store.tasks.retry(key(x), NOW), false)
      assert.deepEqual(await store.tasks.counts(T), { 'not-executed': 3 })
      for (const more of [{}, { subject: 'x' }]) {
        const asked = { tenant: T, ...more, states: ['not-executed'], subscribed: true } as const
        assert.deepEqual(await store.tasks.countsBy(asked), {}, JSON.stringify(more))
        assert.deepEqual(await store.tasks.list(asked, { after: null, limit: 9 }), [], JSON.stringify(more))
      }
      await store.subscriptions.create(subscription('a'))
      const [fresh = 0] = await admitSubjects(store, ['x'])
      assert.deepEqual(sequencesOf(await leased(store)), [fresh])
    })
  })

  turnCases({ describe, test })
}

function turnCases({ describe, test }: Suite): void {
  describe('turning the log into tasks', () => {
    const lane = { tenant: T, subscription: 'a' }
    const turned = (over: Partial<TurnOptions> = {}): TurnOptions => ({
      now: NOW,
      again: false,
      cursor: null,
      from: null,
      last: false,
      ...over,
    })

    test('makes a task for each event, and leaves those that exist unless told again', async (store) => {
      await store.subscriptions.create(subscription('a'))
      await admitSubjects(store, ['x', 'x'])
      await admitted(store, admission(event('unheard'), []))
      const entries = (await store.log.read(T, 0, 10)).map((row) => ({ event: row, candidate: candidate() }))
      assert.equal(await store.tasks.turn(lane, entries, turned()), 1)
      assert.equal(await store.tasks.turn(lane, entries, turned()), 0)
      const heads = await leased(store)
      await store.tasks.settle(
        heads.map(({ task }) => settlement(task)),
        null,
      )
      const marked = entries.map((entry) => ({ ...entry, candidate: candidate({ replayedAt: NOW + 7 }) }))
      assert.equal(await store.tasks.turn(lane, marked, turned({ again: true })), 2)
      const replayed = (await store.tasks.list({ tenant: T }, { after: null, limit: 10, order: 'oldest' })).map(
        (task) => task.replayedAt,
      )
      assert.deepEqual(replayed, [NOW + 7, null, NOW + 7])
      assert.equal(await store.tasks.turn(lane, entries, turned({ again: true })), 0)
      assert.deepEqual(await store.tasks.counts(T), { due: 2, waiting: 1 })
    })

    test('asks for visibility then and now', async (store) => {
      await store.subscriptions.create(subscription('a'))
      await admitted(store, deed('setup', [put('card-1', 'ann'), put('app', 'ann'), put('new')]))
      await admitted(store, admission(event('1'), []))
      const rows = (await store.log.read(T, 0, 10)).filter(({ id }) => id === '1')
      const seenBy = (resource: string) =>
        store.tasks.turn(
          lane,
          rows.map((row) => ({ event: row, candidate: candidate({ scope: { resource } }) })),
          turned(),
        )
      await admitted(store, deed('linked', [link('new', 'card-1')]))
      assert.equal(await seenBy('new'), 0)
      await admitted(store, deed('moved', [put('card-1', 'bob')]))
      assert.equal(await seenBy('app'), 0)
      await admitted(store, deed('back', [put('card-1', 'ann'), unlink('new', 'card-1')]))
      assert.equal(await seenBy('app'), 1)
    })

    test('moves the cursor with it, and the last page makes the subscription active', async (store) => {
      await store.subscriptions.create(subscription('a', { state: 'catching-up', cursor: 0 }))
      for (const id of ['1', '2', '3']) await admitted(store, admission(event(id), []))
      const { version } = await store.subscriptions.load(T)
      const rows = await store.log.read(T, 0, 10)
      const page = (from: number, till: number) =>
        rows.slice(from, till).map((row) => ({ event: row, candidate: candidate() }))
      await store.tasks.turn(lane, page(0, 2), turned({ cursor: rows[1]?.sequence ?? 0, last: true }))
      const still = await store.subscriptions.get(T, 'a')
      assert.deepEqual([still?.state, still?.cursor, still?.revision], ['catching-up', rows[1]?.sequence, 1])
      assert.equal((await store.subscriptions.load(T)).version, version)
      await store.tasks.turn(lane, page(2, 3), turned({ cursor: rows[2]?.sequence ?? 0, last: true }))
      const active = await store.subscriptions.get(T, 'a')
      assert.deepEqual([active?.state, active?.cursor, active?.revision], ['active', null, 2])
      assert.equal((await store.subscriptions.load(T)).version > version, true)
      assert.equal((await leased(store)).length, 1)
    })

    test('moves no cursor that was moved meanwhile, and writes nothing then', async (store) => {
      await store.subscriptions.create(subscription('a', { state: 'catching-up', startSequence: 0 }))
      await admitted(store, admission(event('1'), []))
      const entries = (await store.log.read(T, 0, 1)).map((row) => ({ event: row, candidate: candidate() }))
      assert.equal(await store.tasks.turn(lane, entries, turned({ cursor: 9, from: 8 })), null)
      assert.deepEqual(await store.tasks.counts(T), {})
      assert.equal(await store.tasks.turn(lane, entries, turned({ cursor: 9, from: 0 })), 1)
      assert.equal(await store.tasks.turn(lane, [], turned({ cursor: 8, from: 9 })), 0)
      assert.equal((await store.subscriptions.get(T, 'a'))?.cursor, 8)
    })

    test('does nothing for a subscription that is gone', async (store) => {
      await admitted(store, admission(event('1'), []))
      const rows = await store.log.read(T, 0, 10)
      const entries = rows.map((row) => ({ event: row, candidate: candidate() }))
      assert.equal(await store.tasks.turn(lane, entries, turned({ cursor: 1 })), 0)
      assert.deepEqual(await store.tasks.counts(T), {})
    })
  })
}
