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

/** How a statement is written for a database. */
export interface Dialect {
  /** The value with this number, from 1. */
  placeholder(number: number): string
  /** The words a statement may begin with. */
  readonly verbs: readonly string[]
  /** What must not stand outside of quotes: the database's own kinds of parameters. */
  readonly ownParameters: RegExp
}

export const POSTGRES: Dialect = {
  placeholder: (number) => `$${number}`,
  verbs: ['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'WITH', 'SELECT', 'CALL'],
  ownParameters: /\$\d/,
}

/** Neither ATTACH nor VACUUM INTO nor PRAGMA: a statement stays in its file. */
export const SQLITE: Dialect = {
  placeholder: (number) => `?${number}`,
  verbs: ['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'WITH'],
  ownParameters: /[?@]|\$\w/,
}
