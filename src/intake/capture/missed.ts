/**
 * What was missed of a table: its rows in a snapshot of the source, held against what is known of each.
 *
 * A row that changed since the snapshot is passed by: that change is read and told the ordinary way.
 */
import type { Client } from 'pg'
import { canonical, sha256 } from '../canonical.js'
import type { Change, Row } from './change.js'
import type { KnownRow, KnownRows } from './known-rows.js'
import { qualified, quoted } from './mapping.js'
import type { RowReader } from './row-reader.js'
import { type FoundRow, rowAsTexts, rowsOf, textsOf } from './snapshot.js'
import { rows } from './source.js'
import type { Writing } from './values.js'

/** Rows that were told as changed since the snapshot. */
export class Touched {
  readonly #tables = new Set<string>()
  readonly #rows = new Set<string>()

  add(changes: readonly Change[], known: KnownRows): void {
    for (const { table, operation, before, after } of changes) {
      if (operation === 'truncate') this.#tables.add(table)
      for (const row of [before, after]) if (row) this.#rows.add(`${table} ${known.idOf(table, row)}`)
    }
  }

  has(table: string, id: string): boolean {
    return this.#tables.has(table) || this.#rows.has(`${table} ${id}`)
  }
}

export interface Comparison {
  /** In the snapshot. */
  readonly client: Client
  readonly read: RowReader
  /** Of the rows, and of what is known of them. */
  readonly writing: Writing
  readonly known: KnownRows
  readonly touched: Touched
  /** Of all that is found in one run, and of its events. */
  readonly run: string
  readonly marked: 'snapshot' | 'reconciled'
  readonly time: string
}

export interface Page {
  /** Rows that were compared. */
  readonly rows: number
  readonly missed: readonly Change[]
}

/** Deletes, then inserts and updates. */
export async function* missedIn(comparison: Comparison, table: string, key: readonly string[]): AsyncGenerator<Page> {
  const row = await rowAsTexts(comparison.client, table, comparison.writing)
  for await (const page of comparison.known.pages(table)) {
    const there = await presentOf(comparison, { table, row }, key, page)
    const gone = page.filter(({ id }) => !there.has(id) && !comparison.touched.has(table, id))
    yield { rows: 0, missed: gone.map((each) => changeOf(comparison, table, each, null)) }
  }
  const { client, known } = comparison
  for await (const page of rowsOf(client, { ...comparison, table, row })) {
    const found = page.map((each) => ({ id: known.idOf(table, each), row: known.seen(table, each) }))
    const before = await known.find(
      table,
      found.flatMap(({ id }) => id ?? []),
    )
    yield { rows: page.length, missed: found.flatMap((each) => missedOf(comparison, table, each, before)) }
  }
}

/** Nothing names a row whose key holds NULL: it is told at the beginning alone. */
function missedOf(
  comparison: Comparison,
  table: string,
  { id, row }: { readonly id: string | null; readonly row: Row },
  known: ReadonlyMap<string, Row>,
): readonly Change[] {
  if (id === null)
    return comparison.marked === 'snapshot' ? [changeOf(comparison, table, { id: 'nameless', row: null }, row)] : []
  const before = known.get(id) ?? null
  if (comparison.touched.has(table, id) || (before && isSame(before, row))) return []
  return [changeOf(comparison, table, { id, row: before && inColumnsOf(row, before) }, row)]
}

/** All rows of the snapshot that have a name. */
export async function* namedRows(
  { client, read, writing, known }: Comparison,
  table: string,
): AsyncGenerator<readonly KnownRow[]> {
  const row = await rowAsTexts(client, table, writing)
  for await (const page of rowsOf(client, { table, row, read, writing })) {
    yield page.flatMap((each) => {
      const id = known.idOf(table, each)
      return id === null ? [] : [{ id, row: known.seen(table, each) }]
    })
  }
}

/** The source reads the keys as its own columns' types. */
async function presentOf(
  { client, read, writing, known }: Comparison,
  { table, row: texts }: { readonly table: string; readonly row: string },
  key: readonly string[],
  page: readonly KnownRow[],
): Promise<ReadonlySet<string | null>> {
  const sameKey = key.map((column) => `t.${quoted(column)} = k.${quoted(column)}`).join(' AND ')
  const keys = page.map(({ row }) => Object.fromEntries(key.map((column) => [column, row[column]])))
  const found = await rows<FoundRow>(
    client,
    `SELECT ${texts} FROM json_populate_recordset(NULL::${qualified(table)}, $1::json) AS k
      JOIN ${qualified(table)} AS t ON ${sameKey}`,
    [JSON.stringify(keys)],
  )
  return new Set(found.map((each) => known.idOf(table, read.row(table, textsOf(each), writing))))
}

/** A column that came since has no value before; one that went is not compared. */
const inColumnsOf = (row: Row, before: Row): Row =>
  Object.fromEntries(Object.keys(row).map((column) => [column, before[column] ?? null]))

const isSame = (before: Row, row: Row): boolean => canonical(inColumnsOf(row, before), '') === canonical(row, '')

/** Found again in the same run it has the same id. */
function changeOf(
  { run, time, marked }: Comparison,
  table: string,
  { id, row: before }: { readonly id: string; readonly row: Row | null },
  after: Row | null,
): Change {
  const state = after === null ? 'gone' : sha256(canonical(after, '')).slice(0, 22)
  return {
    operation: after === null ? 'delete' : before === null ? 'insert' : 'update',
    ...{ table, before, after, time },
    position: `${run}.${table}.${id}.${state}`,
    transaction: run,
    marked,
  }
}
