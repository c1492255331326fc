/**
 * The queue as people use it: look, try again, cancel, in bulk too. Pull consumers have `pull.ts`.
 */

import { cursorTo, keyIn, type Page, type PageRequest, paged } from '../access/page.js'
import { type Principal, requireScope, seesWholeTenant } from '../access/principal.js'
import { AccessDenied, Conflict, InvalidInput, NotFound } from '../errors.js'
import type { Priority } from '../event/envelope.js'
import type { AuditEntry } from '../store/auditor.js'
import type { Store, TaskCounts, TaskFilter, TaskKey } from '../store/port.js'
import { FINISHED_STATES, type TaskRow, type TaskState } from '../store/rows.js'
import { governs } from '../subscriptions/ownership.js'
import {
  type BulkAction,
  type BulkDependencies,
  checkAction,
  checkPriority,
  countNamed,
  countOf,
  type Deed,
  doTo,
  doToAll,
  narrowed,
  type Part,
} from './bulk.js'
import { PROCESSORS } from './local.js'
import { type TaskFilterDependencies, type TaskQuery, taskFilterOf } from './task-filter.js'
import { type AttemptView, attemptView, parseTaskId, type TaskView, taskView } from './views.js'

export interface QueueDependencies extends BulkDependencies, TaskFilterDependencies {
  readonly store: Pick<Store, 'tasks' | 'subscriptions' | 'registry'>
  audit(entry: AuditEntry): Promise<void>
  /** Something may be due. */
  wake(): void
  /** Resolves when everybody in the tenant has been told of what was admitted before, so that no task comes after. */
  told(tenant: string): Promise<void>
}

/** How many tasks there are, by state. */
export interface TaskCountsView {
  readonly states: TaskCounts
  /** Not finished: due, waiting, leased, held. */
  readonly unprocessed: number
  /** Refused or exhausted. */
  readonly errors: number
}

export interface BulkRequest {
  readonly action: BulkAction
  /** For the action `priority`. */
  readonly priority?: Priority
  /** Which tasks: a filter, or their ids. */
  readonly filter?: TaskQuery
  readonly ids?: readonly string[]
  /** Only counts those that the filter or the ids name. */
  readonly dryRun?: boolean
  /** With a filter: looks at so many tasks at most, 1 to 10,000, the oldest first, and says where it goes on. */
  readonly limit?: number | undefined
  /** `next` of the part before. */
  readonly cursor?: string | undefined
}

export interface BulkResult {
  readonly count: number
  /** Only where a limit was given: the cursor of the part that follows; null: that was all. */
  readonly next?: string | null
}

const MOST = 10_000

export class Queue {
  readonly #dependencies: QueueDependencies

  constructor(dependencies: QueueDependencies) {
    this.#dependencies = dependencies
  }

  async list(caller: Principal, query: TaskQuery, page: PageRequest): Promise<Page<TaskView>> {
    requireScope(caller, 'tasks:read')
    const filter = await this.#filter(caller, query, seesWholeTenant)
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
    const key = await this.#owned(caller, id, seesWholeTenant)
    const [task, attempts] = await Promise.all([
      this.#dependencies.store.tasks.get(key),
      this.#dependencies.store.tasks.attempts(key),
    ])
    if (!task) throw new NotFound('task', id)
    return { ...taskView(task), history: attempts.map(attemptView) }
  }

