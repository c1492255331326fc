/**
 * One try at one task: find its subscription, hand the event over in time, decide what becomes of the task.
 */
import { messageOf } from '../errors.js'
import type { LeasedTask, Settlement } from '../store/port.js'
import type { AttemptRow } from '../store/rows.js'
import type { LaneLimits } from './lanes.js'
import { EXPIRED, type Outcome, type Schedule, settle } from './settle.js'

/** How a subscription wants its tasks treated. */
export interface Terms extends LaneLimits {
  readonly retry: Schedule
  /** Milliseconds one attempt may take. */
  readonly timeout: number
}

export interface Errand {
  readonly terms: Terms
  /** Hands the event over. A throw is a fault of ours and is tried again. */
  run(leased: LeasedTask, signal: AbortSignal): Promise<Outcome & { readonly response?: string }>
}

export interface AttemptContext {
  readonly node: string
  /** Aborted from outside to stop the attempt, by its deadline from within. */
  readonly controller: AbortController
  now(): number
  random(): number
}

export interface Attempted {
  readonly settlement: Omit<Settlement, 'leaseNext'>
  readonly outcome: Outcome
  /** What it did to the breaker of its lane. */
  readonly breaker?: 'opened' | 'closed' | null
}

/** @param errand null when the subscription is gone. */
export async function attempt(leased: LeasedTask, errand: Errand | null, context: AttemptContext): Promise<Attempted> {
  const { task } = leased
  const startedAt = context.now()
  if (!errand) return ended(leased, startedAt, { state: 'not-executed', ...GONE })
  if (task.expiresAt !== null && task.expiresAt <= startedAt)
    return ended(leased, startedAt, { state: 'not-executed', code: EXPIRED.code, message: EXPIRED.message })
  if (task.failures >= errand.terms.retry.attempts) return ended(leased, startedAt, { state: 'exhausted', ...WORN_OUT })
  const outcome = await tried(leased, errand, context.controller)
  const now = context.now()
  return {
    outcome,
    settlement: {
      ...keyOf(leased),
      now,
      next: settle(task, outcome, errand.terms.retry, now, context.random()),
      attempt: attemptRow(outcome, startedAt, now, context.node),
      results: [],
    },
  }
}

async function tried(
  leased: LeasedTask,
  errand: Errand,
  controller: AbortController,
): Promise<Outcome & { readonly response?: string }> {
  let late = false
  const timer = setTimeout(() => {
    late = true
    controller.abort(new Error(`The attempt took longer than ${errand.terms.timeout} ms.`))
  }, errand.terms.timeout)
  try {
    return await errand.run(leased, controller.signal)
  } catch (error) {
    if (late) return { outcome: 'retry', code: 'timeout', message: messageOf(error) }
    if (controller.signal.aborted)
      return { outcome: 'release', code: 'aborted', message: 'The attempt was stopped.', after: 0 }
    return { outcome: 'retry', code: 'fault', message: messageOf(error) }
  } finally {
    clearTimeout(timer)
  }
}

const GONE = { code: 'subscription_gone', message: 'The subscription was removed.' }
/** A lost lease is a failure too: an event that ends its process each time must not be tried for ever. */
const WORN_OUT = { code: 'lease_lost', message: 'The leases of too many attempts were lost.' }

/** Without an attempt. */
function ended(leased: LeasedTask, now: number, next: Ended): Attempted {
  const { code, message } = next
  return {
    outcome: { outcome: 'refused', code, message },
    settlement: { ...keyOf(leased), now, next, attempt: null, results: [] },
  }
}

interface Ended {
  readonly state: 'not-executed' | 'exhausted'
  readonly code: string
  readonly message: string
}

const keyOf = ({ task }: LeasedTask) => ({
  tenant: task.tenant,
  sequence: task.sequence,
  subscription: task.subscription,
  token: task.token,
})

function attemptRow(
  outcome: Outcome & { readonly response?: string },
  startedAt: number,
  endedAt: number,
  node: string,
): Settlement['attempt'] {
  const row: Omit<AttemptRow, 'tenant' | 'sequence' | 'subscription' | 'number'> = {
    startedAt,
    endedAt,
    outcome: outcome.outcome,
    code: outcome.code ?? null,
    message: 'message' in outcome ? outcome.message : null,
    response: outcome.response ?? null,
    node,
  }
  return row
}
