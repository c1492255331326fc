/**
 * The lanes: all tasks of one subscription share its limits and its breaker. Kept in memory, per process; nodes tell each other
 * of breakers that open and close.
 */
import type { OpenBreaker } from '../store/cluster.js'
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
  /** Null until the first attempt has looked its subscription up. */
  limits: LaneLimits | null
  running: number
  /** Of those that run: that have waited long for the receiver. */
  slow: number
  /** Attempts that were granted beyond the room, each until another ends. */
  readonly queue: (() => void)[]
  /** Failures in a row. */
  failures: number
  /** The breaker is open until then; 0: closed. */
  openUntil: number
  /** Rate: attempts still allowed, and when that was true. */
  tokens: number
  countedAt: number
  /** When its last attempt ended. */
  endedAt: number
  /** Milliseconds its attempts take, the latest most. Null before the first. */
  pace: number | null
  /** Looks for which others are taken to wait behind those that are leased. */
  deep: number
}

export type BreakerState = 'closed' | 'open' | 'half-open'

export class Lanes {
  readonly #states = new Map<string, LaneState>()
  readonly #breaker: BreakerPolicy
  readonly #told: (breaker: OpenBreaker) => void
  /** Milliseconds a look at the store takes, the latest most. */
  #look = 0

  /** @param told of a breaker that opened, opened again or closed. */
  constructor(breaker: BreakerPolicy = BREAKER, told: (breaker: OpenBreaker) => void = () => {}) {
    this.#breaker = breaker
    this.#told = told
  }

