import assert from 'node:assert/strict'
import type { Admission, Candidate, Store } from '../port.js'
import type { TaskRow } from '../rows.js'
import type { Suite } from './fixtures.js'
import {
  admission,
  admitted,
  candidate,
  deed,
  done,
  event,
  leased,
  link,
  NOW,
  one,
  put,
  receiptsOf,
  request,
  sequencesOf,
  settlement,
  stateOf,
  subscription,
  T,
  unlink,
} from './fixtures.js'

const MANY = ['a', 'b', 'c', 'd', 'e']
const many = (over: Partial<Candidate> = {}): readonly Candidate[] =>
  MANY.map((id) => candidate({ subscription: id, ...over }))

const wide = (id: string, over: Parameters<typeof event>[1] = {}, atOnce = 2): Admission =>
  admission(event(id, over), many(), { atOnce })

async function subscribed(store: Store, ids: readonly string[] = MANY, tenant = T): Promise<void> {
  for (const id of ids) await store.subscriptions.create(subscription(id, { tenant }))
}

const tell = (store: Store, limit = 2, after: string | null = null) => store.slices.tell({ after, limit, now: NOW })

async function tellAll(store: Store, limit = 2): Promise<void> {
  while ((await tell(store, limit)) !== null);
}

const toldOf = async (store: Store, sequence: number): Promise<readonly (string | undefined)[]> =>
  Promise.all(MANY.map((id) => stateOf(store, sequence, id)))

