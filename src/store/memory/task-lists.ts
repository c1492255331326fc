/**
 * Tasks as people look for them: shown `held` while their subscription is, by filter, page by page, counted.
 */
import type { Lane, TaskCounts, TaskFilter } from '../port.js'
import type { EventRow, TaskRow } from '../rows.js'
import { isLocalLane, lets, shownState } from '../task-rules.js'
import { findTask } from './groups.js'
import type { Tables, TaskPlace } from './tables.js'
import { takePage, tenantOf } from './tables.js'

const isHeld = (tables: Tables, { tenant, subscription }: Lane): boolean => {
  const row = tenantOf(tables, tenant).subscriptions.get(subscription)
  return row !== undefined && !lets(row.state)
}

const shown = (tables: Tables, task: TaskRow): TaskRow => {
  const state = shownState(task, isHeld(tables, task))
  return state === task.state ? task : { ...task, state }
}

export const shownTask = (tables: Tables, task: TaskRow | undefined): TaskRow | null =>
  task === undefined ? null : shown(tables, task)

export function listTasks(
  tables: Tables,
  filter: TaskFilter,
  { after, limit, order }: { after: TaskPlace | null; limit: number; order?: 'newest' | 'oldest' },
): readonly TaskRow[] {
  const { places } = tenantOf(tables, filter.tenant)
  const found =
    order === 'oldest'
      ? places.upFrom(after === null ? 0 : places.countUpTo(after))
      : places.downFrom(after === null ? places.size : places.countBefore(after))
  return takePage(tasksAt(tables, filter.tenant, found), limit, (task) => fits(tables, task, filter))
}

export function* tasksAt(tables: Tables, tenant: string, places: Iterable<TaskPlace>): Generator<TaskRow> {
  for (const found of places) {
    const entry = findTask(tables, { tenant, ...found })
    if (entry !== undefined) yield shown(tables, entry.task)
  }
}

// -------------------------------------------------------------------------------------------- filters

const fits = (tables: Tables, task: TaskRow, filter: TaskFilter): boolean =>
  fitsTask(task, filter) &&
  (filter.subscribed === undefined || isSubscribed(tables, task)) &&
  fitsEvent(tables, task, filter) &&
  isAbout(tables, task, filter.subjectTypes)

const isSubscribed = (tables: Tables, { tenant, subscription }: Lane): boolean =>
  isLocalLane(subscription) || tenantOf(tables, tenant).subscriptions.has(subscription)

const fitsTask = (task: TaskRow, filter: TaskFilter): boolean =>
  is(task.subscription, filter.subscription) &&
  is(task.sequence, filter.sequence) &&
  isIn(task.state, filter.states) &&
  isIn(task.type, filter.types) &&
  isIn(task.priority, filter.priorities) &&
  isIn(task.code, filter.codes) &&
  is(task.subject, filter.subject) &&
  is(task.superOwner, filter.superOwner) &&
  is(isLocalLane(task.subscription), filter.local) &&
  task.createdAt >= (filter.createdFrom ?? Number.NEGATIVE_INFINITY) &&
  task.createdAt < (filter.createdTill ?? Number.POSITIVE_INFINITY) &&
  isWithin(task.wakeAt, filter.wakeFrom, filter.wakeTill)

const isWithin = (time: number | null, from: number | undefined, till: number | undefined): boolean =>
  (from === undefined && till === undefined) ||
  (time !== null && time >= (from ?? Number.NEGATIVE_INFINITY) && time < (till ?? Number.POSITIVE_INFINITY))

function fitsEvent(tables: Tables, task: TaskRow, filter: TaskFilter): boolean {
  const event = tenantOf(tables, task.tenant).events.get(task.sequence)
  return (
    event !== undefined &&
    is(event.transactionId, filter.transactionId) &&
    is(event.parentId, filter.parentId) &&
    is(event.rootId, filter.rootId) &&
    is(event.partitionKey, filter.partitionKey) &&
    (filter.text === undefined || tells(event, lower(filter.text)))
  )
}

const tells = ({ id, source, type, subject }: EventRow, text: string): boolean =>
  [id, source, type, subject ?? ''].some((part) => lower(part).includes(text))

/** As databases do without a collation: A to Z only. */
const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

function isAbout(tables: Tables, task: TaskRow, types: readonly string[] | undefined): boolean {
  if (types === undefined) return true
  const row = tenantOf(tables, task.tenant).resources.get(task.subject ?? '')?.row
  return task.subject !== null && row !== undefined && types.includes(row.type)
}

const isIn = <T>(value: T | null, wanted: readonly T[] | undefined): boolean =>
  wanted === undefined || (value !== null && wanted.includes(value))
const is = <T>(value: T, wanted: T | undefined): boolean => wanted === undefined || value === wanted

// -------------------------------------------------------------------------------------------- counts

export function countStates(tasks: Iterable<TaskRow>): TaskCounts {
  const counts: { -readonly [State in keyof TaskCounts]: TaskCounts[State] } = {}
  for (const { state } of tasks) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

export const countBy = (tables: Tables, filter: TaskFilter): TaskCounts =>
  countStates(listTasks(tables, filter, { after: null, limit: Number.POSITIVE_INFINITY }))

export function countTasks(tables: Tables, tenant: string | null, subscription: string | undefined): TaskCounts {
  const tenants = tenant === null ? [...tables.tenants.keys()] : [tenant]
  const tasks = tenants.flatMap((name) => [...tasksAt(tables, name, tenantOf(tables, name).places.upFrom(0))])
  return countStates(tasks.filter((task) => is(task.subscription, subscription)))
}
