/**
 * The registry of examples/identity-registry: which messages become of its rows, by its mapping as it ships.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { changes, population } from '../../examples/identity-registry/generate.mjs'
import { uwRegistry } from '../../profiles/index.js'
import { messageOf } from '../../profiles/uw-registry/message.js'
import { createHub, fromWire, type Hub } from '../../src/index.js'
import { CONFIG, connectionOf, eventsOf, openClient, until } from '../capture-world.js'
import { isLacking, named } from '../faults/tools.js'
import { freshDatabase, POSTGRES } from '../services.js'

const example = (name: string) =>
  readFileSync(new URL(`../../examples/identity-registry/${name}`, import.meta.url), 'utf8')

const DEV = 'https://mango-dev.u.washington.edu/'

async function startRegistry(database = 'memory') {
  const url = await freshDatabase()
  const client = await openClient(url)
  await client.query(example('schema.sql'))
  const hub = await createHub({ database, config: CONFIG, plugins: [uwRegistry] })
  onTestFinished(async () => {
    for (const { name } of await hub.captures.list(hub.local)) await hub.captures.remove(hub.local, name)
    await hub.close()
    await client.end()
  })
  const { name, ...mapping } = parse(example('capture.yaml')) as { name: string }
  await hub.captures.apply(hub.local, name, { ...mapping, connection: connectionOf(url) })
  return { hub, client }
}

/** What consumers are told, in order. */
async function messagesIn(hub: Hub): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await eventsOf(hub, DEV)).map(({ event }) => {
    const { context, body } = messageOf(fromWire(event))
    return { topic: context.topic, ...body, tags: context.tags }
  })
}

const R = 'A'.repeat(32)
const OTHER = 'B'.repeat(32)
const [ALL_SOURCE, ALL] = [
  ['person', 'whitepages', 'account', 'eduperson'],
  ['account', 'person', 'whitepages'],
]

