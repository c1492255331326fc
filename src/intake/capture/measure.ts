/**
 * How much waits in the source for us, and whether it will still be there.
 */
import type { Client } from 'pg'
import { type Method, quoted } from './mapping.js'
import { rows } from './source.js'

export interface Backlog {
  /** Bytes that the source keeps for us. */
  readonly retained: number
  /** Bytes of its log that we have not confirmed; of an outbox the same as `retained`. */
  readonly unread: number
  /** The slot, or the outbox, is there and whole. */
  readonly present: boolean
  readonly active: boolean
}

const NONE: Backlog = { retained: 0, unread: 0, present: false, active: false }

const SLOT = `SELECT coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::float8 AS retained,
  coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::float8 AS unread,
  coalesce(wal_status, '') <> 'lost' AS present, active FROM pg_replication_slots
  WHERE slot_name = $1 AND database = current_database()`

export async function askBacklog(client: Client, object: string, method: Method): Promise<Backlog> {
  if (method === 'logical') return (await rows<Backlog & object>(client, SLOT, [object]))[0] ?? NONE
  const table = `${quoted(object)}.outbox`
  const [found] = await rows<{ there: boolean }>(client, 'SELECT to_regclass($1) IS NOT NULL AS there', [table])
  if (!found?.there) return NONE
  const [size] = await rows<{ retained: number; filled: boolean }>(
    client,
    `SELECT pg_total_relation_size($1::regclass)::float8 AS retained, EXISTS (SELECT 1 FROM ${table}) AS filled`,
    [table],
  )
  const retained = size?.filled ? size.retained : 0
  return { retained, unread: retained, present: true, active: true }
}
