/**
 * Hosts and hubs on one database.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ControlledTransaction, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { type ConfigInput, type Connection, createHub, type Hub, openConnection } from '../../src/index.js'
import { createDatabase } from '../services/postgres.js'
import { postgres } from '../services.js'
import type { Host, World } from './inside-life.js'

const QUIET: ConfigInput = {
  log: { level: 'silent' },
  sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
}

/** One hub and two connections of the process it is in. */
export async function sqliteWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-inside-'))
  const database = join(folder, 'app.db')
  const open = (): Promise<Hub> => createHub({ database, config: { ...QUIET, store: { thread: 'main' } } })
  const hubs = [await open()]
  const connections = [0, 1].map(() => openConnection(database)) as [Connection, Connection]
  const [one, other] = connections
  one.exec('CREATE TABLE ledger (life TEXT, id TEXT)')
  return {
    hosts: [sqliteHost(one), sqliteHost(other)],
    hubs,
    apart: false,
    restart: async () => {
      await hubs[0]?.close()
      hubs[0] = await open()
    },
    noted: async (life) => one.prepare('SELECT id FROM ledger WHERE life = ?').all(life).map(firstOf),
    close: async () => {
      for (const connection of connections) connection.close()
      await hubs[0]?.close()
      rmSync(folder, { recursive: true })
    },
  }
}

const firstOf = (row: unknown): string => String(Object.values(Object(row))[0])

/** It never waits: the other would not go on meanwhile. */
const sqliteHost = (connection: Connection): Host => ({
  handle: connection,
  begin: async () => {
    try {
      connection.exec('BEGIN IMMEDIATE')
      return true
    } catch {
      return false
    }
  },
  note: async (life, id) => void connection.prepare('INSERT INTO ledger VALUES (?, ?)').run(life, id),
  commit: async () => connection.exec('COMMIT'),
  rollback: async () => connection.exec('ROLLBACK'),
})

/** Two hubs, as two nodes are, and hosts apart from them: a client of `pg`, and transactions of Kysely. */
export async function postgresWorld(): Promise<World> {
  const { url, drop } = await createDatabase(await postgres())
  const open = (): Promise<Hub> => createHub({ database: url, config: { ...QUIET, store: { pool: 4 } } })
  const hubs = [await open(), await open()]
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('CREATE TABLE ledger (life text, id text)')
  const builder = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) }),
  })
  return {
    hosts: [clientHost(client), builderHost(builder)],
    hubs,
    apart: true,
    restart: async (hub) => {
      await hubs[hub]?.close()
      hubs[hub] = await open()
    },
    noted: async (life) => (await client.query('SELECT id FROM ledger WHERE life = $1', [life])).rows.map(firstOf),
    close: async () => {
      await Promise.all([client.end(), builder.destroy(), ...hubs.map((hub) => hub.close())])
      await drop()
    },
  }
}

const clientHost = (client: pg.Client): Host => ({
  handle: client,
  begin: async () => {
    await client.query('BEGIN')
    return true
  },
  note: async (life, id) => void (await client.query('INSERT INTO ledger VALUES ($1, $2)', [life, id])),
  commit: async () => void (await client.query('COMMIT')),
  rollback: async () => void (await client.query('ROLLBACK')),
})

function builderHost(builder: Kysely<unknown>): Host {
  let transaction: ControlledTransaction<unknown> | undefined
  const open = () => {
    if (!transaction) throw new Error('No transaction is open.')
    return transaction
  }
  return {
    get handle() {
      return open()
    },
    begin: async () => {
      transaction = await builder.startTransaction().execute()
      return true
    },
    note: async (life, id) => void (await sql`INSERT INTO ledger VALUES (${life}, ${id})`.execute(open())),
    commit: async () => void (await open().commit().execute()),
    rollback: async () => void (await open().rollback().execute()),
  }
}
