/**
 * What an admission is answered where the keys of its events are taken. Pure, and the same for every store.
 */
import type { AdmissionResult, AdmittedEvent } from './port.js'
import type { EventRow } from './rows.js'

/** A known key refuses the whole. */
export interface KeyTaken {
  readonly status: 'mismatch'
  readonly event: EventRow
}

/** Only the first event's hash can make an admission a duplicate. */
export function duplicateOr(taken: KeyTaken, events: readonly AdmittedEvent[]): AdmissionResult {
  const first = events[0]?.event
  const { event } = taken
  const isFirst = event.id === first?.id && event.source === first.source && event.sequence > 0
  return isFirst && event.hash === first.hash ? { status: 'duplicate', event } : taken
}

/** An earlier event of the same admission with the same key; it has no sequence yet. */
export function twinBefore(events: readonly AdmittedEvent[], index: number): EventRow | undefined {
  if (index === 0) return undefined
  const event = events[index]?.event
  const twin = events
    .slice(0, index)
    .find((other) => other.event.id === event?.id && other.event.source === event.source)
  return twin === undefined ? undefined : { ...twin.event, sequence: 0, operation: 0 }
}

/** When, and by whom, the graph is changed: as the first of the events says. */
export const momentOf = ([first]: readonly AdmittedEvent[]): { readonly at: number; readonly actor: string } => ({
  at: first?.event.receivedAt ?? 0,
  actor: first?.event.principal ?? '',
})
