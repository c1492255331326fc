/**
 * The tasks that run in this process: witnesses, asynchronous processors, and resuming at a given time.
 */
import type { Principal } from '../access/principal.js'
import { isTocsinError } from '../errors.js'
import type { AnyEvent, EventInput } from '../event/envelope.js'
import type { Circumstances } from '../pipeline/call.js'
import type { LineUp, Placed } from '../pipeline/line-up.js'
import { hasFailed } from '../pipeline/outcome.js'
import { processLater } from '../pipeline/process-later.js'
import type { ProcessorOutcome } from '../pipeline/run.js'
import { witness } from '../pipeline/witness.js'
import type { LeasedTask, Store } from '../store/port.js'
import type { EventRow, ResultRow } from '../store/rows.js'
import type { Errand, Terms } from './attempt.js'
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
  /** Answers when the event goes on next if it was suspended again. */
  resume(row: EventRow): Promise<number | null>
  now(): number
  random(): number
}

export class LocalErrands {
  readonly #dependencies: LocalDependencies
  readonly #startedAt: number

  constructor(dependencies: LocalDependencies) {
    this.#dependencies = dependencies
    this.#startedAt = dependencies.now()
  }

  for(subscription: string): Errand | null {
    switch (subscription) {
      case WITNESSES:
        return this.#errand(WITNESS_TERMS, (leased, signal) => this.#witnessAgain(leased, signal))
      case PROCESSORS:
        return this.#errand(PROCESSOR_TERMS, (leased, signal) => this.#process(leased, signal))
      case RESUME:
        return this.#errand(PROCESSOR_TERMS, (leased) => this.#resume(leased.event))
      default:
        return null
    }
  }

  /** What an earlier process left waits a little: the host registers its processors after the hub is open. */
  #errand(terms: Terms, run: (leased: LeasedTask, signal: AbortSignal) => Promise<Outcome>): Errand {
    return {
      terms,
      run: async (leased, signal) => {
        const wait = this.#startedAt + SETTLING_IN - this.#dependencies.now()
        if (wait <= 0 || leased.task.createdAt >= this.#startedAt) return run(leased, signal)
        const message = 'Left by an earlier process: the processors may still be on their way.'
        return { outcome: 'release', code: 'starting', message, after: wait }
      },
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
    const { attempts, failures } = leased.task
    const mayFail = ({ processor }: Placed) => failures < (processor.retries ?? 0)
    const done = attempts > 1 ? await this.#done(leased.event) : undefined
    const outcomes = await witness(witnesses, event, this.#circumstances(event, caller, signal), now, done)
    // Stopped from outside: what they answered then is no answer of theirs.
    signal?.throwIfAborted()
    await this.#store(leased.event, outcomes)
    const patient = new Set(witnesses.filter(mayFail).map(({ processor }) => processor.name))
    const again = outcomes.find((outcome) => hasFailed(outcome) && patient.has(outcome.processor))
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
    const { outcomes, failure, stopped } = await processLater({
      processors: lineUp.for(row.type).asynchronous,
      ...{ event, circumstances, now, done: await this.#done(row), after: null },
    })
    await this.#store(row, outcomes)
    if (stopped) signal.throwIfAborted()
    return failure ? failed(failure) : { outcome: 'delivered' }
  }

  async #resume(row: EventRow): Promise<Outcome> {
    try {
      const until = await this.#dependencies.resume(row)
      if (until !== null) return suspendedUntil(until - this.#dependencies.now())
    } catch (error) {
      // Somebody resumed it before its time.
      if (!isTocsinError(error) || error.code !== 'wrong_state') throw error
    }
    return { outcome: 'delivered' }
  }

  /** Those that need not run again: they succeeded, or their failure is final. */
  async #done({ tenant, sequence, type }: EventRow): Promise<ReadonlySet<string>> {
    const { witnesses, asynchronous } = this.#dependencies.lineUp.for(type)
    const final = [
      ...witnesses.filter(({ processor }) => !processor.retries),
      ...asynchronous.filter(({ processor }) => processor.onError === 'continue'),
    ].map(({ processor }) => processor.name)
    const results = await this.#dependencies.store.log.results(tenant, sequence)
    const isDone = ({ state, processor }: ResultRow) =>
      state === 'executed' || (state === 'exception' && final.includes(processor))
    return new Set(results.filter(isDone).map(({ processor }) => processor))
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

/** Milliseconds a host has to register its processors before what an earlier process left is worked on. */
const SETTLING_IN = 2_000

const suspendedUntil = (after: number): Outcome => ({
  outcome: 'release',
  code: 'suspended',
  message: 'A judge suspended the event again.',
  after: Math.max(0, after),
})

const failed = ({ processor, code, message }: ProcessorOutcome): Outcome => ({
  outcome: 'retry',
  code: code ?? 'processor_failed',
  message: `${processor}: ${message ?? 'failed'}`,
})
