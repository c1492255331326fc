/**
 * Captures against real servers, by both methods. What random transactions do to them is in `test/journeys/capture.test.ts`.
 */
import { describe, expect, it, onTestFinished } from 'vitest'
import { hubAndSource, toldAll } from '../../../test/capture/hub-and-source.js'
import { eventsOf, mappingOf, openClient, TABLES } from '../../../test/capture-world.js'
import { until } from '../../../test/faults/random.js'
import { isLacking, named } from '../../../test/faults/tools.js'
import { freshDatabase, POSTGRES, POSTGRES_VERSIONS } from '../../../test/services.js'
import { isTocsinError } from '../../errors.js'
import type { Hub } from '../../hub.js'

const METHODS = ['logical', 'triggers'] as const
type Method = (typeof METHODS)[number]

async function world(
  method: Method | 'auto',
  { version = 15, tables = TABLES }: { version?: 15 | 18; tables?: string } = {},
) {
  const { url, client, hub } = await hubAndSource(await freshDatabase(version), tables)
  const apply = (more: object = {}) => hub.captures.apply(hub.local, 'staff', mappingOf(url, { method, ...more }))
  return { url, client, hub, apply }
}

const stateOf = (hub: Hub) => hub.captures.get(hub.local, 'staff')

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (isTocsinError(error) ? { code: error.code, field: error.field } : error),
  )

/** What a capture could leave behind. */
const LEFT = `SELECT (SELECT count(*)::int FROM pg_trigger WHERE NOT tgisinternal) AS triggers,
  (SELECT count(*)::int FROM pg_namespace WHERE nspname LIKE 'tocsin%') AS schemas,
  (SELECT count(*)::int FROM pg_publication) AS publications,
  (SELECT count(*)::int FROM pg_replication_slots WHERE database = current_database()) AS slots,
  (SELECT string_agg(relreplident::text, '') FROM pg_class WHERE relname IN ('person', 'account')) AS identities`

const FIRST = `BEGIN;
  INSERT INTO person VALUES (1, 'Mia', 33, 9007199254740993, '2026-01-02 03:04:05.123456+02', '{a,"b c",NULL}', 1.10, '{"a":[1]}');
  SAVEPOINT s; INSERT INTO person (id) VALUES (2); ROLLBACK TO s;
  UPDATE person SET age = 34; COMMIT`

const MIA = {
  ...{ id: 1, name: 'Mia', age: 33, rev: '9007199254740993', at: '2026-01-02T01:04:05.123456Z' },
  ...{ tags: ['a', 'b c', null], big: '1.10', more: { a: [1] } },
}

describe.for(POSTGRES_VERSIONS)('captures', (need) => {
  describe.skipIf(isLacking(need))(named(`of PostgreSQL ${need.version}`, need), () => {
    it.for(METHODS)('tell what was committed, in its order, by %s; and leave nothing', async (method) => {
      const { client, hub, apply } = await world(method, { version: need.version })
      const { rows: before } = await client.query(LEFT)
      await apply()
      await client.query(FIRST)
      await client.query('BEGIN; DELETE FROM person; ROLLBACK')
      await client.query('UPDATE person SET id = 3')
      await client.query('DELETE FROM person')
      await client.query('TRUNCATE person, account')
      const events = await toldAll(hub, 6)
      expect(events.map(({ data, subject }) => [data.operation, subject])).toEqual([
        ['insert', '1'],
        ['update', '1'],
        ['update', '3'],
        ['delete', '3'],
        ['truncate', undefined],
        ['truncate', undefined],
      ])
      expect(events[0]?.data.after).toEqual(MIA)
      expect(events[1]?.data).toMatchObject({ before: MIA, changes: [{ op: 'replace', path: '/age', value: 34 }] })
      expect(events[0]?.transactionid).toBe(events[1]?.transactionid)
      expect(new Set(events.map(({ transactionid }) => transactionid)).size).toBe(4)
      expect(await hub.captures.check(hub.local, 'staff')).toMatchObject({ passed: true })
      await hub.captures.remove(hub.local, 'staff')
      expect((await client.query(LEFT)).rows).toEqual(before)
      expect(await hub.captures.list(hub.local)).toEqual([])
    })
  })
})

