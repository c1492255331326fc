/**
 * What the hub needs to fit its parts together: how one part's words become another's.
 */
import type { Sealer } from '../access/sealer.js'
import type { TypeCatalogue } from '../event/catalogue.js'
import { type ResourceTypes, SUBSCRIPTION_TYPE } from '../event/resource-types.js'
import { DataValidator } from '../intake/validate.js'
import type { KnownTypes } from '../pipeline/line-up.js'
import type { Plugin } from '../plugin.js'
import type { TypesOfResources } from '../registry/resources.js'
import type { Store } from '../store/port.js'
import type { TenantRow } from '../store/rows.js'
import type { MatchTypes } from '../subscriptions/match-index.js'
import { fromRow, readsLog, type Subscription } from '../subscriptions/subscription.js'
import type { Sealer as SubscriptionSealer } from '../subscriptions/subscription-secrets.js'
import type { Transport } from '../transports/transport.js'
import type { TransportParts } from '../transports/transport-parts.js'

/** What the line-up asks of types. */
export const knownTypesOf = (catalogue: TypeCatalogue, resourceTypes: ResourceTypes): KnownTypes => ({
  resourceLineage: (resourceType) => resourceTypes.lineage(resourceType),
  resourceType: (type) => catalogue.get(type)?.resourceType ?? null,
  refusesAsynchronous: (type) => catalogue.get(type)?.asynchronous === false,
})

/** The resource type itself and all that implement it. */
export const implementing = (types: ResourceTypes, base: string): readonly string[] => [
  ...new Set([base, ...types.list().flatMap(({ name }) => (types.lineage(name).includes(base) ? [name] : []))]),
]

/** What the registry asks of types. */
export function typesOfResources(types: ResourceTypes): TypesOfResources {
  const validator = new DataValidator('properties')
  return {
    isSubscription: (type) => types.lineage(type).includes(SUBSCRIPTION_TYPE),
    checkProperties(type, properties) {
      for (const name of types.lineage(type)) {
        const definition = types.get(name)
        if (definition) validator.check(definition, properties)
      }
    },
  }
}

/** The transports that plug-ins bring, made where they ask for something. */
export const broughtBy = (plugins: readonly Plugin[], parts: TransportParts): readonly Transport[] =>
  plugins.flatMap(({ transports = [], madeTransports = [] }) => [
    ...transports,
    ...madeTransports.map(({ make }) => make(parts)),
  ])

/** What tells of a beginning has nothing before it. */
export function tellsBefore(catalogue: TypeCatalogue, type: string): boolean {
  const lineage = catalogue.lineage(type)
  if (lineage.some((name) => name.endsWith('.created') || name === 'resource.available')) return false
  return lineage.some((name) => {
    const properties = catalogue.get(name)?.schema?.properties
    return typeof properties === 'object' && properties !== null && 'before' in properties
  })
}

export const byName = <Part extends { readonly name: string }>(parts: readonly Part[]): ReadonlyMap<string, Part> =>
  new Map(parts.map((part) => [part.name, part]))

/** The names there are to choose from, in words. */
export const oneOf = (parts: ReadonlyMap<string, unknown>): string | undefined =>
  parts.size === 0 ? undefined : `one of ${[...parts.keys()].sort().join(', ')}`

export const matchTypesOf = (catalogue: TypeCatalogue, resourceTypes: ResourceTypes): MatchTypes => ({
  lineage: (type) => catalogue.lineage(type),
  get: (type) => catalogue.get(type),
  implemented: (resourceType) => resourceTypes.lineage(resourceType),
})

/** Subscriptions seal by a context of their own; the sealer wants to know where a secret lives. */
export const sealsOf = (sealer: Sealer): SubscriptionSealer => ({
  seal: (plain: string, record: string) => sealer.seal(plain, placeOf(record)),
  open: (sealed: string, record: string) => sealer.open(sealed, placeOf(record)),
})

/** The settings of processors belong to the instance, to no tenant. */
export const sealsOfProcessors = (sealer: Sealer) => ({
  seal: (plain: string, record: string) => sealer.seal(plain, { tenant: '', record, path: 'options' }),
  open: (sealed: string, record: string) => sealer.open(sealed, { tenant: '', record, path: 'options' }),
})

const placeOf = (record: string) => ({ tenant: String((JSON.parse(record) as unknown[])[1]), record, path: 'secrets' })

/**
 * Subscriptions that are told in rounds of their own: those that were still catching up when the process ended, readers of the
 * log, and those that want digests.
 */
export async function withRounds(store: Store): Promise<readonly Subscription[]> {
  const all = await allSubscriptions(store)
  return all.filter((each) => each.state === 'catching-up' || readsLog(each) || each.spec.digest !== undefined)
}

const TENANTS_AT_ONCE = 1_000

/** Of all tenants. */
export async function allSubscriptions(
  store: Pick<Store, 'access' | 'subscriptions'>,
): Promise<readonly Subscription[]> {
  const found: Subscription[] = []
  for (let after: string | null = null; ; ) {
    const tenants: readonly TenantRow[] = await store.access.listTenants({ after, limit: TENANTS_AT_ONCE })
    const loaded = await Promise.all(tenants.map(({ id }) => store.subscriptions.load(id)))
    found.push(...loaded.flatMap((each) => each.rows.map(fromRow)))
    if (tenants.length < TENANTS_AT_ONCE) return found
    after = tenants.at(-1)?.id ?? null
  }
}
