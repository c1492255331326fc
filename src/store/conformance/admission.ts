import assert from 'node:assert/strict'
import type { Suite } from './fixtures.js'
import {
  admission,
  admitted,
  candidate,
  event,
  NOW,
  one,
  put,
  receiptsOf,
  result,
  stateOf,
  subscription,
  T,
} from './fixtures.js'

export function admissionCases({ describe, test }: Suite): void {
  describe('admission', () => {
    test('gives each tenant its own rising sequence', async (store) => {
      const first = one(await admitted(store, admission(event('1'))))
      const second = one(await admitted(store, admission(event('2'))))
      const other = one(await admitted(store, admission(event('1', { tenant: 'other' }))))
      assert.equal(first.sequence < second.sequence, true)
      assert.equal(await store.log.head(T), second.sequence)
      assert.equal(await store.log.head('other'), other.sequence)
      assert.equal(await store.log.head('nobody'), 0)
    })

    test('keeps every field as it was given', async (store) => {
      const full = event('kept', {
        superOwner: 'role-1',
        transactionId: 'tx',
        parentId: 'p',
        rootId: 'r',
        priority: 'immediate',
        executeAt: NOW + 5,
        expiresAt: NOW + 9,
        processedOrder: 12.5,
        body: JSON.stringify({ text: `"quoted" 'single' \\ ✓ 𝔘 ${'x'.repeat(200_000)}` }),
        deed: '{"do":"nothing"}',
      })
      const { sequence } = one(await admitted(store, admission(full)))
      assert.deepEqual(await store.log.get(T, sequence), { ...full, sequence, operation: sequence })
      assert.equal(await store.log.get('other', sequence), null)
    })

    test('knows a key by tenant, id and source, and tells another content', async (store) => {
      const { sequence } = one(await admitted(store, admission(event('1'))))
      const outcomes = await store.admit(
        [
          admission(event('1')),
          admission(event('1', { hash: 'another' })),
          admission(event('1', { source: '/other' })),
          admission(event('2')),
          admission(event('2')),
        ],
        null,
      )
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['duplicate', 'mismatch', 'admitted', 'admitted', 'duplicate'],
      )
      const [duplicate, mismatch] = outcomes
      assert.equal(duplicate?.status === 'duplicate' && duplicate.event.sequence, sequence)
      assert.equal(mismatch?.status === 'mismatch' && mismatch.event.hash, 'hash-1')
      assert.deepEqual(
        (await store.log.find(T, '1')).map(({ source }) => source),
        ['/cms', '/other'],
      )
      assert.equal((await store.log.find(T, '1', '/other')).length, 1)
      assert.equal((await store.log.find(T, 'unknown')).length, 0)
    })

    test('writes an operation of several events whole or not at all', async (store) => {
      await admitted(store, admission(event('known')))
      const entry = (id: string) => ({ event: event(id), candidates: [candidate()], results: [] })
      const [refused] = await store.admit([admission(event('x'), [], { events: [entry('x'), entry('known')] })], null)
      assert.equal(refused?.status, 'mismatch')
      assert.deepEqual(await store.log.find(T, 'x'), [])
      const [twins] = await store.admit([admission(event('x'), [], { events: [entry('x'), entry('x')] })], null)
      assert.equal(twins?.status, 'mismatch')
      assert.deepEqual(await store.log.find(T, 'x'), [])
      const receipts = await admitted(store, admission(event('x'), [], { events: [entry('x'), entry('y')] }))
      const rows = await Promise.all(receipts.map(({ sequence }) => store.log.get(T, sequence)))
      assert.deepEqual(
        rows.map((row) => row?.operation),
        [receipts[0]?.sequence, receipts[0]?.sequence],
      )
    })

    test('refuses a change whose expected revision is not the present one', async (store) => {
      const change = (revision: number | null) => ({ expect: [{ id: 'card-1', revision }], steps: [put('card-1')] })
      const outcomes = await store.admit(
        [
          admission(event('1'), [], { change: change(null) }),
          admission(event('2'), [], { change: change(null) }),
          admission(event('3'), [], { change: change(1) }),
          admission(event('4'), [], { change: change(7) }),
        ],
        null,
      )
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['admitted', 'conflict', 'admitted', 'conflict'],
      )
      assert.deepEqual(outcomes[1], { status: 'conflict', resource: 'card-1', revision: 1 })
      assert.deepEqual(outcomes[3], { status: 'conflict', resource: 'card-1', revision: 2 })
      assert.equal((await store.registry.get(T, 'card-1'))?.revision, 2)
      assert.equal((await store.log.find(T, '2')).length, 0)
    })

    test('answers stale when the subscriptions have changed', async (store) => {
      const { version } = await store.subscriptions.load(T)
      await store.subscriptions.create(subscription('a'))
      const versioned = (id: string, subscriptionVersion: number | null) =>
        admission(event(id), [candidate()], { subscriptionVersion })
      const [stale, unversioned] = await store.admit([versioned('1', version), versioned('2', null)], null)
      const present = (await store.subscriptions.load(T)).version
      assert.deepEqual(stale, { status: 'stale', version: present })
      assert.equal(unversioned?.status, 'admitted')
      assert.equal((await store.admit([versioned('1', present)], null))[0]?.status, 'admitted')
    })

    test('tells a duplicate before a conflict and a conflict before a stale version', async (store) => {
      await store.subscriptions.create(subscription('a'))
      await admitted(store, admission(event('1')))
      const wrong = { expect: [{ id: 'card-1', revision: 9 }], steps: [] }
      const outcomes = await store.admit(
        ['1', '2'].map((id) => admission(event(id), [], { change: wrong, subscriptionVersion: 99 })),
        null,
      )
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['duplicate', 'conflict'],
      )
    })

    test('writes results, and no tasks for an event that is closed or suspended', async (store) => {
      const entry = (id: string, state: 'closed' | 'suspended') => ({
        event: event(id, { state, processedOrder: 10 }),
        candidates: [candidate()],
        results: [result('second', { order: 20 }), result('first')],
      })
      for (const state of ['closed', 'suspended'] as const) {
        const receipt = one(await admitted(store, admission(event(state), [], { events: [entry(state, state)] })))
        assert.deepEqual(receipt, { sequence: receipt.sequence, tasks: [], untold: 0, hidden: [], leased: [] })
        const rows = await store.log.results(T, receipt.sequence)
        assert.deepEqual(
          rows.map(({ processor, sequence }) => [processor, sequence]),
          [
            ['first', receipt.sequence],
            ['second', receipt.sequence],
          ],
        )
      }
      assert.deepEqual(await store.tasks.counts(T), {})
    })

    test('plans of a suspended event only the work of this process, until it is released', async (store) => {
      const both = [candidate(), candidate({ subscription: 'local.resume', order: 'none', wakeAt: NOW + 50 })]
      const suspended = event('1', { state: 'suspended' })
      const receipt = one(await admitted(store, admission(suspended, both)))
      assert.deepEqual([receipt.tasks, receipt.hidden], [['local.resume'], []])
      const entry = { event: event('1'), candidates: [candidate()], results: [] }
      const { sequence } = receipt
      const release = { tenant: T, sequence, event: entry, others: [], change: null, subscriptionVersion: null }
      const released = one(receiptsOf(await store.release(release, null)))
      assert.deepEqual(released.tasks, ['a'])
      assert.equal(await stateOf(store, sequence, 'local.resume'), undefined)
      assert.deepEqual(await store.tasks.counts(T), { due: 1 })
    })

    test('hands a task over leased if it is due by this very commit', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const lease = { node: 'n1', now: NOW, until: NOW + 1_000 }
      const eager = (id: string, order: 'strict' | 'none', wakeAt: number | null = null) =>
        admission(event(id), [candidate({ lease: true, order, wakeAt, subscription: order === 'none' ? 'n' : 'a' })])
      const outcomes = await store.admit(
        [eager('1', 'strict'), eager('2', 'strict'), eager('3', 'none'), eager('4', 'none', NOW + 5)],
        lease,
      )
      const receipts = outcomes.flatMap(receiptsOf)
      assert.deepEqual(
        receipts.map((receipt) => receipt.leased.length),
        [1, 0, 1, 0],
      )
      const { task, event: row } = one(receipts[0]?.leased ?? [])
      assert.deepEqual(
        [task.state, task.token, task.attempts, task.leasedBy, task.leasedUntil],
        ['leased', 1, 1, 'n1', NOW + 1_000],
      )
      assert.equal(row.id, '1')
      assert.deepEqual(await store.tasks.get(task), task)
      assert.equal(await stateOf(store, receipts[1]?.sequence ?? 0), 'waiting')
      const without = one(await admitted(store, admission(event('5', { subject: 'x' }), [candidate({ lease: true })])))
      assert.deepEqual(without.leased, [])
    })

    test('gives every one of many concurrent calls its own answer', async (store) => {
      const ids = Array.from({ length: 200 }, (_, index) => String(index))
      const outcomes = await Promise.all(ids.map((id) => store.admit([admission(event(id))], null)))
      const sequences = outcomes
        .flat()
        .flatMap(receiptsOf)
        .map(({ sequence }) => sequence)
      assert.equal(new Set(sequences).size, 200)
      assert.deepEqual(
        sequences,
        [...sequences].sort((a, b) => a - b),
      )
      const rows = await store.log.read(T, 0, 1_000)
      assert.deepEqual(
        rows.map(({ id }) => id),
        ids,
      )
    })

    test('lets a call that fails take no other with it', async (store) => {
      const misuse = { tenant: T, events: [], change: null, subscriptionVersion: null }
      const outcomes = await Promise.allSettled([
        store.admit([admission(event('1'))], null),
        store.admit([misuse], null),
        store.admit([admission(event('2'))], null),
      ])
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      )
      assert.equal(outcomes[1]?.status === 'rejected' && outcomes[1].reason instanceof TypeError, true)
      const rows = await store.log.read(T, 0, 10)
      assert.deepEqual(
        rows.map(({ id }) => id),
        ['1', '2'],
      )
      assert.deepEqual(await store.tasks.counts(T), { due: 1, waiting: 1 })
    })
  })
}
