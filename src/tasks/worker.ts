/**
 * The worker takes due tasks, tries them and settles them, as many at once as its room and each lane's limits allow.
 * It sleeps until something is published, a sleeper wakes, a lease ends or a breaker may be probed.
 */
import { Stop } from '../pipeline/stop.js'
import type { OpenBreaker } from '../store/cluster.js'
import type { Lane, LeasedTask, LeaseRequest, Settlement, SettleResult, Store, TaskKey } from '../store/port.js'
import type { TaskRow } from '../store/rows.js'
import { isFinished } from '../store/task-rules.js'
import { Ahead } from './ahead.js'
import { type Attempted, attempt, type Errand, returned } from './attempt.js'
import { Batcher } from './batcher.js'
import { Hearsay } from './hearsay.js'
import { insist, insistAfter } from './insist.js'
import { type LaneLimits, Lanes, UNKNOWN } from './lanes.js'
import { isLocal } from './local.js'
import { isSame, OwnLeases } from './own-leases.js'
import { Room } from './room.js'
import { depthsOf, type Run, runsOf } from './runs.js'
import { Turns } from './turns.js'

export interface WorkerOptions {
  readonly node: string
  /** Attempts at once, over all lanes; those that wait long for a receiver do not count. */
  readonly workers: number
  /** Milliseconds a lease holds without a heartbeat. */
  readonly lease: number
  /** Milliseconds between looks at the store when nothing calls. */
  readonly poll: number
  /** Milliseconds after which an attempt only waits for its receiver, and gives up its room. Default 250. */
  readonly slow?: number
}

export interface WorkerDependencies {
  readonly store: Pick<Store, 'tasks' | 'features'>
  /** Null when the subscription is gone. */
  errand(lane: Lane): Promise<Errand | null>
  /** What is known of a lane without looking its subscription up. */
  limits(lane: Lane): LaneLimits | null
  /** A tenant's share of the room, beside others. */
  weight(tenant: string): number
  /** Subscriptions of which nothing is worked off, whatever the tenant. */
  closed(): readonly string[]
  /** Told after each settlement, for metrics and operator events. Must not throw. */
  settled(leased: LeasedTask, attempted: Attempted): void
  /** Told of a breaker that opened, opened again or closed. Must not throw. */
  breaker?(breaker: OpenBreaker): void
  /** Told when the store cannot be reached; the worker goes on trying. */
  failed(error: unknown): void
  now(): number
  random(): number
}

export class Worker {
  readonly lanes: Lanes
  readonly #options: WorkerOptions
  readonly #dependencies: WorkerDependencies
  readonly #room: Room
  readonly #running = new Set<Attempt>()
  /** Leased, and waiting for room. */
  readonly #ahead = new Ahead()
  readonly #settling: Batcher<Settlement, SettleResult>
  readonly #leases: OwnLeases
  readonly #turns = new Turns(() => this.#begin())
  readonly #hearsay = new Hearsay(() => this.wake())
  /** The look at the store that is under way. */
  #leasing: Promise<void> | null = null
  /** Something happened while leasing: look again. */
  #again = false
  #timer: NodeJS.Timeout | undefined
  #heartbeat: NodeJS.Timeout | undefined
  #stopped = true
  #idle: (() => void) | null = null

