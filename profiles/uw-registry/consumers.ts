/**
 * Who hears a topic: subscriptions to its types, of its environment alone.
 */
import type { Hub, Principal, SubscriptionView } from '../../src/index.js'
import { isObject } from '../reader.js'
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
  const hearing = (await all(hub, caller)).filter((each) => hears(each, at))
  return Promise.all(
    hearing.map(async ({ id, name, state, transport, format = null }) => ({
      ...{ id, name, state, transport, format },
      ...(await hub.subscriptions.lag(caller, id)),
    })),
  )
}

async function all(hub: Hub, caller: Principal): Promise<readonly SubscriptionView[]> {
  const found: SubscriptionView[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await hub.subscriptions.list(caller, { limit: 1_000, ...(cursor !== undefined && { cursor }) })
    found.push(...page.items)
    if (page.next === null) return found
    cursor = page.next
  }
}

function hears({ types, filters }: SubscriptionView, { topic, environment }: EnvironmentTopic): boolean {
  const names = kindsOf(topic).flatMap(({ name, caseOf }) => [name, caseOf])
  const elsewhere = filters.some((filter) => (sourceIn(filter) ?? environment.source) !== environment.source)
  return !elsewhere && types.some((pattern) => names.some((name) => fits(pattern, name)))
}

const sourceIn = (filter: unknown): unknown =>
  isObject(filter) && isObject(filter.exact) ? filter.exact.source : undefined

const fits = (pattern: string, name: string): boolean =>
  pattern === '*' || pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1)))
