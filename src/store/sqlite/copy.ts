/**
 * Copies of the file: a consistent one while writing goes on, and what a restored one needs.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { Conflict } from '../../errors.js'
import type { SqlValue } from '../sql/row.js'
import type { Connection } from './driver.js'
import { openConnection } from './driver.js'
import { failureOf } from './failures.js'
import { lockFile } from './lock.js'
import { requireOurs } from './migrate.js'

/** What `VACUUM INTO` needs of a connection or a session. */
interface Runner {
  run(sql: string, ...values: SqlValue[]): unknown
}

/** @throws Conflict `already_exists` if there is a file at `path`. */
export function vacuumInto(runner: Runner, path: string): void {
  if (existsSync(path)) throw new Conflict('already_exists', `There is already a file at ${path}.`, { data: { path } })
  try {
    runner.run('VACUUM INTO ?', path)
    syncFile(path)
  } catch (error) {
    throw failureOf(error)
  }
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Over a connection of its own, so that whoever writes is not held up. */
export function copyFile(from: string, to: string): void {
  const connection = openConnection(from, { readOnly: true })
  try {
    vacuumInto({ run: (sql, ...values) => connection.prepare(sql).run(...values) }, to)
  } finally {
    connection.close()
  }
}

/**
 * Gives a restored file, not in use, a new epoch: sequences of before the restore mean nothing in it.
 * @returns the new epoch. @throws Unavailable if the file is in use or not a Tocsin database.
 */
export function restampSqlite(path: string, epoch: string = randomUUID()): string {
  const unlock = lockFile(path)
  try {
    const connection = openConnection(path)
    try {
      restamp(connection, epoch)
    } finally {
      connection.close()
    }
  } catch (error) {
    throw failureOf(error)
  } finally {
    unlock()
  }
  return epoch
}

function restamp(connection: Connection, epoch: string): void {
  requireOurs(connection)
  connection.exec('PRAGMA synchronous = FULL')
  connection.prepare("REPLACE INTO meta (name, value) VALUES ('epoch', ?)").run(epoch)
}
