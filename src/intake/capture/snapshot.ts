/**
 * The rows that are there, and the very point from which changes are told after them: nothing is told twice, and nothing is
 * left out.
 */
import type { Client } from 'pg'
import { BATCH, type Row } from './change.js'
import { membersOf } from './json-text.js'
import { literal, type Method, qualified, quoted } from './mapping.js'
import type { RowReader, TextRow } from './row-reader.js'
import { rows } from './source.js'
import type { Writing } from './values.js'

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

/** How a method writes the values of a change: what is read of a row is held against that, and so must be written alike. */
export const writingOf = (method: Method): Writing => (method === 'logical' ? 'text' : 'json')

/** The row `t` of a table as its columns' texts, inside JSON. */
export async function rowAsTexts(client: Client, table: string, writing: Writing): Promise<string> {
  // `t.*` and not `t`, which may be a column.
  if (writing === 'json') return 'row_to_json(t.*)::text AS row'
  const columns = await rows<{ name: string }>(
    client,
    'SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum',
    [qualified(table)],
  )
  const list = (items: readonly string[]) => `ARRAY[${items.join(', ')}]::text[]`
  const names = columns.map(({ name }) => literal(name))
  return `json_object(${list(names)}, ${list(columns.map(({ name }) => written(name)))}) AS row`
}

/** By the type's own output function, as logical decoding does; a cast to text may do otherwise (`char`). */
const written = (column: string): string =>
  `CASE WHEN num_nulls(t.${quoted(column)}) = 0 THEN format('%s', t.${quoted(column)}) END`

/** What `rowAsTexts` asks for. */
export type FoundRow = { readonly row: TextRow | string }

export const textsOf = ({ row }: FoundRow): TextRow => (typeof row === 'string' ? membersOf(row) : row)

/** All rows of a table, inside the transaction that is open. @param row as `rowAsTexts` */
export async function* rowsOf(
  client: Client,
  { table, row: texts, read, writing }: { table: string; row: string; read: RowReader; writing: Writing },
): AsyncGenerator<readonly Row[]> {
  await client.query(`DECLARE tocsin_rows NO SCROLL CURSOR FOR SELECT ${texts} FROM ${qualified(table)} AS t`)
  for (;;) {
    const found = await rows<FoundRow>(client, `FETCH ${BATCH} FROM tocsin_rows`)
    if (found.length === 0) break
    yield found.flatMap((each) => {
      const made = read.row(table, textsOf(each), writing)
      return made === null ? [] : [made]
    })
  }
  await client.query('CLOSE tocsin_rows')
}
