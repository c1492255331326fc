/**
 * Publishing: let in, judged, committed, witnessed. The publisher waits for all four and gets a receipt.
 */
import { type Principal, requireScope } from '../../access/principal.js'
import { isTocsinError, type TocsinError, Unavailable } from '../../errors.js'
import { type AnyEvent, type EventInput, formatSequence } from '../../event/envelope.js'
import type { Intake, Received } from '../../intake/intake.js'
import type { LineUp } from '../../pipeline/line-up.js'
import type { ProcessorOutcome } from '../../pipeline/run.js'
import type { Operation } from '../../registry/resources.js'
import type { AdmittedReceipt, LeasedTask, Store } from '../../store/port.js'
import type { EventRow } from '../../store/rows.js'
import { traceParentHere, withSpan } from '../../telemetry.js'
import { WITNESSES } from '../local.js'
import { childOf } from './child.js'
import { type Committed, type Committer, lostRace } from './committer.js'
import { judgeAll } from './judged.js'
import type { Judged } from './plan.js'
import { stateOf } from './plan.js'
import type { ProcessorResult, Receipt, ReceiptState } from './receipt.js'
import { mismatch, SharedRuns } from './shared-runs.js'

export interface PublisherDependencies {
  readonly intake: Intake
  readonly lineUp: LineUp
  readonly committer: Committer
  readonly store: Pick<Store, 'log'>
  openTypes(tenant: string): Promise<boolean>
  /** Runs the witnesses of a task that was leased in the commit. */
  witness(leased: LeasedTask, event: AnyEvent, caller: Principal): Promise<readonly ProcessorOutcome[]>
  /** Begins a task that was born leased. */
  take(leased: LeasedTask): void
  /** Told after each commit that brought events. */
  admitted(tenant: string, receipts: readonly AdmittedReceipt[]): void
  /** Told after each publish: its result, and how many seconds it took. */
  published(result: string, seconds: number): void
  now(): number
}

type Answer = readonly Receipt[] | 'conflict'

export class Publisher {
  readonly #dependencies: PublisherDependencies
  readonly #shared = new SharedRuns<Answer>()
  #underway = 0
  #closed: (() => void) | null = null
  #accepting = true

  constructor(dependencies: PublisherDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws whatever refuses the event; see `Intake.receive`, `judgeAll` and `Committer.admit`. */
  async publish(input: EventInput, caller: Principal): Promise<Receipt> {
    this.#checkAccepting()
    return this.#publish(input, caller)
  }

  async #publish(input: EventInput, caller: Principal): Promise<Receipt> {
    requireScope(caller, 'events:publish')
    const work = () => this.#counted(() => this.#receiveAndRun(input, caller))
    const receipts = await withSpan('tocsin.publish', { 'tocsin.type': input.type }, work, input.traceParent)
    const [receipt] = receipts === 'conflict' ? [] : receipts
    if (!receipt) throw new TypeError('An event without a change cannot lose a race.')
    return receipt
  }

  /** Each input on its own: a receipt or the error that refused it, in the order given. */
  publishMany(inputs: readonly EventInput[], caller: Principal): Promise<readonly (Receipt | TocsinError)[]> {
    return Promise.all(
      inputs.map((input) =>
        this.publish(input, caller).catch((error: unknown) => {
          if (isTocsinError(error)) return error
          throw error
        }),
      ),
    )
  }

