/**
 * Pull consumers: they lease what is due for their subscription, settle it or give it back.
 */
import { hasRole, type Principal, requireScope } from '../access/principal.js'
import { Conflict, InvalidInput, NotFound } from '../errors.js'
import type { WireMessage } from '../formats/format.js'
import type { LeasedTask, Settlement, Store, TaskKey } from '../store/port.js'
import { fromRow, type Subscription } from '../subscriptions/subscription.js'
import { EXPIRED, type Outcome, settle } from './settle.js'
import { type TaskView, taskView } from './views.js'

export interface PullDependencies {
  readonly store: Pick<Store, 'tasks' | 'subscriptions'>
  /** The event as this subscription wants it, or what becomes of a task whose event cannot be written for it. */
  present(leased: LeasedTask, subscription: Subscription): Presented | Untold
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

export class Pull {
  readonly #dependencies: PullDependencies

  constructor(dependencies: PullDependencies) {
    this.#dependencies = dependencies
  }

  /** For pull subscriptions: takes what is due, for `seconds` (default 30). */
  async lease(
    caller: Principal,
    id: string,
    { limit = 10, seconds = 30 }: { limit?: number; seconds?: number } = {},
  ): Promise<readonly PulledTask[]> {
    requireScope(caller, 'tasks:write')
    checkRange('limit', limit, 1, 1_000)
    checkRange('seconds', seconds, 1, 43_200)
    const subscription = await this.#pulled(caller, id)
    const now = this.#dependencies.now()
    const only = { tenant: caller.tenant, subscription: id }
    const request = {
      node: `pull:${caller.id}`,
      now,
      until: now + seconds * 1_000,
      limit,
      perLane: limit,
      lanes: [],
      only,
      after: null,
      closed: [],
    }
    const { leased } = await this.#dependencies.store.tasks.lease(request)
    const isExpired = ({ task }: LeasedTask) => task.expiresAt !== null && task.expiresAt <= now
    const presented = leased
      .filter((each) => !isExpired(each))
      .map((each) => ({ each, told: this.#dependencies.present(each, subscription) }))
    const untold = presented.flatMap(({ each, told }) =>
      'outcome' in told ? [this.#untold(each, told, subscription, now)] : [],
    )
    await this.#end([...leased.filter(isExpired).map((each) => ending(each, EXPIRED, now)), ...untold])
    const leasedUntil = new Date(request.until).toISOString()
    const told = presented.flatMap(({ each, told }) =>
      'outcome' in told ? [] : [{ lease: leaseText(each), leasedUntil, task: taskView(each.task), ...told }],
    )
    // An empty answer must mean that nothing is due.
    return told.length === 0 && leased.length > 0 ? this.lease(caller, id, { limit, seconds }) : told
  }

  #untold(leased: LeasedTask, outcome: Untold, { spec }: Subscription, now: number): Settlement {
    return ending(leased, settle(leased.task, outcome, spec.retry, now, this.#dependencies.random()), now)
  }

  async #end(settlements: readonly Settlement[]): Promise<void> {
    if (settlements.length > 0) await this.#dependencies.store.tasks.settle(settlements, null)
  }

  /** They are done. */
  async settle(
    caller: Principal,
    id: string,
    leases: readonly string[],
  ): Promise<{ readonly settled: readonly string[]; readonly lost: readonly string[] }> {
    const { kept, lost } = await this.#settle(caller, id, leases, { outcome: 'delivered' })
    return { settled: kept, lost }
  }

  /** They are not done: due again after so many milliseconds (default 0). */
  async release(
    caller: Principal,
    id: string,
    leases: readonly string[],
    after = 0,
  ): Promise<{ readonly released: readonly string[]; readonly lost: readonly string[] }> {
    checkRange('after', after, 0, 2_592_000_000)
    const message = `Given back by ${caller.name}.`
    const { kept, lost } = await this.#settle(caller, id, leases, {
      outcome: 'release',
      code: 'released',
      message,
      after,
    })
    return { released: kept, lost }
  }

  async #settle(caller: Principal, id: string, leases: readonly string[], outcome: Outcome) {
    requireScope(caller, 'tasks:write')
    const { spec } = await this.#pulled(caller, id)
    const { store, now, random } = this.#dependencies
    const keys = leases.map((lease) => parseLease(caller.tenant, id, lease))
    const tasks = await Promise.all(keys.map((key) => store.tasks.get(key)))
    const at = now()
    const settlements = keys.flatMap((key, index): Settlement[] => {
      const task = tasks[index]
      return task
        ? [
            {
              ...key,
              now: at,
              next: settle(task, outcome, spec.retry, at, random()),
              attempt: null,
              results: [],
              leaseNext: false,
            },
          ]
        : []
    })
    const results = await store.tasks.settle(settlements, null)
    this.#dependencies.wake()
    const kept = settlements.filter((_, index) => results[index]?.status === 'settled').map(leaseTextOf)
    return { kept, lost: leases.filter((lease) => !kept.includes(lease)) }
  }

  async #pulled(caller: Principal, id: string): Promise<Subscription> {
    const row = await this.#dependencies.store.subscriptions.get(caller.tenant, id)
    if (!row || !mayUse(caller, row.owner)) throw new NotFound('subscription', id)
    const subscription = fromRow(row)
    if (subscription.spec.transport === 'pull') return subscription
    throw new Conflict('wrong_state', 'Only a subscription with the transport pull can be leased.', {
      field: 'transport',
      expected: 'pull',
    })
  }
}

/** A payload expression that yields nothing. */
export const UNSHAPED: Untold = {
  outcome: 'refused',
  code: 'payload_failed',
  message: 'The payload expression gave no data.',
}

const mayUse = (caller: Principal, owner: string): boolean =>
  owner === caller.id || (caller.resource === null && hasRole(caller, 'operator', 'admin'))

const ending = ({ task }: LeasedTask, next: Settlement['next'], now: number): Settlement => ({
  ...keyOf(task),
  ...{ now, next, attempt: null, results: [], leaseNext: false },
})

const keyOf = ({ tenant, sequence, subscription, token }: LeasedTask['task']) => ({
  tenant,
  sequence,
  subscription,
  token,
})

const leaseText = ({ task }: LeasedTask): string => leaseTextOf(task)

const leaseTextOf = ({ sequence, token }: { sequence: number; token: number }): string => `${sequence}.${token}`

function parseLease(tenant: string, subscription: string, lease: string): TaskKey & { token: number } {
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
