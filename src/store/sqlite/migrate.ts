/**
 * Brings a file to the present schema, step by step, each in its own transaction.
 */
import { Unavailable } from '../../errors.js'
import type { SqlValue } from '../sql/row.js'
import type { Connection } from './driver.js'
import { MIGRATIONS, SCHEMA_VERSION } from './migrations/all.js'
import type { Migration } from './migrations/migration.js'

/** "TOCS": tells our files from other programs' (https://sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x544f4353

/** @throws Unavailable if the file belongs to another program or to a newer Tocsin. */
export function migrate(connection: Connection, epoch: string): void {
  const version = requireOurs(connection)
  for (const step of MIGRATIONS) if (step.version > version) apply(connection, step, epoch)
}

/** The file's schema version, 0 when it is new. */
export function requireOurs(connection: Connection): number {
  const version = Number(first(connection, 'PRAGMA user_version'))
  const owner = Number(first(connection, 'PRAGMA application_id'))
  const isNew = version === 0 && owner === 0 && Number(first(connection, 'SELECT COUNT(*) FROM sqlite_master')) === 0
  if (!isNew && owner !== APPLICATION_ID) throw new Unavailable('unavailable', 'The file is not a Tocsin database.')
  if (version > SCHEMA_VERSION) {
    const message = `The database has schema ${version}; this Tocsin knows up to ${SCHEMA_VERSION}. Use a newer one.`
    throw new Unavailable('unavailable', message, { data: { version, known: SCHEMA_VERSION } })
  }
  return version
}

function apply(connection: Connection, { version, sql }: Migration, epoch: string): void {
  connection.exec('BEGIN IMMEDIATE')
  try {
    connection.exec(sql)
    connection.prepare("INSERT OR IGNORE INTO meta (name, value) VALUES ('epoch', ?)").run(epoch)
    connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
    connection.exec(`PRAGMA user_version = ${version}`)
    connection.exec('COMMIT')
  } catch (error) {
    connection.exec('ROLLBACK')
    throw error
  }
}

function first(connection: Connection, sql: string): SqlValue {
  const statement = connection.prepare(sql)
  statement.setReturnArrays(true)
  const row = statement.get()
  return Array.isArray(row) ? (row[0] as SqlValue) : null
}
