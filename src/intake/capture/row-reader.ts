/**
 * Rows from texts: by the types that their columns had when they were written, which each method tells before its rows.
 */
import type { Row } from './change.js'
import type { TableMapping } from './mapping.js'
import { type ColumnType, reading, type Writing } from './values.js'

export type TextRow = Readonly<Record<string, string | null | undefined>>

/** What a table was found to be, now and before. */
export interface SchemaChange {
  readonly table: string
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

export interface RowReaderOptions {
  readonly types: ReadonlyMap<string, { readonly oid: number; readonly columns: ReadonlyMap<string, ColumnType> }>
  /** All types of the source by their oids. One that was made later is read as text until the next start. */
  readonly typeOf: ReadonlyMap<number, ColumnType>
  readonly tables: Readonly<Record<string, TableMapping>>
  readonly keys: ReadonlyMap<string, readonly string[]>
  arrayOf(text: string): unknown
  /** Rows have other columns than before. */
  changed(change: SchemaChange): void
}

type Read = (text: string) => unknown

/** Of `pg_attribute`. */
export interface WrittenColumn {
  readonly name: string
  readonly typeOid: number
}

const TEXT: ColumnType = { type: 'text', element: null }

export class RowReader {
  readonly #options: RowReaderOptions
  readonly #readers = new Map<string, Read>()
  /** The columns that the last row of a table had. */
  readonly #columns = new Map<string, readonly string[]>()

  readonly #names = new Map<number, string>()
  readonly #types = new Map<string, ReadonlyMap<string, ColumnType>>()

  constructor(options: RowReaderOptions) {
    this.#options = options
    for (const [name, { oid, columns }] of options.types) {
      this.#columns.set(name, [...columns.keys()])
      this.#names.set(oid, name)
      this.#types.set(name, columns)
    }
  }

  /** A table as it is called now: in an older change it may have another name. Undefined: none of the mapping's. */
  tableOf(oid: number): string | undefined {
    return this.#names.get(oid)
  }

  /** The tables that are read, by their oids. */
  get oids(): readonly number[] {
    return [...this.#names.keys()]
  }

  /** Rows of this table have these columns from here on. */
  written(oid: number, columns: readonly WrittenColumn[]): void {
    const table = this.tableOf(oid)
    if (table === undefined) return
    const { typeOf } = this.#options
    const before = this.#types.get(table)
    const types = new Map(columns.map(({ name, typeOid }) => [name, typeOf.get(typeOid) ?? TEXT]))
    if ([...types].every(([name, type]) => isSameType(type, before?.get(name)))) return
    this.#types.set(table, types)
    for (const key of this.#readers.keys()) if (key.includes(` ${table} `)) this.#readers.delete(key)
  }

  /** The rows before and after; of the one before its key alone, where the mapping asks for no more. */
  rows(table: string, before: TextRow | null, after: TextRow | null, writing: Writing) {
    if (after) this.#notice(table, Object.keys(after))
    const rows = { before: this.row(table, before, writing), after: this.row(table, after, writing) }
    return this.#tellsBefore(table) ? rows : { ...rows, before: this.#keyAlone(table, rows.before, rows.after) }
  }

  row(table: string, texts: TextRow | null, writing: Writing): Row | null {
    if (texts === null) return null
    const row: Record<string, unknown> = {}
    for (const [name, text] of Object.entries(texts)) {
      if (text !== undefined) row[name] = text === null ? null : this.value(table, name, text, writing)
    }
    return row
  }

  value(table: string, column: string, text: string, writing: Writing): unknown {
    const key = `${writing} ${table} ${column}`
    const known = this.#readers.get(key)
    if (known) return tried(known, text)
    const type = this.#types.get(table)?.get(column) ?? TEXT
    const fresh = reading(type, writing, this.#options.arrayOf)
    this.#readers.set(key, fresh)
    return tried(fresh, text)
  }

  #notice(table: string, columns: readonly string[]): void {
    const before = this.#columns.get(table)
    if (before === undefined || same(before, columns)) return
    this.#columns.set(table, columns)
    const added = columns.filter((name) => !before.includes(name))
    const removed = before.filter((name) => !columns.includes(name))
    if (added.length + removed.length > 0) this.#options.changed({ table, added, removed })
  }

  #tellsBefore(table: string): boolean {
    return this.#options.tables[table]?.before ?? true
  }

  #keyAlone(table: string, before: Row | null, after: Row | null): Row | null {
    if (before === null) return null
    const columns = this.#options.keys.get(table) ?? []
    const isSame =
      after !== null && columns.every((name) => JSON.stringify(before[name]) === JSON.stringify(after[name]))
    return isSame ? null : Object.fromEntries(columns.map((name) => [name, before[name]]))
  }
}

const isSameType = ({ type, element }: ColumnType, other: ColumnType | undefined): boolean =>
  type === other?.type && element === other.element

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name, index) => name === other[index])

/** A column whose type was changed meanwhile may hold what its old type would not be. */
function tried(read: Read, text: string): unknown {
  try {
    return read(text)
  } catch {
    return text
  }
}
