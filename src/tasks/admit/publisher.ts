/**
 * Publishing: let in, judged, committed, witnessed. The publisher waits for all four and gets a receipt.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { hasRole, type Principal, requireScope } from '../../access/principal.js'
import { AccessDenied, InvalidInput, isTocsinError, type TocsinError, Unavailable } from '../../errors.js'
import type { AnyEvent, EventInput } from '../../event/envelope.js'
import type { Intake, Received } from '../../intake/intake.js'
import type { LineUp } from '../../pipeline/line-up.js'
import type { Operation } from '../../registry/resources.js'
import type { Store } from '../../store/port.js'
import type { EventRow } from '../../store/rows.js'
import { traceParentHere, withSpan } from '../../telemetry.js'
import { operatorPrincipal } from '../operator-events.js'
import { childOf } from './child.js'
import { type Committed, type Committer, lostRace } from './committer.js'
import type { Inside } from './inside.js'
import { type Bench, FROM_THE_START, type HostDeed, judgeAll, type Way } from './judged.js'
import type { Judged } from './plan.js'
import type { Receipt } from './receipt.js'
import type { Receipts } from './receipts.js'
import { mismatch, SharedRuns } from './shared-runs.js'
import type { Introduced, Subjects } from './subjects.js'

export interface PublisherDependencies {
  readonly intake: Intake
  readonly lineUp: LineUp
  readonly committer: Committer
  readonly receipts: Receipts
  readonly subjects: Subjects
  readonly inside: Inside
  readonly store: Pick<Store, 'log'>
  openTypes(tenant: string): boolean | Promise<boolean>
  /** Whether the tenant may publish so many events now; a promise only if something is asked. @throws Unavailable `quota_exceeded` */
  takeQuota(tenant: string, events: number): void | Promise<void>
  /** Told after each publish: its result, and how many seconds it took. */
  published(result: string, seconds: number): void
  now(): number
}

type Answer = readonly Receipt[] | 'conflict'
/** An event and the children that its judges published. */
type Family = readonly Judged[]

type Part = Promise<readonly (Receipt | TocsinError)[]>

/** Of many events so many are made while the store writes as many before them. More under way would only cost the collector. */
const PART = 250

export interface InOrder {
  readonly taken: number
  readonly refused: TocsinError | null
}

export class Publisher {
  readonly #dependencies: PublisherDependencies
  readonly #shared = new SharedRuns<Answer>()
  #underway = 0
  #closed: (() => void) | null = null
  #accepting = true

  constructor(dependencies: PublisherDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws whatever refuses the event; see `QuotaKeeper.take`, `Intake.receive`, `judgeAll` and `Committer.admit`. */
  async publish(input: EventInput, caller: Principal, options: PublishOptions = {}): Promise<Receipt> {
    this.#checkAccepting()
    const { after, transaction, deed } = options
    const way = after === undefined ? FROM_THE_START : startedAfter(after, caller)
    if (transaction === undefined && deed !== undefined) {
      throw new TypeError('A deed needs the transaction in which it is done.')
    }
    const asked = this.#takeQuota(caller, 1)
    if (asked instanceof Promise) await asked
    if (transaction === undefined) return firstOf(await this.#publish(input, caller, way))
    const host = await this.#dependencies.inside.join(transaction)
    return firstOf(await this.#publish(input, caller, { ...way, deed, host }))
  }

  #takeQuota(caller: Principal, events: number): void | Promise<void> {
    requireScope(caller, 'events:publish')
    return this.#dependencies.takeQuota(caller.tenant, events)
  }

  /** An event of our own, whatever the tenant may publish. */
  async tell(tenant: string, event: EventInput): Promise<void> {
    this.#checkAccepting()
    await this.#publish(event, operatorPrincipal(tenant), FROM_THE_START)
  }

  #publish(input: EventInput, caller: Principal, way: Way): Promise<Answer> {
    const work = () => this.#counted(() => this.#receiveAndRun(input, caller, way))
    return withSpan('tocsin.publish', { 'tocsin.type': input.type }, work, input.traceParent)
  }

  /**
   * Each input on its own: a receipt or the error that refused it, in the order given.
   * @throws Unavailable `quota_exceeded`: nothing was accepted, so whoever comes again loses no order
   */
  async publishMany(inputs: readonly EventInput[], caller: Principal): Promise<readonly (Receipt | TocsinError)[]> {
    this.#checkAccepting()
    await this.#takeQuota(caller, inputs.length)
    const answers: (Receipt | TocsinError)[] = []
    let before: Part = Promise.resolve([])
    for (let first = 0; first < inputs.length; first += PART) {
      if (first === PART) await turn()
      const part = Promise.all(inputs.slice(first, first + PART).map((input) => this.#publishOne(input, caller)))
      // Who waits for the part before it may be told of a fault first.
      part.catch(() => undefined)
      answers.push(...(await before))
      before = part
    }
    return [...answers, ...(await before)]
  }

  async #publishOne(input: EventInput, caller: Principal): Promise<Receipt | TocsinError> {
    try {
      this.#checkAccepting()
      return firstOf(await this.#publish(input, caller, FROM_THE_START))
    } catch (error) {
      if (isTocsinError(error)) return error
      throw error
    }
  }

  /**
   * Events of another log, in its order. All are in one commit, or none; one whose key is there already is passed over. The
   * first that is refused ends it: those before it are admitted, none after it.
   * @returns how many were taken before that, and why it was refused; null: all were taken. @throws Unavailable
   */
  async publishInOrder(inputs: readonly EventInput[], caller: Principal): Promise<InOrder> {
    this.#checkAccepting()
    requireScope(caller, 'events:publish')
    return this.#counted(async () => {
      const families: Family[] = []
      const refused = await this.#judgeInOrder(inputs, caller, families)
      await this.#admitNew(families, caller)
      return { taken: families.length, refused }
    })
  }

  /** Stops before the first that is refused, and tells why. */
  async #judgeInOrder(
    inputs: readonly EventInput[],
    caller: Principal,
    families: Family[],
  ): Promise<TocsinError | null> {
    const bench = this.#bench()
    for (const input of inputs) {
      try {
        const received = await this.#receive(input, caller)
        families.push((await judgeAll([received], caller, bench, null)).judged)
      } catch (error) {
        // A judge that could not be asked, or a fault of ours, is no answer: the caller comes again.
        if (isTocsinError(error) && error.status < 500) return error
        throw error
      }
    }
    return null
  }

