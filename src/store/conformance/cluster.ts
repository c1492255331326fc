/**
 * What processes on one store owe each other. `open` answers as many members of one cluster as are asked for: one, where
 * a store has one owner.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Signal } from '../cluster.js'
import type { NodeRow } from '../rows.js'
import { NOW } from './fixtures.js'

export interface ClusterTools {
  describe(name: string, body: () => void): void
  test(name: string, body: () => Promise<void>): void
  /** Members of a new cluster; the suite closes them. */
  open(members: number): Promise<readonly Cluster[]>
  /** How many there can be. */
  readonly most: 1 | 3
}

const node = (id: string, over: Partial<NodeRow> = {}): Omit<NodeRow, 'beatAt'> => ({
  id,
  version: '1.2.3',
  host: 'here',
  pid: 7,
  startedAt: NOW,
  running: 0,
  state: 'ready',
  processors: '["acme:check"]',
  ...over,
})

export function clusterConformance({ describe, test, open, most }: ClusterTools): void {
  const withMembers = (count: number, name: string, body: (members: readonly Cluster[]) => Promise<void>) =>
    test(name, async () => {
      const members = await open(count)
      try {
        await body(members)
      } finally {
        await Promise.all(members.map((member) => member.close()))
      }
    })
  describe('nodes', () => nodeCases((name, body) => withMembers(1, name, ([one]) => body(memberOf(one)))))
  describe('leading', () => leadingCases((name, body) => withMembers(1, name, ([one]) => body(memberOf(one)))))
  describe('turns', () => turnsCases((name, body) => withMembers(1, name, ([one]) => body(memberOf(one)))))
  if (most === 1) return
  const three: Three = (name, body) =>
    withMembers(3, name, ([one, other, third]) => body(memberOf(one), memberOf(other), memberOf(third)))
  describe('several members', () => sharedCases(three))
  describe('a rate', () => turnCases(three))
}

type One = (name: string, body: (cluster: Cluster) => Promise<void>) => void
type Three = (name: string, body: (one: Cluster, other: Cluster, third: Cluster) => Promise<void>) => void

function nodeCases(test: One): void {
  test('are listed by id, each as it was heard of last', async (cluster) => {
    await cluster.beat(node('b'), NOW)
    const time = await cluster.beat(node('a'), NOW)
    const later = await cluster.beat(node('b', { running: 3, state: 'draining', processors: '[]' }), NOW)
    const rows = await cluster.nodes()
    assert.deepEqual(rows, [
      { ...node('a'), beatAt: time },
      { ...node('b', { running: 3, state: 'draining', processors: '[]' }), beatAt: later },
    ])
  })

  test('leave, and are forgotten when they were not heard of', async (cluster) => {
    await cluster.beat(node('a'), NOW)
    await cluster.beat(node('b'), NOW)
    await cluster.leave('a')
    assert.deepEqual(
      (await cluster.nodes()).map(({ id }) => id),
      ['b'],
    )
    const [row] = await cluster.nodes()
    await cluster.forget(row?.beatAt ?? 0)
    assert.equal((await cluster.nodes()).length, 1)
    await cluster.forget((row?.beatAt ?? 0) + 1)
    assert.deepEqual(await cluster.nodes(), [])
  })
}

function leadingCases(test: One): void {
  test('is for one at a time, and for the next when it is over', async (cluster) => {
    const inner = await cluster.lead('prune', async () => [
      await cluster.lead('prune', async () => 'twice'),
      await cluster.lead('other', async () => 'another work'),
    ])
    assert.deepEqual(inner, [null, 'another work'])
    assert.equal(await cluster.lead('prune', async () => 'again'), 'again')
  })

  test('ends with work that fails', async (cluster) => {
    await assert.rejects(
      cluster.lead('prune', async () => {
        throw new Error('Out of order.')
      }),
      /Out of order/,
    )
    assert.equal(await cluster.lead('prune', async () => 'again'), 'again')
  })
}

function turnsCases(test: One): void {
  const lane = { tenant: 'acme', subscription: 'a' }
  test('are taken several at once while one is there, a second of them after a pause', async (cluster) => {
    let taken = 0
    let last = await cluster.takeTurns(lane, 10, 4)
    for (; last.taken && taken < 100; taken += 4) last = await cluster.takeTurns(lane, 10, 4)
    assert.ok(taken >= 12 && taken <= 20, `${taken}`)
    assert.ok(last.wait > 0 && last.wait <= 400, `${last.wait}`)
    assert.deepEqual(await cluster.takeTurns({ ...lane, tenant: 'other' }, 10, 4), { taken: true, wait: 0 })
    await sleep(last.wait + 5)
    assert.equal((await cluster.takeTurns(lane, 10, 1)).taken, true)
  })

  test('that were taken at one rate are waited for at another, once that is the rate', async (cluster) => {
    assert.equal((await cluster.takeTurns(lane, 10, 1_000)).taken, true)
    const [slow, slower, fast] = [
      await cluster.takeTurns(lane, 10, 1),
      await cluster.takeTurns(lane, 5, 1),
      await cluster.takeTurns(lane, 1_000, 1),
    ]
    assert.ok(!slow.taken && slow.wait > 80_000, `${slow.wait}`)
    assert.ok(!fast.taken && fast.wait <= 1_000, `${fast.wait}`)
    assert.ok(!slower.taken && slower.wait > 160_000, `${slower.wait}`)
    await sleep(fast.wait + 5)
    assert.equal((await cluster.takeTurns(lane, 1_000, 1)).taken, true)
  })
}

