import assert from 'node:assert/strict'
import type { Candidate, Store } from '../port.js'
import type { NewEvent } from '../rows.js'
import type { Suite } from './fixtures.js'
import {
  admission,
  admitted,
  again,
  candidate,
  event,
  leased,
  NOW,
  one,
  request,
  sequencesOf,
  settlement,
  T,
} from './fixtures.js'

const CHAIN = 'local.processors'

/** Admits an event whose task is alike to all others of the same text; answers its sequence. */
async function say(
  store: Store,
  id: string,
  likeness: string | null = 'same',
  over: Partial<Candidate> = {},
  row: Partial<NewEvent> = {},
): Promise<number> {
  const wanted = candidate({ subscription: CHAIN, likeness, ...over })
  return one(await admitted(store, admission(event(id, row), [wanted]))).sequence
}

const keyOf = (sequence: number) => ({ tenant: T, sequence, subscription: CHAIN })
const get = (store: Store, sequence: number) => store.tasks.get(keyOf(sequence))

async function statesOf(store: Store): Promise<readonly (string | null)[]> {
  const rows = await store.tasks.list({ tenant: T }, { after: null, limit: 100, order: 'oldest' })
  return rows.map(({ state, code }) => (code === 'duplicate' ? code : state))
}

export function duplicateCases({ describe, test }: Suite): void {
  describe('duplicates', () => {
    test('leave the newest alone, at its own place, and tell the others why', async (store) => {
      const other = await say(store, '1', 'other')
      await say(store, '2')
      await say(store, '3', 'another')
      const last = await say(store, '4')
      assert.deepEqual(await statesOf(store), ['due', 'duplicate', 'waiting', 'waiting'])
      const ended = await get(store, 2)
      assert.deepEqual([ended?.state, ended?.code, ended?.endedAt], ['cancelled', 'duplicate', NOW])
      assert.equal(ended?.message?.includes(String(last)), true)
      const order = []
      for (let run = await leased(store); run.length > 0; run = await leased(store)) {
        order.push(...sequencesOf(run))
        await store.tasks.settle(
          run.map(({ task }) => settlement(task)),
          null,
        )
      }
      assert.deepEqual(order, [other, 3, last])
    })

    test('do not overtake: A, B, A runs B, then the newer A', async (store) => {
      await say(store, '1', 'a')
      await say(store, '2', 'b')
      await say(store, '3', 'a')
      assert.deepEqual(sequencesOf(await leased(store)), [2])
    })

    test('are kept where nothing is alike, in another subscription, and in another tenant', async (store) => {
      await say(store, '1', null)
      await say(store, '2', null)
      await say(store, '3', 'x', { subscription: 'local.other' })
      await say(store, '4', 'x')
      await say(store, '1', 'x', {}, { tenant: 'other' })
      const counts = await store.tasks.counts(null)
      assert.equal(counts.cancelled, undefined)
    })

    test('take the better priority of both, and their group with them', async (store) => {
      await say(store, '1', 'x', { priority: 'high' })
      await say(store, '2', 'y', {}, { subject: 'b' })
      await say(store, '3', 'x')
      assert.equal((await get(store, 3))?.priority, 'high')
      assert.deepEqual(sequencesOf(await leased(store, { limit: 1 })), [3])
    })

    test('never touch one that is leased or has children', async (store) => {
      await say(store, '1')
      const head = one(await leased(store))
      await say(store, '2')
      await say(store, 'child', null, {}, { parentId: '2', subject: 'c' })
      await say(store, '3')
      assert.deepEqual(await statesOf(store), ['leased', 'waiting', 'due', 'waiting'])
      await store.tasks.settle([settlement(head.task)], null)
      assert.deepEqual(await statesOf(store), ['done', 'due', 'due', 'waiting'])
    })

    test('end one that comes back from a failed attempt while a newer waits', async (store) => {
      for (const way of ['retry', 'release', 'expire', 'takeOver'] as const) {
        const row = { subject: way, partitionKey: way }
        const first = await say(store, `1-${way}`, way, { priority: 'high' }, row)
        const { task } = one(await leased(store))
        const second = await say(store, `2-${way}`, way, {}, row)
        if (way === 'retry') await store.tasks.settle([settlement(task, again(NOW + 1_000))], null)
        if (way === 'release') await store.tasks.settle([settlement(task, again(NOW, false))], null)
        if (way === 'expire') await store.tasks.lease(request({ now: NOW + 30_000, limit: 0 }))
        if (way === 'takeOver') await store.tasks.takeOver(NOW)
        const [ended, newer] = [await get(store, first), await get(store, second)]
        assert.deepEqual([ended?.state, ended?.code, newer?.state], ['cancelled', 'duplicate', 'due'], way)
        assert.deepEqual([typeof ended?.endedAt, newer?.priority], ['number', 'high'], way)
        await store.tasks.settle([settlement(one(await leased(store)).task)], null)
      }
    })

    test('end one that is retried by hand while a newer waits, unless it has children', async (store) => {
      await say(store, '1')
      const { task } = one(await leased(store))
      await store.tasks.settle([settlement(task, { state: 'exhausted', code: 'e', message: null })], null)
      await say(store, '2')
      assert.equal(await store.tasks.retry(task, NOW + 5), true)
      assert.deepEqual([(await get(store, 1))?.code, (await get(store, 1))?.endedAt], ['duplicate', NOW + 5])
      await say(store, 'child', null, {}, { parentId: '1', subject: 'c' })
      assert.equal(await store.tasks.retry(task, NOW + 5), true)
      assert.equal((await get(store, 1))?.state, 'waiting')
    })

    test('end one that sleeps until it is tried again when a newer wakes before it, once', async (store) => {
      await say(store, '1')
      const { task } = one(await leased(store))
      await store.tasks.settle([settlement(task, again(NOW + 900))], null)
      await say(store, '2', 'same', { wakeAt: NOW + 800 })
      assert.deepEqual(sequencesOf(await leased(store, { now: NOW + 1_000 })), [2])
      assert.deepEqual(await statesOf(store), ['duplicate', 'leased'])
      assert.deepEqual(await store.tasks.counts(T), { cancelled: 1, leased: 1 })
    })

    test('leave one alone whose own date has not come; then the newest goes on', async (store) => {
      await say(store, '1', 'same', { wakeAt: NOW + 100 })
      await say(store, '2')
      assert.deepEqual(await statesOf(store), ['waiting', 'due'])
      await store.tasks.lease(request({ now: NOW + 100, limit: 0 }))
      assert.deepEqual(await statesOf(store), ['duplicate', 'due'])
      await say(store, '3', 'same', { wakeAt: NOW + 300 })
      assert.deepEqual(await statesOf(store), ['duplicate', 'due', 'waiting'])
      await store.tasks.lease(request({ now: NOW + 300, limit: 0 }))
      assert.deepEqual(await statesOf(store), ['duplicate', 'duplicate', 'due'])
    })

    test('leave one of many', async (store) => {
      const rows = Array.from({ length: 50 }, (_, index) => event(String(index)))
      await store.admit(
        rows.map((row) => admission(row, [candidate({ subscription: CHAIN, likeness: 'x' })])),
        null,
      )
      assert.deepEqual(await store.tasks.counts(T), { cancelled: 49, due: 1 })
      assert.deepEqual(sequencesOf(await leased(store)), [50])
    })
  })
}
