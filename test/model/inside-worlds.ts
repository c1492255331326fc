/**
 * Hosts and hubs on one database.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConfigInput, type Connection, createHub, type Hub, openConnection } from '../../src/index.js'
import type { Host, World } from './inside-life.js'

const QUIET: ConfigInput = {
  log: { level: 'silent' },
  sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
}

/** One hub and two connections of the process it is in. */
export async function sqliteWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-inside-'))
  const database = join(folder, 'app.db')
  const open = (): Promise<Hub> => createHub({ database, config: { ...QUIET, store: { thread: 'main' } } })
  const hubs = [await open()]
  const connections = [0, 1].map(() => openConnection(database)) as [Connection, Connection]
  const [one, other] = connections
  one.exec('CREATE TABLE ledger (life TEXT, id TEXT)')
  return {
    hosts: [sqliteHost(one), sqliteHost(other)],
    hubs,
    apart: false,
    restart: async () => {
      await hubs[0]?.close()
      hubs[0] = await open()
    },
    noted: async (life) => one.prepare('SELECT id FROM ledger WHERE life = ?').all(life).map(firstOf),
    close: async () => {
      for (const connection of connections) connection.close()
      await hubs[0]?.close()
      rmSync(folder, { recursive: true })
    },
  }
}

const firstOf = (row: unknown): string => String(Object.values(Object(row))[0])

/** It never waits: the other would not go on meanwhile. */
const sqliteHost = (connection: Connection): Host => ({
  handle: connection,
  begin: async () => {
    try {
      connection.exec('BEGIN IMMEDIATE')
      return true
    } catch {
      return false
    }
  },
  note: async (life, id) => void connection.prepare('INSERT INTO ledger VALUES (?, ?)').run(life, id),
  commit: async () => connection.exec('COMMIT'),
  rollback: async () => connection.exec('ROLLBACK'),
})