export function sliceCases({ describe, test }: Suite): void {
  describe('an event that very many see', () => {
    test('is told slice by slice, each subscription once', async (store) => {
      await subscribed(store)
      const { sequence, ...receipt } = one(await admitted(store, wide('1')))
      assert.deepEqual(receipt, { tasks: MANY, untold: 5, hidden: [], leased: [] })
      assert.deepEqual(await store.tasks.counts(T), {})
      const left: number[] = []
      for (let told = await tell(store); told !== null; told = await tell(store)) {
        assert.equal(told.tenant, T)
        left.push(await store.slices.left(T))
      }
      assert.deepEqual(left, [3, 1, 0])
      assert.deepEqual(await toldOf(store, sequence), ['due', 'due', 'due', 'due', 'due'])
      assert.deepEqual([await store.tasks.counts(T), await store.slices.left(null)], [{ due: 5 }, 0])
    })

    test('is told at once while those who see it, in all events of its admission, are not more than that', async (store) => {
      await subscribed(store)
      const [few] = await admitted(store, wide('1', {}, 5))
      assert.deepEqual([few?.untold, await store.tasks.counts(T)], [0, { due: 5 }])
      const scoped = MANY.map((id) => candidate({ subscription: id, scope: { resource: id } }))
      const [hidden] = await admitted(store, admission(event('2', { subject: 'x' }), scoped, { atOnce: 2 }))
      assert.deepEqual([hidden?.untold, hidden?.hidden.length], [0, 5])
      const entries = ['3', '4', '5'].map((id) => ({
        ...{ event: event(id, { subject: `card-${id}` }), candidates: [candidate()], results: [] },
      }))
      const together = await admitted(store, admission(event('3'), [], { events: entries, atOnce: 2 }))
      assert.deepEqual(
        together.map(({ untold }) => untold),
        [1, 1, 1],
      )
    })

    test("is told to the hub's own lanes in its admission", async (store) => {
      await subscribed(store)
      const own = candidate({ subscription: 'local.witnesses', order: 'none', lease: true })
      const grant = { node: 'n1', now: NOW, until: NOW + 1_000 }
      const [outcome] = await store.admit(
        [admission(event('1'), [own, ...many({ lease: true })], { atOnce: 2 })],
        grant,
      )
      const receipt = one(receiptsOf(outcome))
      assert.deepEqual([receipt.untold, receipt.leased.map(({ task }) => task.subscription)], [5, ['local.witnesses']])
    })

    test('holds up what is of the same partition key and comes later, and nothing else', async (store) => {
      await subscribed(store)
      const first = one(await admitted(store, wide('1')))
      const [same, other] = (
        await store.admit([admission(event('2')), admission(event('3', { subject: 'card-2' }))], null)
      ).map((outcome) => one(receiptsOf(outcome)))
      assert.deepEqual([same?.untold, other?.untold], [1, 0])
      assert.deepEqual(sequencesOf(await leased(store)), [other?.sequence])
      await tellAll(store)
      // `a` was told of the first before the second, which waits behind it.
      const told = await leased(store, request({ only: { tenant: T, subscription: 'a' } }))
      assert.deepEqual(sequencesOf(told), [first.sequence])
      assert.equal(await stateOf(store, same?.sequence ?? 0), 'waiting')
      await store.tasks.settle([settlement(one(told).task, done)], null)
      assert.equal(await stateOf(store, same?.sequence ?? 0), 'due')
      assert.deepEqual(one(await admitted(store, admission(event('4')))).untold, 0)
    })

    test('is shown to those who saw it then, whatever the graph has become', async (store) => {
      await subscribed(store)
      await admitted(
        store,
        deed('setup', [put('card-1', 'ann'), ...MANY.map((id) => put(id, id < 'c' ? 'ann' : 'bob'))]),
      )
      const looking = MANY.map((id) => candidate({ subscription: id, scope: { resource: id } }))
      const linked = { expect: [], steps: [link('e', 'card-1')] }
      const receipt = one(await admitted(store, admission(event('1'), looking, { change: linked, atOnce: 1 })))
      assert.deepEqual(
        [receipt.tasks, receipt.hidden],
        [
          ['a', 'b', 'e'],
          ['c', 'd'],
        ],
      )
      await admitted(store, deed('later', [unlink('e', 'card-1'), put('a', 'bob'), put('c', 'ann')]))
      await tellAll(store)
      assert.deepEqual(await toldOf(store, receipt.sequence), ['due', 'due', undefined, undefined, 'due'])
    })

    test('is told to a subscription that was removed as one that ended, and not to one that catches up', async (store) => {
      await subscribed(store)
      const { sequence } = one(await admitted(store, wide('1')))
      for (const id of ['b', 'c', 'd']) await store.subscriptions.remove(T, id, NOW)
      await store.subscriptions.create(subscription('c', { startSequence: -1 }))
      await store.subscriptions.create(subscription('d', { state: 'catching-up', cursor: 0 }))
      await store.subscriptions.setState(T, 'e', 'paused', null, NOW)
      await tellAll(store)
      const states = ['due', 'not-executed', 'not-executed', undefined, 'held']
      assert.deepEqual(await toldOf(store, sequence), states)
      const removed = await store.tasks.get({ tenant: T, sequence, subscription: 'b' })
      assert.deepEqual([removed?.code, removed?.endedAt], ['unsubscribed', NOW])
      assert.deepEqual(await store.tasks.counts(T), { due: 1, 'not-executed': 2, held: 1 })
    })

    test('is not told twice where a replay was quicker', async (store) => {
      await subscribed(store)
      const { sequence } = one(await admitted(store, wide('1')))
      const row = await store.log.get(T, sequence)
      assert.ok(row)
      const options = { now: NOW, again: true, cursor: null, from: null, last: false }
      const lane = { tenant: T, subscription: 'c' }
      assert.equal(await store.tasks.turn(lane, [{ event: row, candidate: candidate(lane) }], options), 1)
      const [task] = await leased(store, request({ only: lane }))
      assert.ok(task)
      await store.tasks.settle([settlement(task.task, done)], null)
      await tellAll(store)
      assert.deepEqual(await toldOf(store, sequence), ['due', 'due', 'done', 'due', 'due'])
      assert.deepEqual(await store.tasks.counts(T), { due: 4, done: 1 })
    })

    test('is told no more when it is erased, and is not old before it is told', async (store) => {
      await subscribed(store)
      await admitted(store, wide('1'))
      await admitted(store, wide('2', { subject: 'card-2' }))
      await tell(store)
      assert.equal(await store.prune(NOW + 1, 10), 0)
      const [counted, erased] = [await store.erase(T, 'card-1', NOW, true), await store.erase(T, 'card-1', NOW, false)]
      assert.deepEqual([counted, erased.tasks], [erased, 5])
      assert.equal(await store.slices.left(T), 5)
      await tellAll(store)
      assert.deepEqual(await store.tasks.counts(T), { due: 5, 'not-executed': 2 })
    })

    test('takes its turn with those of other tenants', async (store) => {
      for (const tenant of [T, 'other']) {
        await subscribed(store, MANY, tenant)
        await admitted(store, wide('1', { tenant }))
      }
      const turns: string[] = []
      for (let told = await tell(store); told !== null; told = await tell(store, 2, told.tenant))
        turns.push(told.tenant)
      assert.deepEqual(turns, [T, 'other', T, 'other', T, 'other'])
      assert.deepEqual([await store.slices.left('other'), await store.slices.left(T)], [0, 0])
    })

    test('is told with what waits behind it, as far as that is little', async (store) => {
      await subscribed(store, ['a', 'c', 'd', 'e'])
      await store.subscriptions.create(subscription('b', { spec: '{"transport":"pull"}' }))
      for (const id of ['1', '2', '3']) await admitted(store, id === '1' ? wide(id) : admission(event(id)))
      assert.deepEqual(await tell(store, 3), { tenant: T, tasks: 2, called: 1 })
      assert.deepEqual(await tell(store, 3), { tenant: T, tasks: 3, called: 3 })
      assert.deepEqual(await tell(store, 100), { tenant: T, tasks: 2, called: 2 })
    })

    test('comes to the same as without slices', async (store) => {
      for (const tenant of [T, 'other']) await subscribed(store, MANY, tenant)
      const ways = ['strict', 'latest', 'none', 'strict', 'latest'] as const
      for (let index = 0; index < 24; index++) {
        const candidates = MANY.map((id, place) => {
          const likeness = place > 2 ? `like-${index % 3}` : null
          return candidate({ subscription: id, order: ways[place] ?? 'none', likeness })
        }).slice(index % 4)
        const about = { partitionKey: `key-${index % 2}`, type: `t.${index % 3}`, priority: PRIORITIES[index % 5] }
        const both = [T, 'other'].map((tenant) => admission(event(`${index}`, { ...about, tenant }), candidates))
        await store.admit([{ ...(both[0] as Admission), atOnce: 2 }, both[1] as Admission], null)
        if (index % 3 === 0) await tell(store, 3)
      }
      await tellAll(store)
      const [sliced, whole] = await Promise.all([tasksOf(store, T), tasksOf(store, 'other')])
      assert.deepEqual(sliced, whole)
      assert.ok(new Set(whole.map(({ state }) => state)).size > 2)
    })
  })
}

const PRIORITIES = ['normal', 'normal', 'high', 'normal', 'immediate'] as const

async function tasksOf(store: Store, tenant: string): Promise<readonly Omit<TaskRow, 'tenant'>[]> {
  const rows = await store.tasks.list({ tenant }, { after: null, limit: 1_000 })
  return rows.map(({ tenant: _, ...row }) => row)
}
