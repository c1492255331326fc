/**
 * What a database does for us: one piece of work in one transaction.
 */

/** One statement with its values, JSON each; `$1` and `?1` are the first. */
export interface Bound {
  readonly text: string
  readonly values: readonly unknown[]
}

export interface Work {
  /** Runs first; when it changes no row the statement is not run: the event was told before, or a newer one was. */
  readonly guard: Bound | null
  readonly statement: Bound
  /** Of a database whose INSERT cannot say what becomes of the row that is there: the statement inserts, these look first. */
  readonly row?: RowThere
}

export interface RowThere {
  /** Changes it if it is older; null: there is nothing to change. */
  readonly update: Bound | null
  /** Finds it. */
  readonly find: Bound
}

/** `told`: the guard changed nothing. Else how many rows the statement changed. */
export type Done = 'told' | number

export interface Database {
  /** All or nothing. Rejects with the signal's reason as soon as it is aborted, and with the error of the database or the way to it. */
  run(work: Work, signal: AbortSignal): Promise<Done>
  /** Whether a statement would run, without running it; it has no values. Rejects as `run`. */
  check(text: string, signal: AbortSignal): Promise<void>
  /** What runs ends first. */
  close(): Promise<void>
}
