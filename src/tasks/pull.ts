/**
 * Pull consumers: they lease what is due for their subscription, settle it or give it back.
 */
import { hasRole, type Principal, requireScope } from '../access/principal.js'
import { Conflict, InvalidInput, NotFound } from '../errors.js'
import type { WireMessage } from '../formats/format.js'
import type { Lane, LeasedTask, Settlement, Store, TaskKey } from '../store/port.js'
import { PULLED_BY } from '../store/task-rules.js'
import type { Subscription } from '../subscriptions/subscription.js'
import type { Bell } from './bell.js'
import { EXPIRED, type Outcome, settle } from './settle.js'
import { type TaskView, taskView } from './views.js'

export interface PullDependencies {
  readonly store: Pick<Store, 'tasks'>
  /** As the tenant's subscriptions are known to be. */
  subscription(tenant: string, id: string): Promise<Subscription | undefined>
  /** The event as this subscription wants it, or what becomes of a task whose event cannot be written for it. */
  present(leased: LeasedTask, subscription: Subscription): Presented | Untold
  readonly bell: Bell
  /** Something may be due. */
  wake(): void
  now(): number
  random(): number
}

export interface Presented {
  /** CloudEvents JSON. */
  readonly event: Readonly<Record<string, unknown>>
  /** In the format that the subscription names, if it does. */
  readonly message?: WireMessage
}

export type Untold = Extract<Outcome, { outcome: 'refused' | 'release' }>

export interface PulledTask extends Presented {
  /** Names the lease: settle or release it by this. */
  readonly lease: string
  readonly leasedUntil: string
  readonly task: TaskView
}

/** How much is taken, and for how long. */
export interface Taking {
  /** Default 10. */
  readonly limit?: number
  /** Of one group at most so many, in their order; others of it wait until all of these are settled or given back. Default 1. */
  readonly perGroup?: number
  /** Default 30. */
  readonly seconds?: number
  /** Milliseconds to wait for something if nothing is due. Default 0. */
  readonly wait?: number
  /** Whoever waits has gone. */
  readonly signal?: AbortSignal
}

/** Milliseconds after which whoever waits looks for itself: another node may have written. */
const POLL = 1_000

const NOBODY_GOES = new AbortController().signal

export class Pull {
  readonly #dependencies: PullDependencies

  constructor(dependencies: PullDependencies) {
    this.#dependencies = dependencies
  }

  /** For pull subscriptions: takes what is due, for `seconds`, as the subscription wants it told. */
  async lease(
    caller: Principal,
    id: string,
    { limit = 10, seconds = 30, ...waiting }: Taking = {},
  ): Promise<readonly PulledTask[]> {
    checkRange('seconds', seconds, 1, 43_200)
    const subscription = await this.#pulled(caller, id)
    const leased = await this.take(caller, id, { limit, seconds, ...waiting })
    const presented = leased.map((each) => ({ each, told: this.#dependencies.present(each, subscription) }))
    await this.#settle(
      presented.flatMap(({ each, told }) => ('outcome' in told ? [this.#untold(each, told, subscription)] : [])),
    )
    const told = presented.flatMap(({ each, told }) => ('outcome' in told ? [] : [pulledTask(each, told)]))
    // An empty answer must mean that nothing is due.
    return told.length === 0 && leased.length > 0 ? this.lease(caller, id, { limit, seconds }) : told
  }

  #untold({ task }: LeasedTask, outcome: Untold, { spec }: Subscription): Settlement {
    const { now, random } = this.#dependencies
    const at = now()
    return ending(task, settle(task, outcome, spec.retry, at, random()), at)
  }

  /** The same, as it is kept; for a protocol that writes it in its own way. With 0 seconds it stays due. */
  async take(
    caller: Principal,
    id: string,
    { limit = 10, perGroup = 1, seconds = 30, wait = 0, signal = NOBODY_GOES }: Taking = {},
  ): Promise<readonly LeasedTask[]> {
    requireScope(caller, 'tasks:write')
    checkRange('limit', limit, 1, 1_000)
    checkRange('seconds', seconds, 0, 43_200)
    await this.#pulled(caller, id)
    const lane = { tenant: caller.tenant, subscription: id }
    const { bell, now } = this.#dependencies
    for (const until = now() + wait; ; ) {
      // Asked before looking: what becomes due meanwhile rings too.
      const left = until - now()
      const waiting = left > 0 ? bell.join(lane, signal) : null
      const taking = { node: `${PULLED_BY}${caller.id}`, limit, perGroup, seconds }
      const { leased, nextWakeAt } = await this.#take(lane, taking).catch((error) => {
        waiting?.leave()
        throw error
      })
      if (leased.length > 0 || waiting === null || signal.aborted) {
        // Who was called and has enough, or found as much as it asked for, calls the next.
        if (waiting?.leave() || leased.length === limit) bell.ring(lane)
        return leased
      }
      await waiting.wait(Math.min(left, POLL, Math.max(1, (nextWakeAt ?? Number.POSITIVE_INFINITY) - now())))
    }
  }

  async #take(
    only: Lane,
    { node, limit, perGroup, seconds }: { node: string } & Record<'limit' | 'perGroup' | 'seconds', number>,
  ) {
    const { store } = this.#dependencies
    for (;;) {
      const now = this.#dependencies.now()
      const most = { limit, perLane: limit, perGroup }
      const request = { ...{ node, now, until: now + seconds * 1_000 }, ...most, ...{ lanes: [], only } }
      const { leased, nextWakeAt } = await store.tasks.lease({ ...request, closed: [] })
      const expired = leased.filter(({ task }) => task.expiresAt !== null && task.expiresAt <= now)
      await this.#end(
        expired.map(({ task }) => task),
        EXPIRED,
      )
      if (expired.length === 0 || expired.length < leased.length)
        return { leased: leased.filter((each) => !expired.includes(each)), nextWakeAt }
    }
  }

