/**
 * A database that a hub and its host share, and the host's own connection.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openConnection } from '../src/index.js'
import { createDatabase } from './services/postgres.js'
import { postgres } from './services.js'

export interface Ground {
  readonly database: string
  /** Once there is a hub. */
  connect(): Promise<Host>
  remove(): Promise<void>
}

/** The host's own connection. */
export interface Host {
  readonly handle: unknown
  run(sql: string): Promise<unknown>
  /** How many rows it answers. */
  count(sql: string): Promise<number>
  end(): Promise<void>
}

export async function sqliteGround(): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-'))
  const database = join(folder, 'app.db')
  return {
    database,
    connect: async () => {
      const handle = openConnection(database, { timeout: 5_000 })
      return {
        handle,
        run: async (sql) => handle.exec(sql.replace('BEGIN', 'BEGIN IMMEDIATE')),
        count: async (sql) => handle.prepare(sql).all().length,
        end: async () => handle.close(),
      }
    },
    remove: async () => rmSync(folder, { recursive: true }),
  }
}

export async function postgresGround(): Promise<Ground> {
  const { url, drop } = await createDatabase(await postgres())
  return {
    database: url,
    connect: async () => {
      const handle = new pg.Client({ connectionString: url })
      await handle.connect()
      return {
        handle,
        run: (sql) => handle.query(sql),
        count: async (sql) => (await handle.query(sql)).rows.length,
        end: () => handle.end(),
      }
    },
    remove: drop,
  }
}
