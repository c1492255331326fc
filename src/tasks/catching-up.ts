/**
 * Subscriptions that start in the past: page by page through the log until they are level with it.
 */
import type { Cluster } from '../store/cluster.js'
import type { Lane, Store } from '../store/port.js'
import type { TaskState } from '../store/rows.js'
import { fromRow, type Subscription } from '../subscriptions/subscription.js'
import { keyOfLane } from './lanes.js'
import { catchUp, type ReplayDependencies } from './replay.js'
import { type Lead, pause, Rounds } from './rounds.js'

export interface CatchingUpDependencies extends Omit<ReplayDependencies, 'store'> {
  readonly store: ReplayDependencies['store'] & Pick<Store, 'subscriptions'>
  /** A page was turned: tasks may be due. */
  turned(): void
  caughtUp(subscription: Subscription): void
  readonly lead: Cluster['lead']
  failed(error: unknown): void
}

/** A page is turned only while fewer tasks than this are unfinished. */
const MOST = 10_000

const UNFINISHED: readonly TaskState[] = ['due', 'waiting', 'leased', 'held']

/** Milliseconds before a page that has no room yet is looked at again. */
const PATIENCE = 1_000

export class CatchingUp {
  readonly #dependencies: CatchingUpDependencies
  readonly #rounds: Rounds

  constructor(dependencies: CatchingUpDependencies) {
    this.#dependencies = dependencies
    const lead: Lead = (lane, round) => dependencies.lead(`catch-up.${keyOfLane(lane)}`, round)
    this.#rounds = new Rounds((lane, signal) => this.#round(lane, signal), lead, dependencies.failed)
  }

  /** Goes on in the background; does nothing if there is nothing to catch up with. */
  begin(tenant: string, id: string): void {
    this.#rounds.begin({ tenant, subscription: id })
  }

  stop(): Promise<void> {
    return this.#rounds.stop()
  }

  async #round({ tenant, subscription: id }: Lane, signal: AbortSignal): Promise<boolean> {
    const row = await this.#dependencies.store.subscriptions.get(tenant, id)
    if (row?.state !== 'catching-up') return false
    if (!(await this.#hasRoom(tenant, id))) {
      await pause(PATIENCE, signal)
      return true
    }
    const more = await catchUp(fromRow(row), this.#dependencies)
    this.#dependencies.turned()
    if (!more) await this.#check(tenant, id)
    return true
  }

  /** Whether so few tasks are unfinished that a further page may become tasks: a slow receiver does not fill the queue. */
  async #hasRoom(tenant: string, subscription: string): Promise<boolean> {
    const counts = await this.#dependencies.store.tasks.counts(tenant, subscription)
    const unfinished = UNFINISHED.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
    return unfinished < MOST
  }

  /** The switch happened in the last page's commit, unless the log had grown meanwhile. */
  async #check(tenant: string, id: string): Promise<void> {
    const row = await this.#dependencies.store.subscriptions.get(tenant, id)
    if (row?.state === 'active') this.#dependencies.caughtUp(fromRow(row))
  }
}