/** Statements in turn, each with the messages it makes. */
const CASES: readonly (readonly [sql: string, ...messages: readonly object[]])[] = [
  [
    `INSERT INTO idreg.regid (regid, internal_key) VALUES ('${R}', 1), ('${OTHER}', 2)`,
    { topic: 'regid', type: 'insert', regid: R, tags: ALL },
    { topic: 'regid', type: 'insert', regid: OTHER, tags: ALL },
  ],
  [
    `UPDATE idreg.regid SET status = 'former' WHERE regid = '${R}'`,
    { topic: 'regid', type: 'modify', regid: R, tags: ALL },
  ],
  [
    `INSERT INTO idreg.validation (source, id, regid, internal_key) VALUES (1, '123', '${R}', 1)`,
    { topic: 'source', type: 'insert', regid: R, source: '1', id: '123', tags: ALL_SOURCE },
  ],
  [
    `UPDATE idreg.validation SET id = '124' WHERE id = '123'`,
    { topic: 'source', type: 'rename', regid: R, source: '1', id: '124', tags: ['person'] },
  ],
  // The internal key: regid and source.
  [
    `UPDATE idreg.validation SET internal_key = 2, regid = '${OTHER}' WHERE id = '124'`,
    { topic: 'source', type: 'modify', regid: OTHER, source: '1', id: '124', tags: ['person'] },
    { topic: 'regid', type: 'modify', regid: OTHER, tags: ALL },
  ],
  [
    `DELETE FROM idreg.validation`,
    { topic: 'source', type: 'delete', regid: OTHER, source: '1', id: '124', tags: ALL_SOURCE },
  ],
  // Source 0 has no source.
  [
    `INSERT INTO idreg.verify (source, id, regid, first_name) VALUES (0, '${R}', '${R}', 'Ada')`,
    { topic: 'idattribute', type: 'insert', regid: R, tags: ['person', 'whitepages'] },
  ],
  [
    `UPDATE idreg.verify SET first_name = 'Grace'`,
    { topic: 'idattribute', type: 'modify', regid: R, tags: ['person', 'whitepages'] },
  ],
  [
    `UPDATE idreg.verify SET birth_date = '1906-12-09'`,
    { topic: 'idattribute', type: 'modify', regid: R, tags: ['person'] },
  ],
  ['DELETE FROM idreg.verify', { topic: 'idattribute', type: 'delete', regid: R, tags: ['person', 'whitepages'] }],
  [
    `INSERT INTO idreg.verify (source, id, regid, first_name) VALUES (12, '9', '${R}', 'Ada')`,
    { topic: 'source', type: 'insert', regid: R, source: '12', id: '9', tags: ['person', 'whitepages'] },
  ],
  [
    `UPDATE idreg.verify SET email = 'ada@example.org'`,
    { topic: 'source', type: 'modify', regid: R, source: '12', id: '9', tags: ['person', 'whitepages'] },
  ],
  [
    'DELETE FROM idreg.verify',
    { topic: 'source', type: 'delete', regid: R, source: '12', id: '9', tags: ['person', 'whitepages'] },
  ],
  ...(['0', '4'] as const).flatMap((source): (typeof CASES)[number][] => {
    const about = source === '0' ? { topic: 'idattribute' } : { topic: 'source', source, id: '7' }
    const message = (type: string) => ({ ...about, type, regid: R, tags: ['person', 'eduperson'] })
    return [
      [
        `INSERT INTO idreg.category (source, id, regid, category) VALUES (${source}, '7', '${R}', 1)`,
        message('insert'),
      ],
      ['UPDATE idreg.category SET status = 3', message('modify')],
      ['DELETE FROM idreg.category', message('delete')],
    ]
  }),
  // Wanted names are not reported.
  [`INSERT INTO idreg.uwnetid VALUES ('javerage', '${R}', 'wanted')`],
  [`UPDATE idreg.uwnetid SET regid = '${OTHER}'`],
  [`DELETE FROM idreg.uwnetid`],
  [`INSERT INTO idreg.uwnetid VALUES ('javerage', '${R}', 'wanted')`],
  [
    `UPDATE idreg.uwnetid SET status = 'active'`,
    { topic: 'uwnetid', type: 'insert', regid: R, uwnetid: 'javerage', tags: ALL },
  ],
  [
    `UPDATE idreg.uwnetid SET uwnetid = 'javerage2'`,
    { topic: 'uwnetid', type: 'rename', regid: R, uwnetid: 'javerage2', tags: ALL },
  ],
  [
    `UPDATE idreg.uwnetid SET status = 'disabled'`,
    { topic: 'uwnetid', type: 'modify', regid: R, uwnetid: 'javerage2', tags: ALL },
  ],
  [
    `UPDATE idreg.uwnetid SET regid = '${OTHER}'`,
    { topic: 'uwnetid', type: 'modify', regid: OTHER, uwnetid: 'javerage2', tags: ['account', 'person'] },
  ],
  [
    `UPDATE idreg.uwnetid SET status = 'wanted'`,
    { topic: 'uwnetid', type: 'delete', regid: OTHER, uwnetid: 'javerage2', tags: ALL },
  ],
  [
    `INSERT INTO idreg.uwnetid VALUES ('jsmith', '${R}')`,
    { topic: 'uwnetid', type: 'insert', regid: R, uwnetid: 'jsmith', tags: ALL },
  ],
  [
    `DELETE FROM idreg.uwnetid WHERE uwnetid = 'jsmith'`,
    { topic: 'uwnetid', type: 'delete', regid: R, uwnetid: 'jsmith', tags: ALL },
  ],
  [
    `INSERT INTO idreg.subscription VALUES ('jsmith', 60)`,
    { topic: 'subscription', type: 'insert', subscription: '60', uwnetid: 'jsmith', tags: ['account', 'password'] },
  ],
  [
    `UPDATE idreg.subscription SET forward = 'me@example.org'`,
    { topic: 'subscription', type: 'modify', subscription: '60', uwnetid: 'jsmith', tags: ['password', 'forward'] },
  ],
  [
    'DELETE FROM idreg.subscription',
    {
      ...{ topic: 'subscription', type: 'delete', subscription: '60', uwnetid: 'jsmith' },
      tags: ['account', 'password', 'forward'],
    },
  ],
  [
    `INSERT INTO idreg.sponsor VALUES ('${R}', '${OTHER}')`,
    { topic: 'sponsor', type: 'insert', regid: R, sponsor: OTHER, tags: [] },
  ],
  [
    `UPDATE idreg.sponsor SET until = '2027-01-01'`,
    { topic: 'sponsor', type: 'modify', regid: R, sponsor: OTHER, tags: [] },
  ],
  ['DELETE FROM idreg.sponsor', { topic: 'sponsor', type: 'delete', regid: R, sponsor: OTHER, tags: [] }],
  [`DELETE FROM idreg.regid WHERE regid = '${R}'`, { topic: 'regid', type: 'delete', regid: R, tags: ALL }],
]

/** What was committed, kept by the test's own triggers. */
const LEDGER = `CREATE TABLE ledger (n bigserial, "table" text, "before" jsonb, "after" jsonb);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO ledger ("table", "before", "after") VALUES (TG_TABLE_NAME, to_jsonb(OLD), to_jsonb(NEW)); RETURN NULL; END $$;
  ${['regid', 'validation', 'verify', 'category', 'uwnetid', 'subscription', 'sponsor']
    .map(
      (name) =>
        `CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON idreg.${name} FOR EACH ROW EXECUTE FUNCTION note();`,
    )
    .join('\n')}`

type Row = Readonly<Record<string, unknown>>
interface Noted {
  readonly table: string
  readonly before: Row | null
  readonly after: Row | null
}

