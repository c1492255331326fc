/**
 * The queue as people and pull consumers use it: look, try again, cancel, lease and settle.
 */

import { type Page, type PageRequest, paged } from '../access/page.js'
import { hasRole, type Principal, requireScope, seesWholeTenant } from '../access/principal.js'
import { Conflict, InvalidInput, NotFound } from '../errors.js'
import type { LeasedTask, Settlement, Store, TaskFilter, TaskKey } from '../store/port.js'
import type { TaskState } from '../store/rows.js'
import { fromRow, type Subscription } from '../subscriptions/subscription.js'
import { EXPIRED, type Outcome, settle } from './settle.js'
import { type AttemptView, attemptView, parseTaskId, type TaskView, taskView } from './views.js'

export interface QueueDependencies {
  readonly store: Pick<Store, 'tasks' | 'subscriptions' | 'audit'>
  readonly node: string
  /** The event as this subscription wants it; null if it can never be written for it. */
  present(leased: LeasedTask, subscription: Subscription): Readonly<Record<string, unknown>> | null
  /** Stops an attempt that runs in this process. */
  abort(key: TaskKey): void
  /** Something may be due. */
  wake(): void
  now(): number
  random(): number
}

export interface TaskQuery {
  readonly subscription?: string
  /** A sequence. */
  readonly event?: string
  readonly states?: readonly TaskState[]
  readonly types?: readonly string[]
  readonly subject?: string
}

export interface PulledTask {
  /** Names the lease: settle or release it by this. */
  readonly lease: string
  readonly leasedUntil: string
  readonly task: TaskView
  /** CloudEvents JSON. */
  readonly event: Readonly<Record<string, unknown>>
}

export class Queue {
  readonly #dependencies: QueueDependencies

  constructor(dependencies: QueueDependencies) {
    this.#dependencies = dependencies
  }

  async list(caller: Principal, query: TaskQuery, page: PageRequest): Promise<Page<TaskView>> {
    requireScope(caller, 'tasks:read')
    const filter = await this.#filter(caller, query)
    return paged(
      page,
      parseTaskCursor,
      (after, limit) => this.#dependencies.store.tasks.list(filter, { after, limit }),
      cursorOf,
      taskView,
    )
  }

  /** @throws NotFound, also for another's task */
  async get(
    caller: Principal,
    id: string,
  ): Promise<TaskView & { readonly attempts: number; readonly history: readonly AttemptView[] }> {
    requireScope(caller, 'tasks:read')
    const key = await this.#owned(caller, id)
    const [task, attempts] = await Promise.all([
      this.#dependencies.store.tasks.get(key),
      this.#dependencies.store.tasks.attempts(key),
    ])
    if (!task) throw new NotFound('task', id)
    return { ...taskView(task), history: attempts.map(attemptView) }
  }