function sharedCases(test: Three): void {
  test('one leads, and another when the first is gone', async (one, other) => {
    let end = () => {}
    let leading: Promise<unknown> = Promise.resolve()
    await new Promise<void>((begun) => {
      leading = one.lead('prune', () => {
        begun()
        return new Promise<void>((resolve) => {
          end = resolve
        })
      })
    })
    assert.equal(await other.lead('prune', async () => 'both'), null)
    end()
    await leading
    assert.equal(await other.lead('prune', async () => 'succeeded'), 'succeeded')
  })

  test('what one says the others hear, once, and it does not', async (one, other, third) => {
    const heard = [one, other, third].map(recorded)
    const signals: readonly Signal[] = [
      { of: 'events', tenant: 'acme' },
      { of: 'settled', tenant: "o'neil" },
      { of: 'subscription', tenant: 'acme', id: 'sub_1' },
      { of: 'tasks' },
      { of: 'leases' },
      { of: 'access' },
      { of: 'settings' },
      { of: 'breakers' },
    ]
    for (const signal of signals) one.tell(signal)
    for (const signal of signals) one.tell(signal)
    await until(async () => [heard[1], heard[2]].every((signals) => (signals?.length ?? 0) >= 8))
    await sleep(50)
    assert.deepEqual(heard[0], [])
    assert.deepEqual(sorted(heard[1] ?? []), sorted(signals))
    assert.deepEqual(sorted(heard[2] ?? []), sorted(signals))
  })

  test('more than can be said at once is told as anything', async (one, other) => {
    const heard = recorded(other)
    for (let number = 0; number < 2_000; number++) one.tell({ of: 'events', tenant: `tenant-number-${number}` })
    await until(async () => heard.length > 0)
    assert.deepEqual(heard, [{ of: 'unknown' }])
  })

  test('who listens no more hears nothing', async (one, other) => {
    const heard: Signal[] = []
    const stop = other.listen((signal) => heard.push(signal))
    const still = recorded(other)
    stop()
    one.tell({ of: 'tasks' })
    await until(async () => still.length > 0)
    assert.deepEqual(heard, [])
  })

  test('all see one list of nodes, in one time', async (one, other) => {
    const first = await one.beat(node('a'), 0)
    const second = await other.beat(node('b'), NOW * 2)
    assert.ok(second >= first && second - first < 5_000, `${first}, ${second}`)
    assert.deepEqual(await one.nodes(), await other.nodes())
  })

  test('breakers are shared until they close', async (one, other) => {
    const lane = { tenant: 'acme', subscription: 'a' }
    await one.putBreaker({ ...lane, failures: 5, openUntil: NOW })
    await one.putBreaker({ ...lane, failures: 6, openUntil: NOW + 1_000 })
    assert.deepEqual(await other.breakers(), [{ ...lane, failures: 6, openUntil: NOW + 1_000 }])
    await other.putBreaker({ ...lane, failures: 0, openUntil: 0 })
    assert.deepEqual(await one.breakers(), [])
  })
}

function turnCases(test: Three): void {
  const lane = { tenant: 'acme', subscription: 'a' }
  test('gives so many turns a second to all together, and a second of them at once', async (one, other, third) => {
    const turns = await Promise.all(
      Array.from({ length: 30 }, (_, index) => ([one, other, third][index % 3] ?? one).takeTurn(lane, 10)),
    )
    const taken = turns.filter((turn) => turn.taken)
    const atOnce = taken.filter(({ wait }) => wait === 0)
    assert.ok(atOnce.length >= 10 && atOnce.length <= 12, JSON.stringify(turns))
    assert.ok(taken.length >= 20 && taken.length <= 23, JSON.stringify(turns))
    assert.ok(
      taken.every(({ wait }) => wait <= 1_000),
      JSON.stringify(turns),
    )
    const [late] = turns.filter((turn) => !turn.taken)
    assert.ok(late !== undefined && late.wait > 500 && late.wait < 1_200, JSON.stringify(late))
    assert.deepEqual(await one.takeTurn({ ...lane, subscription: 'b' }, 10), { taken: true, wait: 0 })
  })

  test('may be less than one a second', async (one, other) => {
    assert.deepEqual(await one.takeTurn(lane, 0.5), { taken: true, wait: 0 })
    const turn = await other.takeTurn(lane, 0.5)
    assert.equal(turn.taken, false)
    assert.ok(turn.wait > 1_000 && turn.wait <= 2_000, `${turn.wait}`)
  })
}

function recorded(cluster: Cluster): Signal[] {
  const heard: Signal[] = []
  cluster.listen((signal) => heard.push(signal))
  return heard
}

const sorted = (signals: readonly Signal[]): readonly string[] => signals.map((signal) => JSON.stringify(signal)).sort()

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await isTrue()) return
    await sleep(25)
  }
  throw new assert.AssertionError({ message: 'It did not come about in five seconds.' })
}

function memberOf(member: Cluster | undefined): Cluster {
  if (member === undefined) throw new TypeError('There are fewer members than were asked for.')
  return member
}
