/**
 * Subscriptions that read the log themselves (`delivery: log`): everything in sequence, or several side by side where order
 * does not matter, without a row for each event. What fails holds the cursor.
 */
import { setMaxListeners } from 'node:events'
import { LRUCache } from 'lru-cache'
import type { EventInput } from '../event/envelope.js'
import type { Cluster } from '../store/cluster.js'
import type { Lane, Store } from '../store/port.js'
import type { EventRow } from '../store/rows.js'
import { fromRow, readsLog, type Subscription } from '../subscriptions/subscription.js'
import type { Errand } from './attempt.js'
import { keyOfLane } from './lanes.js'
import { LogCursor } from './log-cursor.js'
import { gapBefore } from './log-gap.js'
import { LogWindow } from './log-window.js'
import * as own from './operator-events.js'
import { hearing, type ReplayDependencies } from './replay.js'
import { type Lead, pause, Rounds } from './rounds.js'
import { type Health, type TellDependencies, type Telling, tell } from './tell.js'

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
  readonly #rounds: Rounds
  /** By lane: what was told beyond the cursor when a reading ended. Nobody hears it twice because something was changed. */
  readonly #beyond = new LRUCache<string, Beyond>({ max: 1_000 })

  constructor(dependencies: LogReadersDependencies) {
    this.#dependencies = dependencies
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
    const subscription = await this.#reader(lane)
    const errand = subscription && (await this.#dependencies.errand(lane))
    if (subscription === null || errand === null) return false
    const cursor = new LogCursor(positionOf(subscription), (from, to) => this.#move(lane, from, to))
    const window = new LogWindow(subscription.spec.concurrency, (sequence) => cursor.reach(sequence))
    const over = AbortSignal.any([signal, window.closed])
    setMaxListeners(Number.POSITIVE_INFINITY, over)
    const reading: Reading = {
      subscription,
      errand,
      cursor,
      window,
      over,
      telling: { ...this.#dependencies, health: oncePerChange((health) => this.#tellHealth(subscription, health)) },
      stops: [],
      known: this.#knownOf(subscription),
    }
    try {
      await this.#readOn(reading)
    } finally {
      window.close()
      await window.ended()
      await cursor.saved()
      const told = [...reading.known, ...window.told].filter((sequence) => sequence > cursor.kept)
      this.#beyond.set(keyOfLane(lane), { cursor: cursor.kept, told: new Set(told) })
    }
    const stop = firstOf(reading.stops)
    if (stop !== null && !cursor.isLost) await this.#stopAt(stop, subscription)
    return true
  }

  /** Nothing once it stands before where it stood: then it is to hear it again. */
  #knownOf(subscription: Subscription): Beyond['told'] {
    const { tenant, id } = subscription
    const beyond = this.#beyond.get(keyOfLane({ tenant, subscription: id }))
    return beyond !== undefined && positionOf(subscription) >= beyond.cursor ? beyond.told : NOTHING
  }

  /** Null if it reads no further. */
  async #reader({ tenant, subscription: id }: Lane): Promise<Subscription | null> {
    const row = await this.#dependencies.store.subscriptions.get(tenant, id)
    if (row?.state !== 'active') return null
    const subscription = fromRow(row)
    return readsLog(subscription) ? subscription : null
  }

  /** Until something changes: what it is about, who may read, or an event that is not taken. */
  async #readOn(reading: Reading): Promise<void> {
    const { subscription, over } = reading
    const { tenant, id, revision } = subscription
    const hears = hearing(subscription, this.#dependencies)
    let read = positionOf(subscription)
    let news: Promise<void> | null = null
    while (!over.aborted) {
      // Asked before the log is read: what is admitted meanwhile is news too.
      news ??= this.#dependencies.news(tenant, over)
      const rows = await this.#dependencies.store.log.read(tenant, read, PAGE)
      await this.#warnOfGap({ ...subscription, cursor: read }, rows[0])
      for (const row of rows) await this.#take(row, await hears(row), reading)
      read = rows.at(-1)?.sequence ?? read
      if (rows.length < PAGE) {
        await news
        news = null
      }
      if ((await this.#reader({ tenant, subscription: id }))?.revision !== revision) return
    }
  }

  async #take(row: EventRow, isHeard: boolean, { window, over, cursor, ...reading }: Reading): Promise<void> {
    if (isHeard) await window.room()
    if (cursor.isLost) window.close()
    if (over.aborted) return
    if (!isHeard) return window.pass(row.sequence)
    const { subscription, errand, telling, stops, known } = reading
    if (known.has(row.sequence)) return window.knows(row.sequence)
    window.begin(row.sequence, async () => {
      const told = await tell(row, subscription, errand, telling, over)
      if (told.end === 'stopped') stops.push({ row, ...told })
      return told.end === 'told'
    })
    const { rate } = subscription.spec
    if (rate !== undefined) await pause(Math.min(LONGEST_TIMER, 1_000 / rate), over)
  }

  async #move(lane: Lane, from: number, to: number): Promise<boolean> {
    const { store, now } = this.#dependencies
    const options = { now: now(), again: false, cursor: to, from, last: false }
    return (await store.tasks.turn(lane, [], options)) !== null
  }

  /** Going on would leave it out, and trying again would not help: that is for an operator to decide. */
  async #stopAt({ row, failure, attempts, disable }: Stop, subscription: Subscription): Promise<void> {
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

  #tellHealth(subscription: Subscription, health: Health): void {
    const event =
      health === 'recovered' ? own.recovered(subscription) : own.failing(subscription, health.failures, health.failure)
    this.#dependencies.tell(subscription.tenant, event)
  }
}

/** One subscription's way through the log, until something changes. */
interface Reading {
  readonly subscription: Subscription
  readonly errand: Errand
  readonly cursor: LogCursor
  readonly window: LogWindow
  /** Aborted when nothing more is begun. */
  readonly over: AbortSignal
  readonly telling: TellDependencies
  /** What was not taken as it is. */
  readonly stops: Stop[]
  /** Told before. */
  readonly known: Beyond['told']
}

interface Beyond {
  readonly cursor: number
  readonly told: ReadonlySet<number>
}

const NOTHING: Beyond['told'] = new Set()

type Stop = { readonly row: EventRow } & Extract<Telling, { end: 'stopped' }>

const positionOf = ({ cursor, startSequence }: Subscription): number => cursor ?? startSequence

/** What ends the reading: a receiver that wants nothing more, or else the oldest. */
const firstOf = (stops: readonly Stop[]): Stop | null =>
  stops.find(({ disable }) => disable) ??
  stops.toSorted((one, other) => one.row.sequence - other.row.sequence)[0] ??
  null

/** Of several events that fail side by side, operators hear once. */
function oncePerChange(tellHealth: (health: Health) => void): TellDependencies['health'] {
  let isWell = true
  return (health) => {
    if ((health === 'recovered') === isWell) return
    isWell = !isWell
    tellHealth(health)
  }
}
