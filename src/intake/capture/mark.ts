/**
 * A mark in what the source keeps for us: whether it was passed tells that all before it is in our log.
 */
import type { Client } from 'pg'
import { type Method, quoted } from './mapping.js'
import { rows } from './source.js'

/** @returns whether it was passed by now */
export const setMark = (client: Client, object: string, method: Method): Promise<() => Promise<boolean>> =>
  method === 'logical' ? markInLog(client, object) : markInOutbox(client, object)

/** A message, which means nothing to anybody. */
async function markInLog(client: Client, object: string): Promise<() => Promise<boolean>> {
  const [mark] = await rows<{ lsn: string }>(client, `SELECT pg_logical_emit_message(true, 'tocsin', '')::text AS lsn`)
  return async () => {
    const [slot] = await rows<{ past: boolean }>(
      client,
      'SELECT confirmed_flush_lsn >= $2::pg_lsn AS past FROM pg_replication_slots WHERE slot_name = $1',
      [object, mark?.lsn],
    )
    return slot?.past === true
  }
}

/**
 * What is committed by now has been deleted from the outbox. Its rows are told in the order of their transactions' ends and not
 * of their ids, so one row of ours would not do: all are awaited that are to be seen now.
 */
async function markInOutbox(client: Client, object: string): Promise<() => Promise<boolean>> {
  const table = `${quoted(object)}.outbox`
  await client.query(`INSERT INTO ${table} (operation, source_table) VALUES ('probe', '')`)
  const [now] = await rows<{ snapshot: string }>(client, 'SELECT pg_current_snapshot()::text AS snapshot')
  return async () => {
    const left = await rows(
      client,
      `SELECT 1 AS one FROM ${table} WHERE pg_visible_in_snapshot(transaction, $1::pg_snapshot) LIMIT 1`,
      [now?.snapshot],
    )
    return left.length === 0
  }
}
