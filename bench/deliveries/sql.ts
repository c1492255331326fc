/**
 * A row for each event. The bare client inserts it in one statement, and knows no older and no newer event.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createPool } from 'mysql2/promise'
import { Pool } from 'pg'
import { MARIADB, startMariadb } from '../../test/services/mariadb.js'
import { createDatabase } from '../../test/services/postgres.js'
import { newestPrograms } from '../../test/services/programs.js'
import { postgresOfBench } from '../queue/postgres.js'
import { type AnyEvent, openConnection, toWire } from '../tocsin.js'
import { HOST, type Way } from './way.js'

const TABLE = 'CREATE TABLE told (id varchar(40) PRIMARY KEY, body text, tocsin_sequence bigint)'
const MAPPING = { table: 'told', key: { id: 'event.id' }, columns: { body: 'message.body' } }
const rowOf = (event: AnyEvent): [string, string] => [event.id, JSON.stringify(toWire(event))]

/** As many connections as a target has by default. */
const CONNECTIONS = 4
const SQL = { transport: 'sql', count: 3_000, inFlight: 10, goal: 0.7 }

export const postgres: Way = {
  ...SQL,
  name: 'rows in PostgreSQL',
  against: 'pg',
  need: { there: newestPrograms() !== null, without: 'PostgreSQL' },
  async open() {
    const server = await postgresOfBench()
    const { url } = await createDatabase(server.address)
    const { password } = server.address
    const pool = new Pool({ connectionString: url, max: CONNECTIONS })
    await pool.query(TABLE)
    const text = 'INSERT INTO told (id, body) VALUES ($1, $2) ON CONFLICT DO NOTHING'
    return {
      target: async () => ({ url: url.replace(`:${password}@`, '@'), password, tls: 'off', ...MAPPING }),
      client: async () => ({
        send: (event) => pool.query({ text, values: rowOf(event) }),
        close: async () => undefined,
      }),
      async close() {
        await pool.end()
        await server.close()
      },
    }
  },
}

export const mariadb: Way = {
  ...SQL,
  name: 'rows in MariaDB',
  against: 'mysql2',
  need: MARIADB,
  async open() {
    const server = await startMariadb()
    const { host, port, user, password } = server.address
    const pool = createPool({ host, port, user, password, connectionLimit: CONNECTIONS })
    await pool.query('CREATE DATABASE idms')
    await pool.query(TABLE.replace('told', 'idms.told'))
    const text = 'INSERT IGNORE INTO idms.told (id, body) VALUES (?, ?)'
    return {
      target: async () => ({ url: `mariadb://${user}@${HOST}:${port}/idms`, password, tls: 'off', ...MAPPING }),
      client: async () => ({
        send: (event) => pool.execute(text, rowOf(event)),
        close: async () => undefined,
      }),
      async close() {
        await pool.end()
        await server.close()
      },
    }
  },
}

/** On the main thread, where it is fastest; synced for each row, as ours. */
export const sqlite: Way = {
  ...SQL,
  name: 'rows in an SQLite file',
  against: 'SQLite, the same thread',
  count: 1_000,
  open: async () => ({
    async target(folder) {
      mkdirSync(join(folder, 'default'))
      tableIn(join(folder, 'default', 'idms.db')).close()
      return { file: 'idms.db', ...MAPPING }
    },
    async client(folder) {
      const connection = tableIn(join(folder, 'idms.db'))
      const insert = connection.prepare('INSERT OR IGNORE INTO told (id, body) VALUES (?, ?)')
      return { send: async (event) => insert.run(...rowOf(event)), close: async () => connection.close() }
    },
    close: async () => undefined,
  }),
}

function tableIn(path: string) {
  const connection = openConnection(path)
  connection.exec(`PRAGMA synchronous = FULL; ${TABLE}`)
  return connection
}
