/**
 * What is known of the rows of captured tables: each as it was last told, followed as changes are told.
 */
import { canonical, sha256 } from '../canonical.js'
import type { CapturedRow, CapturedRowStore, RowUpdate } from './captured-rows.js'
import type { Change, Row } from './change.js'
import { keyIn, within } from './rule.js'

/** What of a table is known of each row. */
export interface KnownTable {
  readonly key: readonly string[]
  /** Those that are captured; undefined: all. */
  readonly columns: ReadonlySet<string> | undefined
  /** Those that the source computes: no part of what is known. */
  readonly generated: ReadonlySet<string>
  /** How many others the table has. */
  readonly width: number
  /** Does the mapping ask for the row before a change. */
  readonly tellsBefore: boolean
}

export interface KnownRow {
  readonly id: string
  readonly row: Row
}

/** Where the mapping wants no rows to be kept. */
export const NONE_KEPT: CapturedRowStore = {
  find: async () => [],
  list: async () => [],
  put: async () => {},
  clear: async () => 0,
}

const PAGE = 500
/** Rows that are forgotten at once. */
const SLICE = 5_000

export class KnownRows {
  readonly #store: CapturedRowStore
  readonly #capture: string
  readonly #tables: ReadonlyMap<string, KnownTable>

  constructor(store: CapturedRowStore, capture: string, tables: ReadonlyMap<string, KnownTable>) {
    this.#store = store
    this.#capture = capture
    this.#tables = tables
  }

