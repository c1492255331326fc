/**
 * Connections: how they are made, what holds on each of them, and how values come back.
 */
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { Client, Pool, PoolConfig } from 'pg'
import { InvalidInput, messageOf } from '../../errors.js'
import { isPostgres, isReadable } from '../database-url.js'
import type { SqlValue } from '../sql/row.js'

export interface TlsOptions {
  /** Files in PEM. */
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** False takes any certificate: whoever stands between may read all. Default: true. */
  readonly rejectUnauthorized?: boolean | undefined
}

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`; without a password `PGPASSWORD` or the password file is asked. */
  readonly url: string
  /** The schema that holds our tables, and nobody else's. Default: `tocsin`. */
  readonly schema?: string | undefined
  /** Connections at most. Default: 10. */
  readonly connections?: number | undefined
  /** Milliseconds a statement may take. Default: 30,000. */
  readonly statementTimeout?: number | undefined
  readonly tls?: TlsOptions | undefined
  /** Shown by PostgreSQL beside each connection. */
  readonly name?: string | undefined
  /** Names the log of a new schema. Default: a random UUID. */
  readonly epoch?: (() => string) | undefined
}

export const DEFAULT_SCHEMA = 'tocsin'
const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/
const CONNECTIONS = 10
const STATEMENT_TIMEOUT = 30_000
/** Milliseconds that a transaction may be left alone by a node that stopped. */
const IDLE_TIMEOUT = 5_000
/** Milliseconds to make a connection, or to wait for a free one. */
const CONNECT_TIMEOUT = 10_000

/** Text as it comes; sequences and times are safe integers. */
const asNumber = (text: string): SqlValue => Number(text)
const asText = (text: string): SqlValue => text
const NUMBERS: ReadonlySet<number> = new Set([20, 21, 23, 700, 701, 1700])
export const isNumeric = (type: number): boolean => NUMBERS.has(type)
const getTypeParser = (oid: number) => (isNumeric(oid) ? asNumber : asText)

/** @throws InvalidInput when an option is wrong. */
export function requireSchema(schema: string): string {
  if (SCHEMA.test(schema) && !schema.startsWith('pg_')) return schema
  throw new InvalidInput('invalid_config', 'The name of the schema cannot be used.', {
    field: 'store.schema',
    expected: 'lower-case letters, digits and _, at most 63, not beginning with pg_',
  })
}

/** What cannot be read is not shown: it may hold a password. */
function requireUrl(url: string): void {
  if (isPostgres(url) && isReadable(url)) return
  throw new InvalidInput('invalid_config', 'The URL of the database cannot be read.', {
    field: 'database',
    expected: 'postgres://USER:PASSWORD@HOST:PORT/DATABASE',
  })
}

/**
 * Plans of these statements must not depend on statistics, which lag behind a queue that grows and shrinks: every one of
 * them has an index in its own order, so walking a table and sorting are priced out.
 */
const SETTINGS = {
  synchronous_commit: 'on',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_sort: 'off',
  enable_incremental_sort: 'off',
  plan_cache_mode: 'force_generic_plan',
  jit: 'off',
  default_transaction_isolation: 'read\\ committed',
  default_transaction_read_only: 'off',
  client_min_messages: 'warning',
}

/** What holds on each connection, as PostgreSQL takes it at its start. */
export const settingsFor = (schema: string): string =>
  Object.entries({ ...SETTINGS, search_path: schema })
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')

/** `pg` is loaded when the first pool is asked for. */
export async function openPool(options: PostgresOptions): Promise<Pool> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool(poolConfig(options))
  // A connection that breaks while nobody uses it: the next call makes another.
  pool.on('error', () => {})
  // The pool does not hear one that breaks in somebody's hands, whose question fails: unheard, it would end the process.
  pool.on('connect', (client) => void client.on('error', () => {}))
  return pool
}

/** Connections of one's own, each made when it is asked for and not yet open, on which nothing takes longer than `patience`. */
export async function clientsOf(options: PostgresOptions, patience: number): Promise<() => Client> {
  const { default: pg } = await import('pg')
  const { max: _, idleTimeoutMillis: __, ...config } = poolConfig({ ...options, statementTimeout: patience })
  return () => new pg.Client({ ...config, connectionTimeoutMillis: patience })
}

function poolConfig(options: PostgresOptions): PoolConfig {
  requireUrl(options.url)
  const schema = requireSchema(options.schema ?? DEFAULT_SCHEMA)
  const timeout = options.statementTimeout ?? STATEMENT_TIMEOUT
  return {
    connectionString: options.url,
    ...tlsConfig(options),
    max: options.connections ?? CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    statement_timeout: timeout,
    // A little less, so that who waited is told for what.
    lock_timeout: Math.floor(timeout * 0.9),
    // Nothing of ours waits in a transaction but for the server; who stops in one holds up every other node.
    idle_in_transaction_session_timeout: Math.min(timeout, IDLE_TIMEOUT),
    // The server stops first and says why; this is for one that does not answer at all.
    query_timeout: timeout + 5_000,
    application_name: options.name ?? 'tocsin',
    options: settingsFor(schema),
    pipeline: true,
    types: { getTypeParser: getTypeParser as NonNullable<PoolConfig['types']>['getTypeParser'] },
  }
}

function tlsConfig({ tls }: PostgresOptions): Pick<PoolConfig, 'ssl'> {
  if (tls === undefined || Object.values(tls).every((value) => value === undefined)) return {}
  const ssl: ConnectionOptions = {
    rejectUnauthorized: tls.rejectUnauthorized ?? true,
    ...(tls.ca !== undefined && { ca: readTlsFile('ca', tls.ca) }),
    ...(tls.cert !== undefined && { cert: readTlsFile('cert', tls.cert) }),
    ...(tls.key !== undefined && { key: readTlsFile('key', tls.key) }),
  }
  return { ssl }
}

function readTlsFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new InvalidInput('invalid_config', `The file ${path} cannot be read: ${messageOf(error)}`, {
      field: `store.tls.${name}`,
      expected: 'a file in PEM',
    })
  }
}
