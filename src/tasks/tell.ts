/**
 * One event, told by a subscription that reads the log itself: tried until the receiver has it.
 */
import { Stop } from '../pipeline/stop.js'
import type { LeasedTask } from '../store/port.js'
import type { EventRow } from '../store/rows.js'
import { leasedTask, newTask } from '../store/task-rules.js'
import type { Subscription } from '../subscriptions/subscription.js'
import { candidateOf } from './admit/plan.js'
import { type Attempted, attempt, type Errand } from './attempt.js'
import type { Failure } from './operator-events.js'
import { pause } from './rounds.js'

export interface TellDependencies {
  readonly node: string
  /** Told of each attempt, for the log and the metrics. */
  attempted(leased: LeasedTask, attempted: Attempted): void
  /** Told when the receiver begins to fail, and when it is well again. */
  health(health: Health): void
  now(): number
  random(): number
}

export type Health = { readonly failures: number; readonly failure: Failure } | 'recovered'

/** Failures in a row before operators are told. */
const FAILING = 5

/** `stopped`: it will not be taken as it is, and the reader stays before it. */
export type Telling =
  | { readonly end: 'told' | 'interrupted' }
  | { readonly end: 'stopped'; readonly failure: Failure; readonly attempts: number; readonly disable: boolean }

/** @param signal ends the waiting between two attempts; one that is under way ends by its own deadline. */
export async function tell(
  row: EventRow,
  subscription: Subscription,
  errand: Errand,
  dependencies: TellDependencies,
  signal: AbortSignal,
): Promise<Telling> {
  let failures = 0
  for (let attempts = 1; !signal.aborted; attempts++) {
    const leased = leaseOf(row, subscription, { attempts, failures }, dependencies)
    const attempted = await attempt(leased, errand, { ...dependencies, controller: new Stop() })
    dependencies.attempted(leased, attempted)
    const { next } = attempted.settlement
    if (next.state === 'done' || next.state === 'not-executed') {
      if (failures >= FAILING) dependencies.health('recovered')
      return { end: 'told' }
    }
    const of = { eventId: row.id, eventType: row.type }
    const failure = { code: next.code ?? 'failed', message: next.message ?? 'It failed.', ...of }
    if (!('wakeAt' in next)) return { end: 'stopped', failure, attempts, disable: wantsNoMore(attempted) }
    if (next.failed) failures += 1
    if (next.failed && failures === FAILING) dependencies.health({ failures, failure })
    await pause(Math.max(0, (next.wakeAt ?? 0) - dependencies.now()), signal)
  }
  return { end: 'interrupted' }
}

const wantsNoMore = ({ outcome }: Attempted): boolean => outcome.outcome === 'refused' && outcome.disable === true

/** As if it were a task: what sends it asks no more. */
function leaseOf(
  row: EventRow,
  subscription: Subscription,
  count: { readonly attempts: number; readonly failures: number },
  { node, now }: TellDependencies,
): LeasedTask {
  const at = now()
  const task = newTask(row, candidateOf(subscription, row, at, false), at)
  return { task: { ...leasedTask(task, { node, now: at, until: at }), ...count }, event: row, gone: false }
}
