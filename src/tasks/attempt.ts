/**
 * One try at one task: find its subscription, hand the event over in time, decide what becomes of the task.
 */
import { messageOf } from '../errors.js'
import { Deadline } from '../pipeline/deadline.js'
import type { Stop, StopSignal } from '../pipeline/stop.js'
import type { LeasedTask, Settlement } from '../store/port.js'
import type { AttemptRow, Phases, ResultRow, SentRequest } from '../store/rows.js'
import type { LaneLimits } from './lanes.js'
import { isLocal } from './local.js'
import { EXPIRED, type Outcome, type Schedule, settle } from './settle.js'

/** How a subscription wants its tasks treated. */
export interface Terms extends LaneLimits {
  /** The way it goes out; `processors` where it stays inside. */
  readonly transport: string
  readonly retry: Schedule
  /** Milliseconds one attempt may take. */
  readonly timeout: number
}

/** What an errand came to. */
export type Answered = Outcome & {
  /** What came back, for people. */
  readonly response?: string
  /** Of an attempt that is recorded. */
  readonly request?: SentRequest
  readonly timing?: Phases
  /** What processors answered: stored with the settlement. */
  readonly results?: readonly ResultRow[]
  /** The signal ended it. */
  readonly stopped?: boolean
}

export interface Errand {
  readonly terms: Terms
  /** It is not run once what the event is about is gone. */
  readonly needsContent?: boolean
  /** Hands the event over. A throw is a fault of ours and is tried again. */
  run(leased: LeasedTask, signal: StopSignal): Promise<Answered>
}

/** One errand for several tasks. */
export interface JointErrand {
  readonly terms: Terms
  readonly needsContent?: boolean
  /** An answer for each, in their order. */
  run(leased: readonly LeasedTask[], signal: StopSignal): Promise<readonly Answered[]>
}

export interface AttemptContext {
  readonly node: string
  /** Aborted from outside to stop the attempt, by its deadline from within. */
  readonly controller: Pick<Stop, 'signal' | 'abort'>
  now(): number
  random(): number
}

export interface Attempted {
  readonly settlement: Omit<Settlement, 'leaseNext'>
  readonly outcome: Outcome
  /** The way it went, and how long that took; absent: there was no attempt. */
  readonly transport?: string
  readonly milliseconds?: number
  /** It was one of so many failures in a row. */
  readonly failures?: number
  /** What it did to the breaker of its lane. */
  readonly breaker?: 'opened' | 'closed' | null
}

/** @param errand null when the subscription is gone. */
export async function attempt(leased: LeasedTask, errand: Errand | null, context: AttemptContext): Promise<Attempted> {
  const startedAt = context.now()
  const end = errand === null ? GONE : endOf(leased, errand, startedAt)
  if (errand === null || end !== null) return ended(leased, startedAt, end ?? GONE)
  const [answered] = await tried(1, errand.terms, context.controller, async (signal) => [
    await errand.run(leased, signal),
  ])
  if (answered === undefined) throw new TypeError('An attempt has an answer.')
  const { node, now, random } = context
  return attemptedOf(leased, answered, { terms: errand.terms, startedAt, now: now(), chance: random(), node })
}

/**
 * One try at several tasks, in one message. By one clock and one chance, so that what fails together comes back together. Those
 * that have ended before take no part in it.
 */
export async function attemptTogether(
  leased: readonly LeasedTask[],
  errand: JointErrand,
  { node, controller, now, random }: AttemptContext,
): Promise<readonly Attempted[]> {
  const startedAt = now()
  const living = leased.filter((each) => endOf(each, errand, startedAt) === null)
  const answers =
    living.length === 0
      ? []
      : await tried(living.length, errand.terms, controller, (signal) => errand.run(living, signal))
  const joint = { terms: errand.terms, startedAt, now: now(), chance: random(), node }
  return leased.map((each) => {
    const answered = answers[living.indexOf(each)]
    return answered === undefined
      ? ended(each, startedAt, endOf(each, errand, startedAt) ?? GONE)
      : attemptedOf(each, answered, joint)
  })
}

interface Try {
  readonly terms: Terms
  readonly startedAt: number
  readonly now: number
  readonly chance: number
  readonly node: string
}

