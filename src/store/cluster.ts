/**
 * What processes on one store tell each other. Who has a store alone has nobody to talk to (`alone.ts`).
 *
 * - Signals are told soon after the commit, out of its way, and gathered. One may be lost, so nothing may depend on them:
 *   who listens looks for itself now and then, and is told `unknown` when something may have been missed.
 * - Times are those of the store's own clock, which `beat` answers.
 */
import type { Lane } from './port.js'
import type { NodeRow } from './rows.js'

/** What another process did. */
export type Signal =
  /** Events were admitted. */
  | { readonly of: 'events'; readonly tenant: string }
  /** Work of processors was settled. */
  | { readonly of: 'settled'; readonly tenant: string }
  /** Tasks may be due. */
  | { readonly of: 'tasks' }
  /** Leases were taken from whoever held them: their tasks were cancelled or deleted. */
  | { readonly of: 'leases' }
  | { readonly of: 'subscription'; readonly tenant: string; readonly id: string }
  /** Keys or tenants changed. */
  | { readonly of: 'access' }
  /** Switches, or settings of processors. */
  | { readonly of: 'settings' }
  /** A breaker opened or closed. */
  | { readonly of: 'breakers' }
  /** Anything may have happened. */
  | { readonly of: 'unknown' }

/** A breaker that is not closed. */
export interface OpenBreaker extends Lane {
  /** In a row. */
  readonly failures: number
  readonly openUntil: number
}

/** When an attempt may begin: `wait` milliseconds from now; not taken: no turn is that near, ask again then. */
export interface Turn {
  readonly taken: boolean
  readonly wait: number
}

export interface Cluster {
  /** Says what this process did; answers at once. */
  tell(signal: Signal): void
  /** Hears what others did, not what this process did. Answers a function that ends it. */
  listen(heard: (signal: Signal) => void): () => void
  /**
   * One process at a time does work of that name; null, at once, if another is at it. Who loses the store is succeeded while
   * it may not know yet: the work must do no harm twice, and what lasts ends when `lost` is aborted.
   */
  lead<Result>(name: string, work: (lost: AbortSignal) => Promise<Result>): Promise<Result | null>
  /** Creates or renews the row; answers the store's time, which is `now` where the store has no clock of its own. */
  beat(node: Omit<NodeRow, 'beatAt'>, now: number): Promise<number>
  /** By id. */
  nodes(): Promise<readonly NodeRow[]>
  leave(id: string): Promise<void>
  /** Removes nodes whose last beat was before that time. */
  forget(before: number): Promise<void>
  breakers(): Promise<readonly OpenBreaker[]>
  /** Keeps what is open, or removes what has closed (no failures). */
  putBreaker(breaker: OpenBreaker): Promise<void>
  /** Takes the next turn of a lane that all nodes together begin `rate` attempts a second of; a second's worth at once after a pause. */
  takeTurn(lane: Lane, rate: number): Promise<Turn>
  /**
   * Takes so many turns of a rate at once if one of them is there now, and else none: whoever takes more than are there has
   * those behind it wait for longer. As many as are in a second after a pause. What was taken at another rate is as many turns of this one.
   */
  takeTurns(lane: Lane, rate: number, turns: number): Promise<Turn>
  close(): Promise<void>
}