  constructor(options: WorkerOptions, dependencies: WorkerDependencies) {
    this.#options = options
    this.#dependencies = dependencies
    this.#room = new Room(options.workers)
    this.lanes = new Lanes(undefined, (breaker) => dependencies.breaker?.(breaker))
    const write = (settlements: readonly Settlement[]) => {
      const settled = dependencies.store.tasks.settle(settlements, this.grant())
      // Asked in the same breath, the next look shares its commit.
      if (!this.#ahead.isEmpty) this.wake()
      return settled
    }
    // While more wait for room, what ends in one turn of the loop is settled together; some is on its way while more ends.
    this.#settling = new Batcher(write, {
      most: TOGETHER,
      atOnce: 2,
      keyOf: ({ tenant }) => tenant,
      oneWay: !dependencies.store.features.shared,
      soon: (begin) => (this.#ahead.isEmpty ? queueMicrotask : setImmediate)(begin),
    })
    const { store, failed, now } = dependencies
    this.#leases = new OwnLeases({
      ...{ store, lease: options.lease, failed, now },
      held: () => [...this.#working(), ...this.#ahead.all()],
      lost: (key, token) => this.abort(key, token),
    })
  }

  get running(): number {
    return this.#running.size
  }

  start(): void {
    this.#stopped = false
    this.#heartbeat = setInterval(() => void this.#leases.prolong(), this.#options.lease / 3)
    this.wake()
  }

  /** Something may be due. */
  wake(): void {
    if (this.#stopped) return
    this.#clear()
    if (this.#leasing) {
      this.#again = true
      return
    }
    clearTimeout(this.#timer)
    this.#leasing = this.#lease()
  }

  /** Another node left something that may be due. */
  hear(): void {
    if (!this.#stopped) this.#hearsay.hear()
  }

  /** Takes room for a task that may be born leased; give it back by `take` or `unclaim`. */
  claim(lane: Lane): boolean {
    const isWell = this.#isWell(lane)
    if (this.#stopped || this.#room.left(isWell) <= 0) return false
    const { now, limits } = this.#dependencies
    const known = limits(lane)
    if (known) this.lanes.limit(lane, known, now())
    if (!this.lanes.claim(lane, now())) return false
    this.#room.promise(lane, isWell)
    return true
  }

  /** Whether a task of the lane that is due would be begun now, and not after others that wait for room. */
  hasRoom(lane: Lane): boolean {
    const { now, closed } = this.#dependencies
    if (this.#stopped || closed().includes(lane.subscription) || this.#ahead.count(lane) > 0) return false
    return this.#room.left(this.#isWell(lane)) > 0 && this.lanes.free(lane, now()) > 0
  }

  unclaim(lane: Lane): void {
    this.lanes.unclaim(lane)
    this.#room.release(lane)
    this.#begin()
  }

  grant() {
    const now = this.#dependencies.now()
    return { node: this.#options.node, now, until: now + this.#options.lease }
  }

  /** Begins a task that is leased to this node, in the room claimed for it: in a turn of its own, as its publisher is told first. */
  take(leased: LeasedTask): void {
    this.lanes.unclaim(leased.task)
    this.#room.release(leased.task)
    this.#accept(leased)
    this.#turns.ask()
  }

  /** Works on one at once, and waits for its end. Null if its lease was lost, or if its end cannot be written now. */
  work(leased: LeasedTask): Promise<Attempted | null> {
    this.#room.release(leased.task)
    return new Promise((answer) => void this.#work(leased, () => answer(null)).then(answer))
  }

  /** Somebody may have taken leases of ours: those are stopped. */
  check(): void {
    if (!this.#stopped) void this.#leases.prolong()
  }

  /** Stops the attempt at a task, if it is running here; under that lease only, if its token is told. */
  abort(key: TaskKey, token?: number): void {
    const isMeant = ({ task }: LeasedTask) => isSame(task, key) && (token === undefined || task.token === token)
    this.#ahead.drop(key, isMeant)
    for (const { leased, controller } of this.#running)
      if (isMeant(leased)) controller.abort(new Error('The task was cancelled.'))
  }

  /** Keeps the leases of tasks that are worked on elsewhere in this process. */
  hold<Result>(leased: readonly LeasedTask[], work: () => Promise<Result>): Promise<Result> {
    return this.#leases.hold(leased, work)
  }

  /** Takes no more, waits for what runs, then stops the rest; those return to the queue without a failure. */
  async stop(patience: number): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#hearsay.stop()
    // What it brings is begun, and waited for like the rest.
    await this.#leasing
    this.giveBack(() => true)
    if (this.#running.size > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#idle = resolve
      })
      const timer = setTimeout(() => {
        for (const { controller } of this.#running) controller.abort(new Error('Tocsin is shutting down.'))
      }, patience)
      await idle
      clearTimeout(timer)
    }
    clearInterval(this.#heartbeat)
  }

  async #lease(): Promise<void> {
    let nextWakeAt: number | null = null
    try {
      do {
        this.#again = false
        nextWakeAt = await this.#leaseOnce()
      } while (this.#again && !this.#stopped)
    } catch (error) {
      this.#dependencies.failed(error)
    } finally {
      this.#leasing = null
      this.#sleep(nextWakeAt)
    }
  }

  async #leaseOnce(): Promise<number | null> {
    if (this.#leases.areLate) await this.#leases.prolong()
    const unwell = this.#roomOfUnwell()
    const room = Math.max(this.#room.left(true) - this.#ahead.size() + unwell.beyond, this.#share())
    const grant = this.grant()
    const { lanes, ahead } = this.#rooms({ room, ofUnwell: unwell.left }, grant.now)
    if (room + ahead === 0) return null
    const began = performance.now()
    const answer = await this.#dependencies.store.tasks.lease({
      ...grant,
      limit: room + ahead,
      perLane: Math.min(UNKNOWN, room, unwell.left),
      lanes,
      only: null,
      closed: this.#dependencies.closed(),
    })
    this.lanes.looked(performance.now() - began)
    for (const { first, behind } of this.#sounded(answer.leased, lanes)) this.#accept(first, behind)
    this.#begin()
    this.#hearsay.looked(answer.leased.length > 0)
    if (answer.leased.length > 0) this.#again = true
    return answer.nextWakeAt
  }

  /** As runs, and whether there are any tells how deep the lanes are. */
  #sounded(leased: readonly LeasedTask[], lanes: LeaseRequest['lanes']): readonly Run[] {
    if (lanes.every(({ perGroup }) => perGroup === 1)) return leased.map((first) => ({ first, behind: [] }))
    const runs = runsOf(leased)
    for (const { lane, deep } of depthsOf(runs)) this.lanes.sound(lane, deep)
    return runs
  }

  #isWell = (lane: Lane): boolean => isLocal(lane.subscription) || this.lanes.isWell(lane)

  /** What is left of it by those that wait for it already, and how many of those wait for more than there is. */
  #roomOfUnwell(): { readonly left: number; readonly beyond: number } {
    const left = this.#room.left(false) - this.#ahead.size((lane) => !this.#isWell(lane))
    return { left: Math.max(0, left), beyond: Math.max(0, -left) }
  }

  /** Where tasks wait that begin soon, a few of lanes that may have none ahead wait with them: those would never find room. */
  #share(): number {
    if (this.#ahead.isEmpty) return 0
    return Math.max(0, SHARE - this.#ahead.size((lane) => this.lanes.ahead(lane) === 0))
  }

  /** What each lane may have: its room, and once few wait for that, some more. `ahead` is the sum of the latter. */
  #rooms({ room, ofUnwell }: { readonly room: number; readonly ofUnwell: number }, now: number) {
    let ahead = 0
    const lanes = this.lanes.rooms(now).map(({ free, ...lane }) => {
      const most = this.lanes.ahead(lane)
      const waiting = this.#ahead.count(lane)
      const held = waiting + this.#ahead.countBehind(lane)
      const more = held <= most / 2 ? Math.min(most - held, TOGETHER) : 0
      ahead += more
      const left = this.#isWell(lane) ? room : Math.min(room, ofUnwell)
      return { free: Math.max(0, Math.min(free - waiting, left)) + more, perGroup: this.lanes.run(lane), ...lane }
    })
    return { lanes, ahead }
  }

  /** It begins as soon as there is room, and those behind it in their turn. */
  #accept(leased: LeasedTask, behind: readonly LeasedTask[] = []): void {
    // Leased anew: an earlier attempt of ours has lost its lease.
    for (const { task } of [leased, ...behind]) if (task.token > 1) this.abort(task)
    if (this.#dependencies.closed().includes(leased.task.subscription)) this.#returnAll([leased, ...behind])
    else this.#ahead.add(leased, this.#dependencies.now(), behind)
  }

  #begin(): void {
    const { now, closed, weight } = this.#dependencies
    const place = (lane: Lane) => {
      const isWell = this.#isWell(lane)
      if (this.#room.left(isWell) <= 0 || !this.#turns.fits(isWell)) return 'none'
      if (this.lanes.free(lane, now()) <= 0 || closed().includes(lane.subscription)) return 'none'
      return this.#turns.comesFirst(isWell) ? 'first' : 'other'
    }
    while (this.#room.left(true) > 0 && !this.#turns.isOver) {
      const leased = this.#ahead.take({ place, weight }, now())
      if (leased === null) return
      this.#turns.took(this.#isWell(leased.task))
      this.lanes.enter(leased.task)
      void this.#work(leased)
    }
  }

  /** What waits for room although its lane was closed, or has waited too long, is somebody else's turn. */
  #clear(): void {
    const { closed, now } = this.#dependencies
    const names = closed()
    const before = now() - PATIENCE
    this.giveBack(({ subscription }, since) => names.includes(subscription) || since < before)
  }

  /** Returns what waits for room in those lanes to the queue. */
  giveBack(isOver: (lane: Lane, since: number) => boolean): void {
    this.#returnAll(this.#ahead.clear(isOver))
  }

  #returnAll(leased: readonly LeasedTask[]): void {
    for (const each of leased) void this.#return(each)
  }

  async #return(leased: LeasedTask): Promise<void> {
    const running = { leased, controller: new Stop() }
    this.#running.add(running)
    try {
      const settlement = { leaseNext: false, ...returned(leased, this.#dependencies.now()) }
      const { failed } = this.#dependencies
      await insist(() => this.#settling.add(settlement), { signal: running.controller, failed })
    } catch (error) {
      this.#dependencies.failed(error)
    } finally {
      this.#ended(running)
    }
  }

  #ended(running: Attempt): void {
    this.#running.delete(running)
    if (this.#running.size === 0) this.#idle?.()
    if (this.#ahead.isEmpty) this.wake()
  }

  #sleep(nextWakeAt: number | null): void {
    if (this.#stopped) return
    const now = this.#dependencies.now()
    const times = [now + this.#options.poll, nextWakeAt, this.lanes.nextChange(now)].filter((time) => time !== null)
    this.#timer = setTimeout(() => this.wake(), Math.max(1, Math.min(...times) - now))
    this.#timer.unref()
  }

  /** @param away called when the store is away: what ended is written later. */
  async #work(leased: LeasedTask, away = () => {}): Promise<Attempted | null> {
    const controller = new Stop()
    const running = { leased, controller }
    this.#running.add(running)
    try {
      const attempted = await this.#attempt(leased, controller)
      const isFollowed = this.#passOn(leased, attempted)
      return (await this.#settle(running, attempted, { isFollowed, away })) ? attempted : null
    } catch (error) {
      // The lease runs out and the task is rescued.
      this.#returnAll(this.#ahead.takeBehind(leased))
      this.#dependencies.failed(error)
      return null
    } finally {
      this.#ended(running)
    }
  }

  async #attempt(leased: LeasedTask, controller: Stop): Promise<Attempted> {
    const { now, random } = this.#dependencies
    let healthy: boolean | null = null
    let attempted: Attempted | null = null
    const leave = this.#enter(leased)
    try {
      const errand = await this.#dependencies.errand(leased.task)
      if (errand && this.lanes.limit(leased.task, errand.terms, now())) this.wake()
      await this.lanes.turn(leased.task)
      attempted = await attempt(leased, errand, { node: this.#options.node, controller, now, random })
      healthy = healthOf(leased, attempted)
    } finally {
      leave()
      if (attempted?.milliseconds !== undefined) this.lanes.took(leased.task, attempted.milliseconds)
      const before = this.lanes.failures(leased.task)
      const breaker = this.lanes.leave(leased.task, healthy, now())
      const failures = this.lanes.failures(leased.task)
      if (attempted?.settlement.next.code === 'subscription_gone') this.lanes.forget(leased.task)
      if (attempted) attempted = { breaker, ...attempted, ...(failures > before && { failures }) }
      this.#begin()
    }
    return attempted
  }

  /**
   * Takes room until what it answers is called. Whoever waits for a slow receiver gives it to others meanwhile: else a few that never
   * answer would have it all, each until its deadline. Processors work, and keep theirs.
   */
  #enter({ task }: LeasedTask): () => void {
    const place = this.#room.enter(this.#isWell(task))
    let isSlow = false
    const wait = () => {
      isSlow = place.wait()
      if (!isSlow) return
      this.lanes.slow(task, 1)
      this.#begin()
      this.wake()
    }
    const timer = isLocal(task.subscription) ? undefined : setTimeout(wait, this.#options.slow ?? SLOW)
    timer?.unref()
    return () => {
      clearTimeout(timer)
      place.leave()
      if (isSlow) this.lanes.slow(task, -1)
    }
  }

  /** Those behind it in its run go on if it has ended, else back, as it goes before them. Answers whether there were any. */
  #passOn(leased: LeasedTask, { settlement }: Attempted): boolean {
    if (!this.#ahead.isFollowed(leased)) return false
    if (!isFinished(settlement.next.state)) this.#returnAll(this.#ahead.takeBehind(leased))
    else {
      this.#ahead.follow(leased, this.#dependencies.now())
      this.#turns.ask()
    }
    return true
  }

  /** False if its lease was lost. */
  async #settle(
    { leased, controller: signal }: Attempt,
    attempted: Attempted,
    { isFollowed, away }: { readonly isFollowed: boolean; readonly away: () => void },
  ): Promise<boolean> {
    const { settlement } = attempted
    const give = isFollowed ? null : this.#mayFollow(leased.task)
    const result = await this.#settling.add({ leaseNext: give !== null, ...settlement }).then(
      (settled) => {
        give?.(settled.leased[0] ?? null)
        if (settled.leased.length > 0 && this.#hasFew(leased.task)) this.lanes.sound(leased.task, true)
        return settled
      },
      (error) => {
        give?.(null)
        const failed = (reason: unknown) => {
          away()
          this.#dependencies.failed(reason)
        }
        return insistAfter(error, () => this.#settling.add({ leaseNext: false, ...settlement }), { signal, failed })
      },
    )
    if (result.status === 'settled') this.#dependencies.settled(leased, attempted)
    return result.status === 'settled'
  }

  /**
   * Whether the next of its group may follow at once: it waits before others that wait, or there is room for it. What
   * groups hand on may fill half of what waits, so that others are looked for too. Answers who is to be given it.
   */
  #mayFollow({ groupKey, tenant, subscription }: TaskRow): ((next: LeasedTask | null) => void) | null {
    const lane = { tenant, subscription }
    if (groupKey === null || this.#stopped || this.#dependencies.closed().includes(lane.subscription)) return null
    // More of it are leased with the next look.
    if (this.lanes.run(lane) > 1) return null
    const most = this.lanes.ahead(lane)
    if (most > 0) return this.#ahead.count(lane) < most / 2 ? this.#promised(lane) : null
    if (!this.claim(lane)) return null
    return (next) => (next ? this.take(next) : this.unclaim(lane))
  }

  /** Of few groups others could begin: what is behind those is wanted then. */
  #hasFew(lane: Lane): boolean {
    return this.#ahead.count(lane) < this.lanes.ahead(lane) / FEW
  }

  #promised(lane: Lane): (next: LeasedTask | null) => void {
    const { now } = this.#dependencies
    this.#ahead.promise(lane, 1, now())
    return (next) => {
      this.#ahead.promise(lane, -1, now())
      if (next === null) return
      this.#accept(next)
      this.#begin()
    }
  }

  #working(): readonly LeasedTask[] {
    return [...this.#running].filter(({ controller }) => !controller.aborted).map(({ leased }) => leased)
  }
}

/** Ours: most receivers have answered by then. */
const SLOW = 250

/** Settlements of one tenant in a call of the store, and tasks of one lane in another: nobody waits long for what is others'. */
const TOGETHER = 100
/** One in so many of those that may wait for room. */
const FEW = 8
/** Tasks of lanes that may have none ahead, which wait for room with those of others. */
const SHARE = 10

/** Milliseconds a leased task may wait for room. */
const PATIENCE = 1_000

interface Attempt {
  readonly leased: LeasedTask
  readonly controller: Stop
}

/** Whether an outcome speaks for the receiver's health; a `release`, our own decisions, our own code and replays do not. */
export function healthOf({ task }: LeasedTask, { settlement, outcome }: Attempted): boolean | null {
  if (task.replayedAt !== null) return null
  if (settlement.attempt === null || outcome.outcome === 'release' || isLocal(settlement.subscription)) return null
  return outcome.outcome === 'delivered'
}