  /** Which row of its table it is; null: its key holds NULL, so nothing names it. */
  idOf(table: string, row: Row | null): string | null {
    const values = Object.values(keyIn(row, this.#tables.get(table)?.key ?? []) ?? {})
    return values.length === 0 || values.includes(null) ? null : sha256(canonical(values, '')).slice(0, 22)
  }

  /** What of it is captured. */
  seen(table: string, row: Row): Row {
    const { columns, generated } = this.#tables.get(table) ?? {}
    const captured = within(row, columns) ?? row
    if (!generated?.size) return captured
    return Object.fromEntries(Object.entries(captured).filter(([name]) => !generated.has(name)))
  }

  /**
   * With what the source did not tell of their rows, as it is known: where it keeps only keys before a change, as of a partition
   * that came since, the row before; and long values that did not change.
   */
  async completed(changes: readonly Change[]): Promise<readonly Change[]> {
    const lacking = changes.filter((change) => this.#lacks(change))
    if (lacking.length === 0) return changes
    const rows = await this.#before(lacking)
    return changes.map((change) => {
      const { table, operation, before, after } = change
      if (operation === 'truncate') for (const key of rows.keys()) if (key.startsWith(`${table} `)) rows.delete(key)
      const [left, id] = [this.#nameOf(table, before ?? after), this.#nameOf(table, after)]
      const known = left === null ? undefined : rows.get(left)
      const whole = known && this.#lacks(change) ? this.#completed(change, known) : change
      if (left !== null) rows.delete(left)
      if (id !== null && whole.after !== null) rows.set(id, this.seen(table, whole.after))
      return whole
    })
  }

  #completed(change: Change, known: Row): Change {
    const { table, before, after, columns = Object.keys(before ?? {}) } = change
    const there = Object.fromEntries(Object.entries(known).filter(([name]) => columns.includes(name)))
    const key = keyIn(before, this.#tables.get(table)?.key ?? [])
    return {
      ...change,
      before: this.#tables.get(table)?.tellsBefore ? { ...there, ...key } : before,
      after: after && { ...there, ...after },
    }
  }

  /** Of a partition that keeps its keys alone before a change, the others come as NULL. */
  #lacks({ table, operation, before, after, columns }: Change): boolean {
    const { key = [], tellsBefore = false } = this.#tables.get(table) ?? {}
    if (operation !== 'update' && operation !== 'delete') return false
    if (columns !== undefined) return tellsBefore || columns.some((name) => after !== null && !(name in after))
    const others = Object.entries(before ?? {}).filter(([name]) => !key.includes(name))
    return tellsBefore && others.length > 0 && others.every(([, value]) => value === null)
  }

  /** These changes were told. */
  async follow(changes: readonly Change[]): Promise<void> {
    const rows = await this.#before(changes.filter((change) => this.#isPartial(change)))
    const gone = new Set<string>()
    for (const change of changes) {
      const { table, operation, before, after } = change
      if (operation === 'truncate') {
        for (const key of rows.keys()) if (key.startsWith(`${table} `)) rows.delete(key)
        for (const key of gone) if (key.startsWith(`${table} `)) gone.delete(key)
        await this.forget(table)
        continue
      }
      const [left, id] = [this.#nameOf(table, before ?? after), this.#nameOf(table, after)]
      const known = left === null ? undefined : rows.get(left)
      if (left !== null && left !== id) {
        rows.delete(left)
        gone.add(left)
      }
      if (id === null || after === null) continue
      gone.delete(id)
      rows.set(id, this.seen(table, this.#isPartial(change) ? { ...known, ...after } : after))
    }
    await this.#put([...rows].map(([name, row]) => [name, JSON.stringify(row)] as const))
    await this.#put([...gone].map((name) => [name, null] as const))
  }

  /** These rows are so, as far as nothing was told of them. */
  learn(table: string, page: readonly KnownRow[]): Promise<void> {
    return this.#put(page.map(({ id, row }) => [`${table} ${id}`, JSON.stringify(row)] as const))
  }

  async find(table: string, ids: readonly string[]): Promise<ReadonlyMap<string, Row>> {
    if (ids.length === 0) return new Map()
    const found = await this.#store.find(this.#capture, table, ids)
    return new Map(found.map((each) => [each.id, rowIn(each)]))
  }

  /** All of a table. */
  async *pages(table: string): AsyncGenerator<readonly KnownRow[]> {
    for (let after = ''; ; ) {
      const page = await this.#store.list(this.#capture, table, after, PAGE)
      const last = page.at(-1)
      if (last === undefined) return
      yield page.map((each) => ({ id: each.id, row: rowIn(each) }))
      after = last.id
    }
  }

  forget(table: string): Promise<void> {
    return forgetRows(this.#store, this.#capture, table)
  }

  /** A long value that did not change is not told where the source keeps no row before. */
  #isPartial({ operation, table, after }: Change): boolean {
    return operation === 'update' && after !== null && Object.keys(after).length < (this.#tables.get(table)?.width ?? 0)
  }

  /** By table and id, what was known of the rows of such changes. */
  async #before(partial: readonly Change[]): Promise<Map<string, Row>> {
    const rows = new Map<string, Row>()
    for (const table of new Set(partial.map((change) => change.table))) {
      const ids = partial.flatMap(({ table: of, before, after }) =>
        of === table ? (this.idOf(table, before ?? after) ?? []) : [],
      )
      for (const [id, row] of await this.find(table, [...new Set(ids)])) rows.set(`${table} ${id}`, row)
    }
    return rows
  }

  #nameOf(table: string, row: Row | null): string | null {
    const id = row === null || !this.#tables.has(table) ? null : this.idOf(table, row)
    return id === null ? null : `${table} ${id}`
  }

  async #put(named: readonly (readonly [name: string, state: string | null])[]): Promise<void> {
    const updates: RowUpdate[] = named.map(([name, state]) => {
      const cut = name.lastIndexOf(' ')
      return { table: name.slice(0, cut), id: name.slice(cut + 1), state }
    })
    if (updates.length > 0) await this.#store.put(this.#capture, updates)
  }
}

export async function forgetRows(store: CapturedRowStore, capture: string, table: string): Promise<void> {
  while ((await store.clear(capture, table, SLICE)) === SLICE);
}

const rowIn = ({ state }: CapturedRow): Row => JSON.parse(state) as Row
