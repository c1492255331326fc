/**
 * The way to read changes that a capture's method asks for.
 */
import type { Client } from 'pg'
import { messageOf } from '../../errors.js'
import type { Reader } from './change.js'
import { becomeReader } from './one-reader.js'
import { OutboxReader } from './outbox.js'
import type { RowReader } from './row-reader.js'
import { codeOf, connect, type Egress } from './source.js'
import { type CaptureStore, objectOf, type Stored } from './stored.js'
import { openStream } from './stream.js'
import { Ended } from './watching.js'

interface OpenOptions {
  readonly store: CaptureStore
  readonly egress: Egress
  readonly read: RowReader
}

/** @throws Ended: there is nothing to read any more; and as `connect` */
export async function openReader(stored: Stored, { store, egress, read }: OpenOptions): Promise<Reader> {
  const connection = store.connection(stored)
  const object = objectOf(stored)
  const { incarnation } = stored
  if (stored.method === 'triggers')
    return openOutbox(await connect(connection, egress, 'reading'), object, stored, read)
  const client = await connect(connection, egress, 'replication')
  const { PgoutputPlugin } = await import('pg-logical-replication')
  const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [object] })
  try {
    return await openStream(client, (data) => plugin.parse(data), { slot: object, incarnation, read })
  } catch (error) {
    await client.end().catch(() => {})
    throw slotGone(error)
  }
}

async function openOutbox(
  client: Client,
  object: string,
  { incarnation }: Stored,
  read: RowReader,
): Promise<OutboxReader> {
  const reader = new OutboxReader(client, object, { incarnation, read })
  try {
    await becomeReader(client, object)
    return reader
  } catch (error) {
    await reader.close()
    throw error
  }
}

/**
 * SQLSTATE undefined_object, and object_not_in_prerequisite_state: the slot is not there, or its log is not, or the publication
 * is not. One that is made again does not help: the slot reads what was written before by what was there then.
 */
export const slotGone = (error: unknown): unknown =>
  ['42704', '55000'].includes(codeOf(error))
    ? new Ended('slot_lost', `The slot cannot be read any more: ${messageOf(error)}.`)
    : error
