/**
 * The queue as people use it: look, try again, cancel, in bulk too. Pull consumers have `pull.ts`.
 */

import { type Page, type PageRequest, paged } from '../access/page.js'
import { type Principal, requireScope, seesWholeTenant } from '../access/principal.js'
import { Conflict, InvalidInput, NotFound } from '../errors.js'
import type { Store, TaskFilter, TaskKey } from '../store/port.js'
import type { TaskState } from '../store/rows.js'
import { type AttemptView, attemptView, parseTaskId, type TaskView, taskView } from './views.js'

export interface QueueDependencies {
  readonly store: Pick<Store, 'tasks' | 'subscriptions' | 'audit'>
  /** Stops an attempt that runs in this process. */
  abort(key: TaskKey): void
  /** Something may be due. */
  wake(): void
  now(): number
}

export interface TaskQuery {
  readonly subscription?: string
  /** A sequence. */
  readonly event?: string
  readonly states?: readonly TaskState[]
  readonly types?: readonly string[]
  readonly subject?: string
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

const DEAD: readonly TaskState[] = ['refused', 'exhausted', 'not-executed']

/** @throws InvalidInput `invalid_request` */
export function parseSequence(text: string): number {
  const sequence = Number(text)
  if (/^\d{1,20}$/.test(text) && Number.isSafeInteger(sequence)) return sequence
  throw new InvalidInput('invalid_request', 'This is no sequence.', { field: 'sequence', expected: 'digits' })
}

type TaskCursor = { sequence: number; subscription: string }

const cursorOf = ({ sequence, subscription }: TaskCursor): string => `${sequence}.${subscription}`

const parseTaskCursor = (text: string): TaskCursor => parseTaskId('', text)
