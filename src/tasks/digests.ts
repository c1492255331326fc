/**
 * Subscriptions that are told several events in one message. Their tasks lie in the queue like all others, and no worker takes
 * them: when the window that the oldest of them opened is over, or as many wait as go in one message, they are leased together,
 * told in the sequence of the log, and each is settled with what became of it. Nothing of the window is kept but the tasks
 * themselves, so a crash loses nothing. One node does it for a subscription at a time.
 */
import { Stop } from '../pipeline/stop.js'
import type { Cluster } from '../store/cluster.js'
import type { Lane, LeasedTask, Settlement, Store } from '../store/port.js'
import type { TaskRow } from '../store/rows.js'
import { type Digest, fromRow, type Subscription } from '../subscriptions/subscription.js'
import { type Attempted, attemptTogether, type JointErrand, returned } from './attempt.js'
import { insist } from './insist.js'
import { keyOfLane } from './lanes.js'
import { type Lead, pause, Rounds } from './rounds.js'
import { healthOf, type Worker } from './worker.js'

export interface DigestsDependencies {
  readonly node: string
  readonly store: Pick<Store, 'tasks' | 'subscriptions'>
  /** Whose grants, lanes and heartbeats these leases share. */
  worker(): Pick<Worker, 'grant' | 'lanes' | 'hold'>
  /** Null when the subscription is gone. */
  errand(lane: Lane): Promise<JointErrand | null>
  /** Told of each task that was settled. Must not throw. */
  settled(leased: LeasedTask, attempted: Attempted): void
  readonly lead: Cluster['lead']
  failed(error: unknown): void
  now(): number
  random(): number
}

/** Milliseconds between two looks: so late at most is a digest. */
const LOOK = 1_000

/** Characters of what goes in one message; a longer event goes alone. */
const LONGEST = 1024 * 1024

/** Tasks looked through for one that failed before those that are due. */
const PAGE = 1_000

/** Milliseconds that the clocks of two nodes may be apart without a meaning. */
const ASTRAY = 5_000

export class Digests {
  readonly #dependencies: DigestsDependencies
  readonly #rounds: Rounds

  constructor(dependencies: DigestsDependencies) {
    this.#dependencies = dependencies
    const lead: Lead = (lane, round) => dependencies.lead(`digest.${keyOfLane(lane)}`, round)
    this.#rounds = new Rounds((lane, signal) => this.#round(lane, signal), lead, dependencies.failed)
  }

  /** Goes on in the background; does nothing if the subscription wants no digest. */
  begin(tenant: string, id: string): void {
    this.#rounds.begin({ tenant, subscription: id })
  }

  /** What is being told is told to its end. */
  stop(): Promise<void> {
    return this.#rounds.stop()
  }

  async #round(lane: Lane, signal: AbortSignal): Promise<boolean> {
    const row = await this.#dependencies.store.subscriptions.get(lane.tenant, lane.subscription)
    if (row === null || row.state === 'paused' || row.state === 'disabled') return false
    const subscription = fromRow(row)
    const { digest } = subscription.spec
    if (digest === undefined) return false
    // One reading of the clock: a window that ended between two would be over without a look at what failed.
    const now = this.#dependencies.now()
    const begins = await this.#begins(subscription, digest, now)
    const left = begins - now
    if (left > 0) await pause(Math.min(LOOK, left), signal)
    else if (!(await this.#tell(subscription, digest, begins, signal))) await pause(LOOK, signal)
    return true
  }

  /** When the next digest goes out, as far as is known: a time that is past means now. */
  async #begins({ tenant, id, spec }: Subscription, { window, max }: Digest, now: number): Promise<number> {
    const { tasks } = this.#dependencies.store
    const page = { after: null, limit: max, order: 'oldest' } as const
    const due = await tasks.list({ tenant, subscription: id, states: ['due'] }, page)
    const opened = openedBy(due)
    if (due[0] === undefined || opened === null) return Number.POSITIVE_INFINITY
    // Opened in a time that is still to come: the clock was set back, and how long it has waited nobody knows.
    const end = due.length >= max || opened > now + ASTRAY ? 0 : opened + window
    if (end > now || spec.order === 'none') return end
    return (await this.#failedBefore(due[0]))?.wakeAt ?? end
  }

  /** What failed is told before what came after it. */
  async #failedBefore({ tenant, subscription, sequence }: TaskRow): Promise<TaskRow | undefined> {
    const filter = { tenant, subscription, states: ['waiting'] } as const
    const page = { after: null, limit: PAGE, order: 'oldest' } as const
    const waiting = await this.#dependencies.store.tasks.list(filter, page)
    return waiting.find((each) => each.attempts > 0 && each.sequence < sequence)
  }