/** The page on the topics, once more: which messages a row change makes. */
function told({ table, before, after }: Noted): readonly object[] {
  const row = after ?? before ?? {}
  const type = before === null ? 'insert' : after === null ? 'delete' : 'modify'
  const of = (topic: string, ...fields: readonly string[]) => ({
    ...{ topic, type },
    ...Object.fromEntries(fields.map((field) => [field, String(row[field])])),
  })
  if (table === 'regid') return [of('regid', 'regid')]
  if (table === 'validation') return [of('source', 'regid', 'source', 'id')]
  if (table === 'subscription') return [of('subscription', 'subscription', 'uwnetid')]
  if (table === 'sponsor') return [of('sponsor', 'regid', 'sponsor')]
  if (table !== 'uwnetid')
    return [row.source === 0 ? of('idattribute', 'regid') : of('source', 'regid', 'source', 'id')]
  const [was, is] = [before, after].map((each) => each !== null && each.status !== 'wanted')
  if (!was && !is) return []
  return [{ ...of('uwnetid', 'regid', 'uwnetid'), type: was ? (is ? type : 'delete') : 'insert' }]
}

/** More, by hand: some nine rows a person. */
const PEOPLE = Number(process.env.TOCSIN_REGISTRY_PEOPLE ?? 40)
const SEED = 7

describe.skipIf(isLacking(POSTGRES))(named('the registry', POSTGRES), () => {
  it('tells of each row change the messages of the reference, and of wanted names none', {
    timeout: 60_000,
  }, async () => {
    const { hub, client } = await startRegistry()
    const expected = CASES.flatMap(([, ...messages]) => messages)
    for (const [sql] of CASES) {
      await client.query(`BEGIN; ${sql}; ROLLBACK`)
      await client.query(sql)
    }
    await until(async () => (await eventsOf(hub, DEV)).length >= expected.length, `${expected.length} messages`).catch(
      () => undefined,
    )
    expect(await messagesIn(hub)).toEqual(expected)
  })

  it('tells the old identifier and the rows of a rename', { timeout: 60_000 }, async () => {
    const { hub, client } = await startRegistry()
    await client.query(`INSERT INTO idreg.uwnetid VALUES ('javerage', '${R}')`)
    await client.query(`UPDATE idreg.uwnetid SET uwnetid = 'javerage2'`)
    await until(async () => (await eventsOf(hub, DEV)).length === 2, 'two messages')
    expect((await eventsOf(hub, DEV))[1]?.event).toMatchObject({
      type: 'uw-registry.uwnetid.rename',
      data: { previousId: 'javerage', before: { uwnetid: 'javerage' }, after: { uwnetid: 'javerage2' } },
    })
  })

  it('tells a join of two people by all that moves, in one transaction', { timeout: 60_000 }, async () => {
    const { hub, client } = await startRegistry()
    await client.query(`INSERT INTO idreg.regid (regid, internal_key) VALUES ('${R}', 1), ('${OTHER}', 2);
      INSERT INTO idreg.validation (source, id, regid, internal_key) VALUES (2, '55', '${OTHER}', 2);
      INSERT INTO idreg.uwnetid VALUES ('jsmith', '${OTHER}')`)
    await client.query(`BEGIN;
      UPDATE idreg.validation SET regid = '${R}', internal_key = 1 WHERE regid = '${OTHER}';
      UPDATE idreg.uwnetid SET regid = '${R}' WHERE regid = '${OTHER}';
      UPDATE idreg.regid SET prior_regid = '${OTHER}' WHERE regid = '${R}';
      UPDATE idreg.regid SET status = 'joined' WHERE regid = '${OTHER}';
      COMMIT`)
    await until(async () => (await eventsOf(hub, DEV)).length === 9, 'nine messages')
    const told = (await messagesIn(hub)).slice(4)
    expect(told.map(({ topic, type, regid }) => `${topic} ${type} ${String(regid).slice(0, 1)}`)).toEqual([
      ...['source modify A', 'regid modify A', 'uwnetid modify A', 'regid modify A', 'regid modify B'],
    ])
    const ids = (await eventsOf(hub, DEV)).slice(4).map(({ event }) => event.transactionid)
    expect(new Set(ids).size).toBe(1)
  })

  it(`tells all that is committed of a load and of random changes after it, seed ${SEED}`, {
    timeout: 3_600_000,
  }, async () => {
    const { hub, client } = await startRegistry()
    await client.query(LEDGER)
    for (const statement of population(PEOPLE)) await client.query(statement)
    for (const statement of changes(PEOPLE, 3 * PEOPLE, SEED)) await client.query(statement)
    const { rows } = await client.query<Noted>('SELECT * FROM ledger ORDER BY n')
    const expected = rows.flatMap(told)
    expect(rows.length).toBeGreaterThan(8 * PEOPLE)
    const [{ last }] = (await client.query('SELECT count(*)::int AS last FROM idreg.regid')).rows
    expect(last).toBe(PEOPLE)
    await until(async () => Number(await hub.events.head(hub.local)) >= expected.length, 'all are told', 600_000)
    // Our own events have sequences too.
    await until(async () => (await eventsOf(hub, DEV)).length >= expected.length, 'all are in the log', 60_000)
    const messages = (await eventsOf(hub, DEV)).map(({ event }) => messageOf(fromWire(event)))
    expect(messages.map(({ context: { topic }, body }) => ({ topic, ...body }))).toEqual(expected)
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(expected.length)
  })
})
