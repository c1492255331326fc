import assert from 'node:assert/strict'
import type { EventFilter, Release, Store } from '../port.js'
import type { Suite } from './fixtures.js'
import {
  admission,
  admitted,
  candidate,
  deed,
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

/**
 * A reader of the log must never skip an event that commits later with a lower sequence. With one writer that holds by
 * itself; a store with several (PostgreSQL) gives sequences under a lock of the tenant that is held until commit, so
 * that they become visible in order.
 */
export function logCases({ describe, test }: Suite): void {
  describe('the log', () => {
    const suspendedEvent = (id: string) => event(id, { state: 'suspended', processedOrder: 10 })

    test('is read oldest first, admitted events only, without a gap to come', async (store) => {
      await admitted(store, admission(event('1')))
      await admitted(store, admission(event('2', { state: 'closed' })))
      await admitted(store, admission(suspendedEvent('3')))
      await admitted(store, admission(event('message', { state: 'addressed' })))
      await admitted(store, admission(event('4')))
      const rows = await store.log.read(T, 0, 10)
      assert.deepEqual(
        rows.map(({ id }) => id),
        ['1', '4'],
      )
      assert.deepEqual(
        (await store.log.read(T, rows[0]?.sequence ?? 0, 1)).map(({ id }) => id),
        ['4'],
      )
    })

    test('lists by every field of the filter, in both directions, page by page', async (store) => {
      const rows = [
        event('1', { type: 't.a', subject: 's1', transactionId: 'x', parentId: 'p', rootId: 'r' }),
        event('2', { type: 't.b', subject: 's2', source: '/b', receivedAt: NOW + 10 }),
        event('3', { type: 't.a', subject: 's2', transactionId: 'x', receivedAt: NOW + 20 }),
        event('4', { type: 't.c', state: 'closed', rootId: 'r', receivedAt: NOW + 30 }),
        event('5', { type: 't.b', subject: null, partitionKey: '5', parentId: 'p', receivedAt: NOW + 40 }),
      ]
      for (const row of rows) await admitted(store, admission(row, []))
      const ids = async (filter: Omit<EventFilter, 'tenant'>, order?: 'oldest') =>
        (await store.log.list({ tenant: T, ...filter }, { after: null, limit: 10, ...(order && { order }) }))
          .map(({ id }) => id)
          .join('')
      assert.equal(await ids({}), '54321')
      assert.equal(await ids({}, 'oldest'), '12345')
      assert.equal(await ids({ types: ['t.a'] }), '31')
      assert.equal(await ids({ types: ['t.a', 't.b'] }), '5321')
      assert.equal(await ids({ types: ['t.b', 't.a'] }, 'oldest'), '1235')
      assert.equal(await ids({ types: [] }), '')
      assert.equal(await ids({ subject: 's2' }), '32')
      assert.equal(await ids({ subject: 's2', types: ['t.b'] }), '2')
      assert.equal(await ids({ source: '/b' }), '2')
      assert.equal(await ids({ states: ['closed'] }), '4')
      assert.equal(await ids({ states: ['closed', 'admitted'], types: ['t.c', 't.a'] }), '431')
      assert.equal(await ids({ states: ['suspended', 'refused'] }), '')
      assert.equal(await ids({ transactionId: 'x' }), '31')
      assert.equal(await ids({ parentId: 'p' }), '51')
      assert.equal(await ids({ rootId: 'r', types: ['t.c'] }), '4')
      assert.equal(await ids({ from: NOW + 10, till: NOW + 40 }), '432')
      assert.equal((await store.log.list({ tenant: 'other' }, { after: null, limit: 10 })).length, 0)
      await pagesAgree(store)
    })

    test('puts results by event and processor, the last one counting', async (store) => {
      const { sequence } = one(await admitted(store, admission(event('1'))))
      const row = { ...result('w', { kind: 'witness', state: 'running', endedAt: null }), tenant: T, sequence }
      await store.log.putResults([row])
      await store.log.putResults([{ ...row, state: 'exception', code: 'boom', endedAt: NOW + 9 }])
      assert.deepEqual(await store.log.results(T, sequence), [
        { ...row, state: 'exception', code: 'boom', endedAt: NOW + 9 },
      ])
    })

    releaseCases({ describe, test })

    test('suspends again in place, or refuses, only what is suspended', async (store) => {
      const { sequence } = one(await admitted(store, admission(suspendedEvent('1'))))
      const results = [{ ...result('late'), tenant: T, sequence }]
      const further = { ...suspendedEvent('1'), processedOrder: 30, body: '{"changed":true}', deed: '{}' }
      assert.equal(await store.log.suspend(T, sequence, further, results), true)
      assert.deepEqual(await store.log.get(T, sequence), { ...further, sequence, operation: sequence })
      assert.equal(await store.log.refuse(T, sequence, []), true)
      assert.equal((await store.log.get(T, sequence))?.state, 'refused')
      assert.equal((await store.log.results(T, sequence)).length, 1)
      assert.equal(await store.log.refuse(T, sequence, []), false)
      assert.equal(await store.log.suspend(T, sequence, further, []), false)
      const [duplicate] = await store.admit([admission(event('1'))], null)
      assert.equal(duplicate?.status === 'duplicate' && duplicate.event.state, 'refused')
    })
  })
}

async function pagesAgree(store: Store): Promise<void> {
  for (const order of ['newest', 'oldest'] as const) {
    const ids: string[] = []
    for (let after: number | null = null; ; ) {
      const page = await store.log.list({ tenant: T, types: ['t.a', 't.b', 't.c'] }, { after, limit: 2, order })
      ids.push(...page.map(({ id }) => id))
      after = page.at(-1)?.sequence ?? null
      if (page.length < 2) break
    }
    assert.equal(ids.join(''), order === 'newest' ? '54321' : '12345')
  }
}

function releaseCases({ describe, test }: Suite): void {
  describe('release', () => {
    const releaseOf = (sequence: number, over: Partial<Release> = {}): Release => ({
      tenant: T,
      sequence,
      event: { event: event('1'), candidates: [candidate()], results: [result('late', { order: 20 })] },
      others: [],
      change: null,
      subscriptionVersion: null,
      ...over,
    })
    const suspend = async (store: Store, over = {}): Promise<number> => {
      const row = event('1', { state: 'suspended' })
      const entry = { event: row, candidates: [], results: [result('early')] }
      return one(await admitted(store, admission(row, [], { events: [entry], ...over }))).sequence
    }

    test('gives the row a new sequence, moves its results and writes its tasks', async (store) => {
      const before = await suspend(store)
      const [later] = await admitted(store, admission(event('2', { subject: 'x' })))
      const receipt = one(receiptsOf(await store.release(releaseOf(before), null)))
      assert.equal(receipt.sequence > (later?.sequence ?? 0), true)
      assert.deepEqual(receipt.tasks, ['a'])
      assert.equal(await store.log.get(T, before), null)
      const row = await store.log.get(T, receipt.sequence)
      assert.deepEqual([row?.state, row?.operation], ['admitted', before])
      assert.deepEqual(
        (await store.log.results(T, receipt.sequence)).map(({ processor }) => processor),
        ['early', 'late'],
      )
      assert.deepEqual(await store.log.results(T, before), [])
      assert.equal(one(await store.log.find(T, '1')).sequence, receipt.sequence)
      assert.equal(await stateOf(store, receipt.sequence), 'due')
      assert.equal((await store.release(releaseOf(before), null)).status, 'gone')
      assert.equal((await store.release(releaseOf(receipt.sequence), null)).status, 'gone')
    })

    test('applies a change that waited, at its new sequence', async (store) => {
      await admitted(store, deed('setup', [put('app', 'ann')], { subject: 'app' }))
      const before = await suspend(store)
      const change = { expect: [{ id: 'card-1', revision: null }], steps: [put('card-1', 'ann')] }
      const candidates = [candidate({ scope: { resource: 'app' } })]
      const entry = { event: event('1'), candidates, results: [] }
      const receipt = one(receiptsOf(await store.release(releaseOf(before, { change, event: entry }), null)))
      assert.deepEqual(receipt.tasks, ['a'])
      assert.equal((await store.log.get(T, receipt.sequence))?.operation, receipt.sequence)
      assert.equal((await store.registry.facts(T, 'app', 'card-1', before)).sourceOwner, null)
      assert.equal((await store.registry.facts(T, 'app', 'card-1', receipt.sequence)).sourceOwner, 'ann')
    })

    test('shows a change made at suspension to those who saw the graph before it', async (store) => {
      await admitted(store, deed('setup', [put('card-1', 'ann'), put('app', 'ann')]))
      const change = { expect: [], steps: [put('card-1', 'bob')] }
      const before = await suspend(store, { change })
      const candidates = [candidate({ scope: { resource: 'app' } })]
      const entry = { event: event('1'), candidates, results: [] }
      assert.deepEqual(one(receiptsOf(await store.release(releaseOf(before, { event: entry }), null))).tasks, ['a'])
    })

    test('takes further events of the operation along, or is refused whole', async (store) => {
      const before = await suspend(store)
      const entry = (id: string) => ({ event: event(id, { subject: id }), candidates: [candidate()], results: [] })
      await admitted(store, admission(event('known')))
      const refused = await store.release(releaseOf(before, { others: [entry('2'), entry('known')] }), null)
      assert.equal(refused.status, 'mismatch')
      assert.equal((await store.log.get(T, before))?.state, 'suspended')
      const receipts = receiptsOf(await store.release(releaseOf(before, { others: [entry('2'), entry('3')] }), null))
      const rows = await Promise.all(receipts.map(({ sequence }) => store.log.get(T, sequence)))
      assert.deepEqual(
        rows.map((row) => [row?.id, row?.operation]),
        ['1', '2', '3'].map((id) => [id, before]),
      )
    })

    test('is refused by a conflict or a stale version, and stays suspended', async (store) => {
      const before = await suspend(store)
      await store.subscriptions.create(subscription('a'))
      const change = { expect: [{ id: 'card-1', revision: 3 }], steps: [] }
      assert.equal((await store.release(releaseOf(before, { change }), null)).status, 'conflict')
      assert.equal((await store.release(releaseOf(before, { subscriptionVersion: 77 }), null)).status, 'stale')
      assert.equal((await store.log.get(T, before))?.state, 'suspended')
      assert.equal(one(await store.log.results(T, before)).processor, 'early')
    })

    test('may end closed, without tasks, or hand its task over leased', async (store) => {
      const before = await suspend(store)
      const entry = { event: event('1', { state: 'closed' }), candidates: [candidate()], results: [] }
      assert.deepEqual(one(receiptsOf(await store.release(releaseOf(before, { event: entry }), null))).tasks, [])
      const row = event('2', { state: 'suspended', subject: 'y' })
      const { sequence } = one(await admitted(store, admission(row, [])))
      const eager = { ...row, state: 'admitted' as const }
      const lively = { event: eager, candidates: [candidate({ lease: true })], results: [] }
      const lease = { node: 'n', now: NOW, until: NOW + 1 }
      const outcome = await store.release(releaseOf(sequence, { event: lively }), lease)
      assert.equal(one(one(receiptsOf(outcome)).leased).task.state, 'leased')
    })
  })
}