  /** What is known may be found out only by trying: most often nothing is. */
  async #admitNew(families: readonly Family[], caller: Principal): Promise<void> {
    if (families.length === 0) return
    const judged = families.flat()
    const committed = await this.#dependencies.committer.admit(caller.tenant, judged, null)
    if (committed.status === 'admitted') return void (await this.#dependencies.receipts.told(committed, judged, caller))
    const unknown = await Promise.all(families.map(async (family) => ((await this.#isKnown(family)) ? [] : [family])))
    const left = unknown.flat()
    if (left.length === families.length) throw lostRace(judged[0]?.run.event.id ?? '')
    await this.#admitNew(left, caller)
  }

  async #isKnown([first]: Family): Promise<boolean> {
    const { tenant = '', id, source } = first?.run.event ?? { id: '', source: '' }
    return (await this.#dependencies.store.log.find(tenant, id, source)).length > 0
  }

  /** A registry operation: its events and its change, all or nothing. */
  async submit(
    { events, graph, change, transaction }: Operation,
    caller: Principal,
    done: () => void,
  ): Promise<{ receipts: readonly Receipt[] } | 'conflict'> {
    this.#checkAccepting()
    return this.#counted(async () => {
      await this.#dependencies.takeQuota(caller.tenant, events.length)
      const open = await this.#dependencies.openTypes(caller.tenant)
      const [first] = events
      const received = events.map((event) => this.#dependencies.intake.receive(event, caller, open))
      const transactionId = received[0]?.event.transactionId ?? received[0]?.event.id
      const together = received.map((each) =>
        first && events.length > 1 ? { ...each, event: { ...each.event, transactionId } } : each,
      )
      const { subjects } = this.#dependencies
      const introduced = await Promise.all(together.map((each) => subjects.introduce(each, caller.tenant, graph)))
      const host = transaction === undefined ? undefined : await this.#dependencies.inside.join(transaction)
      const answer = await this.#run(introduced, caller, { ...FROM_THE_START, host }, { graph, change }, done)
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

  async #receiveAndRun(input: EventInput, caller: Principal, way: Way): Promise<Answer> {
    const introduced = this.#receive(input, caller)
    const received = introduced instanceof Promise ? await introduced : introduced
    if (!received.named) return this.#run([received], caller, way)
    // It may be rolled back, so nobody else can have a part in it.
    if (way.host) return this.#runNamed(received, caller, way)
    const { id, source } = received.event
    const key = JSON.stringify([caller.tenant, source, id])
    const { result, shared } = this.#shared.run(key, received.hash, () => this.#runNamed(received, caller, way))
    const answer = await result
    return shared && answer !== 'conflict' ? answer.map((receipt) => ({ ...receipt, duplicate: true })) : answer
  }

  /** A promise only if the store is asked: most often all is known that must be. */
  #receive(input: EventInput, caller: Principal): Introduced | Promise<Introduced> {
    const open = this.#dependencies.openTypes(caller.tenant)
    if (typeof open === 'boolean') return this.#letIn(input, caller, open)
    return open.then((isOpen) => this.#letIn(input, caller, isOpen))
  }

  #letIn(input: EventInput, caller: Principal, open: boolean): Introduced | Promise<Introduced> {
    const { intake, subjects } = this.#dependencies
    return subjects.introduce(traced(intake.receive(input, caller, open)), caller.tenant, null)
  }

  /** Judges may be costly: an event that is there already is not judged again. A host does not do its deed again either. */
  #runNamed(received: Introduced, caller: Principal, way: Way): Promise<Answer> {
    const { type } = received.event
    const { judges } = this.#dependencies.lineUp.for(type, received.resourceType)
    const asks = way.host !== undefined || judges.length > 0
    return asks ? this.#runUnlessKnown(received, caller, way) : this.#run([received], caller, way)
  }

  async #runUnlessKnown(received: Introduced, caller: Principal, way: Way): Promise<Answer> {
    const { id, source } = received.event
    const [known] = await this.#dependencies.store.log.find(caller.tenant, id, source)
    return known ? [await this.#duplicate(known, received.hash)] : this.#run([received], caller, way)
  }

  async #run(
    received: readonly Introduced[],
    caller: Principal,
    way: Way,
    operation: Pick<Operation, 'graph' | 'change'> | null = null,
    done: () => void = () => {},
  ): Promise<Answer> {
    const { committer, inside } = this.#dependencies
    const judgement = judgeAll(received, caller, this.#bench(), operation?.change ?? null, way)
    const { judged, applied } = judgement instanceof Promise ? await judgement : judgement
    const graph = applied ? (operation?.graph ?? null) : null
    if (way.host) return inside.write(way.host, judged, graph, caller)
    const committed = await committer.admit(caller.tenant, judged, graph)
    if (committed.status === 'admitted') done()
    const answer = this.#receipts(committed, judged, caller)
    return answer instanceof Promise ? await answer : answer
  }

  #bench(): Bench {
    const { lineUp, intake, now } = this.#dependencies
    return {
      lineUp,
      now,
      receive: (input, by) => this.#receive(input, by),
      recheck: intake.recheck.bind(intake),
    }
  }

  #receipts(committed: Committed, judged: readonly Judged[], caller: Principal): Answer | Promise<Answer> {
    switch (committed.status) {
      case 'admitted':
        return this.#dependencies.receipts.told(committed, judged, caller)
      case 'duplicate':
        return this.#duplicate(committed.event, committed.event.hash).then((receipt) => [receipt])
      case 'mismatch':
        throw mismatch()
      case 'conflict':
        return 'conflict'
      case 'gone':
        throw lostRace(judged[0]?.run.event.id ?? '')
    }
  }

  async #duplicate(row: EventRow, hash: string): Promise<Receipt> {
    if (row.hash !== hash) throw mismatch()
    return this.#dependencies.receipts.ofRow(row, true)
  }

