import assert from 'node:assert/strict'
import type { Store, TaskFilter } from '../port.js'
import type { Suite } from './fixtures.js'
import {
  admission,
  admitSubjects,
  admitted,
  candidate,
  deed,
  done,
  event,
  leased,
  NOW,
  one,
  put,
  request,
  result,
  sequencesOf,
  settlement,
  stateOf,
  subscription,
  T,
} from './fixtures.js'

const CHAIN = 'local.processors'
const key = (sequence: number, subscriptionId = CHAIN) => ({ tenant: T, sequence, subscription: subscriptionId })
const chain = candidate({ subscription: CHAIN, locks: true })
const answered = (sequence: number, processor: string, over: Parameters<typeof result>[1] = {}) => ({
  ...result(processor, { kind: 'asynchronous', ...over }),
  tenant: T,
  sequence,
})

async function found(store: Store, filter: Omit<TaskFilter, 'tenant'>): Promise<readonly (number | string)[]> {
  const rows = await store.tasks.list({ tenant: T, ...filter }, { after: null, limit: 100, order: 'oldest' })
  return rows.map((row) => (row.subscription === 'a' ? row.sequence : `${row.sequence}.${row.subscription}`))
}

export function queueCases({ describe, test }: Suite): void {
  describe('a processor that was shown as running', () => {
    const shown = (sequence: number) => answered(sequence, 'p', { state: 'running', verdict: null, endedAt: null })
    const told = async (store: Store, sequence: number) =>
      (await store.log.results(T, sequence)).map((row) => [row.processor, row.state, row.code, row.endedAt])

    test('is no longer when its task is cancelled', async (store) => {
      const { sequence } = one(await admitted(store, admission(event('1'), [chain])))
      await leased(store)
      await store.log.putResults([answered(sequence, 'before'), shown(sequence)])
      await store.tasks.cancel(key(sequence), NOW + 5, 'cancelled', 'm')
      const [before, running] = await told(store, sequence)
      assert.equal(before?.[1], 'executed')
      assert.deepEqual(running, ['p', 'cancelled', 'cancelled', NOW + 5])
    })

    test('is no longer when its task ends without a word of it', async (store) => {
      await admitted(store, admission(event('1'), [chain]))
      const { task } = one(await leased(store))
      await store.log.putResults([shown(task.sequence)])
      const next = { state: 'exhausted', code: 'lease_lost', message: 'm' } as const
      await store.tasks.settle([settlement(task, next, { now: NOW + 5 })], null)
      assert.deepEqual(await told(store, task.sequence), [['p', 'cancelled', 'lease_lost', NOW + 5]])
    })
  })

  describe('what is shown of a task while it runs', () => {
    const shown = (sequence: number) => answered(sequence, 'p', { state: 'running', verdict: null, endedAt: null })
    const rowsOf = async (store: Store) => (await store.log.results(T, 1)).map(({ state }) => state)

    test('is shown under its lease, and under no other', async (store) => {
      await admitted(store, admission(event('1'), [chain]))
      const { task } = one(await leased(store))
      await store.log.putResults([shown(1)], { ...task, token: task.token + 1 })
      assert.deepEqual(await rowsOf(store), [])
      await store.log.putResults([shown(1)], task)
      assert.deepEqual(await rowsOf(store), ['running'])
    })

    for (const end of ['cancel', 'remove'] as const)
      test(`is not shown when somebody else has ended it: ${end}`, async (store) => {
        await admitted(store, admission(event('1'), [chain]))
        const { task } = one(await leased(store))
        if (end === 'cancel') await store.tasks.cancel(key(1), NOW, 'cancelled', 'm')
        else await store.tasks.remove([key(1)])
        await store.log.putResults([shown(1)], task)
        assert.deepEqual(await rowsOf(store), [])
      })
  })

  describe('priorities changed by hand', () => {
    test('move a group up and down, and what waits in it', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [plain = 0, x1 = 0, x2 = 0] = await admitSubjects(store, ['plain', 'x', 'x'])
      assert.equal(await store.tasks.reprioritise(key(x2, 'a'), 'high'), true)
      assert.deepEqual(sequencesOf(await leased(store, { limit: 1 })), [x1])
      assert.equal(await store.tasks.reprioritise(key(x1, 'a'), 'high'), false)
      assert.equal(await store.tasks.reprioritise(key(x2, 'a'), 'normal'), true)
      assert.equal((await store.tasks.get(key(x2, 'a')))?.priority, 'normal')
      assert.equal(await store.tasks.reprioritise(key(99, 'a'), 'high'), false)
      await store.tasks.cancel(key(plain, 'a'), NOW, 'c', 'm')
      assert.equal(await store.tasks.reprioritise(key(plain, 'a'), 'high'), false)
    })

    test('sink a head again, and rank those without a group and those that wait for a lock', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const [first = 0, second = 0, third = 0] = await admitSubjects(store, ['x', 'y', 'z'], { order: 'none' })
      await store.tasks.reprioritise(key(third, 'a'), 'immediate')
      await store.tasks.reprioritise(key(second, 'a'), 'immediate')
      await store.tasks.reprioritise(key(second, 'a'), 'normal')
      assert.deepEqual(sequencesOf(await leased(store)), [third, first, second])
      for (const id of ['p', 'q', 'r'])
        await admitted(store, admission(event(id, { subject: id, superOwner: 'ann' }), [chain]))
      const head = one(await leased(store))
      await leased(store)
      await store.tasks.reprioritise(key(6), 'high')
      await store.tasks.settle([settlement(head.task)], null)
      assert.deepEqual(sequencesOf(await leased(store)), [6])
    })
  })

  describe('removal', () => {
    test('takes the descendants of the same subscription, and the answers of their processors', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const both = [candidate(), chain]
      const parents = { root: null, child: 'root', grandchild: 'child', stranger: 'nobody' }
      for (const [id, parentId] of Object.entries(parents)) {
        await admitted(store, admission(event(id, { subject: id, partitionKey: 'g', parentId }), both))
      }
      await store.log.putResults([answered(2, 'p'), answered(2, 'j', { kind: 'judge' }), answered(4, 'p')])
      assert.deepEqual(await store.tasks.remove([key(1)]), { removed: 3, aborted: [] })
      assert.deepEqual(await found(store, {}), [1, 2, 3, 4, `4.${CHAIN}`])
      assert.equal(await stateOf(store, 4, CHAIN), 'due')
      assert.deepEqual(
        (await store.log.results(T, 2)).map(({ processor }) => processor),
        ['j'],
      )
      assert.equal((await store.log.results(T, 4)).length, 1)
      assert.equal((await store.log.list({ tenant: T }, { after: null, limit: 9 })).length, 4)
      assert.deepEqual(await store.tasks.remove([key(1), key(99)]), { removed: 0, aborted: [] })
      assert.deepEqual(await store.tasks.counts(T), { due: 2, waiting: 3 })
    })

    test('of a running one frees its owner at once, and nothing re-appears when it ends', async (store) => {
      for (const id of ['1', '2'])
        await admitted(store, admission(event(id, { subject: id, superOwner: 'ann' }), [chain]))
      const head = one(await leased(store))
      assert.deepEqual(await store.tasks.remove([key(1)]), { removed: 1, aborted: [key(1)] })
      const next = one(await leased(store))
      assert.equal(next.task.sequence, 2)
      const late = settlement(head.task, done, { results: [answered(1, 'p')], leaseNext: true })
      const [lost] = await store.tasks.settle([late], request())
      assert.deepEqual(lost, { status: 'lost', leased: [] })
      assert.equal(await store.tasks.get(key(1)), null)
      assert.deepEqual(await store.tasks.attempts(key(1)), [])
      assert.deepEqual(await store.log.results(T, 1), [])
      assert.deepEqual(await store.tasks.heartbeat([head.task], NOW + 1), [key(1)])
    })

    test('does not let an old lease settle the task that a replay makes in its place', async (store) => {
      await store.subscriptions.create(subscription('a'))
      await admitSubjects(store, ['x'])
      const old = one(await leased(store))
      await store.tasks.remove([key(1, 'a')])
      const row = await store.log.get(T, 1)
      const entries = row === null ? [] : [{ event: row, candidate: candidate() }]
      await store.tasks.turn(old.task, entries, { now: NOW, again: false, cursor: null, from: null, last: false })
      const fresh = one(await leased(store))
      const [lost] = await store.tasks.settle([settlement(old.task)], null)
      assert.equal(lost?.status, 'lost')
      assert.equal((await store.tasks.get(fresh.task))?.state, 'leased')
    })
  })

  describe('the queue is searched', () => {
    async function fill(store: Store): Promise<void> {
      await store.subscriptions.create(subscription('a'))
      await admitted(store, deed('setup', [put('card-1'), put('ann', null, 'user')]))
      const rows = [
        event('Alpha', { subject: 'card-1', superOwner: 'ann', transactionId: 't1', rootId: 'r', parentId: 'p' }),
        event('beta', {
          subject: 'ann',
          type: 'user.changed',
          priority: 'high',
          transactionId: 't1',
          source: '/Other',
        }),
        event('gamma', { subject: null, partitionKey: 'g', superOwner: 'ann', receivedAt: NOW + 50, rootId: 'r' }),
      ]
      for (const row of rows) {
        await admitted(
          store,
          admission(row, [candidate({ priority: row.priority }), candidate({ subscription: CHAIN })]),
        )
      }
      await store.tasks.cancel(key(4, 'a'), NOW, 'unwanted', 'm')
    }

    test('by every field, whoever asks for whichever', async (store) => {
      await fill(store)
      const [one_, two, three] = [2, 3, 4]
      const expected: readonly (readonly [Omit<TaskFilter, 'tenant'>, readonly (number | string)[]])[] = [
        [{ local: false }, [one_, two, three]],
        [{ local: true }, [`2.${CHAIN}`, `3.${CHAIN}`, `4.${CHAIN}`]],
        [{ superOwner: 'ann', local: false }, [one_, three]],
        [{ transactionId: 't1', local: false }, [one_, two]],
        [{ rootId: 'r', local: false }, [one_, three]],
        [{ parentId: 'p', local: false }, [one_]],
        [{ priorities: ['high', 'immediate'] }, [two]],
        [{ codes: ['unwanted'] }, [three]],
        [{ createdFrom: NOW + 1, local: false }, [three]],
        [{ createdTill: NOW + 50, local: false }, [one_, two]],
        [{ partitionKey: 'g', local: false }, [three]],
        [{ partitionKey: 'card-1', local: false }, [one_]],
        [{ wakeFrom: NOW, local: false }, []],
        [{ wakeTill: NOW, local: false }, []],
        [{ text: 'ALPH', local: false }, [one_]],
        [{ text: 'other', local: false }, [two]],
        [{ text: 'User.', local: false }, [two]],
        [{ text: 'CARD-1', local: false }, [one_]],
        [{ text: '%', local: false }, []],
        [{ subjectTypes: ['user', 'thing'], local: false }, [two]],
        [{ subject: 'card-1', states: ['due'], local: false }, [one_]],
        [{ transactionId: 't1', subscription: 'a', superOwner: 'ann' }, [one_]],
        [{ priorities: [] }, []],
      ]
      for (const [filter, wanted] of expected) {
        assert.deepEqual(await found(store, filter), wanted, JSON.stringify(filter))
        const counts = await store.tasks.countsBy({ tenant: T, ...filter })
        const sum = Object.values(counts).reduce((all, count) => all + count, 0)
        assert.equal(sum, wanted.length, JSON.stringify(filter))
      }
      assert.deepEqual(await store.tasks.countsBy({ tenant: T, subscription: 'a' }), { cancelled: 1, due: 2 })
      assert.deepEqual(await store.tasks.countsBy({ tenant: T, local: false, states: ['due'] }), { due: 2 })
      const there = { tenant: T, subscribed: true } as const
      for (const filter of [{}, { createdFrom: NOW }])
        assert.deepEqual(
          await store.tasks.countsBy({ ...there, ...filter }),
          await store.tasks.countsBy({ tenant: T, ...filter }),
        )
      await store.subscriptions.setState(T, 'a', 'paused', null, NOW)
      assert.deepEqual(await store.tasks.countsBy({ tenant: T, local: false }), { cancelled: 1, held: 2 })
    })

    test('by any two fields, and by a list that holds nothing', async (store) => {
      await fill(store)
      const row = one(await store.tasks.list({ tenant: T, sequence: 2, local: false }, { after: null, limit: 2 }))
      const lists = { states: [row.state], types: [row.type], subjectTypes: ['card'], priorities: [row.priority] }
      const fields = Object.entries({
        ...lists,
        ...{
          subscription: 'a',
          sequence: 2,
          local: false,
          subject: 'card-1',
          superOwner: 'ann',
          partitionKey: 'card-1',
        },
        ...{ transactionId: 't1', parentId: 'p', rootId: 'r', createdFrom: NOW, createdTill: NOW + 1, text: 'alpha' },
      })
      for (const [index, [name, value]] of fields.entries()) {
        for (const other of fields.slice(index)) {
          const filter = { ...Object.fromEntries([other]), [name]: value }
          assert.ok((await found(store, filter)).includes(2), JSON.stringify(filter))
          for (const list of [...Object.keys(lists), 'codes']) {
            const nothing = { ...filter, [list]: [] }
            assert.deepEqual(await found(store, nothing), [], JSON.stringify(nothing))
            assert.deepEqual(await store.tasks.countsBy({ tenant: T, ...nothing }), {}, JSON.stringify(nothing))
          }
        }
      }
    })

    test('page by page from either end', async (store) => {
      await fill(store)
      for (const order of ['newest', 'oldest'] as const) {
        const places: string[] = []
        for (let after: { sequence: number; subscription: string } | null = null; ; ) {
          const page = await store.tasks.list({ tenant: T, superOwner: 'ann' }, { after, limit: 3, order })
          places.push(...page.map(({ sequence, subscription: id }) => `${sequence}.${id}`))
          after = page.at(-1) ?? null
          if (page.length < 3) break
        }
        const rising = ['2.a', `2.${CHAIN}`, '4.a', `4.${CHAIN}`]
        assert.deepEqual(places, order === 'oldest' ? rising : rising.toReversed())
      }
    })

    test('by transaction in numbers, and by parent', async (store) => {
      await fill(store)
      const counts = await store.log.transaction(T, 't1')
      assert.deepEqual(counts, { events: 2, tasks: { due: 2 }, local: { due: 2 } })
      assert.deepEqual(await store.log.transaction(T, 'unknown'), { events: 0, tasks: {}, local: {} })
      const children = await store.log.children(T, 'p', 10)
      assert.deepEqual(
        children.map(({ id }) => id),
        ['Alpha'],
      )
      assert.deepEqual(await store.log.children('other', 'p', 10), [])
    })
  })

  describe('results', () => {
    test('of one processor are replaced as a whole, number by number', async (store) => {
      await admitted(store, admission(event('1'), [chain]))
      await store.log.putResults([answered(1, 'p', { number: 1 }), answered(1, 'p'), answered(1, 'q')])
      await store.log.putResults([answered(1, 'p', { state: 'blocked', cause: 'Why.' })])
      const rows = await store.log.results(T, 1)
      assert.deepEqual(
        rows.map(({ processor, number, state, cause }) => [processor, number, state, cause]),
        [
          ['p', 0, 'blocked', 'Why.'],
          ['q', 0, 'executed', null],
        ],
      )
    })

    test('come with the settlement, and not with one that is lost', async (store) => {
      await admitted(store, admission(event('1'), [chain]))
      const { task } = one(await leased(store))
      const results = [answered(1, 'p'), answered(1, 'p', { number: 1, state: 'cancelled' })]
      await store.tasks.settle([settlement(task, done, { results }), settlement(task, done, { results: [] })], null)
      const rows = await store.log.results(T, 1)
      assert.deepEqual(
        rows.map(({ state }) => state),
        ['executed', 'cancelled'],
      )
      const late = settlement(task, done, { results: [answered(1, 'late')] })
      assert.equal((await store.tasks.settle([late], null))[0]?.status, 'lost')
      assert.equal((await store.log.results(T, 1)).length, 2)
    })
  })

  describe('content that is gone', () => {
    test('is told of local tasks alone, and only while it stays removed', async (store) => {
      await store.subscriptions.create(subscription('a'))
      await admitted(store, deed('setup', [put('card-1'), put('card-2')]))
      const tasks = [chain, candidate()]
      await admitted(store, admission(event('1'), tasks))
      await admitted(store, admission(event('2', { subject: 'card-2' }), tasks))
      await admitted(store, deed('removal', [{ do: 'remove', id: 'card-1' }], { subject: 'x' }))
      await admitted(store, deed('coming', [{ do: 'remove', id: 'card-2' }, put('card-2')], { subject: 'x' }))
      await admitted(store, admission(event('3', { partitionKey: 'later' }), tasks))
      const run = await leased(store)
      assert.deepEqual(
        run.map(({ task, gone }) => [task.subscription, task.sequence, gone]),
        [
          ['a', 2, false],
          ['a', 3, false],
          ['a', 6, false],
          [CHAIN, 2, true],
          [CHAIN, 3, false],
        ],
      )
    })

    test('is told of the task that is handed over next', async (store) => {
      await admitted(store, deed('setup', [put('card-1')]))
      for (const id of ['1', '2']) await admitted(store, admission(event(id), [candidate({ subscription: CHAIN })]))
      await admitted(store, deed('removal', [{ do: 'remove', id: 'card-1' }], { subject: 'x' }))
      const head = one(await leased(store))
      const [answer] = await store.tasks.settle([settlement(head.task, done, { leaseNext: true })], request())
      assert.deepEqual([head.gone, answer?.leased[0]?.gone], [true, true])
    })
  })

  describe('a code', () => {
    test('finds a present resource of its type, or of any', async (store) => {
      const coded = (id: string, type: string, properties: string) => ({ ...put(id, null, type), properties }) as const
      const steps = [
        coded('u1', 'user', '{"code":"ann"}'),
        coded('c1', 'card', '{"code":"ann","x":1}'),
        coded('n1', 'card', '{"code":7}'),
        coded('n2', 'card', '{"code":-0.5}'),
        coded('n3', 'role', '{"code":"7"}'),
        coded('b1', 'card', '{"code":true}'),
        coded('g1', 'card', '{"code":"gone"}'),
      ]
      await admitted(store, deed('setup', steps))
      await admitted(store, deed('removal', [{ do: 'remove', id: 'g1' }]))
      const idOf = async (type: string | null, code: string) => (await store.registry.byCode(T, type, code))?.id
      assert.deepEqual(
        await Promise.all([idOf('user', 'ann'), idOf('card', 'ann'), idOf(null, 'ann'), idOf('role', 'ann')]),
        ['u1', 'c1', 'c1', undefined],
      )
      assert.deepEqual([await idOf(null, 'true'), await idOf(null, 'gone')], [undefined, undefined])
      // A code is a text; a number is found by its own.
      const texts = ['7', '-0.5', '7.0', '07', ' 7', '1']
      assert.deepEqual(await Promise.all([idOf('role', '7'), ...texts.map((text) => idOf(null, text))]), [
        'n3',
        'n1',
        'n2',
        undefined,
        undefined,
        undefined,
        undefined,
      ])
      assert.equal(await store.registry.byCode('other', null, 'ann'), null)
    })
  })

  describe('settings', () => {
    test('are kept by name and replaced', async (store) => {
      assert.equal(await store.settings.get('processing'), null)
      await store.settings.put('processing', '{"stopped":true}', NOW, 'ann')
      await store.settings.put('processing', '{"stopped":false}', NOW + 1, 'bob')
      assert.equal(await store.settings.get('processing'), '{"stopped":false}')
      assert.equal(await store.settings.get('other'), null)
    })
  })

  describe('retention of tasks', () => {
    test('takes what ended before a moment with its attempts and results, and keeps what failed', async (store) => {
      await store.subscriptions.create(subscription('a'))
      const both = [candidate(), candidate({ subscription: CHAIN })]
      for (const id of ['1', '2', '3']) await admitted(store, admission(event(id, { subject: id }), both))
      await store.log.putResults([answered(1, 'p'), answered(1, 'j', { kind: 'judge' })])
      const run = await leased(store)
      const settled = run.map(({ task }) =>
        settlement(task, task.sequence === 2 ? { state: 'refused', code: '400', message: null } : done, {
          now: task.sequence === 3 ? NOW + 500 : NOW + 100,
        }),
      )
      await store.tasks.settle(settled, null)
      assert.equal(await store.pruneTasks(NOW + 100, 10), 0)
      assert.equal(await store.pruneTasks(NOW + 200, 1), 1)
      assert.equal(await store.pruneTasks(NOW + 200, 10), 1)
      assert.deepEqual(await found(store, {}), [2, `2.${CHAIN}`, 3, `3.${CHAIN}`])
      assert.deepEqual(await store.tasks.attempts(key(1, 'a')), [])
      assert.deepEqual(
        (await store.log.results(T, 1)).map(({ processor }) => processor),
        ['j'],
      )
      assert.equal(await store.pruneTasks(NOW + 501, 10), 2)
      await store.tasks.retry(key(2, 'a'), NOW)
      await store.tasks.settle([settlement(one(await leased(store)).task)], null)
      assert.equal(await store.pruneTasks(NOW + 501, 10), 1)
      assert.deepEqual(await store.tasks.counts(T), { refused: 1 })
      assert.equal((await store.log.list({ tenant: T }, { after: null, limit: 9 })).length, 3)
    })
  })
}
