/**
 * A database file as such: whole, copied as it is. No store is opened here, so a running server is not disturbed.
 */
import { chmodSync, closeSync, fsyncSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Connection, messageOf, openConnection } from '../../src/index.js'
import { Failure } from './failure.js'
import { at } from './table.js'
import { count } from './text.js'

/** Opens for reading and closes; what SQLite throws becomes a Failure. */
export function reading<T>(file: string, run: (connection: Connection) => T): T {
  try {
    const connection = openConnection(file, { readOnly: true, timeout: 10_000 })
    try {
      return run(connection)
    } finally {
      connection.close()
    }
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure({ code: 'unavailable', message: `${file}: ${messageOf(error)}.`, field: 'database' })
  }
}

/** Null when the file is whole and Tocsin's, else what is wrong. */
export const damageIn = (connection: Connection): string | null => {
  const found = connection.prepare('PRAGMA quick_check(1)').get()
  const verdict = Object.values(Object(found))[0]
  if (verdict !== 'ok') return `SQLite says: ${String(verdict)}`
  return epochOf(connection) === null ? 'It is no database of Tocsin.' : null
}

/** Null when the database has none. */
export function epochOf(connection: Connection): string | null {
  const known = connection.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'").get()
  if (known === undefined) return null
  const value = at(connection.prepare("SELECT value FROM meta WHERE name = 'epoch'").get(), 'value')
  return typeof value === 'string' ? value : null
}

/** A consistent copy, while a server may go on writing; on the disk when this returns, readable by its owner alone. */
export function copyDatabase(from: string, to: string): void {
  closeSync(openSync(to, 'wx', 0o600))
  try {
    // SQLite takes an empty file for a new database, and so keeps its mode.
    reading(from, (connection) => write(connection, from, to))
    chmodSync(to, 0o600)
    sync(to)
    sync(dirname(to))
  } catch (error) {
    rmSync(to, { force: true })
    throw error
  }
}

/** What SQLite says does not tell which of the two files it was: that there is no room is said of the copy, the rest of both. */
function write(connection: Connection, from: string, to: string): void {
  try {
    connection.prepare('VACUUM INTO ?').run(to)
  } catch (error) {
    const why = messageOf(error)
    throw /\bfull\b/.test(why)
      ? new Failure({ code: 'unavailable', message: `There is no room for ${to}: ${why}.`, expected: roomFor(from) })
      : new Failure({ code: 'unavailable', message: `${from} cannot be copied to ${to}: ${why}.` })
  }
}

const roomFor = (file: string): string => `about ${count(statSync(file).size)} bytes, or another place`

/** Writes through to the disk; a folder too, so that its names survive. */
export function sync(file: string): void {
  const handle = openSync(file, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