describe.skipIf(isLacking(POSTGRES))(named('a capture', POSTGRES), () => {
  it.for(METHODS)('begins with the rows that are there, and goes on exactly where they end: %s', async (method) => {
    const { client, hub, apply } = await world(method)
    await client.query("INSERT INTO person (id, name) SELECT n, 'P' || n FROM generate_series(1, 1200) n")
    let written = 1200
    let enough = false
    const writing = (async () => {
      while (!enough) await client.query('INSERT INTO person (id) VALUES ($1)', [++written])
    })()
    await apply({ snapshot: true })
    await toldAll(hub, 1)
    enough = true
    await writing
    await client.query('INSERT INTO person (id) VALUES ($1)', [++written])
    const events = await toldAll(hub, written)
    const ids = events.map(({ data }) => Number(data.after?.id))
    expect(new Set(ids).size).toBe(written)
    expect(ids).toHaveLength(written)
    const marks = events.map(({ capture }) => capture)
    expect(marks.lastIndexOf('snapshot')).toBe(marks.indexOf(undefined) - 1)
  })

  it('takes triggers where the server refuses logical decoding, and says why', async () => {
    const { client, hub, url } = await world('auto')
    await client.query(`CREATE ROLE plain_${process.pid} LOGIN PASSWORD 'plain-secret'; GRANT CREATE ON DATABASE ${new URL(url).pathname.slice(1)} TO plain_${process.pid};
      ALTER TABLE person OWNER TO plain_${process.pid}; ALTER TABLE account OWNER TO plain_${process.pid}`)
    onTestFinished(async () => {
      const owner = await openClient(url.replace(/\/[^/]*$/, '/postgres'))
      await owner.query(`DROP ROLE IF EXISTS plain_${process.pid}`).catch(() => {})
      await owner.end()
    })
    const mapping = mappingOf(url)
    const connection = { ...mapping.connection, user: `plain_${process.pid}`, password: 'plain-secret' }
    const plan = await hub.captures.plan(hub.local, 'staff', { ...mapping, connection })
    expect(plan).toMatchObject({ method: 'triggers', notes: [expect.stringContaining('may not replicate')] })
    expect(await refusal(hub.captures.plan(hub.local, 'staff', { ...mapping, connection, method: 'logical' }))).toEqual(
      {
        code: 'invalid_request',
        field: 'method',
      },
    )
    const view = await hub.captures.apply(hub.local, 'staff', { ...mapping, connection })
    expect(JSON.stringify(view)).not.toContain('plain-secret')
    await client.query('INSERT INTO person (id) VALUES (1)')
    await toldAll(hub, 1)
    await hub.captures.remove(hub.local, 'staff')
  })

  it('waits before what cannot become an event, or passes over it', async () => {
    const { client, hub, apply } = await world('triggers')
    const rule = { type: 'registry.modified', subject: 'row.name', when: 'row.age > 0' }
    const tables = { 'public.person': { events: [rule] } }
    await apply({ tables })
    await client.query(
      "INSERT INTO person (id, name, age) VALUES (1, 'Mia', 1), (2, 'Young', 0), (3, NULL, NULL), (4, 'Eve', 1)",
    )
    await until('held', async () => (await stateOf(hub)).state === 'held')
    expect(await stateOf(hub)).toMatchObject({ code: 'invalid_data', field: 'tables.public.person.events[0].when' })
    expect((await toldAll(hub, 1)).map(({ subject }) => subject)).toEqual(['Mia'])
    await apply({ tables, refused: 'skip' })
    expect((await toldAll(hub, 2)).map(({ subject }) => subject)).toEqual(['Mia', 'Eve'])
    await until('counted', async () => (await stateOf(hub)).skipped === 1)
    expect(await eventsOf(hub, '/tocsin')).toMatchObject([{ event: { type: 'tocsin.capture.held' } }])
  })

  it.for(METHODS)('tells what was changed while a table had another name: %s', async (method) => {
    const { client, hub, apply } = await world(method)
    await apply()
    await client.query(`ALTER TABLE person RENAME TO people; INSERT INTO people (id) VALUES (1);
      ALTER TABLE people RENAME TO person; INSERT INTO person (id) VALUES (2)`)
    expect((await toldAll(hub, 2)).map(({ subject }) => subject)).toEqual(['1', '2'])
  })

  it.for(METHODS)('notices and names other columns: %s', async (method) => {
    const { client, hub, apply } = await world(method)
    await apply()
    await client.query('INSERT INTO person (id) VALUES (1)')
    await toldAll(hub, 1)
    await client.query('ALTER TABLE person ADD mail text; ALTER TABLE person DROP age')
    await client.query("INSERT INTO person (id, mail) VALUES (2, 'eve@example.org')")
    expect((await toldAll(hub, 2))[1]?.data.after).toMatchObject({ id: 2, mail: 'eve@example.org' })
    await until('told', async () => (await eventsOf(hub, '/tocsin')).length > 0)
    expect((await eventsOf(hub, '/tocsin'))[0]?.event.data).toEqual({
      ...{ capture: 'staff', table: 'public.person', added: ['mail'], removed: ['age'] },
    })
  })

  it.for(METHODS)(
    'waits when a column that its mapping names goes, and tells nothing without it: %s',
    async (method) => {
      const { client, hub, apply } = await world(method)
      const naming = (...columns: string[]) =>
        apply({ tables: { 'public.person': { columns, events: [{ type: 'registry.modified' }] } } })
      await naming('id', 'name')
      await client.query("INSERT INTO person (id, name) VALUES (1, 'Mia')")
      await toldAll(hub, 1)
      await client.query('ALTER TABLE person RENAME name TO called')
      await client.query("INSERT INTO person (id, called) VALUES (2, 'Eve')")
      await until('waiting', async () => (await stateOf(hub)).state === 'waiting')
      expect(await stateOf(hub)).toMatchObject({
        ...{ code: 'invalid_request', field: 'tables.public.person.columns' },
        message: 'public.person has no column name.',
      })
      expect(await toldAll(hub, 1)).toHaveLength(1)
      await naming('id', 'called')
      expect((await toldAll(hub, 2))[1]?.data.after).toEqual({ id: 2, called: 'Eve' })
    },
  )

  it.for(METHODS)(
    'ends before it fills the disk of its source, and begins anew when it is applied: %s',
    async (method) => {
      const { client, hub, apply } = await world(method)
      const tables = { 'public.person': { events: [{ type: 'registry.modified', when: 'row.age > 0' }] } }
      await apply({ tables, retain: { warn: 1, stop: 2 } })
      // Nothing after it is read.
      await client.query('INSERT INTO person (id) VALUES (0)')
      await client.query("INSERT INTO person (id, name) SELECT n, repeat('x', 1000) FROM generate_series(1, 5000) n")
      await until('ended', async () => (await stateOf(hub)).state === 'ended')
      expect(await stateOf(hub)).toMatchObject({ code: 'retained', backlog: { present: false } })
      expect((await client.query(LEFT)).rows[0]).toMatchObject({ triggers: 0, schemas: 0, slots: 0 })
      await apply({ tables })
      await client.query('INSERT INTO person (id, age) VALUES (-1, 1)')
      expect((await toldAll(hub, 1)).map(({ subject }) => subject)).toEqual(['-1'])
    },
  )

  it('takes another mapping without losing a change', async () => {
    const { client, hub, apply, url } = await world('logical')
    const { tables } = mappingOf(url)
    await apply({ tables: { 'public.person': tables['public.person'] } })
    await client.query('INSERT INTO person (id) VALUES (1)')
    await apply()
    await client.query("INSERT INTO account VALUES ('mia', 'mail')")
    await client.query('INSERT INTO person (id) VALUES (2)')
    // What is not told yet of a table that is left out is passed over.
    await toldAll(hub, 3)
    await apply({ tables: { 'public.account': tables['public.account'] } })
    await client.query("INSERT INTO account VALUES ('eve', 'mail')")
    expect((await toldAll(hub, 4)).map(({ subject }) => subject)).toEqual(['1', 'mia/mail', '2', 'eve/mail'])
  })
})
