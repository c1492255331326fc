/**
 * A row change of another database, as both ways of capturing tell it.
 */

/** The columns of a row by name, as JSON: see `values.ts`. */
export type Row = Readonly<Record<string, unknown>>

export type Operation = 'insert' | 'update' | 'delete' | 'truncate'

export interface Change {
  readonly operation: Operation
  /** `public.person` */
  readonly table: string
  /** Of an update and a delete: the row before, or its key alone where the source keeps no more. */
  readonly before: Row | null
  readonly after: Row | null
  /** Its place in the source: unique, and the same whenever it is read. */
  readonly position: string
  /** The same for all changes of one transaction. */
  readonly transaction: string
  /** RFC 3339; when it was committed, or made where that is not known. */
  readonly time: string
  /** Of the row, where the source told it by its key alone or not at all as it was before. */
  readonly columns?: readonly string[]
  /** It tells no change but what a row is: at the beginning, or what was missed. */
  readonly marked?: 'snapshot' | 'reconciled'
}

/** Changes in the order of their commits, each transaction in its own. */
export interface Batch {
  readonly changes: readonly Change[]
  /** The source may forget them: they are in the log. */
  confirm(): Promise<void>
}

export interface Reader {
  /** Waits until there is something; null: `signal` was aborted. Rejects when the source is lost. */
  next(signal: AbortSignal): Promise<Batch | null>
  close(): Promise<void>
}

/** Changes that are read, and admitted, at once. */
export const BATCH = 500
