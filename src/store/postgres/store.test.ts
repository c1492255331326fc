import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { createDatabase, type Database, startPostgres } from '../../../test/services/postgres.js'
import { programs } from '../../../test/services/programs.js'
import { POSTGRES, postgres } from '../../../test/services.js'
import {
  admission,
  admitSubjects,
  candidate,
  event,
  NOW,
  request,
  settlement,
  subscription,
  T,
} from '../conformance/fixtures.js'
import type { Store } from '../port.js'
import { inspectPostgres } from './inspect.js'
import { SCHEMA_VERSION } from './migrations/all.js'
import type { PostgresOptions } from './pool.js'
import { openPostgresStore } from './store.js'

let database: Database
let schemas = 0
const freshSchema = (): string => `s${schemas++}`

async function openStore(options: Partial<PostgresOptions> = {}): Promise<Store> {
  const store = await openPostgresStore({ url: database.url, schema: freshSchema(), connections: 3, ...options })
  onTestFinished(() => store.close())
  return store
}

async function connected(url = database.url): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

const refusal = async (options: Partial<PostgresOptions>): Promise<Error & { code: string; data: unknown }> => {
  const opened = await openStore(options).catch((error: unknown) => error)
  if (opened instanceof Error && 'code' in opened) return opened as Error & { code: string; data: unknown }
  throw new Error('It was opened.')
}