  /** They are done. */
  async settle(
    caller: Principal,
    id: string,
    leases: readonly string[],
  ): Promise<{ readonly settled: readonly string[]; readonly lost: readonly string[] }> {
    const { kept, lost } = await this.#endLeases(caller, id, leases, { state: 'done', code: null, message: null })
    return { settled: kept, lost }
  }

  /** They are not done: due again after so many milliseconds (default 0). @param failed counts as a failure */
  async release(
    caller: Principal,
    id: string,
    leases: readonly string[],
    after = 0,
    failed = false,
  ): Promise<{ readonly released: readonly string[]; readonly lost: readonly string[] }> {
    checkRange('after', after, 0, 2_592_000_000)
    const message = `Given back by ${caller.name}.`
    const wakeAt = this.#dependencies.now() + after
    const next = { state: 'waiting', wakeAt, failed, code: 'released', message } as const
    const { kept, lost } = await this.#endLeases(caller, id, leases, next)
    return { released: kept, lost }
  }

  /** They stay taken for so many seconds from now. */
  async prolong(
    caller: Principal,
    id: string,
    leases: readonly string[],
    seconds: number,
  ): Promise<{ readonly prolonged: readonly string[]; readonly lost: readonly string[] }> {
    requireScope(caller, 'tasks:write')
    checkRange('seconds', seconds, 1, 43_200)
    await this.#pulled(caller, id)
    const { store, now, bell } = this.#dependencies
    const keys = leases.map((lease) => parseLease(caller.tenant, id, lease))
    const gone = await store.tasks.heartbeat(keys, now() + seconds * 1_000)
    // It may end sooner than who waits was told.
    bell.ringLane({ tenant: caller.tenant, subscription: id })
    const lost = leases.filter((_, index) => gone.some(({ sequence }) => sequence === keys[index]?.sequence))
    return { prolonged: leases.filter((lease) => !lost.includes(lease)), lost }
  }

  async #endLeases(caller: Principal, id: string, leases: readonly string[], next: Settlement['next']) {
    requireScope(caller, 'tasks:write')
    await this.#pulled(caller, id)
    const keys = leases.map((lease) => parseLease(caller.tenant, id, lease))
    const results = await this.#end(keys, next)
    this.#dependencies.wake()
    // A group's next, or what was given back.
    this.#dependencies.bell.ringLane({ tenant: caller.tenant, subscription: id })
    const kept = keys.filter((_, index) => results[index]?.status === 'settled').map(leaseTextOf)
    return { kept, lost: leases.filter((lease) => !kept.includes(lease)) }
  }

  #end(keys: readonly Leased[], next: Settlement['next']) {
    const at = this.#dependencies.now()
    return this.#settle(keys.map((key) => ending(key, next, at)))
  }

  async #settle(settlements: readonly Settlement[]) {
    return settlements.length === 0 ? [] : this.#dependencies.store.tasks.settle(settlements, null)
  }

  async #pulled(caller: Principal, id: string): Promise<Subscription> {
    const subscription = await this.#dependencies.subscription(caller.tenant, id)
    if (!subscription || !mayUse(caller, subscription.owner)) throw new NotFound('subscription', id)
    if (subscription.spec.transport === 'pull') return subscription
    throw new Conflict('wrong_state', 'Only a subscription with the transport pull can be leased.', {
      field: 'transport',
      expected: 'pull',
    })
  }
}

type Leased = TaskKey & { readonly token: number }

const pulledTask = (leased: LeasedTask, told: Presented): PulledTask => ({
  lease: leaseTextOf(leased.task),
  leasedUntil: new Date(leased.task.leasedUntil ?? 0).toISOString(),
  task: taskView(leased.task),
  ...told,
})

/** A payload expression that yields nothing. */
export const UNSHAPED: Untold = {
  outcome: 'refused',
  code: 'payload_failed',
  message: 'The payload expression gave no data.',
}

const ending = (
  { tenant, sequence, subscription, token }: Leased,
  next: Settlement['next'],
  now: number,
): Settlement => ({
  ...{ tenant, sequence, subscription, token, now, next },
  ...{ attempt: null, results: [], leaseNext: false },
})

const mayUse = (caller: Principal, owner: string): boolean =>
  owner === caller.id || (caller.resource === null && hasRole(caller, 'operator', 'admin'))

/** What names the lease of a task. */
export const leaseTextOf = ({ sequence, token }: { sequence: number; token: number }): string => `${sequence}.${token}`

function parseLease(tenant: string, subscription: string, lease: string): Leased {
  const [, sequence, token] = /^(\d{1,15})\.(\d{1,15})$/.exec(lease) ?? []
  if (sequence !== undefined) return { tenant, subscription, sequence: Number(sequence), token: Number(token) }
  throw new InvalidInput('invalid_request', 'This is no lease.', {
    field: 'leases',
    expected: 'what POST …/lease answered',
  })
}

function checkRange(field: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new InvalidInput('invalid_request', `The ${field} is out of range.`, {
    field,
    expected: `a whole number from ${least} to ${most}`,
  })
}
