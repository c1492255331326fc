/**
 * Sources that are not quite ordinary: behind TLS with a certificate of their own authority, with partitioned tables, lost in the
 * middle of a beginning.
 */
import { chmodSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hubAndSource, toldAll } from '../../../test/capture/hub-and-source.js'
import { connectionOf, eventsOf, mappingOf, openClient, openHub, TABLES } from '../../../test/capture-world.js'
import { until } from '../../../test/faults/random.js'
import { isLacking, named } from '../../../test/faults/tools.js'
import { type Certificates, makeCertificates, writeCertificates } from '../../../test/services/certificates.js'
import { createDatabase, type Postgres, startPostgres } from '../../../test/services/postgres.js'
import { programs } from '../../../test/services/programs.js'
import { POSTGRES } from '../../../test/services.js'
import { isTocsinError } from '../../errors.js'
import type { Hub } from '../../index.js'

const METHODS = ['logical', 'triggers'] as const

const SECURE = { wal_level: 'logical', ssl: 'on', ssl_cert_file: '../cert.pem', ssl_key_file: '../key.pem' }

describe.skipIf(isLacking(POSTGRES))(named('a source of its own', POSTGRES), { timeout: 120_000 }, () => {
  let server: Postgres
  const good = makeCertificates('IP:127.0.0.1')

  beforeAll(async () => {
    server = await startPostgres(programs(15) ?? '', SECURE, (folder, user) => place(folder, good, user))
  }, 120_000)
  afterAll(() => server?.close())

  async function world(tables: string) {
    const { url } = await createDatabase(server.address)
    return hubAndSource(url, tables)
  }

  it('is captured by TLS if its authority signed its certificate for its host, and refused otherwise', async () => {
    const { url, client, hub } = await world(TABLES)
    const apply = (connection: object) => {
      const { tls: _, ...plain } = connectionOf(url)
      return hub.captures.apply(hub.local, 'people', mappingOf(url, { connection: { ...plain, ...connection } }))
    }
    const refusal = (connection: object) =>
      apply(connection).then(
        () => 'taken',
        (error: unknown) => (isTocsinError(error) ? [error.code, error.field, error.message] : error),
      )
    const untrusted = [
      'invalid_request',
      'connection.ca',
      expect.stringContaining("The source's certificate is refused:"),
    ]
    expect(await refusal({ ca: makeCertificates().ca })).toEqual(untrusted)
    expect(await refusal({})).toEqual(untrusted)
    // The certificate names the address alone.
    expect(await refusal({ ca: good.ca, host: 'localhost' })).toEqual(untrusted)
    expect(await apply({ ca: good.ca })).toMatchObject({ method: 'logical' })
    await client.query('INSERT INTO person (id) VALUES (1)')
    await toldAll(hub, 1, 60_000)
  })

  const PARTITIONED = `
    CREATE TABLE person (id int, name text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
    CREATE TABLE person_low PARTITION OF person FOR VALUES FROM (0) TO (100);
    CREATE TABLE person_high PARTITION OF person FOR VALUES FROM (100) TO (200)`

  it.for(METHODS)('with a partitioned table tells the changes of all its partitions as its own: %s', async (method) => {
    const { url, client, hub } = await world(PARTITIONED)
    const tables = { 'public.person': { events: [{ type: 'registry.modified' }] } }
    await hub.captures.apply(hub.local, 'people', mappingOf(url, { method, tables }))
    await client.query("INSERT INTO person VALUES (1, 'Mia'), (100, 'Eve')")
    await client.query("UPDATE person SET name = 'Ada' WHERE id = 100")
    await client.query('UPDATE person SET id = 101 WHERE id = 1')
    await client.query('DELETE FROM person_high')
    await toldAll(hub, 7, 60_000)
    const events = (await eventsOf(hub)).map(({ event: { data } }) => data as Readonly<Record<string, unknown>>)
    expect(events[2]).toMatchObject({ table: 'public.person', before: { name: 'Eve' }, after: { name: 'Ada' } })
    // Into another partition a row goes by a delete and an insert.
    expect(events.map(({ operation }) => operation).join()).toBe('insert,insert,update,delete,insert,delete,delete')
    const { id } = await hub.captures.reconcile(hub.local, 'people')
    const last = async () => (await hub.captures.get(hub.local, 'people')).reconciliation
    await until('it is done', async () => (await last())?.endedAt !== null, 60_000)
    expect(await last()).toMatchObject({ id, state: 'done', tables: [{ rows: 0, events: 0 }] })
    expect(await hub.captures.check(hub.local, 'people')).toMatchObject({ passed: true })
    const { statements } = await hub.captures.remove(hub.local, 'people')
    expect(statements.filter(({ sql }) => sql.includes('IDENTITY'))).toHaveLength(method === 'logical' ? 3 : 0)
  })

  it('tells the row before a change also where the source does not keep it any more: logical', async () => {
    const { url, client, hub } = await world(
      `${PARTITIONED}; CREATE TABLE plain (id int PRIMARY KEY, name text, long text)`,
    )
    const events = [{ type: 'registry.modified' }]
    const tables = {
      'public.person': { events },
      'public.plain': { events: [{ ...events[0], data: '{"long": row.long}' }] },
    }
    await hub.captures.apply(hub.local, 'people', mappingOf(url, { method: 'logical', tables }))
    // A partition of later keeps its keys alone.
    await client.query('CREATE TABLE person_more PARTITION OF person FOR VALUES FROM (200) TO (300)')
    await client.query("INSERT INTO person VALUES (200, 'Mia')")
    await client.query(
      "UPDATE person SET name = 'Eve' WHERE id = 200; UPDATE person SET id = 201, name = 'Ada' WHERE id = 200",
    )
    await client.query('DELETE FROM person WHERE id = 201')
    await client.query('ALTER TABLE plain REPLICA IDENTITY DEFAULT, ALTER long SET STORAGE EXTERNAL')
    await client.query("INSERT INTO plain VALUES (1, 'a', repeat('x', 9000)); UPDATE plain SET name = 'b'")
    const told = await toldAll(hub, 6, 60_000)
    expect(told.slice(1, 4).map(({ data: { before, changes } }) => [before, changes])).toEqual([
      [{ id: 200, name: 'Mia' }, [{ op: 'replace', path: '/name', value: 'Eve' }]],
      [{ id: 200, name: 'Eve' }, expect.arrayContaining([{ op: 'replace', path: '/name', value: 'Ada' }])],
      [{ id: 201, name: 'Ada' }, undefined],
    ])
    expect(told[5]?.data).toEqual({ long: 'x'.repeat(9000) })
  })

  const MANNERED = `
    CREATE TYPE pair AS (a int, b text);
    CREATE TABLE person (id int PRIMARY KEY, t text, f float8, by bytea, wait interval, span tstzrange, code char(6), list numeric[], big int8[], pair pair)`
  const HELD = [
    "(1, 'a', 0.1::float8 + 0.2, '\\x00ff', '1 day 02:00', '[2026-01-01 00:00+00,)', 'ab', '{1.50,NaN,12345678901234567890}', '{1,9007199254740993,NULL}', ROW(1, 'x,y'))",
    "(2, NULL, NULL, NULL, NULL, NULL, NULL, '{}', NULL, NULL)",
  ]

  it.for(METHODS)('tells values alike, however the writer has them written, and finds them so: %s', async (method) => {
    const { url, client, hub } = await world(MANNERED)
    const tables = { 'public.person': { events: [{ type: 'registry.modified' }] } }
    await hub.captures.apply(hub.local, 'people', mappingOf(url, { method, tables }))
    await client.query(`SET extra_float_digits = -3; SET bytea_output = escape; SET IntervalStyle = iso_8601;
      SET DateStyle = 'SQL, DMY'; SET TimeZone = 'America/Los_Angeles'; INSERT INTO person VALUES ${HELD.join(', ')}`)
    const [told] = await toldAll(hub, 2, 60_000)
    expect(told?.data.after).toMatchObject({
      ...{ t: 'a', f: 0.30000000000000004, by: '\\x00ff', wait: '1 day 02:00:00', code: 'ab    ' },
      ...{ span: '["2026-01-01 00:00:00+00",)', list: ['1.50', 'NaN', '12345678901234567890'] },
      big: [1, '9007199254740993', null],
    })
    await hub.captures.reconcile(hub.local, 'people')
    const last = async () => (await hub.captures.get(hub.local, 'people')).reconciliation
    await until('it is done', async () => (await last())?.endedAt !== null, 60_000)
    expect(await last()).toMatchObject({ state: 'done', tables: [{ rows: 2, inserts: 0, updates: 0, deletes: 0 }] })
  })

  it.for(METHODS)('tells json that no event may hold, and goes on: %s', async (method) => {
    const { url, client, hub } = await world('CREATE TABLE person (id int PRIMARY KEY, j json, l json[])')
    const odd = String.raw`{"\udc00a": ["b\ud800", "\ud83d\ude00", "\\ud800", "\\\ud800\ud83d\ude00"]}`
    const [poisoned, deep] = ['{"a": {"__proto__": "\\ud800"}}', `${'['.repeat(70)}${']'.repeat(70)}`]
    const add = (id: number, json: string) => client.query('INSERT INTO person VALUES ($1, $2, $3)', [id, json, [json]])
    await add(1, odd)
    const tables = { 'public.person': { events: [{ type: 'registry.modified' }] } }
    await hub.captures.apply(hub.local, 'people', mappingOf(url, { method, tables, snapshot: true }))
    await toldAll(hub, 1, 60_000)
    await add(2, odd)
    await client.query(`UPDATE person SET j = '{"a": "\\udfff"}' WHERE id = 2`)
    await add(3, poisoned)
    await add(4, deep)
    const plain = {
      '\\udc00a': [String.raw`b\ud800`, '\u{1f600}', String.raw`\ud800`, '\\\\ud800\u{1f600}'],
    }
    const told = await toldAll(hub, 5, 60_000)
    expect(told.map(({ data: { after } }) => after)).toEqual([
      { id: 1, j: plain, l: [plain] },
      { id: 2, j: plain, l: [plain] },
      { id: 2, j: { a: String.raw`\udfff` }, l: [plain] },
      { id: 3, j: poisoned, l: expect.anything() },
      { id: 4, j: deep, l: expect.anything() },
    ])
    await hub.captures.reconcile(hub.local, 'people')
    const last = async () => (await hub.captures.get(hub.local, 'people')).reconciliation
    await until('it is done', async () => (await last())?.endedAt !== null, 60_000)
    expect(await last()).toMatchObject({ state: 'done', tables: [{ rows: 4, inserts: 0, updates: 0, deletes: 0 }] })
  })

  it.for(METHODS)('tells json by every digit, whatever it holds, and dates beyond ours alike: %s', async (method) => {
    const { url, client, hub } = await world(
      'CREATE TABLE person (id int PRIMARY KEY, j json, b jsonb, l jsonb[], at timestamptz, since timestamp)',
    )
    const tables = { 'public.person': { events: [{ type: 'registry.modified' }] } }
    await hub.captures.apply(hub.local, 'people', mappingOf(url, { method, tables }))
    const odd = String.raw`{"nul": "\u0000", "quoted\"": "a\\", "big": 9007199254740993, "e": 1e2}`
    await client.query('INSERT INTO person VALUES (1, $1, $2, $3, $4, $5), (2, $6, $7, $8, $9, $10)', [
      ...[
        `  ${odd} `,
        '{"n": [9007199254740993, 9007199254740992, 0.10, 12345678901234567.5, -1e-50]}',
        ['"7"', '[8]'],
      ],
      ...[
        '10000-01-01 00:00+00',
        '0044-03-15 12:00 BC',
        '"12"',
        '"true"',
        ['9007199254740993'],
        'infinity',
        '-infinity',
      ],
    ])
    await client.query(`UPDATE person SET b = '{"n": [9007199254740992]}' WHERE id = 1`)
    await client.query(`UPDATE person SET b = '{"n": [9007199254740993]}' WHERE id = 1`)
    const told = await toldAll(hub, 4, 60_000)
    expect(told.map(({ data: { after } }) => after)).toMatchObject([
      {
        j: { nul: '\u0000', 'quoted"': 'a\\', big: '9007199254740993', e: 100 },
        b: { n: ['9007199254740993', 9007199254740992, 0.1, '12345678901234567.5', -1e-50] },
        ...{ l: ['7', [8]], at: '10000-01-01 00:00:00+00', since: '0044-03-15 12:00:00 BC' },
      },
      { j: '12', b: 'true', l: ['9007199254740993'], at: 'infinity', since: '-infinity' },
      { b: { n: [9007199254740992] } },
      { b: { n: ['9007199254740993'] } },
    ])
    expect(told[3]?.data.changes).toHaveLength(1)
    await hub.captures.reconcile(hub.local, 'people')
    const last = async () => (await hub.captures.get(hub.local, 'people')).reconciliation
    await until('it is done', async () => (await last())?.endedAt !== null, 60_000)
    expect(await last()).toMatchObject({ state: 'done', tables: [{ rows: 2, inserts: 0, updates: 0, deletes: 0 }] })
  })

  it.for(METHODS)('whose columns get other types is told by these: %s', async (method) => {
    const { url, client, hub } = await world('CREATE TABLE person (id int PRIMARY KEY, v int)')
    const tables = { 'public.person': { events: [{ type: 'registry.modified' }] } }
    await hub.captures.apply(hub.local, 'people', mappingOf(url, { method, tables }))
    const steps = [
      "INSERT INTO person VALUES (1, '007')",
      "ALTER TABLE person ALTER v TYPE text; INSERT INTO person VALUES (2, '007')",
      `ALTER TABLE person ALTER v TYPE jsonb USING '{}'; INSERT INTO person VALUES (3, '{"b": 2}')`,
      'ALTER TABLE person DROP v, ADD v boolean; INSERT INTO person VALUES (4, true)',
      `ALTER TABLE person ADD list int[]; INSERT INTO person VALUES (5, false, '{1,2}')`,
    ]
    for (const [index, step] of steps.entries()) {
      await client.query(step)
      // An outbox is read by the types of now.
      if (method === 'triggers') await toldAll(hub, index + 1, 60_000)
    }
    expect((await toldAll(hub, steps.length, 60_000)).map(({ data: { after } }) => after)).toEqual([
      ...[
        { id: 1, v: 7 },
        { id: 2, v: '007' },
        { id: 3, v: { b: 2 } },
      ],
      ...[
        { id: 4, v: true },
        { id: 5, v: false, list: [1, 2] },
      ],
    ])
  })

  it.for(METHODS)(
    'keeps nothing for us when it cannot be read any more, until it is applied again: %s',
    async (method) => {
      const { url, client, hub } = await world(TABLES)
      const apply = () => hub.captures.apply(hub.local, 'people', mappingOf(url, { method }))
      await apply()
      await client.query('INSERT INTO person (id) VALUES (1)')
      await toldAll(hub, 1, 60_000)
      await client.query(method === 'logical' ? 'DROP PUBLICATION tocsin_people' : 'DROP TABLE tocsin_people.outbox')
      if (method === 'logical') await client.query('INSERT INTO person (id) VALUES (2)')
      await until('it ended', async () => (await hub.captures.get(hub.local, 'people')).state === 'ended', 60_000)
      expect((await client.query(KEPT)).rows).toEqual([])
      await apply()
      await client.query('INSERT INTO person (id) VALUES (3)')
      expect((await toldAll(hub, 2, 60_000)).map(({ subject }) => subject)).toEqual(['1', '3'])
    },
  )

  it.for(METHODS)('is read by one node alone, also when its leader lost the database: %s', async (method) => {
    const { url, client } = await world(TABLES)
    const database = (await createDatabase(server.address)).url
    const hubs = await Promise.all([openHub(database), openHub(database)])
    const [hub] = hubs
    await hub.captures.apply(hub.local, 'people', mappingOf(url, { method }))
    await client.query('INSERT INTO person (id) VALUES (1)')
    await toldAll(hub, 1, 60_000)
    const { rows } = await client.query('SELECT clock_timestamp() AS now')
    const other = await openClient(database)
    await other.query(`SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
      WHERE l.locktype = 'advisory' AND d.datname = current_database()`)
    const reading = async () =>
      (await client.query(READING, [rows[0].now])).rows.map(({ old }: { readonly old: boolean }) => old).join()
    await until('another reads, and nobody else', async () => (await reading()) === 'false,false', 60_000)
    await client.query('INSERT INTO person (id) VALUES (2)')
    await toldAll(hub, 2, 60_000)
    await hub.captures.remove(hub.local, 'people')
    await Promise.all([other.end(), ...hubs.map((each) => each.close())])
  })

  it.for(METHODS)('is not shared with somebody else who captures under that name: %s', async (method) => {
    const { url, client, hub } = await world(TABLES)
    const other = await openHub()
    const apply = (by: Hub) => by.captures.apply(by.local, 'people', mappingOf(url, { method }))
    await apply(hub)
    await client.query('INSERT INTO person (id) VALUES (1)')
    await toldAll(hub, 1, 60_000)
    await expect(apply(other)).rejects.toMatchObject({ code: 'wrong_state', field: 'name' })
    expect(await other.captures.list(other.local)).toEqual([])
    await other.close()
    await client.query('INSERT INTO person (id) SELECT * FROM generate_series(2, 20)')
    await toldAll(hub, 20, 60_000)
  })

  it('tells a long transaction whole, whatever is committed while it is told: triggers', async () => {
    const { url, client, hub } = await world(TABLES)
    await hub.captures.apply(hub.local, 'people', mappingOf(url, { method: 'triggers' }))
    const other = await openClient(url)
    const long = (from: number, to: number) =>
      client.query('INSERT INTO person (id) SELECT n FROM generate_series($1::int, $2::int) n', [from, to])
    await client.query('BEGIN')
    await long(1, 20_000)
    await other.query('BEGIN; INSERT INTO person (id) VALUES (0)')
    await long(20_001, 24_000)
    await client.query('COMMIT')
    await toldAll(hub, 1, 60_000)
    await other.query('COMMIT')
    await other.end()
    const told = async () => (await hub.captures.get(hub.local, 'people')).admitted
    await until('all are told', async () => (await told()) === 24_001, 100_000)
    const subjects = (await eventsOf(hub)).map(({ event: { subject } }) => Number(subject))
    expect(subjects.indexOf(0)).toBe(24_000)
    expect(subjects.slice(0, -1).every((subject, index) => subject === index + 1)).toBe(true)
  })

  it('whose triggers were made by an earlier version has them made anew', async () => {
    const { url, client, hub } = await world(MANNERED)
    const tables = { 'public.person': { events: [{ type: 'registry.modified' }] } }
    const mapping = mappingOf(url, { method: 'triggers', tables })
    await hub.captures.apply(hub.local, 'people', mapping)
    await client.query('ALTER FUNCTION tocsin_people.record_update() RESET ALL')
    const { statements } = await hub.captures.plan(hub.local, 'people', mapping)
    expect(statements.map(({ why }) => why)).toEqual(['what a trigger does on update'])
    await hub.captures.apply(hub.local, 'people', mapping)
    expect((await hub.captures.plan(hub.local, 'people', mapping)).statements).toEqual([])
  })

  it.for(METHODS)('whose rows are told in two goes tells each of them once: %s', async (method) => {
    const { url, client, hub } = await world(TABLES)
    const tables = { 'public.person': { events: [{ type: 'registry.modified', when: 'row.age > 0' }] } }
    const apply = () => hub.captures.apply(hub.local, 'people', mappingOf(url, { method, tables, snapshot: true }))
    await client.query('INSERT INTO person (id, age) SELECT n, nullif(n, 700) FROM generate_series(1, 1200) n')
    await apply()
    // It cannot go on past a row for which the condition has no answer.
    await until('it is held', async () => (await hub.captures.get(hub.local, 'people')).code === 'invalid_data', 60_000)
    expect(await eventsOf(hub)).toHaveLength(699)
    await client.query('UPDATE person SET age = 1 WHERE id IN (7, 700); DELETE FROM person WHERE id = 8')
    await client.query('INSERT INTO person (id, age) VALUES (5000, 1)')
    await apply()
    await toldAll(hub, 1203, 60_000)
    const operations = (await eventsOf(hub)).map(({ event: { subject, data } }) => [subject, (data as Told).operation])
    const of = (id: string) => operations.filter(([subject]) => subject === id).map(([, operation]) => operation)
    expect([of('7'), of('8'), of('700'), of('5000')]).toEqual([
      ['insert', 'update'],
      ['insert', 'delete'],
      ['insert'],
      ['insert'],
    ])
    expect(operations).toHaveLength(1203)
  })
})

/** Who reads a source, and whether since before. */
const READING = `SELECT backend_start < $1 AS old FROM pg_stat_activity
  WHERE application_name = 'tocsin capture' AND datname = current_database()`

/** What the source keeps or writes for the capture. */
const KEPT = `SELECT slot_name AS name FROM pg_replication_slots WHERE slot_name = 'tocsin_people' AND database = current_database()
  UNION ALL SELECT tgname FROM pg_trigger WHERE tgname LIKE 'tocsin_people%'`

interface Told {
  readonly operation: string
}

function place(
  folder: string,
  certificates: Certificates,
  user?: { readonly uid: number; readonly gid: number },
): void {
  writeCertificates(folder, certificates)
  // PostgreSQL takes no key that others may read.
  const key = join(folder, 'key.pem')
  chmodSync(key, 0o600)
  if (user) chownSync(key, user.uid, user.gid)
}
