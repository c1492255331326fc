/**
 * What a task means: a local one runs in this process, any other is delivered for its subscription.
 */
import { LRUCache } from 'lru-cache'
import { atMost } from '../access/at-most.js'
import type { EventInput } from '../event/envelope.js'
import { hasFailed } from '../pipeline/outcome.js'
import { type StopSignal, toAbortSignal } from '../pipeline/stop.js'
import type { Lane, LeasedTask, Store } from '../store/port.js'
import { fromRow, type Subscription } from '../subscriptions/subscription.js'
import type { Answered, Attempted, Errand, JointErrand, Terms } from './attempt.js'
import type { LaneLimits } from './lanes.js'
import { isLocal, WITNESSES } from './local.js'
import type { LocalErrands } from './local-errands.js'
import * as own from './operator-events.js'

export interface ErrandsDependencies {
  readonly store: Pick<Store, 'subscriptions'>
  readonly local: LocalErrands
  deliver(leased: LeasedTask, subscription: Subscription, signal: StopSignal): Promise<Answered>
  /** In one message; an answer for each. */
  deliverTogether(
    leased: readonly LeasedTask[],
    subscription: Subscription,
    signal: AbortSignal,
  ): Promise<readonly Answered[]>
  /** Publishes one of our own events. */
  tell(tenant: string, event: EventInput): void
  /** A subscription was changed by us. */
  changed(tenant: string, id: string): void
  now(): number
}

/** How long a subscription is trusted without another look; what changes it in this process is told at once. */
const FRESH = 1_000

/** Failures in a row; a breaker that is open lets one through a minute, so that is three days and a half at least. */
const DISABLE_AFTER = 5_000

/** Which part of the way to being disabled a failure completes, if any. One that was resumed has the whole way before it. */
export function percentOf(failures: number, most: number): 50 | 70 | 90 | 100 | null {
  const done = failures % most
  if (failures > 0 && done === 0) return 100
  return ([90, 70, 50] as const).find((percent) => done > 0 && done === Math.ceil((most * percent) / 100)) ?? null
}

export class Errands {
  readonly #dependencies: ErrandsDependencies
  readonly #known = new LRUCache<
    string,
    { readonly until: number; readonly subscription: Promise<Subscription | null> }
  >(atMost(10_000))
  /** Attempts that had begun end while it is written that there shall be no more. */
  readonly #disabling = new Set<string>()

  constructor(dependencies: ErrandsDependencies) {
    this.#dependencies = dependencies
  }

  /** Null when its subscription must be looked up. */
  limits({ subscription }: Lane): LaneLimits | null {
    return isLocal(subscription) ? (this.#dependencies.local.for(subscription)?.terms ?? null) : null
  }

  /** Null when the subscription is gone. */
  async for(lane: Lane): Promise<Errand | null> {
    if (isLocal(lane.subscription)) return this.#dependencies.local.for(lane.subscription)
    const subscription = await this.subscription(lane)
    if (!subscription) return null
    return {
      terms: termsOf(subscription),
      run: (leased, signal) => this.#dependencies.deliver(leased, subscription, signal),
    }
  }

  /** For what is told in one message. Null when the subscription is gone. */
  async together(lane: Lane): Promise<JointErrand | null> {
    const subscription = await this.subscription(lane)
    if (!subscription) return null
    return {
      terms: termsOf(subscription),
      run: (leased, signal) => this.#dependencies.deliverTogether(leased, subscription, toAbortSignal(signal)),
    }
  }

  forget(lane: Lane): void {
    this.#known.delete(keyOf(lane))
  }

  forgetAll(): void {
    this.#known.clear()
  }

  /** After a settlement: what operators must hear, and what a receiver's answer asks of us. */
  async settled(leased: LeasedTask, { settlement, outcome, breaker, failures = 0 }: Attempted): Promise<void> {
    const { task, event } = leased
    if (own.isOwn(event)) return
    const failure =
      'code' in outcome && outcome.code !== undefined && 'message' in outcome
        ? { code: outcome.code, message: outcome.message }
        : null
    if (isLocal(task.subscription)) {
      const gaveUp = task.subscription !== WITNESSES && settlement.next.state === 'exhausted'
      if (!gaveUp || !failure || this.#dependencies.local.isSilent(leased)) return
      const processor = settlement.results.find(hasFailed)?.processor
      this.#dependencies.tell(task.tenant, own.processingFailed(leased, failure, processor))
      return
    }
    // Most often all went well.
    if (failure === null && breaker !== 'closed') return
    const subscription = await this.subscription(task)
    if (!subscription) return
    const { tell } = this.#dependencies
    if (breaker === 'closed') tell(task.tenant, own.recovered(subscription))
    if (!failure) return
    const { spec } = subscription
    if (settlement.next.state === 'exhausted') tell(task.tenant, own.exhausted(subscription, leased, failure))
    // What had begun before is the last of what was told, and no news.
    if (subscription.state === 'disabled' || this.#disabling.has(keyOf(task))) return
    const percent = percentOf(failures, spec.disableAfter ?? DISABLE_AFTER)
    const cause = { ...failure, eventId: event.id, eventType: event.type }
    if (percent === null ? breaker === 'opened' : percent < 100)
      tell(task.tenant, own.failing(subscription, failures, cause, percent))
    if (task.replayedAt !== null) return
    if (outcome.outcome === 'refused' && outcome.disable === true)
      await this.#disable(subscription, `The receiver answered ${failure.code}: it wants nothing more.`, cause)
    else if (percent === 100)
      await this.#disable(subscription, `It failed ${failures} times in a row, last with ${failure.code}.`, cause)
  }

  async #disable(subscription: Subscription, reason: string, failure: own.Failure): Promise<void> {
    const { tenant, id } = subscription
    const { store, now, tell, changed } = this.#dependencies
    const key = keyOf({ tenant, subscription: id })
    this.#disabling.add(key)
    try {
      if (!(await store.subscriptions.setState(tenant, id, 'disabled', reason, now()))) return
      changed(tenant, id)
      tell(tenant, own.disabled(subscription, reason, failure))
    } finally {
      this.#disabling.delete(key)
    }
  }

  async subscription(lane: Lane): Promise<Subscription | null> {
    const { tenant, subscription: id } = lane
    const key = keyOf(lane)
    const now = this.#dependencies.now()
    const known = this.#known.get(key)
    if (known && known.until > now) return known.subscription
    const subscription = this.#dependencies.store.subscriptions.get(tenant, id).then((row) => row && fromRow(row))
    this.#known.set(key, { until: now + FRESH, subscription })
    subscription.catch(() => this.#known.delete(key))
    return subscription
  }
}

const keyOf = ({ tenant, subscription }: Lane): string => `${tenant}/${subscription}`

function termsOf({ spec }: Subscription): Terms {
  const { concurrency, rate, retry, timeout, transport } = spec
  return { transport, concurrency, retry, timeout, ...(rate !== undefined && { rate }) }
}
