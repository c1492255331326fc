/**
 * MariaDB as a target, by `mysql2` over connections of the guarded client.
 */
import { isIP, type Socket } from 'node:net'
import { optionalPackage } from '../optional-package.js'
import type { Bound, Database, Done, RowThere, Work } from './database.js'
import { type Lender, lent } from './lent.js'
import type { SqlEgress } from './postgres.js'
import type { Server } from './server.js'
import type { SqlTarget } from './sql-target.js'

/** What is used of mysql2's own. */
interface Connection {
  query(text: string): Promise<unknown>
  /** Prepared by the server: values never become part of a text. */
  execute(text: string, values: readonly (string | null)[]): Promise<readonly [unknown, ...unknown[]]>
  prepare(text: string): Promise<{ close(): Promise<void> }>
  release(): void
  destroy(): void
}

interface Pool {
  getConnection(): Promise<Connection>
  end(): Promise<void>
}

interface Package {
  createPool(options: Readonly<Record<string, unknown>>): Pool
}

export const mysql2 = (): Promise<Package> => optionalPackage<Package>('mysql2/promise.js', 'sql')

/**
 * Strict: what does not fit is refused and not cut. Without backslashes in texts: a statement is read by the standard. READ COMMITTED: two
 * who insert the same row wait for each other and do not stop each other. Seconds, as for PostgreSQL.
 */
const SESSION = `SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_BACKSLASH_ESCAPES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION',
  max_statement_time = 30, innodb_lock_wait_timeout = 10, lock_wait_timeout = 10`
const ISOLATION = 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED'

export function mariadbDatabase(target: SqlTarget, server: Server, egress: SqlEgress): Database {
  let opened: Promise<Pool> | null = null
  const prepared = new WeakSet<object>()

  const lender = async (): Promise<Lender<Connection>> => {
    opened ??= mysql2().then(({ createPool }) => createPool(poolConfig(target, server, egress)))
    const pool = await opened
    return {
      take: () => pool.getConnection(),
      giveBack: (connection, isBroken) => (isBroken ? connection.destroy() : connection.release()),
    }
  }

  async function inSession<Result>(signal: AbortSignal, work: (connection: Connection) => Promise<Result>) {
    return await lent(await lender(), signal, async (connection) => {
      const own = Object(Reflect.get(connection, 'connection') ?? connection)
      if (!prepared.has(own)) {
        await connection.query(SESSION)
        await connection.query(ISOLATION)
        prepared.add(own)
      }
      return await work(connection)
    })
  }

  return {
    run: (work, signal) => afterDeadlocks(() => inSession(signal, (connection) => transact(connection, work))),
    check: (text, signal) =>
      inSession(signal, async (connection) => {
        await (await connection.prepare(text)).close()
      }),
    close: async () => (await opened)?.end(),
  }
}

/** Milliseconds. */
const CONNECT = 10_000
const IDLE = 30_000

function poolConfig(
  { password, tls, ca, cert, certKey: key, connections = 4 }: SqlTarget,
  server: Server,
  egress: SqlEgress,
) {
  const secure = tls !== 'off'
  return {
    ...{ host: server.host, port: server.port, user: server.user, database: server.database },
    password: password ?? '',
    ...(secure && {
      ssl: {
        rejectUnauthorized: true,
        verifyIdentity: true,
        minVersion: 'TLSv1.2',
        ...(ca && { ca }),
        ...(cert && { cert, key }),
      },
    }),
    stream: () => connected(egress.socket(secure), server),
    connectionLimit: connections,
    maxIdle: connections,
    connectTimeout: CONNECT,
    idleTimeout: IDLE,
    // The rows changed are counted, not those found.
    flags: ['-FOUND_ROWS'],
    // A server of somebody else names its columns: no code is made of them.
    disableEval: true,
    // A password is not said in clear, whatever the server asks.
    enableCleartextPlugin: false,
  }
}

function connected(socket: Socket, { host, port }: Server): Socket {
  // The library leaves out whose certificate is wanted if it is an address; Node asks the socket then.
  if (isIP(host) !== 0) Object.defineProperty(socket, '_host', { value: host })
  return socket.setNoDelay(true).setKeepAlive(true).connect(port, host)
}

/** Without a guard of its own it is one statement that writes, which is a transaction by itself. */
async function transact(connection: Connection, { guard, statement, row }: Work): Promise<Done> {
  const perform = () => (row ? write(connection, statement, row) : changes(connection, statement))
  if (guard === null) return await perform()
  await connection.query('START TRANSACTION')
  if ((await changes(connection, guard)) === 0) {
    await connection.query('ROLLBACK')
    return 'told'
  }
  const changed = await perform()
  await connection.query('COMMIT')
  return changed
}

/** Changes the row of the key if it is there and older, and inserts it if it is not. */
async function write(connection: Connection, insert: Bound, { update, find }: RowThere): Promise<number> {
  const updated = async () => (update === null ? 0 : await changes(connection, update))
  const isThere = async () => (await rowsOf(connection, find)).length > 0
  const changed = await updated()
  if (changed > 0) return changed
  if (await isThere()) return 0
  try {
    return await changes(connection, insert)
  } catch (error) {
    // Somebody inserted it in between; or it is another row that stands in its way.
    if (errnoOf(error) !== DUPLICATE || !(await isThere())) throw error
    return await updated()
  }
}

const DUPLICATE = 1062
const DEADLOCK = 1213

/** Whoever is chosen to end a deadlock is rolled back and may begin again at once. */
async function afterDeadlocks<Result>(work: () => Promise<Result>, tries = 3): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (errnoOf(error) !== DEADLOCK || tries === 1) throw error
    return await afterDeadlocks(work, tries - 1)
  }
}

const errnoOf = (error: unknown): unknown => (error instanceof Error && 'errno' in error ? error.errno : undefined)

async function rowsOf(connection: Connection, { text, values }: Bound): Promise<readonly unknown[]> {
  const [rows] = await connection.execute(text, values.map(asText))
  return Array.isArray(rows) ? rows : []
}

/** Of a call: what its last statement changed. */
async function changes(connection: Connection, { text, values }: Bound): Promise<number> {
  const [answer] = await connection.execute(text, values.map(asText))
  const last: unknown = Array.isArray(answer) ? answer.at(-1) : answer
  const changed: unknown = Object(last).affectedRows
  if (typeof changed !== 'number') return 0
  // ON DUPLICATE KEY counts a row that is changed twice.
  return /^\s*INSERT\b/i.test(text) && / ON DUPLICATE KEY UPDATE /i.test(text) ? Math.min(changed, 1) : changed
}

/** MariaDB reads a text as whatever the column is; a boolean is a number there. */
function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
