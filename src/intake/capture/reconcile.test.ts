/**
 * What a capture missed is found and told: once, marked, and nothing else is.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { hubAndSource, toldAll, toldBy } from '../../../test/capture/hub-and-source.js'
import { eventsOf, mappingOf } from '../../../test/capture-world.js'
import { until } from '../../../test/faults/random.js'
import { isLacking, named } from '../../../test/faults/tools.js'
import { freshDatabase, POSTGRES } from '../../../test/services.js'
import { isTocsinError } from '../../errors.js'
import type { Hub } from '../../hub.js'

const METHODS = ['logical', 'triggers'] as const
type Method = (typeof METHODS)[number]

async function world(method: Method) {
  const { url, client, hub } = await hubAndSource(await freshDatabase(15))
  await client.query('ALTER TABLE person ADD loud text GENERATED ALWAYS AS (upper(name)) STORED')
  const apply = (more: object = {}) => hub.captures.apply(hub.local, 'regained', mappingOf(url, { method, ...more }))
  return { client, hub, apply, method }
}
type World = Awaited<ReturnType<typeof world>>

/** @returns what was counted of `public.person`, when it is done */
async function reconciled(hub: Hub, input: object = {}) {
  const { id } = await hub.captures.reconcile(hub.local, 'regained', input)
  const last = async () => (await hub.captures.get(hub.local, 'regained')).reconciliation
  await until('it is done', async () => (await last())?.id === id && (await last())?.endedAt !== null, 90_000)
  expect(await last()).toMatchObject({ state: 'done', code: null })
  return (await last())?.tables.find(({ table }) => table === 'public.person')
}

/** Each begins to lose changes, and answers how the capture is mended. */
const LOSING: Readonly<Record<string, (world: World) => Promise<() => Promise<unknown>>>> = {
  'its table left out': async ({ client, method, apply }) => {
    if (method === 'logical') await client.query('ALTER PUBLICATION tocsin_regained DROP TABLE person')
    else
      for (const on of ['insert', 'update', 'delete'])
        await client.query(`DROP TRIGGER tocsin_regained_${on} ON person`)
    return apply
  },
  'what was kept for it lost': async ({ client, hub, method, apply }) => {
    await client.query(method === 'logical' ? DROP_SLOT : 'DROP SCHEMA tocsin_regained CASCADE')
    await until('it ended', async () => (await hub.captures.get(hub.local, 'regained')).state === 'ended', 60_000)
    return apply
  },
  'the capture removed': async ({ hub, apply }) => {
    await hub.captures.remove(hub.local, 'regained')
    return apply
  },
}

const DROP_SLOT = `SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = 'tocsin_regained' AND active;
  SELECT pg_drop_replication_slot('tocsin_regained')`

const fill = (client: Client) =>
  client.query(`INSERT INTO person (id, name, big, at, tags) SELECT n, 'P' || n, 1.10, '2026-01-02 03:04:05.123456+02', '{a,b}'
    FROM generate_series(1, 600) n`)

