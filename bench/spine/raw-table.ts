/**
 * The table of the raw limit: a row of an event with the three indexes any log of events needs besides its primary key
 * (the publisher's key, the subject, the type), and nothing else.
 */
import { openConnection } from '../tocsin.js'

/** As our row of an event: id, source, type, subject, hash, body. */
export type RawRow = readonly [string, string, string, string, string, string]

export interface RawTable {
  insert(rows: readonly RawRow[]): void
  close(): void
}

export function openRaw(path: string): RawTable {
  const connection = openTuned(path)
  const insert = eventsOf(connection)
  return {
    insert(rows) {
      connection.exec('BEGIN IMMEDIATE')
      for (const row of rows) insert(row)
      connection.exec('COMMIT')
    },
    close: () => connection.close(),
  }
}

type Connection = ReturnType<typeof openConnection>

/** Set up as ours is. */
export function openTuned(path: string): Connection {
  const connection = openConnection(path)
  for (const setting of [
    'page_size = 8192',
    'journal_mode = WAL',
    'synchronous = FULL',
    'cache_size = -65536',
    'wal_autocheckpoint = 2000',
  ]) {
    connection.exec(`PRAGMA ${setting}`)
  }
  return connection
}

/** The table of events; each call inserts a row and answers its sequence. */
export function eventsOf(connection: Connection): (row: RawRow) => number {
  connection.exec(`CREATE TABLE events (
    tenant TEXT NOT NULL, sequence INTEGER NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL, subject TEXT,
    partition_key TEXT NOT NULL, priority TEXT NOT NULL, received_at INTEGER NOT NULL, state TEXT NOT NULL, hash TEXT NOT NULL,
    principal TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, sequence), UNIQUE (tenant, id, source)) STRICT`)
  connection.exec('CREATE INDEX by_subject ON events (tenant, subject, sequence)')
  connection.exec('CREATE INDEX by_type ON events (tenant, type, sequence)')
  const insert = connection.prepare(
    `INSERT INTO events VALUES ('default', ?, ?, ?, ?, ?, ?, 'normal', ?, 'admitted', ?, 'local', ?)`,
  )
  let sequence = 0
  return ([id, source, type, subject, hash, body]) => {
    sequence += 1
    insert.run(sequence, id, source, type, subject, subject, Date.now(), hash, body)
    return sequence
  }
}
