import { describe, expect, it, test, vi } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { asked } from '../../../test/services/postgres.js'
import { freshDatabase, POSTGRES, POSTGRES_VERSIONS, postgres } from '../../../test/services.js'
import type { Signal } from '../cluster.js'
import { clusterConformance } from '../conformance/cluster.js'
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
    await vi.waitFor(() => expect(heard).toEqual({ one: [{ of: 'unknown' }], other: [{ of: 'unknown' }] }), 5_000)
    one.tell({ of: 'tasks' })
    other.tell({ of: 'leases' })
    await vi.waitFor(() => expect(heard.one.at(-1)).toEqual({ of: 'leases' }))
    await vi.waitFor(() => expect(heard.other.at(-1)).toEqual({ of: 'tasks' }))
    await Promise.all([one.close(), other.close()])
  })

  it('leads no more: another may', async () => {
    const url = await prepared()
    const [one, other] = await Promise.all([openPostgresCluster({ url, name: 'leader' }), openPostgresCluster({ url })])
    const seen = await one.lead('prune', async () => {
      const end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'leader'"
      await asked(await postgres(), end)
      await vi.waitFor(async () => expect(await other.lead('prune', async () => 'another')).toBe('another'), 5_000)
      return 'seen'
    })
    expect(seen).toBe('seen')
    await vi.waitFor(async () => expect(await one.lead('prune', async () => 'again')).toBe('again'), 5_000)
    await Promise.all([one.close(), other.close()])
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
