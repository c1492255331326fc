/**
 * A subscription as callers see it: never a secret, only whether there is one.
 */
import { formatSequence } from '../event/envelope.js'
import type { SubscriptionRow, SubscriptionState } from '../store/rows.js'
import { type SubscriptionSpec, specIn } from './subscription.js'

export interface SubscriptionView extends SubscriptionSpec {
  readonly id: string
  readonly tenant: string
  readonly state: SubscriptionState
  /** Why it is disabled, or was paused by us; null otherwise. */
  readonly reason: string | null
  /** The principal that owns it. */
  readonly owner: string
  /** The target has secret fields or events are signed; they are shown nowhere. */
  readonly hasSecret: boolean
  readonly revision: number
  /** It hears events after this one; zero-padded decimal. */
  readonly startSequence: string
  /** While catching up: the last event turned into a task. Of one that reads the log: the last it was told, once there is one. */
  readonly cursor: string | null
  /** RFC 3339. */
  readonly createdAt: string
  readonly updatedAt: string
}

export const viewOfRow = (row: SubscriptionRow): SubscriptionView => ({
  ...specIn(row),
  id: row.id,
  tenant: row.tenant,
  state: row.state,
  reason: row.reason,
  owner: row.owner,
  hasSecret: row.secrets !== null,
  revision: row.revision,
  startSequence: formatSequence(row.startSequence),
  cursor: row.cursor === null ? null : formatSequence(row.cursor),
  createdAt: new Date(row.createdAt).toISOString(),
  updatedAt: new Date(row.updatedAt).toISOString(),
})