describe.skipIf(isLacking(POSTGRES))(named('a PostgreSQL store', POSTGRES), () => {
  beforeAll(async () => {
    database = await createDatabase(await postgres())
  })
  afterAll(() => database.drop())

  describe('the schema', () => {
    it('is the same for several that open at once, and for who comes later', async () => {
      const schema = freshSchema()
      const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ schema })))
      const epochs = await Promise.all([...stores, await openStore({ schema })].map((store) => store.ping()))
      expect(new Set(epochs.map(({ epoch }) => epoch)).size).toBe(1)
      expect(epochs[0]?.schemaVersion).toBe(SCHEMA_VERSION)
      expect(stores[0]?.features).toEqual({ name: 'postgres', durable: true, shared: true })
    })

    it('holds everything over closing and opening again', async () => {
      const schema = freshSchema()
      const first = await openStore({ schema, epoch: () => 'first' })
      await admitSubjects(first, ['x', 'x', 'y'])
      await first.close()
      const second = await openStore({ schema, epoch: () => 'ignored' })
      expect((await second.ping()).epoch).toBe('first')
      expect(await second.log.head(T)).toBe(3)
      expect(await second.tasks.counts(T)).toEqual({ due: 2, waiting: 1 })
    })

    it('is refused when it is of a newer program, unless that says that this one may go on', async () => {
      const schema = freshSchema()
      await (await openStore({ schema })).close()
      const client = await connected()
      await client.query(`UPDATE ${schema}.meta SET value = '99' WHERE name = 'version'`)
      expect((await (await openStore({ schema })).ping()).schemaVersion).toBe(SCHEMA_VERSION)
      await client.query(`UPDATE ${schema}.meta SET value = '98' WHERE name = 'oldest'`)
      const refused = await refusal({ schema })
      expect(refused).toMatchObject({ code: 'unavailable', data: { version: 99, oldest: 98, known: SCHEMA_VERSION } })
    })

    it('is refused when it holds what is not ours, and left as it was', async () => {
      const schema = freshSchema()
      const client = await connected()
      await client.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.other (a int)`)
      expect((await refusal({ schema })).message).toContain("not Tocsin's")
      const { rows } = await client.query('SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = $1', [schema])
      expect(rows).toEqual([{ n: 1 }])
    })

    it('may be made beforehand, for a user who may make none', async () => {
      const schema = freshSchema()
      const client = await connected()
      const password = 'pw-of-limited'
      await client.query(`CREATE ROLE ${schema}_user LOGIN PASSWORD '${password}'`)
      await client.query(`CREATE SCHEMA ${schema} AUTHORIZATION ${schema}_user`)
      const url = new URL(database.url)
      url.username = `${schema}_user`
      url.password = password
      const store = await openStore({ url: url.href, schema })
      expect(await admitSubjects(store, ['x'])).toEqual([1])
      await store.close()
      await client.query(`DROP OWNED BY ${schema}_user; DROP ROLE ${schema}_user`)
    })

    it('is looked at without being made', async () => {
      const schema = freshSchema()
      const empty = await inspectPostgres({ url: database.url, schema })
      expect(empty).toMatchObject({ schema, version: 0, epoch: null, synchronous_commit: 'on' })
      const store = await openStore({ schema })
      const there = await inspectPostgres({ url: database.url, schema })
      expect(there).toMatchObject({ version: SCHEMA_VERSION, epoch: (await store.ping()).epoch })
    })

    it('is the one that lies in the tree', async () => {
      const schema = freshSchema()
      await openStore({ schema })
      await expect(await dumpSchema(await connected(), schema)).toMatchFileSnapshot('schema.sql')
    })
  })

  describe('a server', () => {
    it('is made to wait for its disk, whatever its users are used to', async () => {
      const client = await connected()
      const { rows } = await client.query<{ db: string }>('SELECT current_database() AS db')
      await client.query(`ALTER DATABASE ${rows[0]?.db} SET synchronous_commit = off`)
      onTestFinished(async () => void (await client.query(`ALTER DATABASE ${rows[0]?.db} RESET synchronous_commit`)))
      expect((await (await openStore()).ping()).details).toMatchObject({ synchronous_commit: 'on', postgres: /^15/ })
    })

    it('is refused without fsync', async () => {
      const server = await startPostgres(programs(15) ?? '', { fsync: 'off' })
      const { host, port, user, password } = server.address
      const refused = await refusal({ url: `postgres://${user}:${password}@${host}:${port}/postgres` })
      await server.close()
      expect(refused).toMatchObject({ code: 'unavailable', message: expect.stringContaining('fsync=off') })
    })

    it('is refused with another encoding', async () => {
      const client = await connected()
      await client.query("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0")
      const url = new URL(database.url)
      url.pathname = '/ascii'
      const refused = await refusal({ url: url.href })
      await client.query('DROP DATABASE ascii WITH (FORCE)')
      expect(refused).toMatchObject({ code: 'unavailable', message: expect.stringContaining('UTF8') })
    })

    it('that is not there, or lets nobody in, is told without the password', async () => {
      const url = new URL(database.url)
      url.password = 'hunter2'
      const wrong = await refusal({ url: url.href })
      url.port = '1'
      const missing = await refusal({ url: url.href })
      const unreadable = await refusal({ url: 'postgres://u:hunter2@h:port/x' })
      expect([wrong.code, missing.code, unreadable.code]).toEqual(['unavailable', 'unavailable', 'invalid_config'])
      for (const { message, data, stack } of [wrong, missing, unreadable])
        expect(JSON.stringify([message, data, stack])).not.toContain('hunter2')
    })

    it('is not asked for a schema whose name means something else', async () => {
      for (const schema of ['a"; DROP SCHEMA x', 'Tocsin', 'pg_x', '', 'a'.repeat(64)])
        expect(await refusal({ schema })).toMatchObject({ code: 'invalid_config', field: 'store.schema' })
    })
  })

  describe('trouble on the way', () => {
    it('ends the call, not the store: the next makes another connection', async () => {
      const store = await openStore({ name: 'to-be-cut' })
      await admitSubjects(store, ['x'])
      const client = await connected()
      const cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to-be-cut'"
      await client.query(cut)
      const outcomes: unknown[] = []
      for (let tries = 0; tries < 20 && outcomes.at(-1) !== 'written'; tries++) {
        outcomes.push(
          await admitSubjects(store, ['x']).then(
            () => 'written',
            ({ code }: { code: string }) => code,
          ),
        )
      }
      expect(outcomes.at(-1)).toBe('written')
      expect(outcomes.slice(0, -1).every((outcome) => outcome === 'unavailable')).toBe(true)
    })

    it('cut in the middle, what was under way is unavailable, and done whole or not at all', async () => {
      const store = await openStore({ name: 'to-be-cut-2' })
      const client = await connected()
      const cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to-be-cut-2'"
      let accepted = 0
      for (let round = 0; round < 15; round++) {
        const under = Promise.allSettled(
          Array.from({ length: 10 }, (_, index) => store.admit([admission(event(`${round}-${index}`))], null)),
        )
        await new Promise((resolve) => setTimeout(resolve, round % 5))
        await client.query(cut)
        for (const outcome of await under) {
          if (outcome.status === 'fulfilled') accepted += 1
          else expect(outcome.reason).toMatchObject({ code: 'unavailable' })
        }
      }
      const rows = await store.log.list({ tenant: T }, { after: null, limit: 1_000 })
      expect(rows.length).toBeGreaterThanOrEqual(accepted)
      const counts = await store.tasks.counts(T)
      expect((counts.due ?? 0) + (counts.waiting ?? 0)).toBe(rows.length)
    })

    it('waits for a lock no longer than it may', async () => {
      const schema = freshSchema()
      const store = await openStore({ schema, statementTimeout: 300 })
      const client = await connected()
      await client.query(`SELECT pg_advisory_lock(hashtextextended('tocsin.${schema}', 0))`)
      await expect(admitSubjects(store, ['x'])).rejects.toMatchObject({
        code: 'unavailable',
        data: { postgres: '55P03' },
      })
      expect(await store.log.head(T)).toBe(0)
      await client.query('SELECT pg_advisory_unlock_all()')
      expect(await admitSubjects(store, ['x'])).toEqual([1])
    })

    it('a closed store says so', async () => {
      const store = await openStore()
      const last = [store.admit([admission(event('1'))], null), store.log.head(T)] as const
      await store.close()
      expect(await last[0]).toMatchObject([{ status: 'admitted' }])
      expect(await last[1]).toBeLessThanOrEqual(1)
      await expect(admitSubjects(store, ['x'])).rejects.toMatchObject({ code: 'unavailable' })
      await expect(store.log.head(T)).rejects.toMatchObject({ code: 'unavailable' })
    })

    it('is not copied into a file', async () => {
      const store = await openStore()
      await expect(store.backup('/tmp/never')).rejects.toMatchObject({
        code: 'wrong_state',
        expected: expect.stringContaining('pg_dump'),
      })
    })
  })

  describe('several nodes', () => {
    const twoStores = async (): Promise<readonly [Store, Store]> => {
      const schema = freshSchema()
      return [await openStore({ schema }), await openStore({ schema })]
    }

    it('that publish into one group make one head, and lease in its order', async () => {
      const [one, other] = await twoStores()
      await one.subscriptions.create(subscription('a'))
      const publish = (store: Store, name: string) =>
        Promise.all(Array.from({ length: 40 }, (_, index) => store.admit([admission(event(`${name}${index}`))], null)))
      await Promise.all([publish(one, 'x'), publish(other, 'y')])
      expect(await one.tasks.counts(T)).toEqual({ due: 1, waiting: 79 })
      const order: number[] = []
      for (let turn = 0; order.length < 80; turn++) {
        const store = turn % 2 === 0 ? one : other
        const { leased } = await store.tasks.lease(request({ node: `n${turn % 2}` }))
        expect(leased.length).toBe(1)
        order.push(...leased.map(({ task }) => task.sequence))
        // One settles what the other leased.
        const settled = leased.map(({ task }) => settlement(task))
        await (turn % 2 === 0 ? other : one).tasks.settle(settled, null)
      }
      expect(order).toEqual(Array.from({ length: 80 }, (_, index) => index + 1))
    })

    it('never lose the next of a group that is settled while others join it', async () => {
      const [one, other] = await twoStores()
      await one.subscriptions.create(subscription('a'))
      const publishing = (async () => {
        for (let index = 0; index < 60; index++) await one.admit([admission(event(`e${index}`))], null)
      })()
      let settled = 0
      for (let idle = 0; settled < 60 && idle < 2_000; idle++) {
        const { leased } = await other.tasks.lease(request())
        expect(leased.length).toBeLessThanOrEqual(1)
        await other.tasks.settle(
          leased.map(({ task }) => settlement(task)),
          null,
        )
        settled += leased.length
      }
      await publishing
      expect(settled).toBe(60)
      expect(await one.tasks.counts(T)).toEqual({ done: 60 })
    })

    it('share the work: each task goes to one of them', async () => {
      const [one, other] = await twoStores()
      await one.subscriptions.create(subscription('a'))
      await admitSubjects(
        one,
        Array.from({ length: 100 }, (_, index) => `s${index}`),
      )
      const take = async (store: Store, node: string) => {
        const taken: number[] = []
        for (;;) {
          const { leased } = await store.tasks.lease(request({ node, limit: 7 }))
          if (leased.length === 0) return taken
          taken.push(...leased.map(({ task }) => task.sequence))
        }
      }
      const [a, b] = await Promise.all([take(one, 'n1'), take(other, 'n2')])
      expect([...a, ...b].sort((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    })

    it('go on while one of them removes a subscription with very many tasks', async () => {
      const [one, other] = await twoStores()
      for (const id of ['a', 'b']) await one.subscriptions.create(subscription(id))
      const many = Array.from({ length: 3_500 }, (_, index) => admission(event(`e${index}`, { subject: `s${index}` })))
      for (let from = 0; from < many.length; from += 500) await one.admit(many.slice(from, from + 500), null)
      const client = await connected()
      const schema = String((await one.ping()).details.schema)
      const removing = one.subscriptions.remove(T, 'a', NOW + 5)
      const seen: string[] = []
      const watch = async () => {
        for (let isThere = true; isThere; ) {
          await other.admit([admission(event(`w${seen.length}`), [candidate({ subscription: 'b' })])], null)
          const row = await other.subscriptions.get(T, 'a')
          isThere = row !== null
          seen.push(row?.state ?? 'removed')
        }
      }
      await Promise.all([removing, watch()])
      expect(await removing).toBe(true)
      expect(seen).toContain('disabled')
      expect((await one.tasks.counts(T))['not-executed']).toBe(3_500)
      const { rows } = await client.query(`SELECT count(*)::int AS n FROM ${schema}.groups WHERE subscription = 'a'`)
      expect(rows).toEqual([{ n: 0 }])
    })

    it('hold the locks of local work in the whole cluster', async () => {
      const [one, other] = await twoStores()
      const local = candidate({ subscription: 'local.x', locks: true })
      for (const id of ['1', '2', '3'])
        await one.admit([admission(event(id, { subject: id, superOwner: 'ann' }), [local])], null)
      const first = await one.tasks.lease(request())
      expect(first.leased.map(({ task }) => task.sequence)).toEqual([1])
      expect((await other.tasks.lease(request())).leased).toEqual([])
      await other.tasks.settle(
        first.leased.map(({ task }) => settlement(task)),
        null,
      )
      expect((await other.tasks.lease(request())).leased.map(({ task }) => task.sequence)).toEqual([2])
    })

    it('rescue what one of them held too long; its late answer loses', async () => {
      const [one, other] = await twoStores()
      await one.subscriptions.create(subscription('a'))
      await admitSubjects(one, ['x'])
      const [late] = (await one.tasks.lease(request({ until: NOW + 10 }))).leased
      const [fresh] = (await other.tasks.lease(request({ node: 'n2', now: NOW + 20 }))).leased
      expect(fresh?.task.token).toBe((late?.task.token ?? 0) + 1)
      const outcomes = await one.tasks.settle(late ? [settlement(late.task)] : [], null)
      expect(outcomes).toEqual([{ status: 'lost', leased: [] }])
      expect(late && (await one.tasks.heartbeat([late.task], NOW + 99))).toHaveLength(1)
      expect(await other.tasks.settle(fresh ? [settlement(fresh.task)] : [], null)).toMatchObject([
        { status: 'settled' },
      ])
    })

    it('give sequences in the order of commits: who reads the log by them skips none', async () => {
      const [one, other] = await twoStores()
      const publish = async (store: Store, name: string) => {
        for (let index = 0; index < 40; index++)
          await store.admit([admission(event(`${name}${index}`), []), admission(event(`${name}${index}b`), [])], null)
      }
      const read: number[] = []
      const reading = (async () => {
        while (read.length < 160) {
          const rows = await one.log.read(T, read.at(-1) ?? 0, 50)
          read.push(...rows.map(({ sequence }) => sequence))
        }
      })()
      await Promise.all([publish(one, 'x'), publish(other, 'y'), reading])
      expect(read).toEqual(Array.from({ length: 160 }, (_, index) => index + 1))
    })

    it('know a key that the other has used', async () => {
      const [one, other] = await twoStores()
      const outcomes = await Promise.all([one, other].map((store) => store.admit([admission(event('same'))], null)))
      expect(
        outcomes
          .flat()
          .map(({ status }) => status)
          .sort(),
      ).toEqual(['admitted', 'duplicate'])
    })
  })

  describe('names', () => {
    it('may be longer than an index takes', async () => {
      const store = await openStore()
      const long = (name: string) => `${name}${'ä'.repeat(20_000)}`
      const one = event(long('id'), {
        ...{ subject: long('s'), source: long('/source'), type: long('t'), partitionKey: long('p') },
        ...{ transactionId: long('tx'), parentId: long('parent'), rootId: long('root'), superOwner: long('owner') },
      })
      const steps = [
        { do: 'put', id: long('r'), type: long('rt'), owner: long('o'), status: null, properties: '{}' },
      ] as const
      await store.admit(
        [admission(one, [candidate({ likeness: long('like') })], { change: { expect: [], steps } })],
        null,
      )
      const again = await store.admit([admission(one)], null)
      expect(again).toMatchObject([{ status: 'duplicate', event: { sequence: 1 } }])
      expect(await store.log.find(T, one.id, one.source)).toHaveLength(1)
      for (const filter of [
        { subject: one.subject ?? '' },
        { types: [one.type] },
        { transactionId: one.transactionId ?? '' },
      ])
        expect(await store.log.list({ tenant: T, ...filter }, { after: null, limit: 5 })).toHaveLength(1)
      expect(await store.tasks.list({ tenant: T, superOwner: long('owner') }, { after: null, limit: 5 })).toHaveLength(
        1,
      )
      expect(await store.registry.get(T, long('r'))).toMatchObject({ id: long('r'), owner: long('o') })
      expect(await store.registry.list({ tenant: T, owner: long('o') }, { after: null, limit: 5 })).toHaveLength(1)
    })

    it('that look like the digest of a longer one are not taken for it', async () => {
      const store = await openStore()
      const long = 'x'.repeat(1_000)
      await store.admit([admission(event(long))], null)
      const client = await connected()
      const schema = String((await store.ping()).details.schema)
      const { rows } = await client.query<{ id: string }>(`SELECT id FROM ${schema}.event_keys`)
      expect(rows[0]?.id).toMatch(/^sha256:/)
      expect(await store.admit([admission(event(rows[0]?.id ?? ''))], null)).toMatchObject([{ status: 'admitted' }])
    })
  })
})

const COLUMNS = `SELECT c.relname AS name, string_agg(format('  %I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attcollation <> 0 AND l.collname <> 'default' THEN format(' COLLATE %I', l.collname) ELSE '' END,
    CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
    coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')), E',\\n' ORDER BY a.attnum) AS columns
  FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_collation AS l ON l.oid = a.attcollation LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relnamespace = $1::text::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition GROUP BY c.relname ORDER BY c.relname`
const REST = `SELECT format('ALTER TABLE %s ADD %s;', conrelid::regclass, pg_get_constraintdef(oid)) AS sql, 1 AS part
    FROM pg_constraint WHERE connamespace = $1::text::regnamespace AND conrelid <> 0
  UNION ALL SELECT format('ALTER TABLE %s PARTITION BY %s;', partrelid::regclass, pg_get_partkeydef(partrelid)), 0
    FROM pg_partitioned_table AS p JOIN pg_class AS c ON c.oid = p.partrelid WHERE c.relnamespace = $1::text::regnamespace
  UNION ALL SELECT format('ALTER TABLE %s ATTACH PARTITION %s %s;', i.inhparent::regclass, c.oid::regclass,
      pg_get_expr(c.relpartbound, c.oid)), 0
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE c.relnamespace = $1::text::regnamespace AND c.relkind = 'r'
  UNION ALL SELECT indexdef || ';', 2 FROM pg_indexes WHERE schemaname = $1::text
  UNION ALL SELECT pg_get_functiondef(oid) || ';', 3 FROM pg_proc WHERE pronamespace = $1::text::regnamespace
  UNION ALL SELECT pg_get_triggerdef(t.oid) || ';', 4 FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
    WHERE c.relnamespace = $1::text::regnamespace AND NOT t.tgisinternal
  ORDER BY part, sql`

/** As SQL, near enough, without the name of the schema; times begin at another midnight each day. */
async function dumpSchema(client: Client, schema: string): Promise<string> {
  const tables = await client.query<{ name: string; columns: string }>(COLUMNS, [schema])
  const rest = await client.query<{ sql: string }>(REST, [schema])
  const lines = [
    ...tables.rows.map(({ name, columns }) => `CREATE TABLE ${name} (\n${columns}\n);`),
    ...rest.rows.map(({ sql }) => sql),
  ]
  return `${lines
    .join('\n\n')
    .replaceAll(new RegExp(`"?${schema}"?\\.`, 'g'), '')
    .replaceAll(schema, 'tocsin')
    .replaceAll(/'?\b1\d{12}\b'?/g, 'MIDNIGHT')}\n`
}
