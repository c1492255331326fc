/**
 * Who hears a topic: subscriptions to its types, of its environment alone.
 */
import { type Hub, isObject, type Principal, type SubscriptionView } from '../../src/index.js'
import { all } from '../every.js'
import { kindsOf } from './catalogue.js'
import type { EnvironmentTopic } from './topics.js'

export interface Consumer {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly transport: string
  readonly format: string | null
  /** Messages it has not been told yet. */
  readonly waiting: number
  /** When the oldest of them was received; null: there is none. */
  readonly since: string | null
}

/** What a subscription to a topic says of it; with any other filter two environments would mix. */
export const wanted = ({ topic, environment }: EnvironmentTopic) => ({
  types: [`uw-registry.${topic.name}.*`],
  filters: [{ exact: { source: environment.source } }],
})

/** As far as the caller may see them. */
export async function consumersOf(hub: Hub, caller: Principal, at: EnvironmentTopic): Promise<readonly Consumer[]> {
  const subscriptions = await all((page) => hub.subscriptions.list(caller, page))
  const hearing = subscriptions.filter((each) => hears(each, at))
  return Promise.all(
    hearing.map(async ({ id, name, state, transport, format = null }) => ({
      ...{ id, name, state, transport, format },
      ...(await hub.subscriptions.lag(caller, id)),
    })),
  )
}

function hears({ types, filters }: SubscriptionView, { topic, environment }: EnvironmentTopic): boolean {
  const names = kindsOf(topic).flatMap(({ name, caseOf }) => [name, caseOf])
  const elsewhere = filters.some((filter) => (sourceIn(filter) ?? environment.source) !== environment.source)
  return !elsewhere && types.some((pattern) => names.some((name) => fits(pattern, name)))
}

export const sourceIn = (filter: unknown): unknown =>
  isObject(filter) && isObject(filter.exact) ? filter.exact.source : undefined

const fits = (pattern: string, name: string): boolean =>
  pattern === '*' || pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1)))
