/**
 * What the store keeps in memory about its tasks and keys is only a reading of the file: opened again at any moment, or
 * rolled back, it goes on as one that was never disturbed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  admission,
  again,
  candidate,
  done,
  event,
  NOW,
  request,
  settlement,
  subscription,
  T,
} from '../conformance/fixtures.js'
import type { LeasedTask, Store } from '../port.js'
import type { TaskRow } from '../rows.js'
import { openConnection } from './driver.js'
import { APPLICATION_ID } from './migrate.js'
import { begin } from './migrations/001-begin.js'
import { processing } from './migrations/002-processing.js'
import { openSqliteStore } from './store.js'

const CHAIN = 'local.processors'

let folder = ''
let files = 0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-standing-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (path: string): Promise<Store> => openSqliteStore({ path, thread: 'main', epoch: () => 'e' })

type Step =
  | { readonly do: 'admit'; readonly id: number; readonly group: number; readonly like: number; readonly high: boolean }
  | { readonly do: 'sleep'; readonly id: number; readonly group: number }
  | { readonly do: 'work'; readonly count: number; readonly fails: boolean; readonly next: boolean }
  | { readonly do: 'cancel' | 'retry' | 'raise'; readonly sequence: number }

const small = fc.integer({ min: 0, max: 3 })
const sequence = fc.integer({ min: 1, max: 12 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('admit' as const),
      id: fc.nat(20),
      group: small,
      like: small,
      high: fc.boolean(),
    }),
  },
  fc.record({ do: fc.constant('sleep' as const), id: fc.nat(20), group: small }),
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('work' as const), count: small, fails: fc.boolean(), next: fc.boolean() }),
  },
  fc.record({ do: fc.constantFrom('cancel' as const, 'retry' as const, 'raise' as const), sequence }),
)

/** Leased and not settled yet. */
type Hands = LeasedTask[]

async function take(store: Store, hands: Hands, at: number, one: Step): Promise<unknown> {
  const now = NOW + at * 1_000
  switch (one.do) {
    case 'admit':
    case 'sleep':
      return store.admit([admissionOf(one, now)], null)
    case 'work': {
      // All that may: how a lane with too little room is shared is remembered by nobody.
      const { leased } = await store.tasks.lease(request({ now, until: now + 60_000_000 }))
      hands.push(...leased)
      const ended = hands.splice(0, one.count).map(({ task }) => endOf(task, one, now))
      const answers = await store.tasks.settle(ended, request({ now, until: now + 60_000_000 }))
      hands.push(...answers.flatMap((answer) => answer.leased))
      return answers.map(({ status }) => status)
    }
    case 'cancel':
      return store.tasks.cancel(keyOf(one.sequence), now, 'gone', 'Gone.')
    case 'retry':
      return store.tasks.retry(keyOf(one.sequence), now)
    case 'raise':
      return store.tasks.reprioritise(keyOf(one.sequence), 'high')
  }
}

const keyOf = (of: number) => ({ tenant: T, sequence: of, subscription: CHAIN })

function admissionOf(one: Extract<Step, { do: 'admit' | 'sleep' }>, now: number) {
  const priority = one.do === 'admit' && one.high ? 'high' : 'normal'
  const likeness = one.do === 'admit' && one.like > 0 ? `like ${one.like}` : null
  const wakeAt = one.do === 'sleep' ? now + 5_000 : null
  return admission(event(`event-${one.id}`, { subject: `s${one.group}`, receivedAt: now }), [
    candidate({ subscription: CHAIN, locks: true, priority, likeness, wakeAt }),
  ])
}

const endOf = (task: TaskRow, { fails, next }: Extract<Step, { do: 'work' }>, now: number) =>
  settlement(task, fails ? again(now + 2_500) : done, { now, leaseNext: next, attempt: null })

const tasksOf = (store: Store) => store.tasks.list({ tenant: T }, { after: null, limit: 1_000, order: 'oldest' })

/** One call that fails takes the transaction of all others with it. */
async function disturb(store: Store): Promise<void> {
  const misuse = store.admit([{ tenant: T, events: [], change: null, subscriptionVersion: null }], null)
  await expect(misuse).rejects.toThrow('at least one event')
}

describe('a store that is opened again, or rolled back, after every step', () => {
  it.each(['opened again', 'rolled back'])('answers as one that is not: %s', async (how) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const path = join(folder, `${files++}.db`)
        const quiet = await open(':memory:')
        let other = await open(path)
        const hands: [Hands, Hands] = [[], []]
        for (const [at, one] of steps.entries()) {
          const wanted = await take(quiet, hands[0], at, one)
          const answered = take(other, hands[1], at, one)
          if (how === 'rolled back') await disturb(other)
          expect(await answered).toEqual(wanted)
          if (how === 'opened again') {
            await other.close()
            other = await open(path)
          }
          expect(await tasksOf(other)).toEqual(await tasksOf(quiet))
        }
        for (const id of steps.keys())
          expect(await other.log.find(T, `event-${id}`)).toEqual(await quiet.log.find(T, `event-${id}`))
        await quiet.close()
        await other.close()
      }),
      { numRuns: how === 'rolled back' ? 30 : 15 },
    )
  })
})