  /** False if there was nothing to tell, or no room. */
  async #tell(subscription: Subscription, digest: Digest, begins: number, signal: AbortSignal): Promise<boolean> {
    const { node, now, random } = this.#dependencies
    const { lanes, hold } = this.#worker()
    const lane = { tenant: subscription.tenant, subscription: subscription.id }
    const errand = await this.#dependencies.errand(lane)
    if (errand === null) return false
    lanes.limit(lane, { ...errand.terms, concurrency: 1 }, now())
    if (!lanes.claim(lane, now())) return false
    let healthy: boolean | null = null
    let told: readonly LeasedTask[] = []
    let attempts: readonly Attempted[] = []
    try {
      told = await this.#lease(subscription, digest, begins)
      attempts = await hold(told, () => attemptTogether(told, errand, { node, controller: new Stop(), now, random }))
      healthy = healthOfAll(told, attempts)
    } finally {
      const before = lanes.failures(lane)
      const breaker = lanes.leave(lane, healthy, now())
      const failures = lanes.failures(lane)
      const health = { breaker, ...(failures > before && { failures }) }
      await hold(told, () => this.#settle(told, attempts, health, signal))
    }
    return told.length > 0
  }

  #worker() {
    const worker = this.#dependencies.worker()
    return { lanes: worker.lanes, grant: () => worker.grant(), hold: worker.hold.bind(worker) as Worker['hold'] }
  }

  /** In the sequence of the log; what is too much for one message goes back for the next. */
  async #lease({ tenant, id, spec }: Subscription, { max }: Digest, begins: number): Promise<readonly LeasedTask[]> {
    const { tasks } = this.#dependencies.store
    const granted = this.#worker().grant()
    // A clock that is set back must not leave asleep what was waited for.
    const grant = { ...granted, now: Math.max(granted.now, begins) }
    const only = { tenant, subscription: id }
    const request = { ...grant, limit: max, perLane: max, lanes: [], only, closed: [] }
    const { leased } = await tasks.lease(request)
    const inOrder = [...leased].sort((a, b) => a.task.sequence - b.task.sequence)
    // Looked at again: until a moment ago another node may have told them, and failed.
    const isHeldUp = spec.order === 'strict' && inOrder[0] !== undefined && (await this.#failedBefore(inOrder[0].task))
    const fitting = isHeldUp ? [] : fittingOf(inOrder)
    const rest = inOrder.slice(fitting.length)
    if (rest.length > 0)
      await tasks.settle(
        rest.map((each) => ending(returned(each, grant.now))),
        null,
      )
    return fitting
  }

  async #settle(
    told: readonly LeasedTask[],
    attempts: readonly Attempted[],
    health: Pick<Attempted, 'breaker' | 'failures'>,
    signal: AbortSignal,
  ): Promise<void> {
    if (attempts.length === 0) return
    const { store, settled, failed } = this.#dependencies
    const settlements = attempts.map(({ settlement }) => ending(settlement))
    const results = await insist(() => store.tasks.settle(settlements, null), { signal, failed })
    attempts.forEach((attempted, index) => {
      const leased = told[index]
      if (leased === undefined || results[index]?.status !== 'settled') return
      // One message came to one failure, however many events it told.
      settled(leased, index === 0 ? { ...attempted, ...health } : attempted)
    })
  }
}

/** When the first of them came: those that were held up count from then too. */
const openedBy = (due: readonly TaskRow[]): number | null =>
  due.length === 0 ? null : Math.min(...due.map(({ createdAt }) => createdAt))

const ending = (settlement: Attempted['settlement']): Settlement => ({ ...settlement, leaseNext: false })

function fittingOf(leased: readonly LeasedTask[]): readonly LeasedTask[] {
  let length = 0
  const end = leased.findIndex(({ event }, index) => {
    length += event.body.length
    return index > 0 && length > LONGEST
  })
  return end < 0 ? leased : leased.slice(0, end)
}

/** Well if it took anything, unwell if it failed; null: nothing of this tells. */
function healthOfAll(told: readonly LeasedTask[], attempts: readonly Attempted[]): boolean | null {
  const each = told.map((leased, index) => {
    const attempted = attempts[index]
    return attempted === undefined ? null : healthOf(leased, attempted)
  })
  return each.includes(true) ? true : each.includes(false) ? false : null
}
