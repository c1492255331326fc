/**
 * A stored event as somebody may see it: CloudEvents JSON with its sequence.
 */
import { type AnyEvent, formatSequence } from '../event/envelope.js'
import { toWire, type WireEvent } from '../formats/cloudevents.js'
import { fromBody } from '../formats/read-cloudevents.js'
import type { EventRow } from '../store/rows.js'
import { shapeEvent } from './payload.js'
import { redact, type TypeLookup } from './redact.js'
import type { SubscriptionSpec } from './subscription.js'

export const eventOf = (row: EventRow): AnyEvent => ({
  ...fromBody(row.body),
  tenant: row.tenant,
  sequence: formatSequence(row.sequence),
})

/** For who reads the log. */
export const present = (row: EventRow, redacted: boolean, types: TypeLookup): WireEvent =>
  toWire(redact(eventOf(row), redacted ? 'sensitive' : 'none', types))

/** For who pulls: as the subscription wants it; null if its payload expression yields nothing for this event. */
export function presentFor(
  row: EventRow,
  spec: Pick<SubscriptionSpec, 'payload' | 'redaction' | 'sees'>,
  types: TypeLookup,
): WireEvent | null {
  const shaped = shapeEvent(eventOf(row), spec, types)
  return shaped.outcome === 'shaped' ? toWire(shaped.event) : null
}