  /** Due now, with fresh attempts. @throws Conflict `wrong_state` if it is neither finished nor has a next try */
  async retry(caller: Principal, id: string): Promise<TaskView> {
    const key = await this.#mine(caller, id)
    if (!(await this.#dependencies.store.tasks.retry(key, this.#dependencies.now())))
      throw await this.#refusal(id, key, goesOnByItself)
    await this.#audit(caller, 'task.retry', id)
    this.#dependencies.wake()
    return this.#view(id, key)
  }

  /** Ends it for good; a running attempt is stopped. @throws Conflict `wrong_state` if it is finished */
  async cancel(caller: Principal, id: string): Promise<TaskView> {
    const key = await this.#mine(caller, id)
    const message = `Cancelled by ${caller.name}.`
    if (!(await this.#dependencies.store.tasks.cancel(key, this.#dependencies.now(), 'cancelled', message))) {
      throw await this.#refusal(id, key, () => 'is finished')
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
    options: Pick<BulkRequest, 'dryRun' | 'limit' | 'cursor'> = {},
  ): Promise<BulkResult> {
    const request = { action: 'retry', filter: query, ...options } as const
    return this.#many(caller, request, 'task.redrive', query.subscription ?? '*')
  }

  /**
   * The same done to many. Those that are in no state for it are passed over. Deleting takes their descendants' entries too,
   * so it may take more than a dry run counts.
   * @throws InvalidInput `invalid_request`, `invalid_cursor`
   */
  bulk(caller: Principal, request: BulkRequest): Promise<BulkResult> {
    return this.#many(caller, request, 'task.bulk', request.filter?.subscription ?? '*')
  }

  async #many(caller: Principal, request: BulkRequest, audited: string, object: string): Promise<BulkResult> {
    requireScope(caller, 'tasks:write')
    const deed = this.#deed(caller, request)
    const { filter, ids, dryRun = false } = request
    if ((filter === undefined) === (ids === undefined)) throw badChoice()
    const part = partOf(request)
    const keys = ids && (await Promise.all([...new Set(ids)].map((id) => this.#owned(caller, id, governs))))
    const asked = narrowed(await this.#filter(caller, filter ?? {}, keys ? anyone : governs), deed.action)
    await this.#dependencies.told(caller.tenant)
    if (dryRun) return { count: await this.#counted(keys, asked, deed.action) }
    const { count, next } = keys
      ? { count: await doTo(keys, deed, this.#dependencies), next: null }
      : await doToAll(asked, deed, this.#dependencies, part)
    await this.#audit(caller, audited, object, { action: deed.action, count, ...(ids ? { ids } : { filter }) })
    this.#dependencies.wake()
    return { count, ...(part && { next: next && cursorTo(cursorOf(next)) }) }
  }

  #counted(keys: readonly TaskKey[] | undefined, asked: TaskFilter, action: BulkAction): Promise<number> {
    return keys ? countNamed(keys, action, this.#dependencies) : countOf(asked, action, this.#dependencies)
  }

  #deed({ name }: Principal, { action, priority }: BulkRequest): Deed {
    checkAction(action)
    if (action === 'priority') return { action, priority: checkPriority(priority) }
    if (priority !== undefined) throw noPriority(action)
    return action === 'cancel' ? { action, message: `Cancelled by ${name}.` } : { action }
  }

  /** Deletes the entry and those of its descendants in the same queue; the events stay. @returns how many went @throws NotFound */
  async remove(caller: Principal, id: string): Promise<{ readonly count: number }> {
    const key = await this.#mine(caller, id)
    if (!(await this.#dependencies.store.tasks.get(key))) throw new NotFound('task', id)
    const count = await doTo([key], { action: 'delete' }, this.#dependencies)
    await this.#audit(caller, 'task.remove', id, { count })
    this.#dependencies.wake()
    return { count }
  }

  /** Empties the queue of asynchronous processors: what subscribers are still to be told stays. @throws AccessDenied unless the caller is an operator or admin */
  async removeAll(
    caller: Principal,
    { dryRun = false }: { dryRun?: boolean } = {},
  ): Promise<{ readonly count: number }> {
    requireScope(caller, 'tasks:write')
    if (!governs(caller)) {
      throw new AccessDenied('forbidden', 'Only operators and admins empty the queue.')
    }
    const filter = { tenant: caller.tenant, subscription: PROCESSORS }
    if (dryRun) return { count: await countOf(filter, 'delete', this.#dependencies) }
    const { count } = await doToAll(filter, { action: 'delete' }, this.#dependencies)
    await this.#audit(caller, 'task.remove-all', PROCESSORS, { count })
    this.#dependencies.wake()
    return { count }
  }

  /** For a task that is neither running nor finished. @throws Conflict `wrong_state`, InvalidInput, NotFound */
  async reprioritise(caller: Principal, id: string, priority: Priority): Promise<TaskView> {
    const key = await this.#mine(caller, id)
    if (!(await this.#dependencies.store.tasks.reprioritise(key, checkPriority(priority))))
      throw await this.#refusal(id, key, () => 'is running or finished')
    await this.#audit(caller, 'task.priority', id, { priority })
    this.#dependencies.wake()
    return this.#view(id, key)
  }

  async counts(caller: Principal, query: TaskQuery): Promise<TaskCountsView> {
    requireScope(caller, 'tasks:read')
    const states = await this.#dependencies.store.tasks.countsBy(await this.#filter(caller, query, seesWholeTenant))
    const of = (...names: readonly TaskState[]) => names.reduce((sum, state) => sum + (states[state] ?? 0), 0)
    return { states, unprocessed: of('due', 'waiting', 'leased', 'held'), errors: of('refused', 'exhausted') }
  }

  /**
   * Who may not ask for all names one of its own subscriptions. Who does not see the whole tenant does not ask the
   * registry either: which resources and codes there are is not told by which tasks are found.
   */
  async #filter(caller: Principal, query: TaskQuery, mayAll: Permission): Promise<TaskFilter> {
    if (!mayAll(caller)) {
      const { subscription } = query
      if (subscription === undefined) {
        throw new InvalidInput('invalid_request', 'Name a subscription of yours.', {
          field: 'subscription',
          expected: 'the id of a subscription',
        })
      }
      await this.#checkOwner(caller, subscription, new NotFound('subscription', subscription))
    }
    if (query.subjectType !== undefined && !seesWholeTenant(caller)) {
      throw new AccessDenied('forbidden', 'Only who sees the whole tenant asks by resource type.', {
        field: 'subjectType',
      })
    }
    return taskFilterOf(caller.tenant, query, this.#dependencies)
  }

  /** To be changed by the caller. */
  async #mine(caller: Principal, id: string): Promise<TaskKey> {
    requireScope(caller, 'tasks:write')
    const key = await this.#owned(caller, id, governs)
    await this.#dependencies.told(caller.tenant)
    return key
  }

  /** @param mayAll who may do it to tasks of others' subscriptions, and to those of processors. */
  async #owned(caller: Principal, id: string, mayAll: Permission): Promise<TaskKey> {
    const key = parseTaskId(caller.tenant, id)
    if (!mayAll(caller)) await this.#checkOwner(caller, key.subscription, new NotFound('task', id))
    return key
  }

  /** Who sees another's tasks is told that it may not change them; others are told that there are none. */
  async #checkOwner(caller: Principal, subscription: string, otherwise: NotFound): Promise<void> {
    const row = await this.#dependencies.store.subscriptions.get(caller.tenant, subscription)
    if (row?.owner === caller.id) return
    if (!seesWholeTenant(caller)) throw otherwise
    throw new AccessDenied('forbidden', 'Only its owner, an operator or an admin changes tasks of a subscription.')
  }

  async #refusal(id: string, key: TaskKey, why: (task: TaskRow) => string): Promise<Error> {
    const task = await this.#dependencies.store.tasks.get(key)
    return task
      ? new Conflict('wrong_state', `The task ${why(task)}.`, { data: { state: task.state } })
      : new NotFound('task', id)
  }

  async #view(id: string, key: TaskKey): Promise<TaskView> {
    const task = await this.#dependencies.store.tasks.get(key)
    if (!task) throw new NotFound('task', id)
    return taskView(task)
  }

  #audit(caller: Principal, action: string, object: string, detail: object = {}): Promise<void> {
    const { audit, now } = this.#dependencies
    return audit({ tenant: caller.tenant, at: now(), actor: caller.id, action, object, detail: { ...detail } })
  }
}

type Permission = (caller: Principal) => boolean

/** Their tasks were looked at one by one. */
const anyone: Permission = () => true

/** Why there is nothing to try again. */
function goesOnByItself({ state, blockedBy }: TaskRow): string {
  if (FINISHED_STATES.some((each) => each === state)) return 'was for a subscription that is gone'
  if (state === 'leased') return 'is running'
  if (state === 'held') return 'is held: it goes on when its subscription is resumed'
  if (state !== 'waiting') return 'is due already'
  return blockedBy === null
    ? 'waits for those of its group that are before it'
    : `waits for the lock of ${JSON.stringify(blockedBy)}`
}

const badChoice = (): InvalidInput =>
  new InvalidInput('invalid_request', 'Name the tasks by a filter or by their ids.', {
    field: 'filter',
    expected: 'filter or ids, one of them',
  })

const noPriority = (action: BulkAction): InvalidInput =>
  new InvalidInput('invalid_request', `The action ${action} gives no priority.`, {
    field: 'priority',
    expected: 'no priority, or the action priority',
  })

/** Undefined: everything. @throws InvalidInput */
function partOf({ limit, cursor, ids, dryRun }: BulkRequest): Part | undefined {
  if (limit === undefined && cursor === undefined) return undefined
  const whole = limit ?? MOST
  if (ids !== undefined || dryRun || !Number.isInteger(whole) || whole < 1 || whole > MOST)
    throw new InvalidInput('invalid_request', 'This is no part of what a filter finds.', {
      field: limit === undefined ? 'cursor' : 'limit',
      expected: `with a filter, not with ids or dryRun: a whole number from 1 to ${MOST}`,
    })
  return { after: cursor === undefined ? null : keyIn(cursor, parseTaskCursor), limit: whole }
}

type TaskCursor = { sequence: number; subscription: string }

const cursorOf = ({ sequence, subscription }: TaskCursor): string => `${sequence}.${subscription}`

const parseTaskCursor = (text: string): TaskCursor => parseTaskId('', text)
