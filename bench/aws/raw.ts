/**
 * The raw limit: a table of messages in the bare store, in the load's own process. Kept on the disk, given to one at a time and
 * removed by who has it; nothing is signed, matched, ordered, counted or found again.
 */
import { randomUUID } from 'node:crypto'
import { Pool } from 'pg'
import type { Figures } from '../contest.js'
import { openConnection } from '../tocsin.js'
import { CLIENTS, type Queue } from './client.js'
import { phases } from './phases.js'

const TABLE = `CREATE TABLE messages (
  sequence BIGINT NOT NULL, visible_at BIGINT NOT NULL, receipt TEXT, body TEXT NOT NULL, PRIMARY KEY (sequence))`
const WAITING = 'CREATE INDEX waiting ON messages (visible_at, sequence)'
const HIDDEN = 600_000

/** @param database as a hub is given it: a file, or the address of a PostgreSQL */
export async function bare(database: string, count: number): Promise<Figures> {
  const queue = database.startsWith('postgres') ? await rawPostgres(database) : rawSqlite(database)
  try {
    return await phases(queue, count)
  } finally {
    await queue.close()
  }
}

const bySequence = (lease: string) => Number(lease.split('.', 1)[0])

/** Callers of the same turn share a commit. */
function rawSqlite(path: string): Queue {
  const connection = openConnection(path)
  for (const setting of ['page_size = 8192', 'journal_mode = WAL', 'synchronous = FULL', 'cache_size = -65536'])
    connection.exec(`PRAGMA ${setting}`)
  connection.exec(TABLE)
  connection.exec(WAITING)
  const insert = connection.prepare('INSERT INTO messages VALUES (?, 0, NULL, ?)')
  const lease = connection.prepare(`UPDATE messages SET visible_at = ?1, receipt = ?2 WHERE sequence IN (
    SELECT sequence FROM messages WHERE visible_at <= ?3 ORDER BY visible_at, sequence LIMIT 10) RETURNING sequence, body`)
  const remove = connection.prepare('DELETE FROM messages WHERE sequence = ? AND receipt = ?')
  const inCommit = sharing(connection)
  let sequence = 0
  return {
    send: (bodies) =>
      inCommit(() => {
        for (const body of bodies) insert.run(++sequence, body)
      }),
    receive: () =>
      inCommit(() => {
        const [now, receipt] = [Date.now(), randomUUID()]
        const rows = lease.all(now + HIDDEN, receipt, now) as readonly { sequence: number; body: string }[]
        return rows.map((row) => ({ handle: `${row.sequence}.${receipt}`, body: row.body }))
      }),
    remove: (leases) =>
      inCommit(() => {
        for (const each of leases) remove.run(bySequence(each), each.slice(each.indexOf('.') + 1))
      }),
    close: async () => connection.close(),
  }
}

function sharing(connection: ReturnType<typeof openConnection>) {
  let waiting: (() => () => void)[] = []
  const flush = () => {
    const group = waiting
    waiting = []
    connection.exec('BEGIN IMMEDIATE')
    const answers = group.map((work) => work())
    connection.exec('COMMIT')
    for (const answer of answers) answer()
  }
  return <Result>(work: () => Result): Promise<Result> =>
    new Promise((resolve) => {
      if (waiting.length === 0) queueMicrotask(flush)
      waiting.push(() => {
        const result = work()
        return () => resolve(result)
      })
    })
}

/** A connection for each caller, a statement for each call. */
async function rawPostgres(connectionString: string): Promise<Queue> {
  const pool = new Pool({ connectionString, max: CLIENTS })
  await pool.query(TABLE.replace('sequence BIGINT NOT NULL', 'sequence BIGINT GENERATED ALWAYS AS IDENTITY'))
  await pool.query(WAITING)
  return {
    async send(bodies) {
      const text = 'INSERT INTO messages (visible_at, body) SELECT 0, unnest($1::text[])'
      await pool.query({ name: 'send', text, values: [bodies] })
    },
    async receive() {
      const text = `UPDATE messages SET visible_at = $1, receipt = $2 WHERE sequence IN (
        SELECT sequence FROM messages WHERE visible_at <= $3 ORDER BY visible_at, sequence LIMIT 10 FOR UPDATE SKIP LOCKED)
        RETURNING sequence, body`
      const [now, receipt] = [Date.now(), randomUUID()]
      const { rows } = await pool.query<{ sequence: string; body: string }>({
        ...{ name: 'receive', text, values: [now + HIDDEN, receipt, now] },
      })
      return rows.map((row) => ({ handle: `${row.sequence}.${receipt}`, body: row.body }))
    },
    async remove(leases) {
      const text = `DELETE FROM messages USING unnest($1::bigint[], $2::text[]) AS gone (sequence, receipt)
        WHERE messages.sequence = gone.sequence AND messages.receipt = gone.receipt`
      const values = [leases.map(bySequence), leases.map((each) => each.slice(each.indexOf('.') + 1))]
      await pool.query({ name: 'remove', text, values })
    },
    close: () => pool.end(),
  }
}
