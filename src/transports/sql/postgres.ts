/**
 * PostgreSQL as a target. Nothing of the process's own environment (`PGPASSWORD`, the password file) goes to a subscriber's server.
 */
import type { Socket } from 'node:net'
import type { Pool, PoolClient, PoolConfig } from 'pg'
import type { Bound, Database, Done, Work } from './database.js'
import { type Lender, lent } from './lent.js'
import type { Server } from './server.js'
import type { SqlTarget } from './sql-target.js'

/** What SQL asks of the guarded client. */
export interface SqlEgress {
  /** @throws InvalidInput `target_refused` */
  checkHost(host: string, secure: boolean, field?: string): Promise<void>
  socket(secure: boolean): Socket
}

/** Milliseconds: to make a connection or wait for a free one; a statement; a wait for a lock in it. */
const CONNECT = 10_000
const BEGIN = 'BEGIN; SET LOCAL statement_timeout = 30000; SET LOCAL lock_timeout = 10000'

export function postgresDatabase(target: SqlTarget, server: Server, egress: SqlEgress): Database {
  let opened: Promise<Pool> | null = null
  const pool = () => {
    opened ??= openPool(poolConfig(target, server, egress))
    return opened
  }
  return {
    run: async (work, signal) => lent(lenderOf(await pool()), signal, (client) => transact(client, work)),
    check: async (text, signal) =>
      lent(lenderOf(await pool()), signal, async (client) => {
        await client.query(`${BEGIN}; SET LOCAL transaction_read_only = off`)
        await client.query(`EXPLAIN ${text}`)
        await client.query('ROLLBACK')
      }),
    close: async () => (await opened)?.end(),
  }
}

/** `pg` is loaded when the first event is sent. */
async function openPool(config: PoolConfig): Promise<Pool> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool(config)
  // A connection that breaks while nobody uses it: the next event makes another.
  pool.on('error', () => {})
  // One that breaks in our hands fails our question; unheard, it would end the process.
  pool.on('connect', (client) => void client.on('error', () => {}))
  return pool
}

function poolConfig(
  { password, tls, ca, cert, certKey: key, connections = 4 }: SqlTarget,
  { host, port, user, database }: Server,
  egress: SqlEgress,
): PoolConfig {
  const secure = tls !== 'off'
  return {
    ...{ host, port, user, database },
    // A function: a password that is empty or not given would be looked for in the environment.
    password: () => password ?? '',
    ssl: secure && { rejectUnauthorized: true, ...(ca && { ca }), ...(cert && { cert, key }) },
    stream: () => egress.socket(secure),
    max: connections,
    connectionTimeoutMillis: CONNECT,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    pipeline: true,
    application_name: 'tocsin',
  }
}

const lenderOf = (pool: Pool): Lender<PoolClient> => ({
  take: () => pool.connect(),
  giveBack: (client, isBroken) => client.release(isBroken),
})

/** What need not be waited for is sent along: a statement that fails makes a rollback of the COMMIT behind it. */
async function transact(client: PoolClient, { guard, statement }: Work): Promise<Done> {
  const begun = client.query(BEGIN)
  if (guard !== null) {
    const [, guarded] = await Promise.all([begun, changes(client, guard)])
    if (guarded === 0) {
      await client.query('ROLLBACK')
      return 'told'
    }
  }
  const [, changed] = await Promise.all([begun, changes(client, statement), client.query('COMMIT')])
  return changed
}

async function changes(client: PoolClient, { text, values }: Bound): Promise<number> {
  const { rowCount } = await client.query({ text, values: values.map(asText) })
  return rowCount ?? 0
}

/** PostgreSQL reads a text as whatever the column or the cast is. */
function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