  /**
   * What a processor's `context.publish` does once its own event is true; while shutting down too, for it is under way.
   * @param under the locks the processor's task holds.
   */
  async publishChild(parent: AnyEvent, child: EventInput, caller: Principal, under: string | null): Promise<void> {
    requireScope(caller, 'events:publish')
    await this.#publish(childOf(parent, child), caller, { after: null, under })
  }
}

function firstOf(answer: Answer): Receipt {
  const [receipt] = answer === 'conflict' ? [] : answer
  if (!receipt) throw new TypeError('An event without a change cannot lose a race.')
  return receipt
}

export interface PublishOptions {
  /** Start in the middle: only judges and asynchronous processors strictly after that order run. Of operators and admins. */
  readonly after?: number | undefined
  /**
   * The host's own open transaction: a `DatabaseSync` on Tocsin's file, or a client of `pg` or a transaction of Kysely on its
   * PostgreSQL. The event exists if and only if that is committed; the receipt says `pending`.
   */
  readonly transaction?: unknown
  /**
   * What the event tells of, done inside that transaction by this very call: after judges of an order below 0 (`close` keeps
   * it back, it is not called then), before the others. If the call throws, roll back.
   */
  readonly deed?: HostDeed | undefined
}

/** @throws AccessDenied, InvalidInput */
function startedAfter(after: number, caller: Principal): Way {
  if (!hasRole(caller, 'operator', 'admin')) {
    throw new AccessDenied('forbidden', 'Only operators and admins start an event in the middle.', { field: 'after' })
  }
  if (Number.isSafeInteger(after)) return { after, under: null }
  throw new InvalidInput('invalid_request', 'The order to start after is no whole number.', {
    field: 'after',
    expected: 'an integer',
  })
}

/** An event published inside a trace carries it on. */
function traced(received: Received): Received {
  const traceParent = received.event.traceParent ?? traceParentHere()
  return traceParent === undefined ? received : { ...received, event: { ...received.event, traceParent } }
}
