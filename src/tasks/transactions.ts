/**
 * A transaction: all events with one transaction id, such as an event and everything its processors published.
 */
import { type Principal, requireScope, seesWholeTenant } from '../access/principal.js'
import { InvalidInput, NotFound, Unavailable } from '../errors.js'
import type { Store, TaskCounts, TransactionCounts } from '../store/port.js'
import { type EventRow, FINISHED_STATES, type TaskState } from '../store/rows.js'

export interface TransactionView {
  readonly transactionId: string
  readonly events: number
  /** Nothing is left to be done by processors: none is unfinished, and no event waits to be resumed. */
  readonly settled: boolean
  /** Some of its events are suspended: their processors go on when they are resumed. */
  readonly suspended: boolean
  /** Work of processors, by state. */
  readonly processing: TaskCounts
  /** Tasks of subscriptions, by state. */
  readonly tasks: TaskCounts
  /** Work of processors that failed for good. */
  readonly failed: number
}

export interface SettledOptions {
  readonly as?: Principal | undefined
  /** Milliseconds; default a minute. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface TransactionsDependencies {
  readonly store: Pick<Store, 'log' | 'tasks'>
  /** Resolves when work of a processor was settled in the tenant, or after a while. */
  news(tenant: string, signal: AbortSignal): Promise<void>
  /** Resolves when everybody in the tenant has been told of what was committed before. */
  told(tenant: string, signal: AbortSignal): Promise<void>
}

const A_MINUTE = 60_000

export class Transactions {
  readonly #dependencies: TransactionsDependencies

  constructor(dependencies: TransactionsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * @param id of the transaction, or of the event it began with.
   * @throws NotFound when no event belongs to it, or when the caller neither sees the whole tenant nor published its first event
   */
  async get(caller: Principal, id: string): Promise<TransactionView> {
    requireScope(caller, 'events:read')
    const { tenant } = caller
    // Before and after: whoever was resumed in between had no task yet, or was not suspended yet.
    const wasSuspended = await this.#isSuspended(tenant, id)
    const counts = (await this.#mayCount(caller, id)) ? await this.#counts(tenant, id) : null
    if (counts === null || counts.events === 0) throw new NotFound('transaction', id)
    return viewOf(id, counts, wasSuspended || (await this.#isSuspended(tenant, id)))
  }

  /** What a judge suspended without a time has no task that could be counted. */
  async #isSuspended(tenant: string, transactionId: string): Promise<boolean> {
    const { log } = this.#dependencies.store
    const filter = { tenant, transactionId, states: ['suspended'] } as const
    if ((await log.list(filter, { after: null, limit: 1 })).length > 0) return true
    return (await this.#heads(tenant, transactionId)).some(({ state }) => state === 'suspended')
  }

  async #heads(tenant: string, id: string): Promise<readonly EventRow[]> {
    const found = await this.#dependencies.store.log.find(tenant, id)
    return found.filter(({ transactionId }) => transactionId === null)
  }

  /** Counts tell of events that not everybody may see. */
  async #mayCount(caller: Principal, transactionId: string): Promise<boolean> {
    if (seesWholeTenant(caller)) return true
    const { log } = this.#dependencies.store
    const { tenant } = caller
    const members = await log.list({ tenant, transactionId }, { after: null, limit: 1, order: 'oldest' })
    const heads = await log.find(tenant, transactionId)
    const [first] = [...members, ...heads].sort((one, other) => one.sequence - other.sequence)
    return first?.principal === caller.id
  }

  /**
   * Resolves when processors have nothing left to do for the transaction: every one succeeded or failed for good.
   * @throws NotFound; Unavailable `unavailable` when the time is over; whatever aborted the signal.
   */
  async settled(
    caller: Principal,
    id: string,
    { timeout = A_MINUTE, signal }: SettledOptions = {},
  ): Promise<TransactionView> {
    checkTimeout(timeout)
    const late = AbortSignal.timeout(timeout)
    const either = signal ? AbortSignal.any([late, signal]) : late
    for (;;) {
      // Joined before looking: what is settled meanwhile is not missed.
      const news = this.#dependencies.news(caller.tenant, either)
      await this.#dependencies.told(caller.tenant, either)
      const view = await this.get(caller, id)
      if (view.settled) return view
      signal?.throwIfAborted()
      if (late.aborted) throw notYet(id, timeout)
      await news
    }
  }

  /**
   * An event that began its transaction does not carry the id itself: it is its own. It is counted first: once its processors
   * have nothing left to do, what they published is there.
   */
  async #counts(tenant: string, id: string): Promise<TransactionCounts> {
    const { log, tasks } = this.#dependencies.store
    const heads = await this.#heads(tenant, id)
    const counted = await Promise.all(
      heads.map(async ({ sequence }) => ({
        events: 1,
        tasks: await tasks.countsBy({ tenant, sequence, local: false }),
        local: await tasks.countsBy({ tenant, sequence, local: true }),
      })),
    )
    return [await log.transaction(tenant, id), ...counted].reduce(together)
  }
}

const together = (one: TransactionCounts, other: TransactionCounts): TransactionCounts => ({
  events: one.events + other.events,
  tasks: sum(one.tasks, other.tasks),
  local: sum(one.local, other.local),
})

const STATES: readonly TaskState[] = [...FINISHED_STATES, 'due', 'waiting', 'leased', 'held']

const sum = (one: TaskCounts, other: TaskCounts): TaskCounts =>
  Object.fromEntries(
    STATES.flatMap((state) => {
      const count = (one[state] ?? 0) + (other[state] ?? 0)
      return count === 0 ? [] : [[state, count]]
    }),
  )

const FINISHED: ReadonlySet<string> = new Set(FINISHED_STATES)

function viewOf(
  transactionId: string,
  { events, tasks, local }: TransactionCounts,
  suspended: boolean,
): TransactionView {
  const isOpen = ([state, count]: readonly [string, number]) => count > 0 && !FINISHED.has(state)
  return {
    transactionId,
    events,
    settled: !suspended && !Object.entries(local).some(isOpen),
    suspended,
    processing: local,
    tasks,
    failed: (local.refused ?? 0) + (local.exhausted ?? 0),
  }
}

/** The longest a timer of Node can wait (2^31 - 1 milliseconds). */
const LONGEST_TIMER = 2_147_483_647

function checkTimeout(timeout: number): void {
  if (Number.isInteger(timeout) && timeout >= 0 && timeout <= LONGEST_TIMER) return
  throw new InvalidInput('invalid_request', 'The timeout is out of range.', {
    field: 'timeout',
    expected: `milliseconds, from 0 to ${LONGEST_TIMER}`,
  })
}

const notYet = (id: string, timeout: number): Unavailable =>
  new Unavailable('unavailable', `The transaction ${JSON.stringify(id)} was not settled within ${timeout} ms.`, {
    retryAfter: 1,
  })
