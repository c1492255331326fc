/**
 * What ends with a resource, so that nobody sees the world of whoever has its id next: the keys that speak for it when it is
 * removed; the subscriptions that look from its place, which may still hear of its removal, when the id is used again.
 */
import type { AuditRow, KeyRow, SubscriptionRow } from './rows.js'

export interface Ended {
  /** Ids of the keys. */
  readonly keys: readonly string[]
  /** Ids of the subscriptions. */
  readonly subscriptions: readonly string[]
}

export const NOTHING_ENDED: Ended = { keys: [], subscriptions: [] }

export const alsoEnded = (one: Ended, other: Ended): Ended =>
  other === NOTHING_ENDED
    ? one
    : { keys: [...one.keys, ...other.keys], subscriptions: [...one.subscriptions, ...other.subscriptions] }

/** As an answer tells it: most often there is nothing to tell. */
export const endedPart = (ended: Ended): { readonly ended?: Ended } =>
  ended.keys.length + ended.subscriptions.length === 0 ? {} : { ended }

/** When, in whose operation, and of which resource. */
export interface Ending {
  readonly tenant: string
  readonly at: number
  readonly actor: string
  readonly resource: string
}

export const endsWith = (row: KeyRow, { tenant, resource }: Ending): boolean =>
  row.tenant === tenant && row.resource === resource && row.revokedAt === null

/** The text that the spec of each subscription has which looks from the place of the resource. */
export const placeInSpec = (resource: string): string => JSON.stringify(resource)

export function looksFrom({ spec }: SubscriptionRow, resource: string): boolean {
  const { scope } = JSON.parse(spec) as { readonly scope?: unknown }
  return typeof scope === 'object' && scope !== null && 'resource' in scope && scope.resource === resource
}

/** One that is disabled already is told the new reason: it is to be resumed by who knows it. */
export const endedSubscription = (row: SubscriptionRow, { at }: Ending): SubscriptionRow => ({
  ...row,
  state: 'disabled',
  reason: 'The resource it looks from was removed, and its id is used again.',
  revision: row.revision + 1,
  updatedAt: at,
})

type Entry = Omit<AuditRow, 'number'>

export const auditOfKey = (id: string, { tenant, at, actor, resource }: Ending): Entry => ({
  ...{ tenant, at, actor, action: 'key.revoke', object: id },
  detail: JSON.stringify({ resource, because: 'resource.removed' }),
})

export const auditOfSubscription = ({ id, name }: SubscriptionRow, { tenant, at, actor, resource }: Ending): Entry => ({
  ...{ tenant, at, actor, action: 'subscription.disable', object: id },
  detail: JSON.stringify({ name, resource, because: 'resource.available' }),
})

/** The events without the candidates that ended in their own operation. */
export const stillTold = <Entry extends { readonly candidates: readonly { readonly subscription: string }[] }>(
  events: readonly Entry[],
  { subscriptions }: Ended,
): readonly Entry[] =>
  subscriptions.length === 0
    ? events
    : events.map((entry) => ({
        ...entry,
        candidates: entry.candidates.filter(({ subscription }) => !subscriptions.includes(subscription)),
      }))