function attemptedOf(
  leased: LeasedTask,
  { results = [], ...outcome }: Answered,
  { terms, startedAt, now, chance, node }: Try,
): Attempted {
  const { task } = leased
  const tells = outcome.outcome !== 'delivered' || !isLocal(task.subscription)
  return {
    outcome,
    transport: terms.transport,
    milliseconds: now - startedAt,
    settlement: {
      now,
      ...keyOf(leased),
      next: settle(task, outcome, terms.retry, now, chance),
      // The results of processors that succeeded tell all there is.
      attempt: tells ? attemptRow(outcome, startedAt, now, node) : null,
      results,
    },
  }
}

/** What a task comes to without an attempt; null: it is tried. */
function endOf(
  { task, gone }: LeasedTask,
  { terms, needsContent }: Pick<Errand, 'terms' | 'needsContent'>,
  now: number,
): Ended | null {
  if (task.expiresAt !== null && task.expiresAt <= now) return EXPIRED
  if (gone && needsContent) return DELETED
  return task.failures >= terms.retry.attempts ? WORN_OUT : null
}

/** An answer for each of them. */
async function tried(
  count: number,
  { timeout }: Terms,
  controller: AttemptContext['controller'],
  run: (signal: StopSignal) => Promise<readonly Answered[]>,
): Promise<readonly Answered[]> {
  const all = (answered: Answered) => Array.from({ length: count }, () => answered)
  let late = false
  const deadline = new Deadline(timeout, () => {
    late = true
    controller.abort(new Error(`The attempt took longer than ${timeout} ms.`))
  })
  try {
    const answers = await run(controller.signal)
    if (!late) return answers
    return answers.map((each) => (each.stopped ? { ...each, ...tooLate(controller.signal.reason) } : each))
  } catch (error) {
    if (late) return all(tooLate(error))
    if (controller.signal.aborted)
      return all({ outcome: 'release', code: 'aborted', message: 'The attempt was stopped.', after: 0 })
    return all({ outcome: 'retry', code: 'fault', message: messageOf(error) })
  } finally {
    deadline.end()
  }
}

const tooLate = (error: unknown) => ({ outcome: 'retry', code: 'timeout', message: messageOf(error) }) as const

const DELETED: Ended = {
  state: 'not-executed',
  code: 'content_deleted',
  message: 'What the event is about was removed.',
}
const GONE: Ended = { state: 'not-executed', code: 'subscription_gone', message: 'The subscription was removed.' }
/** A lost lease is a failure too: an event that ends its process each time must not be tried for ever. */
const WORN_OUT: Ended = {
  state: 'exhausted',
  code: 'lease_lost',
  message: 'The leases of too many attempts were lost.',
}

/** Without an attempt. */
function ended(leased: LeasedTask, now: number, next: Ended): Attempted {
  const { code, message } = next
  return {
    outcome: { outcome: 'refused', code, message },
    settlement: { now, ...keyOf(leased), next, attempt: null, results: [] },
  }
}

/** It was leased and not begun. */
export const returned = (leased: LeasedTask, now: number): Attempted['settlement'] => ({
  now,
  ...keyOf(leased),
  next: { state: 'waiting', wakeAt: now, failed: false, code: 'returned', message: 'There was no room to begin it.' },
  attempt: null,
  results: [],
})

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

export function attemptRow(
  outcome: Answered,
  startedAt: number,
  endedAt: number,
  node: string,
): Omit<AttemptRow, 'tenant' | 'sequence' | 'subscription' | 'number'> {
  const { response = null, request, timing } = outcome
  const isWhole = outcome.outcome !== 'delivered' || request !== undefined
  return {
    startedAt,
    endedAt,
    outcome: outcome.outcome,
    code: outcome.code ?? null,
    message: 'message' in outcome ? outcome.message : null,
    response: isWhole ? response : (response?.slice(0, BRIEF) ?? null),
    node,
    request: request ? JSON.stringify(request) : null,
    timing: timing ? JSON.stringify(timing) : null,
  }
}

/** Characters kept of what a receiver says to what it took. */
const BRIEF = 1_024
