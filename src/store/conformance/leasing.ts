import assert from 'node:assert/strict'
import type { Lane, Store } from '../port.js'
import type { Suite } from './fixtures.js'
import {
  admission,
  admitSubjects,
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
  stateOf,
  subscription,
  T,
  tenantRow,
} from './fixtures.js'

export function leasingCases({ describe, test }: Suite): void {
  describe('leasing', () => {
    const withLanes = async (store: Store, ids: readonly string[], each: number, tenant = T): Promise<void> => {
      for (const id of ids) await store.subscriptions.create(subscription(id, { tenant }))
      for (const id of ids) {
        const subjects = Array.from({ length: each }, (_, index) => `${id}-${index}`)
        await admitSubjects(store, subjects, { subscription: id }, tenant)
      }
    }
    const lanesOf = (tasks: readonly { task: Lane }[]): string => tasks.map(({ task }) => task.subscription).join('')

    test('hands out a task with its event, once', async (store) => {
      await withLanes(store, ['a'], 1)
      const { task, event: row } = one(await leased(store))
      assert.deepEqual([task.state, task.token, task.attempts, task.leasedBy], ['leased', 1, 1, 'n1'])
      assert.deepEqual(row, await store.log.get(T, task.sequence))
      assert.deepEqual(await store.tasks.get(task), task)
      assert.deepEqual(await leased(store), [])
    })

    test('goes by sequence within a lane, and by lanes in turn', async (store) => {
      await withLanes(store, ['a', 'b', 'c'], 3)
      const first = await store.tasks.lease(request({ perLane: 1, limit: 2 }))
      assert.equal(lanesOf(first.leased), 'ab')
      const second = await store.tasks.lease(request({ perLane: 1, limit: 3 }))
      assert.equal(lanesOf(second.leased), 'cab')
      const third = await store.tasks.lease(request())
      assert.equal(lanesOf(third.leased), 'ccab')
      assert.deepEqual(sequencesOf(third.leased), [8, 9, 3, 6])
    })

    test('goes by tenants in turn, however many lanes they have', async (store) => {
      await withLanes(store, ['a', 'b', 'c'], 3)
      await withLanes(store, ['x'], 3, 'other')
      const once = async (limit: number) => lanesOf((await store.tasks.lease(request({ perLane: 1, limit }))).leased)
      const turns = []
      for (const limit of [1, 1, 1, 1, 2, 2]) turns.push(await once(limit))
      assert.deepEqual(turns, ['a', 'x', 'b', 'x', 'cx', 'ab'])
      assert.equal(await once(9), 'cab')
    })

    test('gives each tenant a share by its weight, and what one leaves to the others', async (store) => {
      await store.access.putTenant(tenantRow(T, { weight: 3 }))
      await withLanes(store, ['a'], 40)
      await withLanes(store, ['x'], 40, 'other')
      await withLanes(store, ['z'], 2, 'third')
      const once = async (limit: number) => lanesOf((await store.tasks.lease(request({ limit }))).leased)
      const singles = []
      for (let turn = 0; turn < 10; turn++) singles.push(await once(1))
      assert.equal(singles.join(''), 'aaaxzaaaxz')
      assert.deepEqual([await once(4), await once(4)], ['aaax', 'aaax'])
      assert.equal(await once(20), `${'a'.repeat(15)}${'x'.repeat(5)}`)
    })

    test('looks behind tenants of whom nothing may go', async (store) => {
      const tenants = Array.from({ length: 40 }, (_, nth) => `t${10 + nth}`)
      for (const tenant of tenants) await withLanes(store, ['a'], 1, tenant)
      for (const tenant of tenants.slice(0, 39)) await store.subscriptions.setState(tenant, 'a', 'paused', null, NOW)
      const { leased: last } = await store.tasks.lease(request({ limit: 2 }))
      assert.deepEqual(
        last.map(({ task }) => task.tenant),
        ['t49'],
      )
    })

    test('keeps to what each lane may have', async (store) => {
      await withLanes(store, ['a', 'b', 'c'], 3)
      const lanes = [
        { tenant: T, subscription: 'a', free: 0 },
        { tenant: T, subscription: 'b', free: 2 },
      ]
      assert.equal(lanesOf(await leased(store, { lanes, perLane: 1 })), 'bbc')
    })

    test('probes a lane with what failed least, wherever it stands', async (store) => {
      await withLanes(store, ['a'], 4)
      const failed = async (count: number) => {
        const tasks = await leased(store, { limit: count })
        await store.tasks.settle(
          tasks.map(({ task }) => settlement(task, again(NOW))),
          null,
        )
      }
      await failed(3)
      await failed(1)
      const lanes = [{ tenant: T, subscription: 'a', free: 1, probe: true }]
      const probe = async () => one(await leased(store, { lanes })).task
      const [first, second] = [await probe(), await probe()]
      assert.deepEqual([first.sequence, first.failures, first.state, first.attempts], [4, 0, 'leased', 1])
      assert.deepEqual(await store.tasks.get(first), first)
      assert.deepEqual([second.sequence, second.failures], [2, 1])
      await store.tasks.settle([settlement(first)], null)
      assert.equal(await stateOf(store, first.sequence), 'done')
      assert.deepEqual(sequencesOf(await leased(store)), [1, 3])
    })

    test('passes over lanes that are paused, disabled, removed or pulled', async (store) => {
      await withLanes(store, ['a', 'b', 'c', 'd', 'e'], 1)
      await store.subscriptions.setState(T, 'a', 'paused', null, NOW)
      await store.subscriptions.setState(T, 'b', 'disabled', 'It failed.', NOW)
      await store.subscriptions.remove(T, 'c', NOW)
      await store.subscriptions.setState(T, 'd', 'catching-up', null, NOW)
      await store.subscriptions.update(subscription('e', { revision: 2, spec: '{"transport":"pull"}' }))
      await admitSubjects(store, ['w'], { subscription: 'local.witnesses' })
      assert.equal(lanesOf(await leased(store)), 'dlocal.witnesses')
      assert.equal(lanesOf(await leased(store, { only: { tenant: T, subscription: 'e' } })), 'e')
      assert.equal(lanesOf(await leased(store, { only: { tenant: T, subscription: 'a' } })), '')
      await store.subscriptions.setState(T, 'a', 'active', null, NOW)
      assert.equal(lanesOf(await leased(store)), 'a')
    })

    test('shares a contended lane 70 to 30, and lets an unused share flow', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const subjects = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}${i}`)
      await admitSubjects(store, subjects('n', 50), { order: 'none' })
      await admitSubjects(store, subjects('h', 20), { order: 'none', priority: 'high' })
      const high = async (limit: number) =>
        (await leased(store, { limit })).filter(({ task }) => task.priority === 'high').length
      assert.equal(await high(10), 7)
      const singles = []
      for (let turn = 0; turn < 10; turn++) singles.push(await high(1))
      assert.equal(
        singles.reduce((sum, count) => sum + count, 0),
        7,
      )
      assert.equal(await high(20), 6)
      assert.equal((await leased(store)).length, 30)
    })

    test('an expired lease is a failure, and its late answer still counts until the next lease', async (store) => {
      await withLanes(store, ['a'], 2)
      const [first, second] = await leased(store, { until: NOW + 10 })
      if (first === undefined || second === undefined) throw new Error('Two were due.')
      const idle = await store.tasks.lease(request({ now: NOW + 10, limit: 1, only: { tenant: T, subscription: 'x' } }))
      assert.deepEqual(idle.leased, [])
      const rescued = await store.tasks.get(first.task)
      assert.deepEqual([rescued?.state, rescued?.failures, rescued?.token], ['due', 1, 1])
      const late = await store.tasks.settle([settlement(first.task)], null)
      assert.equal(one(late).status, 'settled')
      const next = one(await leased(store, { now: NOW + 20, until: NOW + 30 }))
      assert.deepEqual([next.task.sequence, next.task.token, next.task.attempts], [second.task.sequence, 2, 2])
      assert.equal(one(await store.tasks.settle([settlement(second.task)], null)).status, 'lost')
      assert.equal(one(await store.tasks.settle([settlement(next.task)], null)).status, 'settled')
      assert.equal(one(await store.tasks.settle([settlement(next.task)], null)).status, 'lost')
    })

    test('a lease that was given back can no longer be settled', async (store) => {
      await withLanes(store, ['a'], 1)
      const { task } = one(await leased(store))
      const release = { state: 'due', wakeAt: null, failed: false, code: null, message: null } as const
      await store.tasks.settle([settlement(task, release, { attempt: null })], null)
      const back = await store.tasks.get(task)
      assert.deepEqual([back?.state, back?.failures, back?.leasedBy, back?.leasedUntil], ['due', 0, null, null])
      assert.equal(one(await store.tasks.settle([settlement(task)], null)).status, 'lost')
      assert.equal(one(await leased(store)).task.token, 2)
    })

    test('a heartbeat prolongs what is held and names what is lost', async (store) => {
      await withLanes(store, ['a'], 2)
      const [first, second] = await leased(store, { until: NOW + 10 })
      if (first === undefined || second === undefined) throw new Error('Two were due.')
      await store.tasks.settle([settlement(second.task)], null)
      const { tenant, sequence, subscription: lane } = second.task
      assert.deepEqual(await store.tasks.heartbeat([first.task, second.task], NOW + 50), [
        { tenant, sequence, subscription: lane },
      ])
      assert.equal((await store.tasks.lease(request({ now: NOW + 40 }))).nextWakeAt, NOW + 50)
      assert.equal((await store.tasks.heartbeat([{ ...first.task, token: 9 }], NOW + 60)).length, 1)
    })

    test('a new owner of the file leaves the leases of who pulls', async (store) => {
      await withLanes(store, ['a'], 1)
      const { task } = one(await leased(store, { node: 'pull:key-1' }))
      assert.equal(await store.tasks.takeOver(NOW + 1), 0)
      assert.equal(one(await store.tasks.settle([settlement(task)], null)).status, 'settled')
    })

    test('a new owner of the file ends every lease at once', async (store) => {
      await withLanes(store, ['a', 'b'], 2)
      const held = await leased(store)
      assert.equal(await store.tasks.takeOver(NOW + 1), 4)
      assert.equal(await store.tasks.takeOver(NOW + 1), 0)
      const { task } = held[0] ?? one(held)
      assert.equal(one(await store.tasks.settle([settlement(task)], null)).status, 'lost')
      const next = await leased(store)
      assert.deepEqual(
        next.map(({ task: { failures, token } }) => [failures, token]),
        [1, 1, 1, 1].map((failures) => [failures, 2]),
      )
    })

    test('says when the next sleeper or lease wants attention', async (store) => {
      await store.subscriptions.create(subscription('a'))
      assert.equal((await store.tasks.lease(request())).nextWakeAt, null)
      await admitSubjects(store, ['x'], { wakeAt: NOW + 500 })
      assert.equal((await store.tasks.lease(request())).nextWakeAt, NOW + 500)
      await admitSubjects(store, ['y'])
      assert.equal((await store.tasks.lease(request({ until: NOW + 200 }))).nextWakeAt, NOW + 200)
      const woken = await store.tasks.lease(request({ now: NOW + 600, until: NOW + 900 }))
      assert.equal(woken.leased.length, 2)
      assert.equal(woken.nextWakeAt, NOW + 900)
    })
  })

  describe('settling', () => {
    test('writes the attempt by its number, and what became of the task', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [sequence = 0] = await admitSubjects(store, ['x'])
      const first = one(await leased(store)).task
      await store.tasks.settle([settlement(first, again(NOW + 1_000))], null)
      const asleep = await store.tasks.get(first)
      assert.deepEqual(
        [asleep?.state, asleep?.wakeAt, asleep?.failures, asleep?.code, asleep?.message, asleep?.leasedBy],
        ['waiting', NOW + 1_000, 1, '503', 'Try later.', null],
      )
      assert.deepEqual(await leased(store), [])
      const second = one(await leased(store, { now: NOW + 1_000, until: NOW + 2_000 })).task
      await store.tasks.settle([settlement(second)], null)
      const ended = await store.tasks.get(first)
      assert.deepEqual(
        [ended?.state, ended?.endedAt, ended?.failures, ended?.attempts, ended?.wakeAt, ended?.code],
        ['done', NOW + 100, 1, 2, null, '200'],
      )
      const attempts = await store.tasks.attempts({ tenant: T, sequence, subscription: 'a' })
      assert.deepEqual(
        attempts.map(({ number, outcome }) => [number, outcome]),
        [
          [1, 'retry'],
          [2, 'delivered'],
        ],
      )
      const { tenant, subscription: lane } = second
      const kept = settlement(second).attempt
      assert.deepEqual(attempts[1], { tenant, sequence, subscription: lane, number: 2, ...kept })
    })

    test('is in time for any state but one that ended, and only with the token', async (store) => {
      await store.subscriptions.create(subscription('a'))
      await admitSubjects(store, ['x', 'y'])
      const [x, y] = await leased(store)
      if (x === undefined || y === undefined) throw new Error('Two were due.')
      const outcomes = await store.tasks.settle(
        [
          settlement(x.task, done, { token: 7 }),
          settlement(x.task),
          settlement(x.task),
          settlement({ ...y.task, sequence: 999 }),
        ],
        null,
      )
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['lost', 'settled', 'lost', 'lost'],
      )
      await store.tasks.cancel(y.task, NOW, 'unwanted', 'By hand.')
      assert.equal(one(await store.tasks.settle([settlement(y.task)], null)).status, 'lost')
      assert.equal(await stateOf(store, y.task.sequence), 'cancelled')
    })

    test('hands over the next of the group already leased, if its lane is active', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [, second = 0, third = 0] = await admitSubjects(store, ['x', 'x', 'x'])
      const head = one(await leased(store))
      const grant = { node: 'n2', now: NOW + 200, until: NOW + 900 }
      const outcome = one(await store.tasks.settle([settlement(head.task, done, { leaseNext: true })], grant))
      const next = one(outcome.leased)
      assert.deepEqual(
        [next.task.sequence, next.task.state, next.task.leasedBy, next.task.token, next.event.sequence],
        [second, 'leased', 'n2', 1, second],
      )
      await store.subscriptions.setState(T, 'a', 'paused', null, NOW)
      const held = one(await store.tasks.settle([settlement(next.task, done, { leaseNext: true })], grant))
      assert.deepEqual(held.leased, [])
      assert.equal(await stateOf(store, third), 'held')
      await admitted(store, admission(event('free'), [candidate({ subscription: 'local.x', order: 'none' })]))
      const local = one(await leased(store))
      const none = one(await store.tasks.settle([settlement(local.task, done, { leaseNext: true })], grant))
      assert.deepEqual(none, { status: 'settled', leased: [] })
    })
  })
}
