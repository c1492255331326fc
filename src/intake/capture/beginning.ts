/**
 * The beginning of a capture with `snapshot`: all rows that are there are told, as they were at the point from which changes are
 * told.
 */
import type { Client } from 'pg'
import type { Change } from './change.js'
import type { RunnerDependencies } from './dependencies.js'
import type { RowReader } from './row-reader.js'
import { asInserts, atNewSlot, atOutbox, rowsOf } from './snapshot.js'
import { connect } from './source.js'
import { objectOf, type Stored } from './stored.js'

export interface Beginning {
  readonly read: RowReader
  admit(changes: readonly Change[]): Promise<void>
  readonly signal: AbortSignal
}

/** @param stored of the incarnation that begins */
export async function begin(
  stored: Stored,
  { store, egress, now }: Pick<RunnerDependencies, 'store' | 'egress' | 'now'>,
  beginning: Beginning,
): Promise<void> {
  const connection = store.connection(stored)
  const object = objectOf(stored)
  const replication = stored.method === 'logical' ? await connect(connection, egress, 'replication') : null
  const client = await connect(connection, egress, 'reading')
  try {
    if (replication) await atNewSlot(replication, client, object)
    else await atOutbox(client, object)
    await tellRows(client, stored, new Date(now()).toISOString(), beginning)
    await client.query('COMMIT')
  } finally {
    await client.end().catch(() => {})
    await replication?.end().catch(() => {})
  }
}

async function tellRows(
  client: Client,
  { incarnation, spec }: Stored,
  time: string,
  { read, admit, signal }: Beginning,
): Promise<void> {
  let first = 0
  for (const table of Object.keys(spec.tables)) {
    for await (const found of rowsOf(client, table, read)) {
      signal.throwIfAborted()
      await admit(asInserts(table, found, { incarnation, first, time }))
      first += found.length
    }
  }
}