  /** Due now, with fresh attempts. @throws Conflict `wrong_state` if it is running or due already */
  async retry(caller: Principal, id: string): Promise<TaskView> {
    requireScope(caller, 'tasks:write')
    const key = await this.#owned(caller, id)
    if (!(await this.#dependencies.store.tasks.retry(key, this.#dependencies.now())))
      throw await this.#refusal(id, key, 'is running or due already')
    await this.#audit(caller, 'task.retry', id)
    this.#dependencies.wake()
    return this.#view(id, key)
  }

  /** Ends it for good; a running attempt is stopped. @throws Conflict `wrong_state` if it is finished */
  async cancel(caller: Principal, id: string): Promise<TaskView> {
    requireScope(caller, 'tasks:write')
    const key = await this.#owned(caller, id)
    const message = `Cancelled by ${caller.name}.`
    if (!(await this.#dependencies.store.tasks.cancel(key, this.#dependencies.now(), 'cancelled', message))) {
      throw await this.#refusal(id, key, 'is finished')
    }
    this.#dependencies.abort(key)
    await this.#audit(caller, 'task.cancel', id)
    this.#dependencies.wake()
    return this.#view(id, key)
  }

  /** Tries every matching dead task again (refused, exhausted, not executed, unless `states` says otherwise). */
  async redrive(
    caller: Principal,
    query: TaskQuery,
    { dryRun = false }: { dryRun?: boolean } = {},
  ): Promise<{ readonly count: number }> {
    requireScope(caller, 'tasks:write')
    const filter = { ...(await this.#filter(caller, query)), states: query.states ?? DEAD }
    const keys = await this.#all(filter)
    if (dryRun) return { count: keys.length }
    const count = await this.#retryAll(keys.reverse())
    await this.#audit(caller, 'task.redrive', query.subscription ?? '*')
    this.#dependencies.wake()
    return { count }
  }

  /** Oldest first, so that each group comes back in order; a few at once, so that others come through. */
  async #retryAll(keys: readonly TaskKey[]): Promise<number> {
    const { store, now } = this.#dependencies
    let count = 0
    for (let start = 0; start < keys.length; start += REDRIVE_SLICE) {
      const slice = keys.slice(start, start + REDRIVE_SLICE)
      const done = await Promise.all(slice.map((key) => store.tasks.retry(key, now())))
      count += done.filter(Boolean).length
    }
    return count
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
    }
    const { leased } = await this.#dependencies.store.tasks.lease(request)
    const isExpired = ({ task }: LeasedTask) => task.expiresAt !== null && task.expiresAt <= now
    const written = leased
      .filter((each) => !isExpired(each))
      .map((each) => ({ each, event: this.#dependencies.present(each, subscription) }))
    await this.#endUntold(leased.filter(isExpired), EXPIRED, now)
    await this.#endUntold(
      written.filter(({ event }) => event === null).map(({ each }) => each),
      UNWRITTEN,
      now,
    )
    const leasedUntil = new Date(request.until).toISOString()
    const told = written.flatMap(({ each, event }) =>
      event ? [{ lease: leaseText(each), leasedUntil, task: taskView(each.task), event }] : [],
    )
    // An empty answer must mean that nothing is due.
    return told.length === 0 && leased.length > 0 ? this.lease(caller, id, { limit, seconds }) : told
  }

  async #endUntold(leased: readonly LeasedTask[], next: Settlement['next'], now: number): Promise<void> {
    if (leased.length === 0) return
    const settlements = leased.map(({ task }) => ({ ...keyOf(task), now, next, attempt: null, leaseNext: false }))
    await this.#dependencies.store.tasks.settle(settlements, null)
  }

  /** They are done. */
  async settle(
    caller: Principal,
    id: string,
    leases: readonly string[],
  ): Promise<{ readonly settled: readonly string[]; readonly lost: readonly string[] }> {
    const { kept, lost } = await this.#end(caller, id, leases, { outcome: 'delivered' })
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
    const { kept, lost } = await this.#end(caller, id, leases, { outcome: 'release', code: 'released', message, after })
    return { released: kept, lost }
  }

  async #end(caller: Principal, id: string, leases: readonly string[], outcome: Outcome) {
    requireScope(caller, 'tasks:write')
    const { spec } = await this.#pulled(caller, id)
    const { store, now, random } = this.#dependencies
    const keys = leases.map((lease) => parseLease(caller.tenant, id, lease))
    const tasks = await Promise.all(keys.map((key) => store.tasks.get(key)))
    const at = now()
    const settlements = keys.flatMap((key, index): Settlement[] => {
      const task = tasks[index]
      return task
        ? [{ ...key, now: at, next: settle(task, outcome, spec.retry, at, random()), attempt: null, leaseNext: false }]
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

  async #all(filter: TaskFilter): Promise<TaskKey[]> {
    const keys: TaskKey[] = []
    let after: { sequence: number; subscription: string } | null = null
    for (;;) {
      const rows = await this.#dependencies.store.tasks.list(filter, { after, limit: 1_000 })
      for (const { tenant, sequence, subscription } of rows) keys.push({ tenant, sequence, subscription })
      const last = rows.at(-1)
      if (!last || rows.length < 1_000) return keys
      after = { sequence: last.sequence, subscription: last.subscription }
    }
  }

  /** Who does not see the whole tenant names one of its own subscriptions. */
  async #filter(caller: Principal, { event, ...query }: TaskQuery): Promise<TaskFilter> {
    const sequence = event === undefined ? undefined : parseSequence(event)
    if (!seesWholeTenant(caller)) {
      const { subscription } = query
      if (subscription === undefined) {
        throw new InvalidInput('invalid_request', 'Name a subscription of yours.', {
          field: 'subscription',
          expected: 'the id of a subscription',
        })
      }
      await this.#checkOwner(caller, subscription, new NotFound('subscription', subscription))
    }
    return { tenant: caller.tenant, ...query, ...(sequence !== undefined && { sequence }) }
  }

  async #owned(caller: Principal, id: string): Promise<TaskKey> {
    const key = parseTaskId(caller.tenant, id)
    if (!seesWholeTenant(caller)) await this.#checkOwner(caller, key.subscription, new NotFound('task', id))
    return key
  }

  async #checkOwner(caller: Principal, subscription: string, otherwise: NotFound): Promise<void> {
    const row = await this.#dependencies.store.subscriptions.get(caller.tenant, subscription)
    if (row?.owner !== caller.id) throw otherwise
  }

  async #refusal(id: string, key: TaskKey, why: string): Promise<Error> {
    const task = await this.#dependencies.store.tasks.get(key)
    return task
      ? new Conflict('wrong_state', `The task ${why}.`, { data: { state: task.state } })
      : new NotFound('task', id)
  }

  async #view(id: string, key: TaskKey): Promise<TaskView> {
    const task = await this.#dependencies.store.tasks.get(key)
    if (!task) throw new NotFound('task', id)
    return taskView(task)
  }

  #audit(caller: Principal, action: string, object: string): Promise<void> {
    const { store, now } = this.#dependencies
    return store.audit.append({ tenant: caller.tenant, at: now(), actor: caller.id, action, object, detail: '{}' })
  }
}

const REDRIVE_SLICE = 100

const UNWRITTEN = { state: 'refused', code: 'payload_failed', message: 'The payload expression gave no data.' } as const

const DEAD: readonly TaskState[] = ['refused', 'exhausted', 'not-executed']

const mayUse = (caller: Principal, owner: string): boolean =>
  owner === caller.id || (caller.resource === null && hasRole(caller, 'operator', 'admin'))

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

/** @throws InvalidInput `invalid_request` */
export function parseSequence(text: string): number {
  const sequence = Number(text)
  if (/^\d{1,20}$/.test(text) && Number.isSafeInteger(sequence)) return sequence
  throw new InvalidInput('invalid_request', 'This is no sequence.', { field: 'sequence', expected: 'digits' })
}

function checkRange(field: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new InvalidInput('invalid_request', `The ${field} is out of range.`, {
    field,
    expected: `a whole number from ${least} to ${most}`,
  })
}

type TaskCursor = { sequence: number; subscription: string }

const cursorOf = ({ sequence, subscription }: TaskCursor): string => `${sequence}.${subscription}`

const parseTaskCursor = (text: string): TaskCursor => parseTaskId('', text)