describe('a run of a group', () => {
  const only = { tenant: T, subscription: 'a' }
  const back = { state: 'due', wakeAt: null, failed: false, code: 'released', message: null } as const

  it.each([false, true])('goes on in a file that is opened again (%s)', async (reopened) => {
    const path = join(folder, `run-${reopened}.db`)
    let store = await open(path)
    const again = async () => {
      if (!reopened) return
      await store.close()
      store = await open(path)
    }
    const take = async () => (await store.tasks.lease(request({ only, node: 'pull:k', perGroup: 3 }))).leased
    const answer = (task: TaskRow | undefined, next: typeof back | typeof done) =>
      task && store.tasks.settle([settlement(task, next, { attempt: null })], null)
    await store.subscriptions.create(subscription('a', { spec: '{"transport":"pull"}' }))
    for (let id = 1; id <= 4; id++) await store.admit([admission(event(`r${id}`))], null)
    const [first, second, third] = (await take()).map(({ task }) => task)
    for (const [task, next] of [
      [second, back],
      [first, done],
    ] as const) {
      await again()
      await answer(task, next)
      expect(await take()).toEqual([])
    }
    await again()
    expect(await take()).toEqual([])
    await answer(third, back)
    await again()
    expect((await take()).map(({ task }) => task.sequence)).toEqual([2, 3, 4])
    await store.close()
  })
})

describe('keys', () => {
  const admit = (store: Store, from: number, till: number) =>
    store.admit(
      Array.from({ length: till - from }, (_, index) => admission(event(`k${from + index}`), [])),
      null,
    )

  const written = (path: string) => {
    const connection = openConnection(path)
    const { count } = connection.prepare('SELECT COUNT(*) AS count FROM event_keys').get() as { count: number }
    connection.close()
    return count
  }

  it('are known whether they are in their table yet or not, and while they are being written', async () => {
    const path = join(folder, 'keys.db')
    let store = await open(path)
    const areKnown = async (...ids: readonly string[]) => {
      const answers = await store.admit(
        ids.map((id) => admission(event(id), [])),
        null,
      )
      expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 'duplicate'))
      for (const id of ids) expect(await store.log.find(T, id)).toHaveLength(1)
    }
    for (let from = 0; from < 10_000; from += 1_000) await admit(store, from, from + 1_000)
    expect(written(path)).toBeGreaterThan(0)
    expect(written(path)).toBeLessThan(8_000)
    await areKnown('k0', 'k9999')
    await store.close()
    store = await open(path)
    await areKnown('k0', 'k9999')
    for (let from = 10_000; from < 10_020; from++) await admit(store, from, from + 1)
    expect(written(path)).toBeGreaterThanOrEqual(10_000)
    await areKnown('k0', 'k9999', 'k10019')
    await store.close()
    store = await open(path)
    await areKnown('k0', 'k9999', 'k10019')
    await store.close()
  })

  it('are forgotten with their events', async () => {
    const store = await open(join(folder, 'pruned.db'))
    await admit(store, 0, 3)
    await store.prune(NOW + 1, 2)
    await admit(store, 0, 3)
    expect((await store.log.find(T, 'k0')).map(({ sequence }) => sequence)).toEqual([4])
    expect((await store.log.find(T, 'k2')).map(({ sequence }) => sequence)).toEqual([3])
    await store.close()
  })
})

describe('a file of schema 2', () => {
  it('keeps its groups, likes and keys', async () => {
    const path = join(folder, 'old.db')
    olderFile(path)
    const store = await open(path)
    const repeated = await store.admit([admission(event('e1'), [])], null)
    expect(repeated.map(({ status }) => status)).toEqual(['duplicate'])
    const like = candidate({ subscription: CHAIN, likeness: 'like 3' })
    await store.admit([admission(event('e5', { subject: 'g' }), [like])], null)
    expect((await store.tasks.get(keyOf(3)))?.code).toBe('duplicate')
    const order: number[] = []
    for (let run = await leaseAll(store); run.length > 0; run = await leaseAll(store)) {
      order.push(...run.map(({ task }) => task.sequence))
      await store.tasks.settle(
        run.map(({ task }) => settlement(task, done, { attempt: null })),
        null,
      )
    }
    expect(order).toEqual([1, 2, 4, 5])
    await store.close()
  })
})

const leaseAll = async (store: Store) => (await store.tasks.lease(request())).leased

/** Four events of one group, as version 2 wrote them. */
function olderFile(path: string): void {
  const connection = openConnection(path)
  connection.exec('PRAGMA journal_mode = WAL')
  for (const { sql } of [begin, processing]) connection.exec(sql)
  connection.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 2`)
  connection.exec(`INSERT INTO tenant_heads (tenant, head, version) VALUES ('${T}', 4, 0)`)
  connection.exec(`INSERT INTO groups (tenant, subscription, key, head, rank) VALUES ('${T}', '${CHAIN}', 'g', 1, 2)`)
  for (let at = 1; at <= 4; at++) {
    connection.exec(`INSERT INTO event_keys (tenant, id, source, sequence) VALUES ('${T}', 'e${at}', '/cms', ${at})`)
    connection.exec(`INSERT INTO events (tenant, sequence, source, id, type, subject, partition_key, priority, received_at,
      state, hash, principal, body, operation) VALUES ('${T}', ${at}, '/cms', 'e${at}', 'credential.issued', 'g', 'g',
      'normal', ${NOW}, 'admitted', 'hash-e${at}', 'key-1', '{}', ${at})`)
    connection.exec(`INSERT INTO tasks (tenant, sequence, subscription, group_key, type, subject, state, priority, attempts,
      failures, token, created_at, rank, likeness) VALUES ('${T}', ${at}, '${CHAIN}', 'g', 'credential.issued', 'g',
      '${at === 1 ? 'due' : 'waiting'}', 2, 0, 0, 0, ${NOW}, 2, 'like ${at}')`)
  }
  connection.exec(`INSERT INTO task_counts (tenant, subscription, state, count)
    VALUES ('${T}', '${CHAIN}', 'due', 1), ('${T}', '${CHAIN}', 'waiting', 3)`)
  connection.close()
}
