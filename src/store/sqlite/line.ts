/**
 * The line of calls. While another connection writes to the file, as a host's transaction does, what writes waits in it and
 * what reads goes on. To wait inside SQLite instead would stop both, and a host in the same process for good: before it
 * commits it may wait for what we read.
 */
import { Unavailable } from '../../errors.js'
import type { Call, Outcome } from './calls.js'
import { toFailure } from './calls.js'

export interface LineDependencies {
  execute(calls: readonly Call[]): readonly Outcome[]
  /** Told an outcome for each call in the line; those that wait stay in it, in their order. */
  answer(calls: readonly Call[], outcomes: readonly Outcome[]): void
  now(): number
  /** Calls back after so many milliseconds. */
  later(again: () => void, milliseconds: number): void
}

/** Milliseconds for which calls wait before they fail: as long as a lease. */
const PATIENCE = 30_000
/** Milliseconds to the next try: hosts commit soon, as a rule. */
const SOONEST = 1
const LATEST = 10

const BUSY: Outcome = {
  failure: toFailure(new Unavailable('unavailable', 'The database file is in use by another program.')),
}

export class Line {
  readonly #dependencies: LineDependencies
  readonly #patience: number
  #calls: readonly Call[] = []
  /** Since when the file is not free; null: it was free when it was last asked for. */
  #since: number | null = null
  #pause = SOONEST
  #tries = false
  #whenEmpty: (() => void)[] = []

  constructor(dependencies: LineDependencies, patience = PATIENCE) {
    this.#dependencies = dependencies
    this.#patience = patience
  }

  /** Executes them, and what waits, as far as the file is free. */
  add(calls: readonly Call[]): void {
    this.#calls = this.#calls.length === 0 ? calls : [...this.#calls, ...calls]
    if (this.#calls.length > 0) this.#execute()
  }

  /** Resolves when nothing waits any more. */
  async empty(): Promise<void> {
    if (this.#calls.length === 0) return
    await new Promise<void>((resolve) => this.#whenEmpty.push(resolve))
  }

  #execute(): void {
    const calls = this.#calls
    const outcomes = this.#bounded(this.#dependencies.execute(calls))
    this.#calls = this.#since === null ? [] : calls.filter((_, index) => waits(outcomes[index]))
    this.#dependencies.answer(calls, outcomes)
    if (this.#calls.length > 0) this.#tryAgain()
    else for (const tell of this.#whenEmpty.splice(0)) tell()
  }

  /** What has waited too long fails. */
  #bounded(outcomes: readonly Outcome[]): readonly Outcome[] {
    if (!outcomes.some(waits)) {
      this.#since = null
      this.#pause = SOONEST
      return outcomes
    }
    const now = this.#dependencies.now()
    this.#since ??= now
    if (now - this.#since < this.#patience) return outcomes
    this.#since = null
    return outcomes.map((outcome) => (waits(outcome) ? BUSY : outcome))
  }

  #tryAgain(): void {
    if (this.#tries) return
    this.#tries = true
    this.#dependencies.later(() => {
      this.#tries = false
      if (this.#calls.length > 0) this.#execute()
    }, this.#pause)
    this.#pause = Math.min(this.#pause * 2, LATEST)
  }
}

const waits = (outcome: Outcome | undefined): boolean => outcome !== undefined && 'waits' in outcome
