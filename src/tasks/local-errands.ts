/**
 * The tasks that run in this process: witnesses, asynchronous processors, and resuming at a given time.
 */
import type { Principal } from '../access/principal.js'
import { isTocsinError } from '../errors.js'
import type { AnyEvent, EventInput } from '../event/envelope.js'
import type { Circumstances } from '../pipeline/call.js'
import type { LineUp } from '../pipeline/line-up.js'
import type { ProcessorOutcome } from '../pipeline/run.js'
import { processLater, witness } from '../pipeline/witness.js'
import type { LeasedTask, Store } from '../store/port.js'
import type { EventRow } from '../store/rows.js'
import type { Errand } from './attempt.js'
import { PROCESSOR_TERMS, PROCESSORS, RESUME, WITNESS_TERMS, WITNESSES } from './local.js'
import { type Outcome, settle } from './settle.js'

export interface LocalDependencies {
  readonly lineUp: LineUp
  readonly store: Pick<Store, 'log' | 'tasks'>
  /** The event as stored, with its sequence. */
  read(row: EventRow): AnyEvent
  /** Who published it. */
  publisherOf(row: EventRow): Promise<Principal>
  publishChild(parent: AnyEvent, child: EventInput, caller: Principal): Promise<void>
  resume(row: EventRow): Promise<void>
  now(): number
  random(): number
}

export class LocalErrands {
  readonly #dependencies: LocalDependencies

  constructor(dependencies: LocalDependencies) {
    this.#dependencies = dependencies
  }

  for(subscription: string): Errand | null {
    switch (subscription) {
      case WITNESSES:
        return { terms: WITNESS_TERMS, run: (leased, signal) => this.#witnessAgain(leased, signal) }
      case PROCESSORS:
        return { terms: PROCESSOR_TERMS, run: (leased, signal) => this.#process(leased, signal) }
      case RESUME:
        return { terms: PROCESSOR_TERMS, run: (leased) => this.#resume(leased.event) }
      default:
        return null
    }
  }

  /** In the publishing call: runs the witnesses and settles their task. */
  async witnessNow(leased: LeasedTask, event: AnyEvent, caller: Principal): Promise<readonly ProcessorOutcome[]> {
    const { store, now, random } = this.#dependencies
    const { outcomes, outcome } = await this.#witness(leased, event, caller)
    const { tenant, sequence, subscription, token } = leased.task
    const at = now()
    const next = settle(leased.task, outcome, WITNESS_TERMS.retry, at, random())
    await store.tasks.settle(
      [{ tenant, sequence, subscription, token, now: at, next, attempt: null, leaseNext: false }],
      null,
    )
    return outcomes
  }

  /** Every witness of the event, in registration order. */
  async #witness(leased: LeasedTask, event: AnyEvent, caller: Principal, signal?: AbortSignal): Promise<Witnessed> {
    const { lineUp, now } = this.#dependencies
    const { witnesses } = lineUp.for(event.type)
    const done = leased.task.attempts > 1 ? await this.#done(leased.event) : undefined
    const outcomes = await witness(witnesses, event, this.#circumstances(event, caller, signal), now, done)
    await this.#store(leased.event, outcomes)
    const again = outcomes.find(
      ({ state, processor }) =>
        state === 'exception' && leased.task.failures < (lineUp.get(processor).processor.retries ?? 0),
    )
    return { outcomes, outcome: again ? failed(again) : { outcome: 'delivered' } }
  }

  /** After a crash, or because a witness asked to be tried again. */
  async #witnessAgain(leased: LeasedTask, signal: AbortSignal): Promise<Outcome> {
    const { read, publisherOf } = this.#dependencies
    const { outcome } = await this.#witness(leased, read(leased.event), await publisherOf(leased.event), signal)
    return outcome
  }

  async #process({ event: row }: LeasedTask, signal: AbortSignal): Promise<Outcome> {
    const { lineUp, read, publisherOf, now } = this.#dependencies
    const event = read(row)
    const circumstances = this.#circumstances(event, await publisherOf(row), signal)
    const { outcomes, failed: failure } = await processLater(
      lineUp.for(row.type).asynchronous,
      event,
      circumstances,
      now,
      await this.#done(row),
    )
    await this.#store(row, outcomes)
    return failure ? failed(failure) : { outcome: 'delivered' }
  }

  async #resume(row: EventRow): Promise<Outcome> {
    try {
      await this.#dependencies.resume(row)
    } catch (error) {
      // Somebody resumed it before its time.
      if (!isTocsinError(error) || error.code !== 'wrong_state') throw error
    }
    return { outcome: 'delivered' }
  }

  async #done({ tenant, sequence }: EventRow): Promise<ReadonlySet<string>> {
    const results = await this.#dependencies.store.log.results(tenant, sequence)
    return new Set(results.filter(({ state }) => state === 'executed').map(({ processor }) => processor))
  }

  async #store({ tenant, sequence }: EventRow, outcomes: readonly ProcessorOutcome[]): Promise<void> {
    if (outcomes.length === 0) return
    await this.#dependencies.store.log.putResults(outcomes.map((outcome) => ({ ...outcome, tenant, sequence })))
  }

  #circumstances(event: AnyEvent, principal: Principal, signal?: AbortSignal): Circumstances {
    const publish = (child: EventInput) => this.#dependencies.publishChild(event, child, principal)
    return { tenant: principal.tenant, principal, publish, ...(signal && { signal }) }
  }
}

interface Witnessed {
  readonly outcomes: readonly ProcessorOutcome[]
  readonly outcome: Outcome
}

const failed = ({ processor, code, message }: ProcessorOutcome): Outcome => ({
  outcome: 'retry',
  code: code ?? 'processor_failed',
  message: `${processor}: ${message ?? 'failed'}`,
})
