/**
 * What is on its way and what failed. Who does not see the whole tenant asks for each subscription of its own.
 */
import { api, ask, type Session, type Subscription, type Task, type TaskCounts } from './client.js'

export const FAILED = ['exhausted', 'refused'] as const
export const UNFINISHED = ['due', 'waiting', 'leased', 'held'] as const

export type Action = 'retry' | 'cancel' | 'delete' | 'priority'

const countsOf = (subscription: string | undefined): Promise<TaskCounts> =>
  ask(api.GET('/v1/tasks/counts', { params: { query: { ...(subscription !== undefined && { subscription }) } } }))

export async function countTasks(session: Session, own: readonly Subscription[]): Promise<TaskCounts> {
  if (session.wholeTenant) return countsOf(undefined)
  return (await Promise.all(own.map(({ id }) => countsOf(id)))).reduce(added, { states: {}, unprocessed: 0, errors: 0 })
}

const added = (one: TaskCounts, other: TaskCounts): TaskCounts => {
  const names = [...new Set([...Object.keys(one.states), ...Object.keys(other.states)])]
  return {
    unprocessed: one.unprocessed + other.unprocessed,
    errors: one.errors + other.errors,
    states: Object.fromEntries(names.map((name) => [name, (one.states[name] ?? 0) + (other.states[name] ?? 0)])),
  }
}

/** How many failures are looked at to find whom they concern. */
const LATEST = '200'
/** More subscriptions with failures are not told one by one. */
const MOST_FAILED = 20

/** Who did not get what was given up. */
export interface Failed {
  readonly subscription: string
  readonly latest: Task
  /** How many were given up in all. */
  readonly number: number
}

/** Whose deliveries were given up, the newest failure first. */
export async function failedOnes(session: Session, own: readonly Subscription[]): Promise<readonly Failed[]> {
  const list = async (limit: string, subscription?: string) => {
    const query = { state: [...FAILED], limit, ...(subscription !== undefined && { subscription }) }
    return (await ask(api.GET('/v1/tasks', { params: { query } }))).items
  }
  const latest = session.wholeTenant
    ? await list(LATEST)
    : (await Promise.all(own.map(({ id }) => list('1', id)))).flat()
  const newest = new Map(latest.toReversed().map((task) => [task.subscription, task]))
  const shown = [...newest.values()].reverse().slice(0, MOST_FAILED)
  return Promise.all(
    shown.map(async (task) => {
      const { errors } = await countsOf(task.subscription)
      return { subscription: task.subscription, latest: task, number: errors }
    }),
  )
}

// ---------------------------------------------------------------------------------------------- what fails before it is given up

const FAILING = 'tocsin.target.failing'
const TOLD_OF_TARGETS = [FAILING, 'tocsin.target.recovered', 'tocsin.target.disabled']
/** More targets that fail at once are not looked at one by one. */
const MOST = 20

/** A target that does not take what it is sent, which is tried again by itself. */
export interface Failing {
  readonly subscription: string
  readonly message: string
  readonly wakeAt: string | null
  /** One of the tasks that failed; absent: only our own event tells of it. */
  readonly task?: string
}

export async function failingNow(session: Session, own: readonly Subscription[]): Promise<readonly Failing[]> {
  const active = own.filter(({ state }) => state === 'active').map(({ id }) => id)
  const told = session.wholeTenant ? await toldToFail() : active
  const suspects = active.filter((id) => told.includes(id)).slice(0, MOST)
  return (await Promise.all(suspects.map((id) => failingOf(session, id)))).flatMap((found) => found ?? [])
}

async function toldToFail(): Promise<readonly string[]> {
  const { items } = await ask(api.GET('/v1/events', { params: { query: { type: TOLD_OF_TARGETS, limit: LATEST } } }))
  const newest = new Map(items.toReversed().map(({ event }) => [String(event.subject), String(event.type)]))
  return [...newest].flatMap(([id, type]) => (type === FAILING ? [id] : []))
}

/** By its newest tasks; where the one that failed is far behind them, by our own event of it. */
export async function failingOf(session: Session, subscription: string): Promise<Failing | null> {
  const query = { subscription, state: ['due' as const, 'waiting' as const], limit: '100' }
  const { items } = await ask(api.GET('/v1/tasks', { params: { query } }))
  const failed = items.find(({ failures }) => failures > 0)
  if (failed) {
    const { id: task, message, code, wakeAt } = failed
    return { subscription, message: message ?? code ?? '', wakeAt, task }
  }
  return items.length === 0 || !session.wholeTenant ? null : failingByEvent(subscription)
}

/** Who mended a target is not told of it again: so what was delivered since tells that it works. */
async function failingByEvent(subscription: string): Promise<Failing | null> {
  const [events, done] = await Promise.all([
    ask(api.GET('/v1/events', { params: { query: { type: TOLD_OF_TARGETS, subject: subscription, limit: '1' } } })),
    ask(api.GET('/v1/tasks', { params: { query: { subscription, state: 'done', limit: '1' } } })),
  ])
  const [told, delivered] = [events.items[0], done.items[0]?.endedAt ?? null]
  if (told?.event.type !== FAILING || (delivered !== null && delivered > told.receivedAt)) return null
  const { message } = told.event.data as { readonly message?: string }
  return { subscription, message: message ?? '', wakeAt: null }
}

/** How old the oldest unfinished task is at least. */
const AGES = [
  ['a day', 86_400_000],
  ['an hour', 3_600_000],
  ['10 minutes', 600_000],
  ['a minute', 60_000],
] as const

/** @returns such as `an hour`; null: nothing has waited a minute */
export async function oldestWaiting(): Promise<string | null> {
  for (const [words, age] of AGES) {
    const till = new Date(Date.now() - age).toISOString()
    const query = { state: ['due' as const, 'waiting' as const, 'leased' as const], till, limit: '1' }
    const { items } = await ask(api.GET('/v1/tasks', { params: { query } }))
    if (items.length > 0) return words
  }
  return null
}
