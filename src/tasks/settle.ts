/**
 * What becomes of a task after an attempt: a pure function of the task, the outcome, the schedule and the clock.
 */
import type { Settlement } from '../store/port.js'
import type { TaskRow } from '../store/rows.js'

/** What an attempt came to; the transports' outcomes fit it. */
export type Outcome =
  | { readonly outcome: 'delivered'; readonly code?: string }
  | {
      readonly outcome: 'retry'
      readonly code: string
      readonly message: string
      readonly after?: number
      /** There is no further attempt, whatever the schedule says. */
      readonly last?: boolean
    }
  | { readonly outcome: 'release'; readonly code: string; readonly message: string; readonly after?: number }
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string; readonly disable?: boolean }

export interface Schedule {
  /** Failures before a task is exhausted. */
  readonly attempts: number
  /** Milliseconds. */
  readonly firstDelay: number
  readonly maxDelay: number
  /** Instead of doubling: before the second attempt, the third, ...; the last for all that follow. */
  readonly delays?: readonly number[]
}

/** What a task becomes that was not told before its expiry time. */
export const EXPIRED = { state: 'not-executed', code: 'expired', message: 'Its expiry time passed.' } as const

/** @param chance in [0, 1): the jitter. */
export function settle(
  task: TaskRow,
  outcome: Outcome,
  schedule: Schedule,
  now: number,
  chance: number,
): Settlement['next'] {
  switch (outcome.outcome) {
    case 'delivered':
      return { state: 'done', code: outcome.code ?? null, message: null }
    case 'refused':
      return { state: 'refused', code: outcome.code, message: outcome.message }
    case 'release': {
      const { code, message, after = schedule.firstDelay } = outcome
      return { state: 'waiting', wakeAt: now + after, failed: false, code, message }
    }
    case 'retry': {
      const { code, message, last = false } = outcome
      if (last || task.failures + 1 >= schedule.attempts) return { state: 'exhausted', code, message }
      const delay = Math.max(outcome.after ?? 0, backOff(task.failures, schedule, chance))
      return { state: 'waiting', wakeAt: now + delay, failed: true, code, message }
    }
  }
}

/** As the list says, else doubled from the first delay to the greatest; half of it is certain, half is chance, so that crowds disperse. */
export function backOff(failures: number, { firstDelay, maxDelay, delays }: Schedule, chance: number): number {
  const full = delays?.[failures] ?? delays?.at(-1) ?? Math.min(maxDelay, firstDelay * 2 ** Math.min(failures, 40))
  return Math.round(full / 2 + (full / 2) * chance)
}
