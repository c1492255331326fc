import assert from 'node:assert/strict'
import type { Store } from '../port.js'
import type { NewEvent } from '../rows.js'
import type { Suite } from './fixtures.js'
import {
  admission,
  admitted,
  again,
  candidate,
  done,
  event,
  leased,
  NOW,
  one,
  request,
  sequencesOf,
  settlement,
  subscription,
  T,
} from './fixtures.js'

const CHAIN = 'local.processors'
const OTHER = 'local.witnesses'

const locking = (over: Parameters<typeof candidate>[0] = {}) => candidate({ subscription: CHAIN, locks: true, ...over })

/** Admits an event of its own group that locks its subject and its super owner; answers its sequence. */
async function lock(
  store: Store,
  id: string,
  about: Partial<Pick<NewEvent, 'subject' | 'superOwner'>>,
  over: Parameters<typeof candidate>[0] = {},
): Promise<number> {
  const row = event(id, { subject: id, ...about, partitionKey: id })
  return one(await admitted(store, admission(row, [locking(over)]))).sequence
}

const taskOf = (store: Store, sequence: number, subscription = CHAIN) =>
  store.tasks.get({ tenant: T, sequence, subscription })

export function lockCases({ describe, test }: Suite): void {
  describe('locks', () => {
    test('keep apart what shares a super owner, and let the next go when it ends', async (store) => {
      const first = await lock(store, 'role-1', { superOwner: 'ann' })
      const second = await lock(store, 'role-2', { superOwner: 'ann' })
      const other = await lock(store, 'role-3', { superOwner: 'bob' })
      const run = await leased(store)
      assert.deepEqual(sequencesOf(run), [first, other])
      const blocked = await taskOf(store, second)
      assert.deepEqual([blocked?.state, blocked?.wakeAt, blocked?.blockedBy], ['waiting', null, 'ann'])
      assert.deepEqual(await leased(store), [])
      await store.tasks.settle([settlement(run[0]?.task ?? fail())], null)
      const next = await taskOf(store, second)
      assert.deepEqual([next?.state, next?.blockedBy], ['due', null])
      assert.deepEqual(sequencesOf(await leased(store)), [second])
    })

    test('are free when an event that held them and waited for them by two tasks is released', async (store) => {
      const suspended = event('1', { state: 'suspended', subject: 'ann' })
      const tasks = [locking(), locking({ subscription: OTHER })]
      const { sequence } = one(await admitted(store, admission(suspended, tasks)))
      const waiting = await lock(store, 'role-1', { superOwner: 'ann' })
      assert.deepEqual(sequencesOf(await leased(store)), [sequence])
      const entry = { event: event('1', { subject: 'ann' }), candidates: [], results: [] }
      await store.release(
        { tenant: T, sequence, event: entry, others: [], change: null, subscriptionVersion: null },
        null,
      )
      assert.deepEqual(sequencesOf(await leased(store)), [waiting])
    })

    test('are one name space: an owner of one is the super owner of another', async (store) => {
      const identity = await lock(store, 'ann', {})
      const role = await lock(store, 'role-1', { superOwner: 'ann' })
      assert.deepEqual(sequencesOf(await leased(store)), [identity])
      assert.equal((await taskOf(store, role))?.blockedBy, 'ann')
    })

    test('hold across lanes, not across tenants, and not where nothing is locked', async (store) => {
      const all = [
        locking({ subscription: OTHER, order: 'none' }),
        locking(),
        candidate({ subscription: 'local.free' }),
      ]
      await admitted(store, admission(event('1', { subject: 'ann' }), all))
      await admitted(store, admission(event('1', { subject: 'ann', tenant: 'other' }), [locking()]))
      const run = await leased(store)
      assert.deepEqual(
        run.map(({ task }) => [task.tenant, task.subscription]),
        [
          [T, 'local.free'],
          [T, CHAIN],
          ['other', CHAIN],
        ],
      )
      assert.equal((await taskOf(store, 1, OTHER))?.blockedBy, 'ann')
    })

    test('need no subject and no super owner, and one of both is enough', async (store) => {
      const bare = await lock(store, '1', { subject: null })
      const alsoBare = await lock(store, '2', { subject: null })
      const twice = await lock(store, '3', { subject: 'ann', superOwner: 'ann' })
      assert.deepEqual(sequencesOf(await leased(store)), [bare, alsoBare, twice])
    })

    test('make one wait from its birth, handed over or not', async (store) => {
      await lock(store, 'role-1', { superOwner: 'ann' })
      const [head] = await leased(store)
      const born = event('2', { subject: 'ann' })
      const grant = { node: 'n1', now: NOW, until: NOW + 1_000 }
      const [outcome] = await store.admit([admission(born, [locking({ lease: true, priority: 'immediate' })])], grant)
      assert.deepEqual(outcome?.status === 'admitted' && outcome.events[0]?.leased, [])
      assert.equal((await taskOf(store, 2))?.blockedBy, 'ann')
      await store.tasks.settle([settlement(head?.task ?? fail())], null)
      assert.deepEqual(sequencesOf(await leased(store)), [2])
      const [next] = await store.admit([admission(event('3', { subject: 'eve' }), [locking({ lease: true })])], grant)
      assert.equal(next?.status === 'admitted' && next.events[0]?.leased.length, 1)
      await lock(store, 'role-4', { superOwner: 'eve' })
      assert.equal((await taskOf(store, 4))?.blockedBy, 'eve')
    })

    test('wake the first by priority, then by sequence, one at a time', async (store) => {
      const sequences = [await lock(store, 'a', { superOwner: 'ann' })]
      let [run] = await leased(store)
      const priorities = ['normal', 'normal', 'high', 'immediate'] as const
      for (const [index, priority] of priorities.entries()) {
        sequences.push(await lock(store, `b${index}`, { superOwner: 'ann' }, { priority }))
      }
      const order: number[] = []
      while (run !== undefined) {
        order.push(run.task.sequence)
        await store.tasks.settle([settlement(run.task)], null)
        const due = await store.tasks.list({ tenant: T, states: ['due'] }, { after: null, limit: 10 })
        assert.equal(due.length, order.length < 5 ? 1 : 0)
        run = (await leased(store))[0]
      }
      assert.deepEqual(
        order,
        [0, 4, 3, 1, 2].map((index) => sequences[index]),
      )
    })

    test('pass one over that lacks another lock; it waits for that', async (store) => {
      await lock(store, 'ann', {})
      await lock(store, 'bob', {})
      const [ann, bob] = await leased(store)
      const needsBoth = await lock(store, 'x', { subject: 'ann', superOwner: 'bob' })
      const needsAnn = await lock(store, 'y', { superOwner: 'ann' })
      assert.equal((await taskOf(store, needsBoth))?.blockedBy, 'ann')
      await store.tasks.settle([settlement(ann?.task ?? fail())], null)
      assert.equal((await taskOf(store, needsBoth))?.blockedBy, 'bob')
      assert.deepEqual(sequencesOf(await leased(store)), [needsAnn])
      await store.tasks.settle([settlement(bob?.task ?? fail())], null)
      assert.equal((await taskOf(store, needsBoth))?.blockedBy, 'ann')
    })

    test('go to the next when one that was woken is cancelled before it runs', async (store) => {
      const sequences = []
      for (const id of ['a', 'b', 'c', 'd']) sequences.push(await lock(store, id, { superOwner: 'ann' }))
      const [head] = await leased(store)
      await store.tasks.settle([settlement(head?.task ?? fail())], null)
      const [, second = 0, third = 0, fourth = 0] = sequences
      assert.equal((await taskOf(store, second))?.state, 'due')
      await store.tasks.cancel({ tenant: T, sequence: second, subscription: CHAIN }, NOW, 'c', 'm')
      assert.equal((await taskOf(store, third))?.state, 'due')
      await store.tasks.cancel({ tenant: T, sequence: third, subscription: CHAIN }, NOW, 'c', 'm')
      assert.deepEqual(sequencesOf(await leased(store)), [fourth])
    })

    test('go to the next when one that was woken finds another of its locks taken', async (store) => {
      await lock(store, 'ann', {})
      const head = one(await leased(store))
      await lock(store, 'x', { subject: 'ann', superOwner: 'bob' })
      const needsAnn = await lock(store, 'y', { superOwner: 'ann' })
      await store.tasks.settle([settlement(head.task)], null)
      const urgent = await lock(store, 'bob', {}, { priority: 'high' })
      assert.deepEqual(sequencesOf(await leased(store)), [urgent, needsAnn])
    })

    test('of a cancelled, an expired or a taken-over lease are free', async (store) => {
      for (const end of ['cancel', 'expire', 'takeOver', 'release', 'sleep'] as const) {
        const subject = `x-${end}`
        const first = await lock(store, `1-${end}`, { superOwner: subject })
        const second = await lock(store, `2-${end}`, { superOwner: subject })
        const [head] = await leased(store)
        assert.equal(head?.task.sequence, first)
        const task = head?.task ?? fail()
        if (end === 'cancel') await store.tasks.cancel(task, NOW, 'c', 'm')
        if (end === 'takeOver') await store.tasks.takeOver(NOW)
        if (end === 'expire') await store.tasks.lease(request({ now: NOW + 30_000, limit: 0 }))
        if (end === 'release') await store.tasks.settle([settlement(task, again(NOW, false))], null)
        if (end === 'sleep') await store.tasks.settle([settlement(task, again(NOW + 10 ** 9))], null)
        assert.equal((await taskOf(store, second))?.state, 'due', end)
        for (const { task: next } of await leased(store)) await store.tasks.settle([settlement(next)], null)
        for (const { task: next } of await leased(store)) await store.tasks.settle([settlement(next)], null)
      }
    })

    test('of a task that waits for one are not taken: it stays the head of its group', async (store) => {
      await lock(store, 'role-1', { superOwner: 'ann' })
      await leased(store)
      const waiting = one(
        await admitted(store, admission(event('2', { subject: 'bob', superOwner: 'ann' }), [locking()])),
      )
      const behind = one(await admitted(store, admission(event('3', { subject: 'bob' }), [locking()])))
      assert.deepEqual(await leased(store), [])
      assert.equal((await taskOf(store, behind.sequence))?.blockedBy, null)
      assert.equal((await taskOf(store, behind.sequence))?.state, 'waiting')
      await store.tasks.cancel({ tenant: T, sequence: waiting.sequence, subscription: CHAIN }, NOW, 'c', 'm')
      assert.deepEqual(sequencesOf(await leased(store)), [behind.sequence])
    })

    test('of a parent do not stop what runs under it, and stay its own when that ends', async (store) => {
      const parent = await lock(store, 'ann', {})
      const head = one(await leased(store))
      assert.equal(head.task.lockOwner, `${parent}.${CHAIN}`)
      const child = await lock(store, 'c', { subject: 'ann', superOwner: 'role' }, { under: head.task.lockOwner })
      const stranger = await lock(store, 's', { superOwner: 'ann' })
      const run = one(await leased(store))
      assert.deepEqual([run.task.sequence, run.task.lockOwner], [child, head.task.lockOwner])
      await store.tasks.settle([settlement(run.task)], null)
      assert.deepEqual(await leased(store), [])
      await store.tasks.settle([settlement(head.task)], null)
      assert.deepEqual(sequencesOf(await leased(store)), [stranger])
    })

    test('of a child outlive the lease of its parent', async (store) => {
      await lock(store, 'ann', {})
      const head = one(await leased(store))
      const child = await lock(store, 'c', { subject: 'ann' }, { under: head.task.lockOwner })
      one(await leased(store))
      await lock(store, 's', { superOwner: 'ann' })
      await store.tasks.settle([settlement(head.task)], null)
      assert.deepEqual(await leased(store), [])
      assert.equal((await taskOf(store, child))?.state, 'leased')
    })

    test('go to who waits for them before they go to the next of the same group', async (store) => {
      const about = { subject: 'bob', superOwner: 'ann', partitionKey: 'g' }
      await admitted(store, admission(event('1', about), [locking()]))
      const other = await lock(store, 'o', { superOwner: 'ann' })
      await admitted(store, admission(event('3', about), [locking()]))
      const head = one(await leased(store))
      const [answer] = await store.tasks.settle([settlement(head.task, done, { leaseNext: true })], request())
      assert.deepEqual(answer?.leased, [])
      assert.deepEqual(sequencesOf(await leased(store)), [other])
    })

    test('of one that is reopened or wakes are asked for again', async (store) => {
      const first = await lock(store, 'a', { superOwner: 'ann' })
      const head = one(await leased(store))
      await store.tasks.settle([settlement(head.task, { state: 'refused', code: null, message: null })], null)
      await lock(store, 'b', { superOwner: 'ann' })
      await lock(store, 'c', { superOwner: 'ann' }, { wakeAt: NOW + 10 })
      one(await leased(store))
      assert.equal(await store.tasks.retry({ tenant: T, sequence: first, subscription: CHAIN }, NOW), true)
      assert.equal((await taskOf(store, first))?.blockedBy, 'ann')
      assert.deepEqual(await leased(store, { now: NOW + 10 }), [])
      assert.equal((await taskOf(store, 3))?.blockedBy, 'ann')
    })

    test('let others go on past any number that wait for one busy super owner', async (store) => {
      const busy = Array.from({ length: 2_500 }, (_, index) =>
        event(`b${index}`, { subject: `b${index}`, superOwner: 'ann' }),
      )
      const free = event('free', { subject: 'free', superOwner: 'bob' })
      await store.admit(
        [...busy, free].map((row) => admission(row, [locking()])),
        null,
      )
      const run: number[] = []
      for (let turn = 0; turn < 4; turn++) {
        const { leased: more, nextWakeAt } = await store.tasks.lease(request({ limit: 10 }))
        run.push(...sequencesOf(more))
        if (run.length < 2) assert.equal(nextWakeAt, NOW)
      }
      assert.deepEqual(run, [1, 2_501])
    })

    test('are not taken on a subscription: those of receivers run as they like', async (store) => {
      const rows = ['1', '2'].map((id) => event(id, { subject: id, superOwner: 'ann' }))
      await store.subscriptions.create(subscription('a'))
      await store.admit(
        rows.map((row) => admission(row, [candidate({ locks: true })])),
        null,
      )
      assert.equal((await leased(store)).length, 2)
    })
  })

  describe('a closed lane', () => {
    test('is passed over whatever the tenant, and keeps what is born in it', async (store) => {
      await lock(store, 'a', {})
      await admitted(store, admission(event('2', { tenant: 'other' }), [locking(), candidate({ subscription: OTHER })]))
      const run = await leased(store, { closed: [CHAIN] })
      assert.deepEqual(
        run.map(({ task }) => [task.tenant, task.subscription]),
        [['other', OTHER]],
      )
      assert.deepEqual(await leased(store, { closed: [CHAIN], only: { tenant: T, subscription: CHAIN } }), [])
      assert.equal((await leased(store)).length, 2)
    })
  })
}

const fail = (): never => {
  throw new assert.AssertionError({ message: 'Nothing was leased.' })
}
