/**
 * The id a receiver recognises a repeat by.
 */
import { hash } from 'node:crypto'
import type { EventRow } from '../store/rows.js'

/**
 * `msg_` and 22 characters: the same for every attempt, for a replay and after a restore, another for each subscription.
 * A digest rather than the sequence, since a restored store gives the same sequences to other events; with the time of
 * receipt, since a publisher may use an id again once the first is no longer kept. It tells nothing of tenant or content.
 */
export function messageIdOf(
  event: Pick<EventRow, 'tenant' | 'source' | 'id' | 'receivedAt'>,
  subscription: string,
): string {
  const named = JSON.stringify([event.tenant, subscription, event.source, event.id, event.receivedAt])
  return `msg_${hash('sha256', named, 'base64url').slice(0, 22)}`
}
