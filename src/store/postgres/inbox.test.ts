import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { createDatabase, type Database } from '../../../test/services/postgres.js'
import { POSTGRES_VERSIONS, postgres } from '../../../test/services.js'
import { admission, event, NOW, T, tenantRow } from '../conformance/fixtures.js'
import type { Store } from '../port.js'
import type { NewInboxRow } from '../rows.js'
import { openPostgresStore } from './store.js'

const newRow = (id: string): NewInboxRow => ({
  ...{ tenant: T, kind: 'judged', source: '/cms', id, type: 'credential.issued', subject: null },
  ...{ partitionKey: id, principal: 'key-1', receivedAt: NOW, content: '{"a":"☃"}' },
})

for (const need of POSTGRES_VERSIONS) {
  describe.skipIf(isLacking(need))(named(`the inbox on PostgreSQL ${need.version}`, need), () => {
    let database: Database
    let store: Store
    let schema = ''
    let schemas = 0
    let clients: pg.Client[] = []

    const connect = async (url = database.url): Promise<pg.Client> => {
      const client = new pg.Client({ connectionString: url })
      clients.push(client)
      await client.connect()
      return client
    }
    const inbox = (): NonNullable<Store['inbox']> => {
      if (!store.inbox) throw new Error('There is no inbox.')
      return store.inbox
    }
    const append = async (client: pg.Client, ...ids: readonly string[]) => {
      const joined = await inbox().join(client)
      for (const id of ids) await joined.append(newRow(id))
    }
    const pending = async () => (await inbox().pending(0, 100)).map(({ id }) => id)

    beforeAll(async () => {
      database = await createDatabase(await postgres(need.version))
    })
    afterAll(() => database.drop())
    beforeEach(async () => {
      schema = `inbox_${schemas++}`
      store = await openPostgresStore({ url: database.url, schema, connections: 3 })
      clients = []
    })
    afterEach(async () => {
      await Promise.all(clients.map((client) => client.end()))
      await store.close()
    })

    it('holds what was committed, and nothing that was rolled back', async () => {
      const host = await connect()
      await host.query('BEGIN')
      await append(host, '1', '2')
      expect(await pending()).toEqual([])
      await host.query('COMMIT')
      expect(await pending()).toEqual(['1', '2'])
      await host.query('BEGIN')
      await append(host, '3')
      await host.query('ROLLBACK')
      expect(await pending()).toEqual(['1', '2'])
      expect(await inbox().get(T, 1)).toEqual({
        ...newRow('1'),
        ...{ number: 1, state: 'pending', code: null, message: null, refusedAt: null },
      })
    })

    it('skips nobody whose number is lower and who commits later', async () => {
      const [slow, quick] = [await connect(), await connect()]
      await slow.query('BEGIN')
      await append(slow, 'slow')
      await quick.query('BEGIN')
      await append(quick, 'quick')
      await quick.query('COMMIT')
      const [row] = await inbox().pending(0, 100)
      await store.admit([{ ...admission(event('quick'), []), inbox: row?.number ?? 0 }], null)
      expect(await pending()).toEqual([])
      await slow.query('COMMIT')
      expect(await pending()).toEqual(['slow'])
    })

    it('gives a row to one admission, in the same commit, also when two nodes want it', async () => {
      const host = await connect()
      await host.query('BEGIN')
      await append(host, '1', '2')
      await host.query('COMMIT')
      const other = await openPostgresStore({ url: database.url, schema, connections: 2 })
      const first = { ...admission(event('1'), []), inbox: 1 }
      const mismatch = { ...admission(event('1', { hash: 'other' }), []), inbox: 2 }
      const answers = await Promise.all([store.admit([first, first], null), other.admit([first], null)])
      expect(
        answers
          .flat()
          .map(({ status }) => status)
          .sort(),
      ).toEqual(['admitted', 'gone', 'gone'])
      expect(await store.admit([mismatch], null)).toMatchObject([{ status: 'mismatch' }])
      expect(await pending()).toEqual(['2'])
      await other.close()
    })

    it('keeps what was refused until it is tried again, removed, or old', async () => {
      const host = await connect()
      await host.query('BEGIN')
      await append(host, '1', '2', '3')
      await host.query('COMMIT')
      const reason = { code: 'conflict', message: 'Changed.', at: NOW }
      for (const number of [1, 2, 3]) expect(await inbox().refuse(T, number, reason)).toBe(true)
      expect(await inbox().refuse(T, 1, reason)).toBe(false)
      expect(await inbox().retry(T, 1)).toBe(true)
      expect(await inbox().counts(T)).toEqual({ pending: 1, refused: 2, oldest: NOW })
      expect(await inbox().counts('other')).toEqual({ pending: 0, refused: 0, oldest: null })
      const page = { after: null, limit: 10 }
      expect(await inbox().list({ tenant: T, states: ['refused'] }, page)).toMatchObject([{ number: 2 }, { number: 3 }])
      expect(await inbox().list({ tenant: T }, { after: 2, limit: 10 })).toMatchObject([{ code: 'conflict', id: '3' }])
      expect(await inbox().remove('other', 2)).toBe(false)
      expect(await inbox().remove(T, 2)).toBe(true)
      expect(await inbox().prune(NOW, 10)).toBe(0)
      expect(await inbox().prune(NOW + 1, 10)).toBe(1)
      expect(await pending()).toEqual(['1'])
    })

    it('takes a client on the same database with a transaction open, and nothing else', async () => {
      const host = await connect()
      await expect(inbox().join(host)).rejects.toThrow('no open transaction')
      const pool = new pg.Pool({ connectionString: database.url, max: 2 })
      await expect(inbox().join(pool)).rejects.toThrow(/no open transaction/)
      await pool.end()
      for (const wrong of [null, 1, {}, { query: 1 }]) await expect(inbox().join(wrong)).rejects.toThrow(TypeError)
      await host.query('BEGIN')
      const joined = await inbox().join(host)
      await host.query('COMMIT')
      await expect(joined.append(newRow('1'))).rejects.toThrow('no open transaction')
      await host.query('BEGIN')
      await expect(joined.append(newRow('1'))).rejects.toThrow('no open transaction')
      await host.query('ROLLBACK')
      expect(await pending()).toEqual([])
    })

    it('stays in the transaction over its savepoints', async () => {
      const host = await connect()
      await host.query('BEGIN; SAVEPOINT a')
      const joined = await inbox().join(host)
      await joined.append(newRow('undone'))
      await host.query('ROLLBACK TO a; SAVEPOINT b')
      await joined.append(newRow('kept'))
      await host.query('RELEASE b; COMMIT')
      expect(await pending()).toEqual(['kept'])
    })

    it('refuses a client on another database', async () => {
      const other = await createDatabase(await postgres(need.version))
      const host = await connect(other.url)
      await host.query('BEGIN')
      await expect(inbox().join(host)).rejects.toThrow('on another database')
      const there = await openPostgresStore({ url: other.url, schema, connections: 1 })
      await host.query('ROLLBACK; BEGIN')
      await expect(inbox().join(host)).rejects.toThrow('on another database')
      await host.end()
      await there.close()
      await other.drop()
    })

    it('locks nothing in the transaction but the row and its places', async () => {
      const [one, other] = [await connect(), await connect()]
      for (const host of [one, other]) await host.query('BEGIN')
      await append(one, '1')
      // Such locks of tables as every reader and every writer takes keep nobody out.
      const { rows } = await one.query(`SELECT locktype, mode FROM pg_locks WHERE pid = pg_backend_pid()
      AND locktype <> 'virtualxid' AND mode NOT IN ('AccessShareLock', 'RowExclusiveLock')`)
      expect(rows).toEqual([{ locktype: 'transactionid', mode: 'ExclusiveLock' }])
      // With the same key, and while we write: nobody waits for the first.
      await other.query("SET lock_timeout = '1s'")
      await append(other, '1')
      await other.query('COMMIT')
      await store.admit([{ ...admission(event('1'), []), inbox: 2 }], null)
      await one.query('COMMIT')
      expect(await store.admit([{ ...admission(event('1'), []), inbox: 1 }], null)).toMatchObject([
        { status: 'duplicate' },
      ])
    })

    it('needs three rights of a host with a role of its own', async () => {
      const owner = await connect()
      const role = `host_${schema}`
      await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`)
      const url = new URL(database.url)
      url.username = role
      url.password = 'secret'
      const host = await connect(url.href)
      const rights = [`USAGE ON SCHEMA ${schema}`, `SELECT ON ${schema}.meta`, `INSERT ON ${schema}.inbox`]
      for (const right of rights) {
        await host.query('BEGIN')
        await expect(append(host, '1')).rejects.toMatchObject({ code: '42501' })
        await host.query('ROLLBACK')
        await owner.query(`GRANT ${right} TO ${role}`)
      }
      await host.query('BEGIN')
      await append(host, '1')
      await host.query('COMMIT')
      expect(await pending()).toEqual(['1'])
      await host.end()
      await owner.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    })

    describe('publish(jsonb)', () => {
      let owner: pg.Client
      let app: pg.Client
      const role = () => `app_${schema}`
      const publish = async (json: string) =>
        (await app.query<{ id: string }>(`SELECT ${schema}.publish($1) AS id`, [json])).rows[0]?.id

      beforeEach(async () => {
        owner = await connect()
        await owner.query(`CREATE ROLE ${role()} LOGIN PASSWORD 'secret'`)
        await store.access.putTenant(tenantRow(T))
        await owner.query(`SELECT ${schema}.allow_publishing($1, $2, $3)`, [role(), T, 'hr'])
        const url = new URL(database.url)
        url.username = role()
        url.password = 'secret'
        app = await connect(url.href)
      })
      afterEach(async () => {
        await app.end()
        await owner.query(`SELECT ${schema}.forbid_publishing($1)`, [role()])
        await owner.query(`DROP OWNED BY ${role()}; DROP ROLE ${role()}`)
      })

      it('writes the event for the role’s tenant, and completes it', async () => {
        await app.query('BEGIN')
        const id = await publish('{"type":"user.created","subject":"ada","data":{"name":"Ada ☃"},"source":null}')
        expect(id).toMatch(/^[0-9a-f-]{36}$/)
        expect(await pending()).toEqual([])
        await app.query('COMMIT')
        const [row] = await inbox().pending(0, 10)
        expect(row).toMatchObject({
          ...{ tenant: T, kind: 'received', principal: 'hr', id, source: '/hr', type: 'user.created', subject: 'ada' },
          partitionKey: 'ada',
        })
        expect(Math.abs(Date.now() - (row?.receivedAt ?? 0))).toBeLessThan(60_000)
        expect(JSON.parse(row?.content ?? '')).toEqual({
          ...{ specversion: '1.0', id, source: '/hr', type: 'user.created', subject: 'ada', data: { name: 'Ada ☃' } },
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        })
      })

      it.each([
        ['nothing', 'null'],
        ['a list', '[]'],
        ['a text', '"x"'],
        ['no type', '{"source":"/x"}'],
        ['an empty type', '{"type":""}'],
        ['a type that is no text', '{"type":{"a":1}}'],
        ['a subject that is no text', '{"type":"a","subject":1}'],
        ['another tenant', '{"type":"a","tenant":"other"}'],
        ['a sequence', '{"type":"a","sequence":"1"}'],
        ['too much', `{"type":"a","data":"${'x'.repeat(1_048_577)}"}`],
      ])('refuses %s', async (_, json) => {
        await expect(publish(json)).rejects.toMatchObject({ code: '22023' })
        expect(await pending()).toEqual([])
      })

      it('takes hostile text for text', async () => {
        const evil = `'); DROP TABLE ${schema}.inbox; -- " \\ $publish$ %s %1$I ${'\u202e'}`
        const json = JSON.stringify({ type: evil, id: evil, source: evil, subject: evil, data: { [evil]: evil } })
        expect(await publish(json)).toBe(evil)
        expect(JSON.parse((await inbox().pending(0, 10))[0]?.content ?? '')).toMatchObject(JSON.parse(json))
      })

      it('needs no other right, and gives none', async () => {
        for (const sql of [
          `SELECT * FROM ${schema}.inbox`,
          `INSERT INTO ${schema}.publishers VALUES ('${role()}', 'other', 'root')`,
          `SELECT ${schema}.allow_publishing('${role()}', 'other', 'root')`,
          `SELECT ${schema}.forbid_publishing('${role()}')`,
          `DELETE FROM ${schema}.inbox`,
          `CREATE TABLE ${schema}.mine (a int)`,
        ])
          await expect(app.query(sql), sql).rejects.toMatchObject({ code: '42501' })
        // What the caller puts in the way of names is not looked at.
        await app.query(`CREATE TEMP TABLE inbox (a int); CREATE TEMP TABLE publishers (role text, tenant text, principal text);
        INSERT INTO publishers VALUES ('${role()}', 'other', 'root'); SET search_path = pg_temp`)
        await publish('{"type":"a"}')
        expect(await inbox().pending(0, 10)).toMatchObject([{ tenant: T, principal: 'hr' }])
        await owner.query(`CREATE SCHEMA evil_${schema} AUTHORIZATION ${role()}`)
        await app.query(`CREATE FUNCTION evil_${schema}.jsonb_typeof(jsonb) RETURNS text LANGUAGE sql AS 'SELECT (1 / 0)::text';
        SET search_path = evil_${schema}, pg_catalog`)
        await expect(app.query("SELECT jsonb_typeof('{}')")).rejects.toThrow()
        await publish('{"type":"b"}')
        expect(await inbox().pending(0, 10)).toHaveLength(2)
      })

      it.each([
        ['a tenant that is none', 'nope', 'x', 'There is no tenant "nope".', `One that there is: ${T}`],
        ['no tenant', null, 'x', 'There is no tenant null.', `One that there is: ${T}`],
        ['an empty principal', T, ' ', 'The principal is empty.', expect.stringContaining('The id of a key')],
        ['no principal', T, null, 'The principal is empty.', expect.stringContaining('The id of a key')],
      ])('is allowed to nobody for %s', async (_, tenant, principal, message, hint) => {
        await expect(
          owner.query(`SELECT ${schema}.allow_publishing($1, $2, $3)`, [role(), tenant, principal]),
        ).rejects.toMatchObject({ code: '22023', message, hint })
        // What was allowed before stands.
        await publish('{"type":"a"}')
        expect(await inbox().pending(0, 10)).toMatchObject([{ tenant: T, principal: 'hr' }])
      })

      it('is for roles that were allowed alone', async () => {
        await owner.query(`SELECT ${schema}.forbid_publishing($1)`, [role()])
        await expect(publish('{"type":"a"}')).rejects.toMatchObject({ code: '42501' })
        // The owner may call it, and publishes for nobody.
        await expect(owner.query(`SELECT ${schema}.publish('{"type":"a"}')`)).rejects.toMatchObject({
          code: '42501',
          hint: expect.stringContaining('allow_publishing'),
        })
      })
    })
  })
}
