/**
 * After the commit: what was born leased is handed out, what the publisher waits for is done, and it gets its receipt.
 */
import type { Principal } from '../../access/principal.js'
import { type AnyEvent, formatSequence } from '../../event/envelope.js'
import { deadlineOf } from '../../pipeline/call.js'
import type { LineUp, Placed } from '../../pipeline/line-up.js'
import { hasFailed } from '../../pipeline/outcome.js'
import type { AdmittedReceipt, Lane, LeasedTask, Settlement, Store, TaskKey } from '../../store/port.js'
import { type EventRow, FINISHED_STATES } from '../../store/rows.js'
import { PROCESSORS, WITNESSES } from '../local.js'
import type { Turn, Waiting } from '../waiting.js'
import type { Committed } from './committer.js'
import { type LocalPlan, NOTHING } from './local-plan.js'
import { type Judged, stateOf } from './plan.js'
import type { ProcessorResult, Receipt } from './receipt.js'

export type Admitted = Extract<Committed, { status: 'admitted' }>

/** What a publisher may wait for: the rows that came of it, and whether anything of it is still to be done. */
export type Worked = Pick<Settlement, 'next' | 'results'>

export interface ReceiptsDependencies {
  readonly store: Pick<Store, 'log' | 'tasks'>
  readonly lineUp: LineUp
  readonly waiting: Waiting
  /** Runs the witnesses of a task that was leased in the commit. */
  witness(leased: LeasedTask, event: AnyEvent, caller: Principal, witnesses: readonly Placed[]): Promise<Worked>
  /** Works on a chain that was leased in the commit; null if its lease was lost. */
  work(leased: LeasedTask): Promise<Worked | null>
  /** Begins a task that was born leased. */
  take(leased: LeasedTask): void
  /** Locks were freed: who waited for them may be due. */
  freed(): void
  /** Whether a task that is due would be begun now. */
  hasRoom(lane: Lane): boolean
  /** Told after each commit that brought events. */
  admitted(tenant: string, receipts: readonly AdmittedReceipt[]): void
  /** Asynchronous processors will work on it later. */
  queued(event: AnyEvent, row: AdmittedReceipt, caller: Principal, chain: readonly Placed[]): void
  resourceType(tenant: string, type: string, subject: string | null): Promise<string | null>
}

interface Part {
  readonly results: readonly ProcessorResult[]
  /** Names of processors that have not run yet. */
  readonly queued: readonly string[]
}

/** A task somebody else works on, and the processors it is about. */
interface Joined {
  readonly key: TaskKey
  readonly placed: readonly Placed[]
  readonly turn: Turn
}

const NONE: Part = { results: [], queued: [] }

export class Receipts {
  readonly #dependencies: ReceiptsDependencies
  /** Some event was queued: a chain may wait for the locks of witnesses. Where there are none, nobody looks. */
  #processing = false

  constructor(dependencies: ReceiptsDependencies) {
    this.#dependencies = dependencies
  }

  /** A promise only if a publisher waits for something. */
  told(
    { events, plans }: Admitted,
    judged: readonly Judged[],
    caller: Principal,
  ): readonly Receipt[] | Promise<readonly Receipt[]> {
    this.#dependencies.admitted(caller.tenant, events)
    const told = events.map((row, index) => this.#tell(row, plans[index] ?? NOTHING, judged[index] as Judged, caller))
    return told.every(isThere) ? told : Promise.all(told)
  }

  #tell(row: AdmittedReceipt, plan: LocalPlan, judged: Judged, caller: Principal): Receipt | Promise<Receipt> {
    for (const leased of row.leased) if (!isAwaited(leased.task, plan)) this.#dependencies.take(leased)
    const { run } = judged
    if (plan === NOTHING) return receiptOf(run.event, stateOf(run), row, run.outcomes, [])
    this.#processing ||= plan.chain.length > 0
    if (plan.chain.length > 0 && !plan.inPlace) this.#dependencies.queued(run.event, row, caller, plan.chain)
    if (plan.witnesses.length > 0 || plan.inPlace) return this.#work(row, plan, judged, caller)
    return receiptOf(run.event, stateOf(run), row, run.outcomes, namesOf(plan.chain))
  }

  async #work(row: AdmittedReceipt, plan: LocalPlan, { run }: Judged, caller: Principal): Promise<Receipt> {
    const { event } = run
    const chain = plan.inPlace ? born(row, PROCESSORS) : undefined
    // Joined before its witnesses let go of their locks.
    const turn =
      plan.inPlace && !chain && plan.witnesses.length > 0 ? this.#join(row, PROCESSORS, plan.chain, caller) : null
    const [heard, worked] = await Promise.all([
      this.#witnessed(row, plan, event, caller),
      chain ? this.#worked(chain, plan) : null,
    ])
    const last = worked ?? (turn ? await this.#afterWitnesses(turn) : { results: [], queued: namesOf(plan.chain) })
    if (plan.inPlace && last.queued.length > 0) this.#dependencies.queued(event, row, caller, plan.chain)
    const results = [...run.outcomes, ...heard.results, ...last.results]
    return receiptOf(event, stateOf(run), row, results, [...heard.queued, ...last.queued])
  }

