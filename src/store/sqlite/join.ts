/**
 * A host's transaction on our file: its own connection, of the SQLite we use ourselves. Two copies of SQLite in one process
 * undo each other's locks, since POSIX gives those to the process, and both may write at once
 * (https://sqlite.org/howtocorrupt.html#multiple_copies_of_sqlite_linked_into_the_same_application).
 */
import { statSync } from 'node:fs'
import { Unavailable } from '../../errors.js'
import type { HostTransaction } from '../port.js'
import type { NewInboxRow } from '../rows.js'
import type { SqlValue } from '../sql/row.js'
import { NEW_INBOX } from '../sql/shapes.js'
import { isOfOurDriver, type OwnConnection } from './driver.js'
import { failureOf, isBusy } from './failures.js'

const TAKEN =
  'a DatabaseSync of node:sqlite, or of @photostructure/sqlite where Tocsin uses that (Node without a recent node:sqlite)'

/** @throws TypeError for another handle, another file, or without an open transaction */
export function joinSqlite(path: string, transaction: unknown): HostTransaction {
  if (!isOfOurDriver(transaction))
    throw new TypeError(
      `The transaction is no SQLite handle, or one of another copy of SQLite, which would not see our locks; what is taken: ${TAKEN}.`,
    )
  requireOpen(transaction)
  requireSameFile(transaction, path)
  return { append: async (row) => append(transaction, row) }
}

function requireOpen({ isTransaction }: OwnConnection): void {
  if (isTransaction) return
  throw new TypeError('The SQLite handle has no open transaction: begin one (BEGIN IMMEDIATE) before you publish.')
}

/** Attached files commit one after another under WAL, so ours must be the main one. */
function requireSameFile(connection: OwnConnection, path: string): void {
  const row = connection.prepare("SELECT file FROM pragma_database_list WHERE name = 'main'").get()
  const file = String(Object.values(row as Readonly<Record<string, SqlValue>>)[0] ?? '')
  if (file !== '' && isSame(file, path)) return
  throw new TypeError("The SQLite handle is on another file: it must have Tocsin's as its main database.")
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }))
  return a !== undefined && a.dev === b?.dev && a.ino === b.ino
}

function append(connection: OwnConnection, row: NewInboxRow): void {
  requireOpen(connection)
  try {
    connection.prepare(NEW_INBOX.statement(row)).run(...NEW_INBOX.values(row, []))
  } catch (error) {
    throw isBusy(error) ? busy(error) : failureOf(error)
  }
}

const busy = (cause: unknown): Unavailable =>
  new Unavailable(
    'unavailable',
    'Another connection writes to the database file, or wrote since this transaction began.',
    {
      expected: 'BEGIN IMMEDIATE, and a busy time-out of some seconds',
      retryAfter: 1,
      cause,
    },
  )
