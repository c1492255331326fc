/**
 * The tasks that run in this process: witnesses, asynchronous processors, and resuming at a given time.
 */
import type { Principal } from '../access/principal.js'
import { isTocsinError } from '../errors.js'
import type { AnyEvent, EventInput } from '../event/envelope.js'
import type { Circumstances } from '../pipeline/call.js'
import type { LineUp, Placed, Places } from '../pipeline/line-up.js'
import { hasFailed } from '../pipeline/outcome.js'
import { processLater } from '../pipeline/process-later.js'
import type { ProcessorOutcome, RunningProcessor } from '../pipeline/run.js'
import type { StopSignal } from '../pipeline/stop.js'
import { witness } from '../pipeline/witness.js'
import type { LeasedTask, Settlement, Store } from '../store/port.js'
import type { EventRow, ResultRow } from '../store/rows.js'
import { startOf } from './admit/judged.js'
import type { Errand, Terms } from './attempt.js'
import { PROCESSORS, RESUME, RESUME_TERMS, WITNESS_TERMS, WITNESSES } from './local.js'
import { type Outcome, settle } from './settle.js'

export interface LocalErrandsDependencies {
  readonly lineUp: LineUp
  readonly store: Pick<Store, 'log' | 'tasks'>
  /** Of chains of asynchronous processors. */
  readonly terms: Terms
  /** The event as stored, with its sequence. */
  read(row: EventRow): AnyEvent
  /** Who published it. */
  publisherOf(row: EventRow): Promise<Principal>
  /** @param under the locks of the task whose processor publishes. */
  publishChild(parent: AnyEvent, child: EventInput, caller: Principal, under: string | null): Promise<void>
  resourceType(tenant: string, type: string, subject: string | null): Promise<string | null>
  /** Answers when the event goes on next if it was suspended again. */
  resume(row: EventRow): Promise<number | null>
  /** A witness or an asynchronous processor threw or was late. */
  processorFailed(name: string): void
  /** A row of a running processor could not be written. */
  failed(error: unknown): void
  now(): number
  random(): number
}

export class LocalErrands {
  readonly #dependencies: LocalErrandsDependencies
  readonly #startedAt: number

  constructor(dependencies: LocalErrandsDependencies) {
    this.#dependencies = dependencies
    this.#startedAt = dependencies.now()
  }

  for(subscription: string): Errand | null {
    switch (subscription) {
      case WITNESSES:
        return this.#errand(WITNESS_TERMS, true, (leased, signal) => this.#witnessAgain(leased, signal))
      case PROCESSORS:
        return this.#errand(this.#dependencies.terms, true, (leased, signal) => this.#process(leased, signal))
      case RESUME:
        return this.#errand(RESUME_TERMS, false, (leased) => this.#resume(leased.event))
      default:
        return null
    }
  }

  /** Nobody wants to be told what became of it. */
  isSilent({ event }: LeasedTask): boolean {
    return this.#dependencies.read(event).skipNotification === true
  }

  /** What an earlier process left waits a little: the host registers its processors after the hub is open. */
  #errand(terms: Terms, needsContent: boolean, run: Errand['run']): Errand {
    return {
      terms,
      needsContent,
      run: async (leased, signal) => {
        const wait = this.#startedAt + SETTLING_IN - this.#dependencies.now()
        if (wait <= 0 || leased.task.createdAt >= this.#startedAt) return run(leased, signal)
        const message = 'Left by an earlier process: the processors may still be on their way.'
        return { outcome: 'release', code: 'starting', message, after: wait }
      },
    }
  }

  /** In the publishing call: runs the witnesses and settles their task, with what came of them. */
  async witnessNow(
    leased: LeasedTask,
    event: AnyEvent,
    caller: Principal,
    witnesses: readonly Placed[],
  ): Promise<Pick<Settlement, 'next' | 'results'>> {
    const { store, now, random } = this.#dependencies
    const { results, ...outcome } = await this.#witness(leased, event, caller, witnesses)
    const { tenant, sequence, subscription, token } = leased.task
    const at = now()
    const next = settle(leased.task, outcome, WITNESS_TERMS.retry, at, random())
    const settlement = {
      tenant,
      sequence,
      subscription,
      token,
      now: at,
      next,
      attempt: null,
      results,
      leaseNext: false,
    }
    await store.tasks.settle([settlement], null)
    return settlement
  }

