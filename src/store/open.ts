/**
 * The store that a database setting names.
 */
import { alone } from './alone.js'
import type { Cluster } from './cluster.js'
import { isPostgres } from './database-url.js'
import { openMemoryStore } from './memory/store.js'
import type { Store } from './port.js'
import type { PostgresFacts } from './postgres/inspect.js'
import type { PostgresOptions, TlsOptions } from './postgres/pool.js'
import { openSqliteStore } from './sqlite/store.js'

export interface StoreOptions {
  /** Where SQLite runs. */
  readonly thread?: 'worker' | 'main' | undefined
  /** The others are of PostgreSQL. */
  readonly schema?: string | undefined
  /** Connections at most. */
  readonly pool?: number | undefined
  /** Milliseconds. */
  readonly statementTimeout?: number | undefined
  readonly tls?: TlsOptions | undefined
}

/**
 * @param database `memory`, the path of a SQLite file, or the URL of a PostgreSQL database.
 * @param node the name of this process.
 * @throws InvalidInput `invalid_config` when an option is wrong; Unavailable when the file cannot be opened, is newer than
 *   this program, or belongs to another process, or when the server is not there or not what it must be.
 */
export async function openStore(database: string, options: StoreOptions, node: string): Promise<Store> {
  if (database === 'memory') return openMemoryStore()
  const { thread } = options
  if (!isPostgres(database)) return openSqliteStore({ path: database, ...(thread !== undefined && { thread }) })
  // Who keeps a file needs no client of PostgreSQL.
  const { openPostgresStore } = await import('./postgres/store.js')
  return openPostgresStore(postgresOptions(database, options, node))
}

/** What binds the processes that share the database, after the store is open; nothing where one has it alone. @throws as it */
export async function openCluster(database: string, options: StoreOptions, node: string): Promise<Cluster> {
  if (!isPostgres(database)) return alone()
  const { openPostgresCluster } = await import('./postgres/cluster.js')
  return openPostgresCluster(postgresOptions(database, options, node))
}

/** What there is behind the URL of a PostgreSQL database, which is not changed. @throws InvalidInput, Unavailable as it */
export async function inspectDatabase(url: string, options: StoreOptions): Promise<PostgresFacts> {
  const { inspectPostgres } = await import('./postgres/inspect.js')
  return inspectPostgres(postgresOptions(url, options, 'inspection'))
}

function postgresOptions(url: string, options: StoreOptions, node: string): PostgresOptions {
  const { pool: connections, schema, statementTimeout, tls } = options
  return { url, connections, schema, statementTimeout, tls, name: `tocsin ${node}` }
}