describe.skipIf(isLacking(POSTGRES))(named('reconciling', POSTGRES), { timeout: 120_000 }, () => {
  const cases = METHODS.flatMap((method) => Object.keys(LOSING).map((way) => [method, way] as const)).slice(0, 5)
  it.for(cases)('finds what happened by %s with %s, and no more', async ([method, way]) => {
    const place = await world(method)
    const { client, hub, apply } = place
    // Some rows were there before, the others are told.
    await client.query("INSERT INTO person (id, name) VALUES (0, 'Before')")
    await apply()
    await fill(client)
    await toldAll(hub, 600)
    expect(await reconciled(hub)).toEqual({
      table: 'public.person',
      rows: 601,
      inserts: 0,
      updates: 0,
      deletes: 0,
      events: 0,
    })
    const mend = await LOSING[way]?.(place)
    await client.query("INSERT INTO person (id, name) VALUES (2000, 'New'); DELETE FROM person WHERE id IN (7, 8)")
    await client.query("UPDATE person SET name = 'Changed' WHERE id IN (0, 590)")
    await mend?.()
    await client.query('UPDATE person SET age = 5 WHERE id = 3; INSERT INTO person (id) VALUES (2001)')
    await toldAll(hub, 602)
    const counts = { table: 'public.person', rows: 601, inserts: 1, updates: 2, deletes: 2, events: 5 }
    expect(await reconciled(hub, { dryRun: true })).toEqual(counts)
    expect(await eventsOf(hub)).toHaveLength(602)
    expect(await reconciled(hub)).toEqual(counts)
    const missed = (await toldBy(hub)).slice(602)
    expect(missed.map(({ capture }) => capture)).toEqual(Array(5).fill('reconciled'))
    expect(missed.map(({ subject, data: { operation } }) => `${operation} ${subject}`).sort()).toEqual([
      ...['delete 7', 'delete 8', 'insert 2000', 'update 0', 'update 590'],
    ])
    expect(missed.find(({ subject }) => subject === '590')?.data).toMatchObject({
      ...{ before: { name: 'P590', big: '1.10' }, after: { name: 'Changed', at: '2026-01-02T01:04:05.123456Z' } },
      changes: [{ op: 'replace', path: '/name', value: 'Changed' }],
    })
    expect(await reconciled(hub)).toMatchObject({ inserts: 0, updates: 0, deletes: 0, events: 0 })
  })

  it.for(METHODS)('tells nothing while all is told: by %s, as rows change all the time', async (method) => {
    const { client, hub, apply } = await world(method)
    await fill(client)
    await apply({ snapshot: true })
    await toldAll(hub, 600)
    let enough = false
    let written = 0
    const writing = (async () => {
      for (; !enough && written < 1500; written++) {
        const id = 1 + ((written * 7) % 600)
        if (written % 5 === 4) await client.query('DELETE FROM person WHERE id = $1 - 7', [id])
        else
          await client.query(
            'INSERT INTO person (id, rev) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET rev = excluded.rev',
            [id, written],
          )
      }
    })()
    for (let run = 0; run < 3; run++) expect(await reconciled(hub)).toMatchObject({ events: 0 })
    enough = true
    await writing
    const { rows } = await client.query<{ id: number; rev: string | null }>('SELECT id, rev FROM person ORDER BY id')
    await client.query('INSERT INTO person (id) VALUES (5000)')
    await until('the last', async () => (await toldBy(hub)).at(-1)?.subject === '5000')
    expect((await toldBy(hub)).filter(({ capture }) => capture === 'reconciled')).toEqual([])
    expect(await reconciled(hub)).toMatchObject({ rows: rows.length + 1, events: 0 })
  })

  it.for(METHODS)('comes to its end while more changes than can be told: by %s', async (method) => {
    const { client, hub, apply } = await world(method)
    await client.query('INSERT INTO person (id) SELECT generate_series(1, 5000)')
    await apply()
    const told = () => hub.captures.measured().find(({ name }) => name === 'regained')?.admitted ?? 0
    const most = 100_000
    let written = 0
    let isDone = false
    const writing = (async () => {
      while (!isDone && written < most) {
        await client.query('UPDATE person SET age = coalesce(age, 0) + 1 WHERE id <= 500')
        written += 500
        // Always behind, but not ever more so.
        while (!isDone && written - told() > 2_000) await sleep(5)
      }
    })()
    expect(await reconciled(hub)).toMatchObject({ rows: 5_000, events: 0 })
    isDone = true
    await writing
    expect(written).toBeLessThan(most)
  })

  it('knows rows by name of key, not by what logical decoding leaves out', async () => {
    const { client, hub, apply } = await world('logical')
    const tables = { 'public.person': { before: false, events: [{ type: 'registry.modified' }] } }
    await apply({ tables })
    // Too long to lie in its row, and not told when it does not change.
    const long = `(SELECT string_agg(md5(n::text), '') FROM generate_series(1, 500) n)`
    await client.query(`INSERT INTO person (id, name) VALUES (1, ${long}), (2, 'Short')`)
    await client.query('UPDATE person SET age = 1; UPDATE person SET id = 3 WHERE id = 1')
    await toldAll(hub, 5)
    expect(await reconciled(hub)).toMatchObject({ rows: 2, events: 0 })
    await client.query('TRUNCATE person')
    await client.query('INSERT INTO person (id) VALUES (9)')
    await toldAll(hub, 6)
    expect(await reconciled(hub)).toMatchObject({ rows: 1, events: 0 })
  })

  it('is refused where nothing is known, and by a name that the mapping does not have', async () => {
    const { hub, apply } = await world('triggers')
    const refusal = (input: object) =>
      hub.captures.reconcile(hub.local, 'regained', input).then(
        () => 'done',
        (error: unknown) => (isTocsinError(error) ? [error.code, error.field] : error),
      )
    expect(await refusal({})).toEqual(['not_found', undefined])
    await apply({ reconcile: false })
    expect(await refusal({})).toEqual(['wrong_state', 'reconcile'])
    expect(await refusal({ tables: ['public.persons'] })).toEqual(['invalid_request', 'tables[0]'])
    expect(await refusal({ dry: true })).toEqual(['invalid_request', 'dry'])
  })
})
