/**
 * Databases that an SQL target writes to in tests: an SQLite file, PostgreSQL, MariaDB.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import { type Connection, openConnection } from '../src/index.js'
import { type Mariadb, startMariadb } from './services/mariadb.js'
import { createDatabase, type Database } from './services/postgres.js'
import { postgres } from './services.js'

export type Row = Readonly<Record<string, unknown>>

export interface SqlGround {
  /** Leads to it. */
  readonly target: Readonly<Record<string, unknown>>
  /** The folder of SQLite files. */
  readonly filesRoot: string | undefined
  run(text: string): Promise<readonly Row[]>
  /** Somebody else holds all of it until this is called. */
  hold(table: string): Promise<() => Promise<void>>
  /** From now on an insertion into the table fails, saying this. */
  refuse(table: string, text: string): Promise<void>
  close(): Promise<void>
}

export async function sqliteGround(): Promise<SqlGround> {
  const root = mkdtempSync(join(tmpdir(), 'tocsin-sql-'))
  mkdirSync(join(root, 'default'))
  const path = join(root, 'default', 'idms.db')
  const connection = openConnection(path)
  const holders: Connection[] = []
  return {
    target: { file: 'idms.db' },
    filesRoot: root,
    async run(text) {
      return connection.prepare(text).all() as Row[]
    },
    async hold() {
      const holder = openConnection(path)
      holders.push(holder)
      holder.exec('BEGIN EXCLUSIVE')
      return async () => holder.exec('ROLLBACK')
    },
    async refuse(table, text) {
      connection.exec(`CREATE TRIGGER no BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, '${text}'); END`)
    },
    async close() {
      for (const each of [...holders, connection]) each.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

let shared: Promise<Database> | null = null

/** The database of a file of tests, emptied. */
export async function postgresGround(): Promise<SqlGround> {
  shared ??= postgres().then(createDatabase)
  const { url: whole } = await shared
  const { url, password } = withoutPassword(whole)
  const admin = await connected(whole)
  await admin.query('SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  const holders: Client[] = []
  return {
    target: { url, password, tls: 'off' },
    filesRoot: undefined,
    run: async (text) => (await admin.query<Row>(text)).rows ?? [],
    async hold(table) {
      const holder = await connected(whole)
      holders.push(holder)
      await holder.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`)
      return async () => void (await holder.query('ROLLBACK'))
    },
    async refuse(table, text) {
      await admin.query(`CREATE FUNCTION no() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION '% ${text}', NEW; END $$ LANGUAGE plpgsql;
        CREATE TRIGGER no BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION no()`)
    },
    async close() {
      for (const each of [...holders, admin]) await each.end()
    },
  }
}

let started: Promise<Mariadb> | null = null

/** What the grounds of a file stood on. Files may share a process: each ends its own, and the next begins anew. */
export async function closeGrounds(): Promise<void> {
  const [database, server] = [shared, started]
  shared = null
  started = null
  await (await database)?.drop()
  await (await server)?.close()
}

/** The database of a file of tests, emptied. */
export async function mariadbGround(): Promise<SqlGround> {
  started ??= startMariadb()
  const { address } = await started
  const { host, port, user, password } = address
  const opened = () => createConnection({ host, port, user, password, multipleStatements: true })
  const admin = await opened()
  await admin.query('CREATE OR REPLACE DATABASE idms; USE idms')
  const holders: Awaited<ReturnType<typeof opened>>[] = []
  return {
    target: { url: `mariadb://${user}@${host}:${port}/idms`, password, tls: 'off' },
    filesRoot: undefined,
    async run(text) {
      const [rows] = await admin.query(text)
      return Array.isArray(rows) ? (rows as Row[]) : []
    },
    async hold(table) {
      const holder = await opened()
      holders.push(holder)
      await holder.query(`USE idms; LOCK TABLES ${table} WRITE`)
      return async () => void (await holder.query('UNLOCK TABLES'))
    },
    async refuse(table, text) {
      await admin.query(
        `CREATE TRIGGER no BEFORE INSERT ON ${table} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${text}'`,
      )
    },
    async close() {
      for (const each of [...holders, admin]) await each.end()
    },
  }
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

export function withoutPassword(whole: string): { url: string; password: string } {
  const url = new URL(whole)
  const { password } = url
  url.password = ''
  return { url: url.href, password }
}