  async #witnessed(row: AdmittedReceipt, plan: LocalPlan, event: AnyEvent, caller: Principal): Promise<Part> {
    const { witnesses } = plan
    if (witnesses.length === 0) return NONE
    const leased = born(row, WITNESSES)
    if (!leased) return this.#unlessDone(this.#join(row, WITNESSES, witnesses, caller))
    const { results } = await this.#dependencies.witness(leased, event, caller, witnesses)
    if (this.#processing || this.#dependencies.waiting.size > 0) this.#dependencies.freed()
    return { results, queued: [] }
  }

  async #worked(leased: LeasedTask, { chain }: LocalPlan): Promise<Part> {
    const worked = await this.#dependencies.work(leased)
    return worked ? partOf(worked, chain) : { results: [], queued: namesOf(chain) }
  }

  /** Whoever works on the task when its turn comes; the publisher waits as long as the slowest of them may take. */
  #join(row: AdmittedReceipt, subscription: string, placed: readonly Placed[], caller: Principal): Joined {
    const key = { tenant: caller.tenant, sequence: row.sequence, subscription }
    return { key, placed, turn: this.#dependencies.waiting.until(key, Math.max(...placed.map(deadlineOf))) }
  }

  /** What its own witnesses kept it from is waited for; what others keep it from is not, nor is room, which may be ours. */
  async #afterWitnesses(joined: Joined): Promise<Part> {
    const { store, hasRoom } = this.#dependencies
    const task = await store.tasks.get(joined.key)
    const begins = task?.state === 'leased' || (task?.state === 'due' && hasRoom(joined.key))
    if (!begins) joined.turn.leave()
    return this.#waited(joined)
  }

  /** It may have been done between the commit and the joining. */
  async #unlessDone(joined: Joined): Promise<Part> {
    const task = await this.#dependencies.store.tasks.get(joined.key)
    if (!task || isFinished(task.state)) joined.turn.leave()
    return this.#waited(joined)
  }

  async #waited({ key, placed, turn }: Joined): Promise<Part> {
    const { store } = this.#dependencies
    const worked = await turn.settled
    if (worked) return partOf(worked, placed)
    const task = await store.tasks.get(key)
    if (!task || !isFinished(task.state)) return { results: [], queued: namesOf(placed) }
    const results = await store.log.results(key.tenant, key.sequence)
    return { results: results.filter(({ processor }) => namesOf(placed).includes(processor)), queued: [] }
  }

  /** The receipt of an event that is kept already: its present state. */
  async ofRow(row: EventRow, duplicate: boolean): Promise<Receipt> {
    const results = await this.#dependencies.store.log.results(row.tenant, row.sequence)
    const { id, source, type, tenant, state, sequence, transactionId } = row
    const about = { id, source, type, tenant, state, duplicate, sequence: formatSequence(sequence), transactionId }
    const queued = state === 'admitted' ? await this.#queuedOf(row, results) : []
    return { ...about, tasks: 0, results: results.map(resultOf), queued }
  }

  async #queuedOf(row: EventRow, results: readonly ProcessorResult[]): Promise<readonly string[]> {
    const { lineUp, store, resourceType } = this.#dependencies
    const known = await resourceType(row.tenant, row.type, row.subject)
    const { asynchronous } = lineUp.for(row.type, known)
    if (asynchronous.length === 0) return []
    const task = await store.tasks.get({ tenant: row.tenant, sequence: row.sequence, subscription: PROCESSORS })
    return task && !isFinished(task.state) ? leftOf(asynchronous, results) : []
  }
}

const isThere = (told: Receipt | Promise<Receipt>): told is Receipt => !(told instanceof Promise)

const born = ({ leased }: AdmittedReceipt, subscription: string): LeasedTask | undefined =>
  leased.find(({ task }) => task.subscription === subscription)

/** By its publisher, who begins it. */
const isAwaited = ({ subscription }: LeasedTask['task'], { inPlace }: LocalPlan): boolean =>
  subscription === WITNESSES || (subscription === PROCESSORS && inPlace)

const FINISHED: ReadonlySet<string> = new Set(FINISHED_STATES)
const isFinished = (state: string): boolean => FINISHED.has(state)

const namesOf = (placed: readonly Placed[]): readonly string[] => placed.map(({ processor }) => processor.name)

const partOf = ({ next, results }: Worked, placed: readonly Placed[]): Part => ({
  results,
  queued: isFinished(next.state) ? [] : leftOf(placed, results),
})

/** Those that will run, or run again. */
function leftOf(placed: readonly Placed[], results: readonly ProcessorResult[]): readonly string[] {
  const isDone = (result: ProcessorResult) => result.state !== 'running' && !hasFailed(result)
  const done = new Set(results.filter(isDone).map(({ processor }) => processor))
  return namesOf(placed).filter((name) => !done.has(name))
}

function receiptOf(
  event: AnyEvent,
  state: Receipt['state'],
  row: AdmittedReceipt,
  results: readonly ProcessorResult[],
  queued: readonly string[],
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
    queued,
  }
}

export const resultOf = ({
  processor,
  kind,
  order,
  state,
  verdict,
  code,
  message,
}: ProcessorResult): ProcessorResult => ({
  processor,
  kind,
  order,
  state,
  verdict,
  code,
  message,
})