  /** After a crash, after waiting for a lock, or because a witness asked to be tried again. */
  async #witnessAgain(leased: LeasedTask, signal: StopSignal): Promise<Worked> {
    const { read, publisherOf } = this.#dependencies
    const { witnesses } = await this.#places(leased.event)
    const retries = Math.max(0, ...witnesses.map(({ processor }) => processor.retries ?? 0))
    if (leased.task.failures >= retries + LOST_AT_MOST) return { ...WITHOUT_A_WORD, results: [] }
    return this.#witness(leased, read(leased.event), await publisherOf(leased.event), witnesses, signal)
  }

  /** Every witness of the event, by order. */
  async #witness(
    leased: LeasedTask,
    event: AnyEvent,
    caller: Principal,
    witnesses: readonly Placed[],
    signal?: StopSignal,
  ): Promise<Worked> {
    const { now } = this.#dependencies
    const earlier = await this.#earlier(leased)
    const mayFail = ({ processor }: Placed) => leased.task.failures < (processor.retries ?? 0)
    const done = doneOf(
      earlier,
      (name) => !witnesses.some(({ processor }) => processor.name === name && processor.retries),
    )
    const outcomes = await witness(
      witnesses,
      event,
      this.#circumstances(leased, event, caller, earlier, signal),
      now,
      done,
    )
    // Stopped from outside: what they answered then is no answer of theirs.
    signal?.throwIfAborted()
    this.#count(outcomes)
    const patient = new Set(witnesses.filter(mayFail).map(({ processor }) => processor.name))
    const again = outcomes.find((outcome) => hasFailed(outcome) && patient.has(outcome.processor))
    return { results: rowsOf(leased, outcomes), ...(again ? failed(again) : DELIVERED) }
  }

  async #process(leased: LeasedTask, signal: StopSignal): Promise<Worked> {
    const { read, publisherOf, now } = this.#dependencies
    const { event: row } = leased
    const event = read(row)
    const [{ asynchronous }, caller, earlier] = await Promise.all([
      this.#places(row),
      publisherOf(row),
      this.#earlier(leased),
    ])
    const isPatient = (name: string) =>
      asynchronous.some(({ processor }) => processor.name === name && processor.onError === 'continue')
    const running = this.#shown(leased, signal)
    const { outcomes, failure, stopped } = await processLater({
      processors: asynchronous,
      ...{ event, now, after: startOf(row.deed), running: running.show },
      circumstances: this.#circumstances(leased, event, caller, earlier, signal),
      done: doneOf(earlier, isPatient),
    })
    await running.written()
    this.#count(outcomes)
    const results = rowsOf(leased, outcomes)
    if (stopped) return { ...STOPPED, stopped, results }
    return failure
      ? { ...failed(failure), ...(failure.cause !== null && { response: failure.cause }), results }
      : { results, ...DELIVERED }
  }

  #count(outcomes: readonly ProcessorOutcome[]): void {
    for (const { processor } of outcomes.filter(hasFailed)) this.#dependencies.processorFailed(processor)
  }

  /** A processor that takes its time is shown as running, with what those before it answered. */
  #shown(leased: LeasedTask, signal: StopSignal) {
    const { store, failed: told } = this.#dependencies
    const writing: Promise<void>[] = []
    return {
      show: (processor: RunningProcessor, outcomes: readonly ProcessorOutcome[]) => {
        if (signal.aborted) return
        const rows = [...rowsOf(leased, outcomes), ...rowsOf(leased, [processor])]
        writing.push(store.log.putResults(rows, leased.task).catch(told))
      },
      /** They must not be written after the settlement, which tells how it ended. */
      written: () => Promise.all(writing),
    }
  }

  async #resume(row: EventRow): Promise<Outcome> {
    try {
      const until = await this.#dependencies.resume(row)
      if (until !== null) return suspendedUntil(until - this.#dependencies.now())
    } catch (error) {
      // Somebody resumed it before its time.
      if (!isTocsinError(error) || error.code !== 'wrong_state') throw error
    }
    return DELIVERED
  }

  async #places({ tenant, type, subject }: EventRow): Promise<Places> {
    const { lineUp, resourceType } = this.#dependencies
    return lineUp.for(type, await resourceType(tenant, type, subject))
  }

  /** What came of earlier attempts; the first has none. */
  async #earlier({ task, event }: LeasedTask): Promise<readonly ResultRow[]> {
    return task.attempts > 1 ? this.#dependencies.store.log.results(event.tenant, event.sequence) : []
  }

  #circumstances(
    { task }: LeasedTask,
    event: AnyEvent,
    principal: Principal,
    earlier: readonly ResultRow[],
    signal?: StopSignal,
  ): Circumstances {
    const publish = (child: EventInput) => this.#dependencies.publishChild(event, child, principal, task.lockOwner)
    const results = earlier.filter(hasAnswered)
    return { tenant: principal.tenant, principal, publish, results, ...(signal && { signal }) }
  }
}

/** An outcome with what is to be stored of it. */
type Worked = Awaited<ReturnType<Errand['run']>> & Pick<Settlement, 'results'>

const DELIVERED = { outcome: 'delivered' } as const

/** Attempts at witnesses that may be lost beyond those they ask for: one that ends its process must not end every later one. */
const LOST_AT_MOST = 10

const WITHOUT_A_WORD = {
  outcome: 'retry',
  last: true,
  code: 'lease_lost',
  message: 'Too many attempts ended without an answer, as when a witness ends the process.',
} as const

const STOPPED = { outcome: 'release', code: 'aborted', message: 'The attempt was stopped.', after: 0 } as const

const hasAnswered = (row: ResultRow): row is ResultRow & ProcessorOutcome => row.state !== 'running'

const rowsOf = (
  { event: { tenant, sequence } }: LeasedTask,
  outcomes: readonly (ProcessorOutcome | RunningProcessor)[],
): readonly ResultRow[] => outcomes.map((outcome) => ({ tenant, ...outcome, sequence }))

/** Those that need not run again: they succeeded, or their failure is final. */
const doneOf = (earlier: readonly ResultRow[], isFinal: (processor: string) => boolean): ReadonlySet<string> =>
  new Set(
    earlier
      .filter(hasAnswered)
      .filter((row) => !hasFailed(row) || isFinal(row.processor))
      .map(({ processor }) => processor),
  )

/** Milliseconds a host has to register its processors before what an earlier process left is worked on. */
const SETTLING_IN = 2_000

const suspendedUntil = (after: number): Outcome => ({
  outcome: 'release',
  code: 'suspended',
  message: 'A judge suspended the event again.',
  after: Math.max(0, after),
})

const failed = ({ processor, code, message }: ProcessorOutcome) => ({
  outcome: 'retry' as const,
  code: code ?? 'processor_failed',
  message: `${processor}: ${message ?? 'failed'}`,
})
