/**
 * Several of a group leased at once, as a queue that is pulled may ask (`perGroup`).
 */
import assert from 'node:assert/strict'
import type { GraphStep } from '../../registry/graph.js'
import type { LeasedTask, LeaseRequest, Settlement, Store } from '../port.js'
import type { Suite } from './fixtures.js'
import {
  admission,
  admitSubjects,
  again,
  candidate,
  deed,
  event,
  leased,
  NOW,
  put,
  sequencesOf,
  settlement,
  stateOf,
  subscription,
  T,
} from './fixtures.js'

const ONLY = { tenant: T, subscription: 'a' }
const RELEASED: Settlement['next'] = {
  state: 'due',
  wakeAt: null,
  failed: true,
  code: 'released',
  message: 'Given back.',
}

export function runCases({ describe, test }: Suite): void {
  describe('a run of a group', () => {
    const take = (store: Store, over: Partial<LeaseRequest> = {}) =>
      leased(store, { only: ONLY, limit: 10, perLane: 10, perGroup: 10, ...over })
    const end = (store: Store, tasks: readonly LeasedTask[], next?: Settlement['next']) =>
      store.tasks.settle(
        tasks.map(({ task }) => settlement(task, next, { attempt: null })),
        null,
      )
    /** Numbered from 1, as they are admitted. */
    async function begin(store: Store, subjects: string): Promise<void> {
      await store.subscriptions.create(subscription('a', { spec: '{"transport":"pull"}' }))
      await admitSubjects(store, [...subjects])
    }
    async function takeThree(store: Store, subjects = 'xxxxx') {
      await begin(store, subjects)
      const [first, second, third] = await take(store, { limit: 3, perLane: 3 })
      if (!first || !second || !third) throw new Error('Three were due.')
      assert.deepEqual(sequencesOf([first, second, third]), [1, 2, 3])
      return { first, second, third }
    }

    test('is leased in sequence, a group after the other, and no more than asked for', async (store) => {
      await begin(store, 'xyxxyzx')
      assert.deepEqual(sequencesOf(await take(store, { limit: 5, perLane: 5, perGroup: 3 })), [1, 3, 4, 2, 5])
      assert.deepEqual(sequencesOf(await take(store)), [6])
      assert.deepEqual(await take(store), [])
    })

    test('is one where nothing is said', async (store) => {
      await begin(store, 'xxy')
      assert.deepEqual(sequencesOf(await leased(store, { only: ONLY })), [1, 3])
    })

    test('has each under a lease of its own, with its event', async (store) => {
      const { second } = await takeThree(store)
      assert.deepEqual([second.task.state, second.task.token, second.task.attempts], ['leased', 1, 1])
      assert.deepEqual(second.event, await store.log.get(T, 2))
      assert.deepEqual(await store.tasks.get(second.task), second.task)
      assert.deepEqual((await store.tasks.counts(T, 'a')).leased, 3)
    })

    for (const order of ['123', '132', '213', '231', '312', '321'])
      test(`holds the group until all have ended, in the order ${order}`, async (store) => {
        const run = Object.values(await takeThree(store))
        for (const number of order) {
          assert.deepEqual(await take(store), [])
          assert.deepEqual(await end(store, [run[Number(number) - 1] as LeasedTask]), [
            { status: 'settled', leased: [] },
          ])
        }
        assert.deepEqual(sequencesOf(await take(store)), [4, 5])
      })

    test('ends in one call', async (store) => {
      const { first, second, third } = await takeThree(store)
      await end(store, [second, third, first])
      assert.deepEqual(sequencesOf(await take(store)), [4, 5])
    })

    test('gives one back, which waits for the others and goes before those behind it', async (store) => {
      const { first, second, third } = await takeThree(store)
      await end(store, [second], RELEASED)
      assert.deepEqual(await take(store), [])
      assert.deepEqual(await stateOf(store, 2), 'waiting')
      await end(store, [first])
      assert.deepEqual(await take(store), [])
      await end(store, [third])
      const next = await take(store)
      assert.deepEqual(sequencesOf(next), [2, 4, 5])
      assert.deepEqual([next[0]?.task.failures, next[0]?.task.token], [1, 2])
    })

    test('gives the first back while the second is out, and then the second', async (store) => {
      const { first, second, third } = await takeThree(store)
      await end(store, [first], RELEASED)
      await end(store, [third, second], RELEASED)
      assert.deepEqual(sequencesOf(await take(store, { limit: 2, perLane: 2 })), [1, 2])
    })

    test('has no time of its own for what is given back for later', async (store) => {
      const { first, second, third } = await takeThree(store)
      await end(store, [second], again(NOW + 60_000))
      await end(store, [first, third])
      assert.deepEqual(sequencesOf(await take(store)), [2, 4, 5])
    })

    test('is rescued as a whole when its leases run out, or for what is left of it', async (store) => {
      const { first, second, third } = await takeThree(store)
      await store.tasks.heartbeat([second.task], NOW + 90_000)
      assert.deepEqual(await take(store, { now: NOW + 31_000, until: NOW + 90_000 }), [])
      assert.deepEqual([await stateOf(store, 1), await stateOf(store, 3)], ['waiting', 'waiting'])
      const late = await end(store, [first])
      assert.equal(late[0]?.status, 'settled')
      assert.deepEqual(await take(store, { now: NOW + 32_000 }), [])
      assert.deepEqual((await end(store, [third], RELEASED))[0]?.status, 'settled')
      assert.deepEqual(await take(store, { now: NOW + 33_000 }), [])
      assert.deepEqual(sequencesOf(await take(store, { now: NOW + 90_000, until: NOW + 95_000 })), [2, 3, 4, 5])
    })

    test('loses those that are cancelled or removed, whether they are out or wait', async (store) => {
      const { first, second, third } = await takeThree(store)
      const keyOf = (sequence: number) => ({ tenant: T, sequence, subscription: 'a' })
      await store.tasks.cancel(keyOf(1), NOW, 'unwanted', 'By hand.')
      await end(store, [third], RELEASED)
      await store.tasks.cancel(keyOf(4), NOW, 'unwanted', 'By hand.')
      assert.deepEqual(await take(store), [])
      assert.deepEqual((await end(store, [first]))[0]?.status, 'lost')
      await store.tasks.remove([keyOf(second.task.sequence)])
      assert.deepEqual(sequencesOf(await take(store)), [3, 5])
    })

    test('is joined by what comes meanwhile, in whatever priority, and by what is told again', async (store) => {
      const { first, second, third } = await takeThree(store, 'xxx')
      await end(store, [first])
      await store.tasks.retry(first.task, NOW)
      await admitSubjects(store, ['x'], { priority: 'high' })
      await admitSubjects(store, ['y'])
      assert.deepEqual(sequencesOf(await take(store)), [5])
      await end(store, [second, third])
      assert.deepEqual(sequencesOf(await take(store)), [1, 4])
    })

    test('leaves an empty group, which begins anew', async (store) => {
      const run = Object.values(await takeThree(store, 'xxx'))
      await end(store, run)
      await admitSubjects(store, ['x', 'x'])
      assert.deepEqual(sequencesOf(await leased(store, { only: ONLY })), [4])
      assert.deepEqual(await stateOf(store, 5), 'waiting')
    })

    test('keeps the time of the last to be given back, if it is the first of its group', async (store) => {
      const { first, second, third } = await takeThree(store)
      await end(store, [first])
      await end(store, [third], RELEASED)
      await end(store, [second], again(NOW + 60_000))
      assert.deepEqual([await stateOf(store, 2), await stateOf(store, 3)], ['waiting', 'waiting'])
      assert.deepEqual(await take(store), [])
      await admitSubjects(store, ['x'], { priority: 'high' })
      assert.deepEqual(await take(store), [])
      assert.deepEqual(sequencesOf(await take(store, { now: NOW + 60_000 })), [2, 3, 4, 5, 6])
    })

    test('is not taken in a lane of the hub itself', async (store) => {
      await admitSubjects(store, ['x', 'x'], candidate({ subscription: 'local.x' }))
      assert.deepEqual(sequencesOf(await leased(store, { perGroup: 10 })), [1])
    })
  })

  describe('runs behind heads', () => {
    const CHAIN = 'local.processors'
    /** As a worker asks: so much room in a lane, and so many of a group. */
    const take = (store: Store, free: number, perGroup: number, over: Partial<LeaseRequest> = {}, lane = 'a') =>
      leased(store, { limit: free, lanes: [{ tenant: T, subscription: lane, free, perGroup }], ...over })
    const end = (store: Store, tasks: readonly LeasedTask[]) =>
      store.tasks.settle(
        tasks.map(({ task }) => settlement(task)),
        null,
      )

    test('have what room the heads leave, in equal parts', async (store) => {
      await store.subscriptions.create(subscription('a'))
      await admitSubjects(store, [...'xxxxxyyyz'])
      const all = await take(store, 8, 3)
      assert.deepEqual(sequencesOf(all), [1, 6, 9, 2, 3, 7, 8])
      await end(store, all)
      await admitSubjects(store, [...'yyy'])
      assert.deepEqual(sequencesOf(await take(store, 4, 10)), [4, 10, 5, 11])
    })

    test('are none where the heads take all room, or where one of a group is asked for', async (store) => {
      await store.subscriptions.create(subscription('a'))
      await admitSubjects(store, [...'xxyy'])
      const heads = await take(store, 3, 10)
      assert.deepEqual(sequencesOf(heads), [1, 3])
      await end(store, heads)
      assert.deepEqual(sequencesOf(await take(store, 8, 1)), [2, 4])
    })

    test('hold the locks of all in the lanes of the hub itself, until the last has ended', async (store) => {
      const locking = (subscriptionId = CHAIN) => candidate({ subscription: subscriptionId, locks: true })
      await admitSubjects(store, ['x', 'x', 'x'], locking())
      const run = await take(store, 8, 10, {}, CHAIN)
      assert.deepEqual(sequencesOf(run), [1, 2, 3])
      await admitSubjects(store, ['x'], locking('local.witnesses'))
      for (const each of run) {
        assert.deepEqual(await leased(store), [])
        await end(store, [each])
      }
      assert.deepEqual(sequencesOf(await leased(store)), [4])
    })

    test('end before one whose locks somebody else holds', async (store) => {
      const members = [null, null, 'ann', null].map((superOwner, index) =>
        admission(event(`${index}`, { subject: 'x', superOwner }), [candidate({ subscription: CHAIN, locks: true })]),
      )
      await admitSubjects(store, ['ann'], candidate({ subscription: CHAIN, locks: true }))
      await store.admit(members, null)
      assert.deepEqual(sequencesOf(await take(store, 8, 10, {}, CHAIN)), [1, 2, 3])
    })

    test('know that what an event is about is gone', async (store) => {
      await store.admit(
        [deed('0', [put('x')]), ...[1, 2].map((id) => onChain(`${id}`)), deed('3', [remove('x')])],
        null,
      )
      const run = await take(store, 8, 10, {}, CHAIN)
      assert.deepEqual(
        run.map(({ gone }) => gone),
        [true, true],
      )
    })
  })
}

const onChain = (id: string) =>
  admission(event(id, { subject: 'x' }), [candidate({ subscription: 'local.processors' })])
const remove = (id: string): GraphStep => ({ do: 'remove', id })
