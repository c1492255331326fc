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

/** How many failures are looked at to say what needs attention. */
const LATEST = '200'

/** What failed last, newest first. */
export async function latestFailures(session: Session, own: readonly Subscription[]): Promise<readonly Task[]> {
  const list = async (subscription?: string) => {
    const query = { state: [...FAILED], limit: LATEST, ...(subscription !== undefined && { subscription }) }
    return (await ask(api.GET('/v1/tasks', { params: { query } }))).items
  }
  return session.wholeTenant ? list() : (await Promise.all(own.map(({ id }) => list(id)))).flat()
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
