import { describe, expect, it, test } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { asked } from '../../../test/services/postgres.js'
import { freshDatabase, POSTGRES, POSTGRES_VERSIONS, postgres } from '../../../test/services.js'
import type { Signal } from '../cluster.js'
import { clusterConformance } from '../conformance/cluster.js'
import { admission, again, candidate, event, request, settlement, subscription, T } from '../conformance/fixtures.js'
import { openPostgresCluster } from './cluster.js'
import { signalsIn } from './signals.js'
import { openPostgresStore } from './store.js'

/** With our tables. */
async function prepared(version: 15 | 18 = 15): Promise<string> {
  const url = await freshDatabase(version)
  await (await openPostgresStore({ url })).close()
  return url
}

describe.for(POSTGRES_VERSIONS)('nodes on PostgreSQL $version', (need) => {
  clusterConformance({
    describe: describe.skipIf(isLacking(need)),
    test: (name, body) => void test(named(name, need), body),
    open: async (members) => {
      const url = await prepared(need.version)
      return Promise.all(Array.from({ length: members }, () => openPostgresCluster({ url })))
    },
    most: 3,
  })
})

describe.skipIf(isLacking(POSTGRES))(named('a connection that breaks', POSTGRES), () => {
  it('is made again, and both sides are told that something was missed', async () => {
    const url = await prepared()
    const [one, other] = await Promise.all([openPostgresCluster({ url, name: 'one' }), openPostgresCluster({ url })])
    const heard: Record<'one' | 'other', Signal[]> = { one: [], other: [] }
    one.listen((signal) => heard.one.push(signal))
    other.listen((signal) => heard.other.push(signal))
    const address = await postgres()
    const end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'one'"
    expect(await asked(address, end)).toBe('1')
    await expect.poll(() => heard).toEqual({ one: [{ of: 'unknown' }], other: [{ of: 'unknown' }] })
    one.tell({ of: 'tasks' })
    other.tell({ of: 'leases' })
    await expect.poll(() => heard.one.at(-1)).toEqual({ of: 'leases' })
    await expect.poll(() => heard.other.at(-1)).toEqual({ of: 'tasks' })
    await Promise.all([one.close(), other.close()])
  })

  it('leads no more: another may', async () => {
    const url = await prepared()
    const [one, other] = await Promise.all([openPostgresCluster({ url, name: 'leader' }), openPostgresCluster({ url })])
    const seen = await one.lead('prune', async (lost) => {
      expect(lost.aborted).toBe(false)
      const end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'leader'"
      await asked(await postgres(), end)
      await expect.poll(() => other.lead('prune', async () => 'another')).toBe('another')
      await expect.poll(() => lost.aborted).toBe(true)
      return 'seen'
    })
    expect(seen).toBe('seen')
    await expect.poll(() => one.lead('prune', async () => 'again')).toBe('again')
    await Promise.all([one.close(), other.close()])
  })
})

describe.skipIf(isLacking(POSTGRES))(named('a clock of the server that was ahead and is set back', POSTGRES), () => {
  const HOUR = 3_600_000
  const NODE = {
    ...{ id: 'n1', version: '1', host: 'h', pid: 1, startedAt: 0, running: 0, processors: '[]' },
    state: 'ready' as const,
  }

  it('leaves no next try, no lease and no breaker in the time to come, and dates that were asked for as they are', async () => {
    const url = await prepared()
    const [store, cluster] = await Promise.all([openPostgresStore({ url }), openPostgresCluster({ url })])
    const now = await cluster.beat(NODE, 0)
    const ahead = now + HOUR
    await store.subscriptions.create(subscription('a'))
    const dated = candidate({ wakeAt: now + 2 * HOUR, order: 'none' })
    await store.admit([admission(event('failed')), admission(event('later'), [dated])], null)
    const { leased } = await store.tasks.lease(request({ now: ahead, until: ahead + 1_000 }))
    const failures = leased.map(({ task }) => settlement(task, again(ahead + 10 + 5_000)))
    expect(failures).toHaveLength(1)
    const times = { startedAt: ahead, endedAt: ahead + 10 }
    await store.tasks.settle(
      failures.map((each) => ({ ...each, attempt: each.attempt && { ...each.attempt, ...times } })),
      null,
    )
    await store.admit([admission(event('held', { partitionKey: 'other' }))], null)
    const held = (await store.tasks.lease(request({ now: ahead, until: ahead + 30_000 }))).leased.map(
      ({ task }) => task,
    )
    expect(held).toHaveLength(1)
    const leaseOf = async () =>
      (await store.tasks.get(held[0] ?? { tenant: T, sequence: 0, subscription: 'a' }))?.leasedUntil
    await cluster.putBreaker({ tenant: T, subscription: 'a', failures: 5, openUntil: ahead })
    const wakes = async () =>
      (await store.tasks.list({ tenant: T }, { after: null, limit: 9, order: 'oldest' })).map(({ wakeAt }) => wakeAt)

    await cluster.beat(NODE, now)
    expect(await wakes()).toEqual([ahead + 5_010, now + 2 * HOUR, null])
    expect(await leaseOf()).toBe(ahead + 30_000)
    const seen = [await cluster.beat(NODE, ahead), await cluster.beat(NODE, ahead)]
    expect(Number(await leaseOf()) - Number(seen[0])).toBe(30_000)
    const [mended, dateOfOther] = await wakes()
    expect(Number(mended) - Number(seen[0])).toBe(5_000)
    expect(dateOfOther).toBe(now + 2 * HOUR)
    expect((await cluster.breakers())[0]?.openUntil).toBeLessThan(now + HOUR)
    await Promise.all([store.close(), cluster.close()])
  })

  it('is not what a node sees that begins with a wrong clock of its own: it shortens nobody’s lease', async () => {
    const url = await prepared()
    const [store, cluster] = await Promise.all([openPostgresStore({ url }), openPostgresCluster({ url })])
    const now = await cluster.beat(NODE, 0)
    await store.subscriptions.create(subscription('a'))
    await store.admit([admission(event('held'))], null)
    const [held] = (await store.tasks.lease(request({ now, until: now + 30_000 }))).leased
    const other = await openPostgresCluster({ url })
    await other.beat({ ...NODE, id: 'n2' }, now + 20_000)
    expect((await store.tasks.get(held?.task ?? { tenant: T, sequence: 0, subscription: 'a' }))?.leasedUntil).toBe(
      now + 30_000,
    )
    await Promise.all([store.close(), cluster.close(), other.close()])
  })
})

describe('what is heard', () => {
  it.each([
    ['our own words', '{"from":"me","signals":[{"of":"tasks"}]}', []],
    ['no JSON', 'hello', [{ of: 'unknown' }]],
    [
      'something else',
      '{"from":"you","signals":[{"of":"rain"},{"of":"events"},{"of":"events","tenant":"t"}]}',
      [{ of: 'events', tenant: 't' }],
    ],
    ['null', 'null', [{ of: 'unknown' }]],
  ])('is sifted: %s', (_, text, signals) => {
    expect(signalsIn(text, 'me')).toEqual(signals)
  })
})
