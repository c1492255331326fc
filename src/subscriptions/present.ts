/**
 * A stored event as somebody may see it: CloudEvents JSON with its sequence.
 */
import { type AnyEvent, formatSequence } from '../event/envelope.js'
import { toWire, type WireEvent } from '../formats/cloudevents.js'
import { fromBody } from '../formats/read-cloudevents.js'
import type { EventRow } from '../store/rows.js'
import { shapeEvent } from './payload.js'
import { redact, type TypeLookup, withoutKept } from './redact.js'
import type { SubscriptionSpec } from './subscription.js'

export const eventOf = (row: EventRow): AnyEvent => ({
  ...fromBody(row.body),
  tenant: row.tenant,
  sequence: formatSequence(row.sequence),
})

/**
 * Who reads the log: all of it, without sensitive fields, or, what it published about a resource it does not see, also
 * without what the registry added of that.
 */
export type Reader = 'all' | 'redacted' | 'stranger'

export function present(row: EventRow, reader: Reader, types: TypeLookup): WireEvent {
  const event = reader === 'stranger' ? withoutKept(eventOf(row)) : eventOf(row)
  return toWire(redact(event, reader === 'all' ? 'none' : 'sensitive', types))
}

/** For who pulls: as the subscription wants it; null if its payload expression yields nothing for this event. */
export function presentFor(
  row: EventRow,
  spec: Pick<SubscriptionSpec, 'payload' | 'redaction' | 'sees'>,
  types: TypeLookup,
): WireEvent | null {
  const shaped = shapeEvent(eventOf(row), spec, types)
  return shaped.outcome === 'shaped' ? toWire(shaped.event) : null
}
