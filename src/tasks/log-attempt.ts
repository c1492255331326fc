/**
 * What an attempt came to, as the log and the metrics tell it.
 */
import type { LeasedTask } from '../store/port.js'
import type { Attempted } from './attempt.js'
import { taskId } from './views.js'

/** What attempts are told to, one wide line each. */
export interface AttemptLog
  extends Readonly<Record<'debug' | 'info' | 'warn', (fields: object, message: string) => void>> {
  /** Where it is known that nobody listens, the line is not made. */
  isLevelEnabled?(level: string): boolean
}

export interface AttemptMeasure {
  attempted(transport: string, outcome: string, seconds: number): void
  taskEnded(state: string): void
}

export function measureAttempt(measure: AttemptMeasure, attempted: Attempted): void {
  const { settlement, outcome, transport, milliseconds } = attempted
  if (transport !== undefined && milliseconds !== undefined)
    measure.attempted(transport, outcome.outcome, milliseconds / 1_000)
  const { state } = settlement.next
  if (state !== 'due' && state !== 'waiting') measure.taskEnded(state)
}

/** Success is for who looks closely; a failure that is tried again is news; one that is not is a warning. */
const LEVELS = { delivered: 'debug', release: 'debug', retry: 'info', refused: 'warn' } as const

export function logAttempt(log: AttemptLog, { task, event }: LeasedTask, attempted: Attempted): void {
  const { settlement, outcome, milliseconds, breaker } = attempted
  const { next } = settlement
  const { tenant, attempts, subscription } = task
  const level = next.state === 'exhausted' ? 'warn' : LEVELS[outcome.outcome]
  if (log.isLevelEnabled?.(level) === false) return
  log[level](
    {
      ...{ tenant, task: taskId(task), subscription, attempt: attempts, event: event.id, type: event.type },
      ...{ outcome: outcome.outcome, state: next.state, code: next.code, reason: next.message },
      ...(milliseconds !== undefined && { milliseconds }),
      ...(breaker && { breaker }),
    },
    'attempt',
  )
}