  /** A registry operation: its events and its change, all or nothing. */
  async submit(
    { events, graph, change }: Operation,
    caller: Principal,
    done: () => void,
  ): Promise<{ receipts: readonly Receipt[] } | 'conflict'> {
    this.#checkAccepting()
    return this.#counted(async () => {
      const open = await this.#dependencies.openTypes(caller.tenant)
      const [first] = events
      const received = events.map((event) => this.#dependencies.intake.receive(event, caller, open))
      const transactionId = received[0]?.event.id
      const together = received.map((each) =>
        first && events.length > 1 ? { ...each, event: { ...each.event, transactionId } } : each,
      )
      const answer = await this.#run(together, caller, { graph, change }, done)
      return answer === 'conflict' ? answer : { receipts: answer }
    })
  }

  /** Takes no more and waits until what is under way is done. */
  async close(): Promise<void> {
    this.#accepting = false
    if (this.#underway === 0) return
    await new Promise<void>((resolve) => {
      this.#closed = resolve
    })
  }

  #checkAccepting(): void {
    if (!this.#accepting) throw new Unavailable('unavailable', 'Tocsin is shutting down.', { retryAfter: 5 })
  }

  async #counted<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#underway += 1
    const started = performance.now()
    const tell = (result: string) => this.#dependencies.published(result, (performance.now() - started) / 1_000)
    try {
      const result = await work()
      tell('accepted')
      return result
    } catch (error) {
      tell(isTocsinError(error) && error.status < 500 ? 'refused' : 'failed')
      throw error
    } finally {
      this.#underway -= 1
      if (this.#underway === 0) this.#closed?.()
    }
  }

  async #receiveAndRun(input: EventInput, caller: Principal): Promise<Answer> {
    const open = await this.#dependencies.openTypes(caller.tenant)
    const received = traced(this.#dependencies.intake.receive(input, caller, open))
    if (!received.named) return this.#run([received], caller, null)
    const { id, source } = received.event
    const key = JSON.stringify([caller.tenant, source, id])
    const { result, shared } = await this.#shared.run(key, received.hash, () => this.#runNamed(received, caller))
    return shared && result !== 'conflict' ? result.map((receipt) => ({ ...receipt, duplicate: true })) : result
  }

  /** Judges may be costly: an event that is there already is not judged again. */
  async #runNamed(received: Received, caller: Principal): Promise<Answer> {
    const { id, source, type } = received.event
    if (this.#dependencies.lineUp.for(type).judges.length > 0) {
      const [known] = await this.#dependencies.store.log.find(caller.tenant, id, source)
      if (known) return [await this.#duplicate(known, received.hash)]
    }
    return this.#run([received], caller, null)
  }

  async #run(
    received: readonly Received[],
    caller: Principal,
    operation: Omit<Operation, 'events'> | null,
    done: () => void = () => {},
  ): Promise<Answer> {
    const { intake, lineUp, committer, now, openTypes } = this.#dependencies
    const open = await openTypes(caller.tenant)
    const bench = { lineUp, now, receive: (input: EventInput, by: Principal) => intake.receive(input, by, open) }
    const { judged, applied } = await judgeAll(received, caller, bench, operation?.change ?? null)
    const committed = await committer.admit(caller.tenant, judged, applied ? (operation?.graph ?? null) : null)
    if (committed.status === 'admitted') done()
    return this.#receipts(committed, judged, caller)
  }

  async #receipts(committed: Committed, judged: readonly Judged[], caller: Principal): Promise<Answer> {
    switch (committed.status) {
      case 'admitted':
        return this.told(committed.events, judged, caller)
      case 'duplicate':
        return [await this.#duplicate(committed.event, committed.event.hash)]
      case 'mismatch':
        throw mismatch()
      case 'conflict':
        return 'conflict'
      case 'gone':
        throw lostRace(judged[0]?.run.event.id ?? '')
    }
  }

  /** After the commit: hand out what was born leased, run the witnesses, write the receipts. */
  async told(
    admitted: readonly AdmittedReceipt[],
    judged: readonly Judged[],
    caller: Principal,
  ): Promise<readonly Receipt[]> {
    this.#dependencies.admitted(caller.tenant, admitted)
    const receipts = admitted.map(async (row, index) => {
      const { run } = judged[index] as Judged
      for (const leased of row.leased) if (leased.task.subscription !== WITNESSES) this.#dependencies.take(leased)
      const witnessing = row.leased.find(({ task }) => task.subscription === WITNESSES)
      const heard = witnessing ? await this.#dependencies.witness(witnessing, run.event, caller) : []
      return receiptOf(run.event, stateOf(run), row, [...run.outcomes, ...heard])
    })
    return Promise.all(receipts)
  }

  async #duplicate(row: EventRow, hash: string): Promise<Receipt> {
    if (row.hash !== hash) throw mismatch()
    return this.receiptOf(row, true)
  }

  /** The receipt of an event that is kept already: its present state. */
  async receiptOf(row: EventRow, duplicate: boolean): Promise<Receipt> {
    const results = await this.#dependencies.store.log.results(row.tenant, row.sequence)
    const { id, source, type, tenant, state, sequence, transactionId } = row
    const about = { id, source, type, tenant, state, duplicate, sequence: formatSequence(sequence), transactionId }
    return { ...about, tasks: 0, results: results.map(resultOf) }
  }

  /** What a processor's `context.publish` does once its own event is true; while shutting down too, for it is under way. */
  async publishChild(parent: AnyEvent, child: EventInput, caller: Principal): Promise<void> {
    await this.#publish(childOf(parent, child), caller)
  }
}

/** An event published inside a trace carries it on. */
function traced(received: Received): Received {
  const traceParent = received.event.traceParent ?? traceParentHere()
  return traceParent === undefined ? received : { ...received, event: { ...received.event, traceParent } }
}

function receiptOf(
  event: AnyEvent,
  state: ReceiptState,
  row: AdmittedReceipt,
  results: readonly ProcessorOutcome[],
): Receipt {
  return {
    id: event.id,
    source: event.source,
    type: event.type,
    tenant: event.tenant ?? '',
    state,
    duplicate: false,
    sequence: formatSequence(row.sequence),
    transactionId: event.transactionId ?? null,
    tasks: row.tasks.filter((subscription) => !subscription.startsWith('local.')).length,
    results: results.map(resultOf),
  }
}

const resultOf = ({ processor, kind, order, state, verdict, code, message }: ProcessorResult): ProcessorResult => ({
  processor,
  kind,
  order,
  state,
  verdict,
  code,
  message,
})
