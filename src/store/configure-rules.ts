/**
 * Whether a configuration may be written: every subscription is as it was thought to be.
 */
import type { Configuration } from './port.js'
import type { SubscriptionRow } from './rows.js'

/** What must hold of each subscription before anything is written; null: it must not be there. */
export const expectedBy = ({
  subscriptions: { create, update, remove },
}: Configuration): readonly { tenant: string; id: string; revision: number | null }[] => [
  ...create.map(({ tenant, id }) => ({ tenant, id, revision: null })),
  ...update.map(({ tenant, id, revision }) => ({ tenant, id, revision: revision - 1 })),
  ...remove.map(({ tenant, id, revision }) => ({ tenant, id, revision })),
]

export const isAsExpected = (row: SubscriptionRow | null | undefined, revision: number | null): boolean =>
  (row?.revision ?? null) === revision