  /** Learns what the subscription allows. True if it was not known: there may be more room than was thought. */
  limit(lane: Lane, limits: LaneLimits, now: number): boolean {
    const state = this.#state(lane)
    const isNew = state.limits === null
    refill(state, limits, now)
    state.limits = limits
    return isNew
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

  /** Waits until the lane has room: a claim and a lease that cross may grant one attempt too many. */
  turn(lane: Lane): Promise<void> | null {
    const { running, queue, limits } = this.#state(lane)
    if (limits === null || running - queue.length <= limits.concurrency) return null
    return new Promise((go) => queue.push(go))
  }

  /** The claimed attempt did not come about. */
  unclaim(lane: Lane): void {
    const state = this.#state(lane)
    state.running -= 1
    state.queue.shift()?.()
    state.tokens += 1
  }

  /** An attempt ends. `healthy` null: it says nothing of the receiver's health. Answers what that did to the breaker. */
  leave(lane: Lane, healthy: boolean | null, now: number): 'opened' | 'closed' | null {
    const state = this.#state(lane)
    state.running -= 1
    state.endedAt = now
    state.queue.shift()?.()
    if (healthy === null) return null
    // It began before the breaker opened: a crowd that fails together is one failure, not a probe each.
    if (!healthy && this.#isOpen(state, now)) return null
    const { failures } = this.#breaker
    const before = state.failures
    state.failures = healthy ? 0 : before + 1
    state.openUntil = state.failures >= failures ? now + this.#pause(state) : 0
    if (Math.max(before, state.failures) >= failures) this.#told({ ...openingOf(state), ...state.lane })
    if (healthy) return before >= failures ? 'closed' : null
    return state.failures === failures ? 'opened' : null
  }

  /** An attempt has waited long for the receiver; -1: it ends. */
  slow(lane: Lane, more: 1 | -1): void {
    this.#state(lane).slow += more
  }

  /** Whether its receiver has answered lately, and neither fails nor keeps us waiting since. */
  isWell(lane: Lane): boolean {
    const state = this.#states.get(keyOfLane(lane))
    return state !== undefined && state.pace !== null && state.failures === 0 && state.slow === 0
  }

  /** Failures in a row. */
  failures(lane: Lane): number {
    return this.#states.get(keyOfLane(lane))?.failures ?? 0
  }

  /** Breakers by state; lanes with nothing to remember are not counted. */
  breakers(now: number): Readonly<Record<BreakerState, number>> {
    const counts = { closed: 0, open: 0, 'half-open': 0 }
    for (const { lane } of this.#states.values()) counts[this.breaker(lane, now)] += 1
    return counts
  }

  /** Other nodes have taken the turns of so many milliseconds: until then none is ours. */
  pace(lane: Lane, wait: number, now: number): void {
    const state = this.#state(lane)
    const { limits } = state
    if (limits?.rate === undefined || wait <= 0) return
    refill(state, limits, now)
    state.tokens = Math.min(state.tokens, -(wait * limits.rate) / 1_000)
  }

  /** What all nodes know of breakers: those that are open, here too, and no others. */
  adopt(open: readonly OpenBreaker[]): void {
    const known = new Set(open.map(keyOfLane))
    for (const [key, state] of this.#states) {
      if (known.has(key) || state.failures < this.#breaker.failures) continue
      state.failures = 0
      state.openUntil = 0
    }
    for (const { failures, openUntil, ...lane } of open) Object.assign(this.#state(lane), { failures, openUntil })
  }

  /** An attempt that was made took so many milliseconds. */
  took(lane: Lane, milliseconds: number): void {
    const state = this.#state(lane)
    const { pace } = state
    state.pace = pace === null ? milliseconds : pace + (milliseconds - pace) / 8
  }

  /** A look at the store took so many milliseconds: nobody shall have nothing to begin until the next one is through. */
  looked(milliseconds: number): void {
    this.#look += (milliseconds - this.#look) / 8
  }

  /** How many tasks may be leased before there is room for them: no more than begin soon, and none where it is not known. */
  ahead(lane: Lane): number {
    const state = this.#states.get(keyOfLane(lane))
    if (state === undefined || state.pace === null || state.limits === null || state.failures > 0) return 0
    const { concurrency, rate } = state.limits
    if (rate !== undefined) return 0
    const soon = Math.min(LATE, Math.max(SOON, LOOKS * this.#look))
    return Math.min(MOST_AHEAD, Math.floor((concurrency * soon) / Math.max(1, state.pace)))
  }

  /** Whether others wait behind those that are leased: somebody came forward from there, or nobody was found there. */
  sound(lane: Lane, deep: boolean): void {
    const state = this.#state(lane)
    state.deep = deep ? BELIEVED : Math.max(0, state.deep - 1)
  }

  /** How many of a group may be leased at once: no more than begin soon one after the other, and one where nobody waits behind. */
  run(lane: Lane): number {
    const state = this.#states.get(keyOfLane(lane))
    return state !== undefined && state.deep > 0 && this.ahead(lane) > 0
      ? Math.floor(SOON / Math.max(1, state.pace ?? SOON))
      : 1
  }

  /** Somebody mended its receiver, or saw that it answers: it begins anew. */
  mend(lane: Lane): void {
    const state = this.#states.get(keyOfLane(lane))
    if (state === undefined) return
    state.failures = 0
    state.openUntil = 0
  }

  /** How many more attempts the lane may begin now. */
  free(lane: Lane, now: number): number {
    const state = this.#states.get(keyOfLane(lane))
    return state ? this.#free(state, now) : UNKNOWN
  }

  /** What a lease request must know: the lanes that are not unknown. Forgets lanes with nothing to remember. */
  rooms(now: number): LeaseRequest['lanes'] {
    const rooms: (Lane & { free: number; probe?: boolean })[] = []
    for (const [key, state] of this.#states) {
      const free = this.#free(state, now)
      if (isIdle(state, now)) this.#states.delete(key)
      else rooms.push({ free, ...(free > 0 && this.#isHalfOpen(state) && { probe: true }), ...state.lane })
    }
    return rooms
  }

  /** When the next closed door may open again: the earliest end of a pause or of a rate's wait. */
  nextChange(now: number): number | null {
    const times = [...this.#states.values()].flatMap((state) => {
      if (this.#isOpen(state, now)) return [state.openUntil]
      const rate = state.limits?.rate
      return rate !== undefined && state.tokens < 1 ? [Math.min(state.countedAt, now) + Math.ceil(1_000 / rate)] : []
    })
    return times.length === 0 ? null : Math.min(...times)
  }

  breaker(lane: Lane, now: number): BreakerState {
    const state = this.#states.get(keyOfLane(lane))
    if (!state || state.failures < this.#breaker.failures) return 'closed'
    return this.#isOpen(state, now) ? 'open' : 'half-open'
  }

  /** Its subscription is gone; what still runs there is remembered until it ends. */
  forget(lane: Lane): void {
    const key = keyOfLane(lane)
    if (this.#states.get(key)?.running === 0) this.#states.delete(key)
  }

  #free(state: LaneState, now: number): number {
    if (this.#isOpen(state, now)) return 0
    const { limits } = state
    if (limits === null) return Math.max(0, UNKNOWN - state.running)
    refill(state, limits, now)
    const room = limits.concurrency - state.running
    const allowed = limits.rate === undefined ? room : Math.min(room, Math.floor(state.tokens))
    return Math.max(0, this.#isHalfOpen(state) ? Math.min(allowed, 1 - state.running) : allowed)
  }

  /** For no longer than the longest pause, also when the clock was set back meanwhile. */
  #isOpen(state: LaneState, now: number): boolean {
    state.openUntil = Math.min(state.openUntil, now + this.#breaker.maxPause)
    return state.openUntil > now
  }

  /** Of one that is not open any more. */
  #isHalfOpen(state: LaneState): boolean {
    return state.failures >= this.#breaker.failures
  }

  /** Each failed probe doubles the pause. */
  #pause(state: LaneState): number {
    const { failures, pause, maxPause } = this.#breaker
    return Math.min(maxPause, pause * 2 ** Math.min(state.failures - failures, 30))
  }

  #state(lane: Lane): LaneState {
    const key = keyOfLane(lane)
    const known = this.#states.get(key)
    if (known) return known
    const { tenant, subscription } = lane
    const created = {
      lane: { tenant, subscription },
      limits: null,
      running: 0,
      slow: 0,
      queue: [],
      failures: 0,
      openUntil: 0,
      tokens: 0,
      countedAt: 0,
      endedAt: 0,
      pace: null,
      deep: 0,
    }
    this.#states.set(key, created)
    return created
  }
}

const openingOf = ({ failures, openUntil }: LaneState) => ({ failures, openUntil })

/** Tasks of a lane that are leased before there is room, and how many milliseconds they should wait at most. */
const MOST_AHEAD = 500
const SOON = 100
/** Where looks take long, as with many nodes: for so many looks, as the next begins when half of them are left, and at most so long. */
const LOOKS = 4
const LATE = 500

/** Looks that bring nobody from behind a head, until it is believed that nobody waits there. */
const BELIEVED = 8

/** Attempts at once of a lane whose limits are not known yet: the first one looks them up. */
export const UNKNOWN = 1

/** Milliseconds an idle lane's limits are remembered: forgotten between two attempts, a backlog would leave one by one. */
const REMEMBERED = 1_000

/** Nothing to remember: no attempt for a while, no failure, and a rate that allows all it ever would. */
const isIdle = ({ running, failures, limits, tokens, endedAt }: LaneState, now: number): boolean =>
  running === 0 &&
  failures === 0 &&
  now - endedAt >= REMEMBERED &&
  (limits?.rate === undefined || tokens >= Math.max(1, limits.rate))

export const keyOfLane = ({ tenant, subscription }: Lane): string => `${tenant}/${subscription}`

/** A token bucket of one second's worth. The first attempt, which looked the rate up, has taken from it already. */
function refill(state: LaneState, { rate }: LaneLimits, now: number): void {
  if (rate === undefined) return
  const gained = ((now - state.countedAt) / 1_000) * rate
  const full = Math.max(1, rate)
  state.tokens =
    state.countedAt === 0 ? Math.max(0, full - state.running) : Math.min(full, state.tokens + Math.max(0, gained))
  state.countedAt = now
}
