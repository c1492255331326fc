/**
 * What the store keeps of captured tables: each row as it was last told, so that a later look at the source finds what was missed.
 */
export interface CapturedRow {
  /** A digest of its key. */
  readonly id: string
  /** The row, as JSON. */
  readonly state: string
}

export interface RowUpdate {
  readonly table: string
  readonly id: string
  /** Null: it is not there any more. */
  readonly state: string | null
}

/** Rows by capture, table and id. */
export interface CapturedRowStore {
  /** Those of these ids that are known, in any order. */
  find(capture: string, table: string, ids: readonly string[]): Promise<readonly CapturedRow[]>
  /** The next in the order of their ids; the first page is after ''. */
  list(capture: string, table: string, after: string, limit: number): Promise<readonly CapturedRow[]>
  /** All or none. No two of one row. */
  put(capture: string, updates: readonly RowUpdate[]): Promise<void>
  /** Forgets at most `limit` rows of a table; answers how many. */
  clear(capture: string, table: string, limit: number): Promise<number>
}
