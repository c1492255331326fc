/**
 * The rows that are there, and the very point from which changes are told after them: nothing is told twice, and nothing is
 * left out.
 */
import type { Client } from 'pg'
import { BATCH, type Row } from './change.js'
import { literal, qualified, quoted } from './mapping.js'
import type { RowReader, TextRow } from './row-reader.js'
import { rows } from './source.js'

/** A transaction on `client` that sees exactly what the slot's first change comes after. The slot is made by `replication`. */
export async function atNewSlot(replication: Client, client: Client, slot: string): Promise<void> {
  await client.query(
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ${literal(slot)}`,
  )
  const created = await replication.query<{ snapshot_name: string }>(
    `CREATE_REPLICATION_SLOT ${quoted(slot)} LOGICAL pgoutput EXPORT_SNAPSHOT`,
  )
  const snapshot = created.rows[0]?.snapshot_name ?? ''
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  await client.query(`SET TRANSACTION SNAPSHOT ${literal(snapshot)}`)
}

/** A transaction in which what was written into the outbox before is read as rows, and forgotten as changes. */
export async function atOutbox(client: Client, object: string): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
  await client.query(`DELETE FROM ${quoted(object)}.outbox`)
}

/** The row `t` as its columns' texts, inside JSON. */
export const ROW_AS_TEXTS = '(SELECT json_object_agg(key, value) FROM json_each_text(row_to_json(t))) AS row'

/** All rows of a table, inside the transaction that is open. */
export async function* rowsOf(client: Client, table: string, read: RowReader): AsyncGenerator<readonly Row[]> {
  await client.query(`DECLARE tocsin_rows NO SCROLL CURSOR FOR SELECT ${ROW_AS_TEXTS} FROM ${qualified(table)} AS t`)
  for (;;) {
    const found = await rows<{ row: TextRow | null }>(client, `FETCH ${BATCH} FROM tocsin_rows`)
    if (found.length === 0) break
    yield found.flatMap(({ row }) => {
      const made = read.row(table, row, 'json')
      return made === null ? [] : [made]
    })
  }
  await client.query('CLOSE tocsin_rows')
}
