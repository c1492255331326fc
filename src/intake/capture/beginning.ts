/**
 * The beginning of a capture with `snapshot`: all rows that are there are told, as they were at the point from which changes are
 * told. One that was interrupted begins again: what it told of rows that are still so is not told once more, what changed since
 * is told as a change.
 */
import type { Client } from 'pg'
import type { Change } from './change.js'
import type { RunnerDependencies } from './dependencies.js'
import { missedIn, Touched } from './missed.js'
import { atNewSlot, atOutbox, writingOf } from './snapshot.js'
import { connect } from './source.js'
import { objectOf, type Stored } from './stored.js'
import type { Works } from './works.js'

export interface Beginning extends Pick<Works, 'read' | 'known' | 'keys'> {
  admit(changes: readonly Change[]): Promise<void>
  readonly signal: AbortSignal
}

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
  { incarnation, method, spec }: Stored,
  time: string,
  { read, known, keys, admit, signal }: Beginning,
): Promise<void> {
  const run = { run: `${incarnation}.snapshot`, marked: 'snapshot', time } as const
  const comparison = { client, read, writing: writingOf(method), known, touched: new Touched(), ...run }
  for (const table of Object.keys(spec.tables)) {
    for await (const { missed } of missedIn(comparison, table, keys.get(table) ?? [])) {
      signal.throwIfAborted()
      await admit(missed)
    }
  }
}
