/**
 * Subscriptions that read the log themselves (`delivery: log`): everything in sequence, without a row for each event.
 * What fails holds the cursor.
 */
import type { EventInput } from '../event/envelope.js'
import type { Cluster } from '../store/cluster.js'
import type { Lane, Store } from '../store/port.js'
import type { EventRow } from '../store/rows.js'
import { fromRow, readsLog, type Subscription } from '../subscriptions/subscription.js'
import type { Errand } from './attempt.js'
import { keyOfLane } from './lanes.js'
import { LogCursor } from './log-cursor.js'
import { gapBefore } from './log-gap.js'
import * as own from './operator-events.js'
import { hearing, type ReplayDependencies } from './replay.js'
import { type Lead, pause, Rounds } from './rounds.js'
import { type TellDependencies, type Telling, tell } from './tell.js'

export interface LogReadersDependencies
  extends Omit<ReplayDependencies, 'store' | 'likeness'>,
    Omit<TellDependencies, 'health'> {
  readonly store: ReplayDependencies['store'] & Pick<Store, 'subscriptions'>
  /** Null when the subscription is gone. */
  errand(lane: Lane): Promise<Errand | null>
  /** Waits until something was admitted in the tenant, or for a while. */
  news(tenant: string, signal: AbortSignal): Promise<void>
  /** Publishes one of our own events. */
  tell(tenant: string, event: EventInput): void
  /** A subscription was changed by us. */
  changed(tenant: string, id: string): void
  readonly lead: Cluster['lead']
  failed(error: unknown): void
}

/** Milliseconds; Node waits no longer. */
const LONGEST_TIMER = 2_147_483_647

/** Events read from the store at once. */
const PAGE = 500

export class LogReaders {
  readonly #dependencies: LogReadersDependencies
  readonly #telling: TellDependencies
  readonly #rounds: Rounds

  constructor(dependencies: LogReadersDependencies) {
    this.#dependencies = dependencies
    this.#telling = {
      ...dependencies,
      health: (subscription, health) => this.#tellHealth(subscription, health),
    }
    const lead: Lead = (lane, round) => dependencies.lead(`log.${keyOfLane(lane)}`, round)
    this.#rounds = new Rounds((lane, signal) => this.#round(lane, signal), lead, dependencies.failed)
  }

  /** Goes on in the background; does nothing if the subscription does not read the log. */
  begin(tenant: string, id: string): void {
    this.#rounds.begin({ tenant, subscription: id })
  }

  /** What is being told is told to its end. */
  stop(): Promise<void> {
    return this.#rounds.stop()
  }

  async #round(lane: Lane, signal: AbortSignal): Promise<boolean> {
    const { store, errand } = this.#dependencies
    const row = await store.subscriptions.get(lane.tenant, lane.subscription)
    if (row?.state !== 'active') return false
    const subscription = fromRow(row)
    if (!readsLog(subscription)) return false
    const how = await errand(lane)
    if (how === null) return false
    // Asked before the log is read: what is admitted meanwhile is news too.
    const news = this.#dependencies.news(lane.tenant, signal)
    const rows = await store.log.read(lane.tenant, subscription.cursor ?? subscription.startSequence, PAGE)
    await this.#warnOfGap(subscription, rows[0])
    await this.#tellPage(subscription, rows, how, signal)
    if (rows.length < PAGE) await news
    return true
  }

  async #tellPage(
    subscription: Subscription,
    rows: readonly EventRow[],
    errand: Errand,
    signal: AbortSignal,
  ): Promise<void> {
    const { tenant, id, spec, startSequence } = subscription
    const hears = hearing(subscription, this.#dependencies)
    const cursor = new LogCursor(subscription.cursor ?? startSequence, (from, to) =>
      this.#move({ tenant, subscription: id }, from, to),
    )
    for (const row of rows) {
      if (signal.aborted || cursor.isLost) break
      const isHeard = await hears(row)
      if (isHeard) {
        const telling = await tell(row, subscription, errand, this.#telling, signal)
        if (telling.end === 'interrupted') break
        if (telling.end === 'stopped') {
          await this.#stopAt(row, subscription, telling)
          break
        }
      }
      cursor.reach(row.sequence)
      if (isHeard && spec.rate !== undefined) await pause(Math.min(LONGEST_TIMER, 1_000 / spec.rate), signal)
    }
    await cursor.saved()
  }

  async #move(lane: Lane, from: number, to: number): Promise<boolean> {
    const { store, now } = this.#dependencies
    const options = { now: now(), again: false, cursor: to, from, last: false }
    return (await store.tasks.turn(lane, [], options)) !== null
  }

  /** Going on would leave it out, and trying again would not help: that is for an operator to decide. */
  async #stopAt(
    row: EventRow,
    subscription: Subscription,
    { failure, attempts, disable }: Extract<Telling, { end: 'stopped' }>,
  ): Promise<void> {
    const { store, now, changed } = this.#dependencies
    const { tenant, id } = subscription
    const reason = disable
      ? `The receiver answered ${failure.code}: it wants nothing more.`
      : `It stopped before event ${JSON.stringify(row.id)}: ${failure.code}.`
    if (!(await store.subscriptions.setState(tenant, id, disable ? 'disabled' : 'paused', reason, now()))) return
    changed(tenant, id)
    if (own.isOwn(row)) return
    const told = disable
      ? own.disabled(subscription, reason, failure)
      : own.stopped(subscription, row, failure, attempts)
    this.#dependencies.tell(tenant, told)
  }

  async #warnOfGap(subscription: Subscription, next: EventRow | undefined): Promise<void> {
    const gap = await gapBefore(next, subscription, this.#dependencies.store)
    if (gap !== null) this.#dependencies.tell(subscription.tenant, own.overtaken(subscription, gap))
  }

  #tellHealth(subscription: Subscription, health: Parameters<TellDependencies['health']>[1]): void {
    const event =
      health === 'recovered' ? own.recovered(subscription) : own.failing(subscription, health.failures, health.failure)
    this.#dependencies.tell(subscription.tenant, event)
  }
}
