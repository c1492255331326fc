/**
 * The lanes: all tasks of one subscription share its limits and its breaker. Kept in memory, per process.
 */
import type { Lane, LeaseRequest } from '../store/port.js'

export interface LaneLimits {
  /** Attempts at once. */
  readonly concurrency: number
  /** Attempts per second. */
  readonly rate?: number
}

/** Failures in a row that open the breaker, and how long it stays open before one probe is let through. */
export interface BreakerPolicy {
  readonly failures: number
  readonly pause: number
  readonly maxPause: number
}

const BREAKER: BreakerPolicy = { failures: 5, pause: 1_000, maxPause: 60_000 }

interface LaneState {
  readonly lane: Lane
  limits: LaneLimits
  running: number
  /** Failures in a row. */
  failures: number
  /** The breaker is open until then; 0: closed. */
  openUntil: number
  /** Rate: attempts still allowed, and when that was true. */
  tokens: number
  countedAt: number
}

export type BreakerState = 'closed' | 'open' | 'half-open'

export class Lanes {
  readonly #states = new Map<string, LaneState>()
  readonly #perLane: number
  readonly #breaker: BreakerPolicy

  constructor(perLane: number, breaker: BreakerPolicy = BREAKER) {
    this.#perLane = perLane
    this.#breaker = breaker
  }

  /** Learns what the subscription allows. */
  limit(lane: Lane, limits: LaneLimits, now: number): void {
    const state = this.#state(lane)
    refill(state, limits, now)
    state.limits = limits
  }

  /** Takes room for one attempt if there is any; `leave` or `unclaim` gives it back. */
  claim(lane: Lane, now: number): boolean {
    if (this.free(lane, now) === 0) return false
    this.enter(lane)
    return true
  }

  /** Takes room for one attempt that is granted already. */
  enter(lane: Lane): void {
    const state = this.#state(lane)
    state.running += 1
    state.tokens -= 1
  }

  /** The claimed attempt did not come about. */
  unclaim(lane: Lane): void {
    const state = this.#state(lane)
    state.running -= 1
    state.tokens += 1
  }

  /** An attempt ends. `healthy` null: it says nothing of the receiver's health. Answers what that did to the breaker. */
  leave(lane: Lane, healthy: boolean | null, now: number): 'opened' | 'closed' | null {
    const state = this.#state(lane)
    state.running -= 1
    if (healthy === null) return null
    // It began before the breaker opened: a crowd that fails together is one failure, not a probe each.
    if (!healthy && state.openUntil > now) return null
    const { failures } = this.#breaker
    const before = state.failures
    state.failures = healthy ? 0 : before + 1
    state.openUntil = state.failures >= failures ? now + this.#pause(state) : 0
    if (healthy) return before >= failures ? 'closed' : null
    return state.failures === failures ? 'opened' : null
  }

  /** Failures in a row. */
  failures(lane: Lane): number {
    return this.#states.get(keyOf(lane))?.failures ?? 0
  }

  /** Breakers by state; lanes with nothing to remember are not counted. */
  breakers(now: number): Readonly<Record<BreakerState, number>> {
    const counts = { closed: 0, open: 0, 'half-open': 0 }
    for (const { lane } of this.#states.values()) counts[this.breaker(lane, now)] += 1
    return counts
  }

  /** How many more attempts the lane may begin now. */
  free(lane: Lane, now: number): number {
    const state = this.#states.get(keyOf(lane))
    return state ? this.#free(state, now) : this.#perLane
  }

  /** What a lease request must know: the lanes whose room is not the usual. Forgets lanes with nothing to remember. */
  rooms(now: number): LeaseRequest['lanes'] {
    const rooms: (Lane & { free: number })[] = []
    for (const [key, state] of this.#states) {
      const idle = state.running === 0 && state.failures === 0 && state.limits.rate === undefined
      if (idle && state.limits.concurrency === this.#perLane) this.#states.delete(key)
      else rooms.push({ ...state.lane, free: this.#free(state, now) })
    }
    return rooms
  }

  /** When the next closed door may open again: the earliest end of a pause or of a rate's wait. */
  nextChange(now: number): number | null {
    const times = [...this.#states.values()].flatMap((state) => {
      if (state.openUntil > now) return [state.openUntil]
      const { rate } = state.limits
      return rate !== undefined && state.tokens < 1 ? [state.countedAt + Math.ceil(1_000 / rate)] : []
    })
    return times.length === 0 ? null : Math.min(...times)
  }

  breaker(lane: Lane, now: number): BreakerState {
    const state = this.#states.get(keyOf(lane))
    if (!state || state.failures < this.#breaker.failures) return 'closed'
    return state.openUntil > now ? 'open' : 'half-open'
  }

  forget(lane: Lane): void {
    this.#states.delete(keyOf(lane))
  }

  #free(state: LaneState, now: number): number {
    if (state.openUntil > now) return 0
    refill(state, state.limits, now)
    const room = state.limits.concurrency - state.running
    const allowed = state.limits.rate === undefined ? room : Math.min(room, Math.floor(state.tokens))
    const halfOpen = state.failures >= this.#breaker.failures
    return Math.max(0, halfOpen ? Math.min(allowed, 1 - state.running) : allowed)
  }

  /** Each failed probe doubles the pause. */
  #pause(state: LaneState): number {
    const { failures, pause, maxPause } = this.#breaker
    return Math.min(maxPause, pause * 2 ** Math.min(state.failures - failures, 30))
  }

  #state(lane: Lane): LaneState {
    const key = keyOf(lane)
    const known = this.#states.get(key)
    if (known) return known
    const { tenant, subscription } = lane
    const created = {
      lane: { tenant, subscription },
      limits: { concurrency: this.#perLane },
      running: 0,
      failures: 0,
      openUntil: 0,
      tokens: 0,
      countedAt: 0,
    }
    this.#states.set(key, created)
    return created
  }
}

const keyOf = ({ tenant, subscription }: Lane): string => `${tenant}/${subscription}`

/** A token bucket of one second's worth. */
function refill(state: LaneState, { rate }: LaneLimits, now: number): void {
  if (rate === undefined) return
  const gained = ((now - state.countedAt) / 1_000) * rate
  const full = Math.max(1, rate)
  state.tokens = state.countedAt === 0 ? full : Math.min(full, state.tokens + Math.max(0, gained))
  state.countedAt = now
}
