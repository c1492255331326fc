/**
 * One thing done to many tasks: those of a filter, slice by slice, or those named.
 */
import { InvalidInput } from '../errors.js'
import type { Priority } from '../event/envelope.js'
import type { Store, TaskFilter, TaskKey } from '../store/port.js'
import { FINISHED_STATES, type TaskState } from '../store/rows.js'

export const BULK_ACTIONS = ['cancel', 'retry', 'delete', 'priority'] as const
export type BulkAction = (typeof BULK_ACTIONS)[number]

/** What is done to each task; `cancel` says who did it. */
export type Deed =
  | { readonly action: 'cancel'; readonly message: string }
  | { readonly action: 'retry' | 'delete' }
  | { readonly action: 'priority'; readonly priority: Priority }

export interface BulkDependencies {
  readonly store: Pick<Store, 'tasks'>
  /** Stops an attempt that runs in this process, and the waiting for one. */
  abort(key: TaskKey): void
  now(): number
}

const UNFINISHED: readonly TaskState[] = ['due', 'waiting', 'leased', 'held']

/** What redrive means when no states are named. */
export const DEAD: readonly TaskState[] = ['refused', 'exhausted', 'not-executed']

/** In which states a task can have it done to it, and in which it is meant when none are named. */
const STATES: Readonly<
  Record<BulkAction, { readonly may: readonly TaskState[]; readonly usual?: readonly TaskState[] }>
> = {
  cancel: { may: UNFINISHED },
  retry: { may: [...FINISHED_STATES, 'waiting'], usual: DEAD },
  delete: { may: [...FINISHED_STATES, ...UNFINISHED] },
  priority: { may: ['due', 'waiting', 'held'] },
}

/** A few at once, so that others come through. */
const SLICE = 100
const PAGE = 1_000

/** The filter, narrowed to what the action can be done to. */
export function narrowed(filter: TaskFilter, action: BulkAction): TaskFilter {
  const { may, usual = may } = STATES[action]
  const states = (filter.states ?? usual).filter((state) => may.includes(state))
  return { ...filter, states, ...(action === 'retry' && { subscribed: true }) }
}

/** How many of those that a filter finds it can be done to; the filter is narrowed to the action. */
export async function countOf(filter: TaskFilter, action: BulkAction, { store }: BulkDependencies): Promise<number> {
  const counts = await Promise.all(fitting(filter, action).map((each) => store.tasks.countsBy(each)))
  return counts.flatMap((each) => Object.values(each)).reduce((sum, count) => sum + count, 0)
}

/** Of those that wait, only who has a next try can be tried sooner. */
function fitting(filter: TaskFilter, action: BulkAction): readonly TaskFilter[] {
  const { states, wakeFrom = 0 } = filter
  if (states?.length === 0) return []
  if (action !== 'retry' || !states?.includes('waiting')) return [filter]
  const others = states.filter((state) => state !== 'waiting')
  return [...fitting({ ...filter, states: others }, action), { ...filter, states: ['waiting'], wakeFrom }]
}

/** How many of those named it can be done to. */
export async function countNamed(
  keys: readonly TaskKey[],
  action: BulkAction,
  dependencies: BulkDependencies,
): Promise<number> {
  const states = STATES[action].may
  let count = 0
  for (let start = 0; start < keys.length; start += SLICE) {
    const slice = keys.slice(start, start + SLICE)
    const counts = slice.map((key) => countOf(narrowed({ ...key, states }, action), action, dependencies))
    count += (await Promise.all(counts)).reduce((sum, each) => sum + each, 0)
  }
  return count
}

export interface Place {
  readonly sequence: number
  readonly subscription: string
}

/** A part of what a filter finds: so many tasks at most, after that place. */
export interface Part {
  readonly after: Place | null
  readonly limit: number
}

const ALL: Part = { after: null, limit: Number.POSITIVE_INFINITY }

/**
 * Oldest first, so that each group comes back in order.
 * @returns how many tasks it was done to, and where it goes on; null: at the end
 */
export async function doToAll(
  filter: TaskFilter,
  deed: Deed,
  dependencies: BulkDependencies,
  { after, limit }: Part = ALL,
): Promise<{ readonly count: number; readonly next: Place | null }> {
  const size = Math.min(PAGE, limit)
  const rows =
    filter.states?.length === 0
      ? []
      : await dependencies.store.tasks.list(filter, { after, limit: size, order: 'oldest' })
  const count = await doTo(rows.map(keyOf), deed, dependencies)
  const last = rows.at(-1)
  if (!last || rows.length < size) return { count, next: null }
  const next = { sequence: last.sequence, subscription: last.subscription }
  if (limit <= size) return { count, next }
  const rest = await doToAll(filter, deed, dependencies, { after: next, limit: limit - size })
  return { ...rest, count: count + rest.count }
}

export async function doTo(keys: readonly TaskKey[], deed: Deed, dependencies: BulkDependencies): Promise<number> {
  let count = 0
  for (let start = 0; start < keys.length; start += SLICE) {
    count += await doToSlice(keys.slice(start, start + SLICE), deed, dependencies)
  }
  return count
}

async function doToSlice(keys: readonly TaskKey[], deed: Deed, dependencies: BulkDependencies): Promise<number> {
  const { store, abort } = dependencies
  if (deed.action === 'delete') {
    const { removed, aborted } = await store.tasks.remove(keys)
    for (const key of [...keys, ...aborted]) abort(key)
    return removed
  }
  const done = await Promise.all(keys.map((key) => doToOne(key, deed, dependencies)))
  return done.filter(Boolean).length
}

async function doToOne(
  key: TaskKey,
  deed: Exclude<Deed, { action: 'delete' | 'retry' }> | { readonly action: 'retry' | 'delete' },
  { store, abort, now }: BulkDependencies,
): Promise<boolean> {
  if (deed.action === 'priority') return store.tasks.reprioritise(key, deed.priority)
  if (deed.action !== 'cancel') return store.tasks.retry(key, now())
  const cancelled = await store.tasks.cancel(key, now(), 'cancelled', deed.message)
  if (cancelled) abort(key)
  return cancelled
}

const keyOf = ({ tenant, sequence, subscription }: TaskKey): TaskKey => ({ tenant, sequence, subscription })

const PRIORITIES: readonly Priority[] = ['immediate', 'high', 'normal']

/** @throws InvalidInput `invalid_request` */
export function checkPriority(priority: Priority | undefined): Priority {
  const known = PRIORITIES.find((each) => each === priority)
  if (known) return known
  throw new InvalidInput('invalid_request', 'This is no priority.', {
    field: 'priority',
    expected: PRIORITIES.join(', '),
  })
}

/** @throws InvalidInput `invalid_request` */
export function checkAction(action: BulkAction): void {
  if (BULK_ACTIONS.includes(action)) return
  throw new InvalidInput('invalid_request', 'This is no action.', {
    field: 'action',
    expected: BULK_ACTIONS.join(', '),
  })
}
