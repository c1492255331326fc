/**
 * The `node:sqlite` API from whichever source the runtime offers: the built-in, or `@photostructure/sqlite`, its
 * prebuilt twin, where there is none or its SQLite is too old.
 */
import { createRequire } from 'node:module'
import { messageOf, Unavailable } from '../../errors.js'
import type { SqlValue } from '../sql/row.js'

/** What we use of `StatementSync`. */
export interface Statement {
  run(...values: SqlValue[]): { changes: number | bigint }
  get(...values: SqlValue[]): unknown
  all(...values: SqlValue[]): unknown[]
  setReturnArrays(enabled: boolean): void
}

/** What we use of `DatabaseSync`. */
export interface Connection {
  prepare(sql: string): Statement
  exec(sql: string): void
  close(): void
}

/** A connection as its owner has it. */
export interface OwnConnection extends Connection {
  readonly isTransaction: boolean
}

interface Driver {
  readonly DatabaseSync: new (path: string, options?: { timeout?: number; readOnly?: boolean }) => Connection
}

/** Older versions can corrupt a WAL that several connections use, and a backup is a second one (sqlite.org, 3.51.3). */
const OLDEST_SQLITE = [3, 51, 3] as const

let loaded: Driver | undefined

/** @throws Unavailable if neither source has an SQLite that is new enough. */
export function openConnection(path: string, options: { timeout?: number; readOnly?: boolean } = {}): Connection {
  loaded ??= loadDriver()
  return new loaded.DatabaseSync(path, options)
}

/** It was opened by the very SQLite that we use ourselves. */
export function isOfOurDriver(value: unknown): value is OwnConnection {
  loaded ??= loadDriver()
  return value instanceof loaded.DatabaseSync
}

function loadDriver(): Driver {
  const sources = ['node:sqlite', '@photostructure/sqlite']
  const failures: string[] = []
  for (const source of sources) {
    try {
      const driver = createRequire(import.meta.url)(source) as Driver
      const version = versionOf(driver)
      if (isNewEnough(version)) return driver
      failures.push(`${source} brings SQLite ${version}`)
    } catch (error) {
      failures.push(`${source}: ${messageOf(error)}`)
    }
  }
  throw new Unavailable(
    'unavailable',
    `No SQLite ${OLDEST_SQLITE.join('.')} or later was found (${failures.join('; ')}).`,
  )
}

function versionOf(driver: Driver): string {
  const connection = new driver.DatabaseSync(':memory:')
  try {
    return sqliteVersion(connection)
  } finally {
    connection.close()
  }
}

export function sqliteVersion(connection: Connection): string {
  const statement = connection.prepare('SELECT sqlite_version()')
  statement.setReturnArrays(true)
  const row = statement.get()
  return Array.isArray(row) ? String(row[0]) : ''
}

function isNewEnough(version: string): boolean {
  const parts = version.split('.').map(Number)
  const different = OLDEST_SQLITE.findIndex((wanted, index) => parts[index] !== wanted)
  return different === -1 || (parts[different] ?? 0) > (OLDEST_SQLITE[different] ?? 0)
}
