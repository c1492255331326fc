/**
 * Everything a store shows of some tenants, by the port alone: two stores that did the same must show the same.
 */
import type { Store } from '../port.js'
import type { TaskRow } from '../rows.js'

const ALL = { after: null, limit: 1_000 }

/** Reads the first 1,000 of each list. `resources` are asked for by id too, as removed ones are in no list. */
export async function dump(store: Store, tenants: readonly string[], resources: readonly string[]): Promise<unknown> {
  const parts = []
  for (const tenant of tenants) parts.push(await dumpTenant(store, tenant, resources))
  return { tenants: parts, all: await store.tasks.counts(null) }
}

async function dumpTenant(store: Store, tenant: string, resources: readonly string[]): Promise<unknown> {
  const events = await store.log.list({ tenant }, ALL)
  const tasks = await store.tasks.list({ tenant }, ALL)
  return {
    head: await store.log.head(tenant),
    events,
    read: (await store.log.read(tenant, 0, 1_000)).map(({ sequence }) => sequence),
    results: await Promise.all(events.map(({ sequence }) => store.log.results(tenant, sequence))),
    tasks,
    attempts: await Promise.all(tasks.map((task: TaskRow) => store.tasks.attempts(task))),
    counts: await store.tasks.counts(tenant),
    untold: await store.slices.left(tenant),
    subscriptions: await store.subscriptions.load(tenant),
    graph: await Promise.all(resources.map((id) => dumpResource(store, tenant, id, resources))),
    listed: await store.registry.list({ tenant }, ALL),
    audit: await store.audit.list(tenant, ALL),
  }
}

async function dumpResource(store: Store, tenant: string, id: string, others: readonly string[]): Promise<unknown> {
  const head = await store.log.head(tenant)
  const moments = [null, head, Math.floor(head / 2)]
  return {
    row: await store.registry.get(tenant, id),
    links: await Promise.all(moments.map((at) => store.registry.links(tenant, id, at))),
    facts: await Promise.all(
      others.flatMap((other) => moments.map((at) => store.registry.facts(tenant, other, id, at))),
    ),
  }
}
