/**
 * From a stored event to the message a subscription is sent: redacted, shaped, in its format.
 */
import { messageOf } from '../errors.js'
import { type AnyEvent, formatSequence } from '../event/envelope.js'
import { STRUCTURED, withSequence } from '../formats/cloudevents.js'
import type { Format, WireMessage } from '../formats/format.js'
import { fromBody } from '../formats/read-cloudevents.js'
import type { EventRow } from '../store/rows.js'
import { shapeEvent } from '../subscriptions/payload.js'
import type { TypeLookup } from '../subscriptions/redact.js'
import type { SubscriptionSpec } from '../subscriptions/subscription.js'
import type { SendOutcome } from './transport.js'

export interface Composed extends WireMessage {
  /** As the subscription may see it. */
  readonly event: AnyEvent
}

type Refused = Extract<SendOutcome, { outcome: 'refused' }>

/** `refused`: this event can never be written for this subscription. @throws what a stored body that cannot be read throws. */
export function compose(row: EventRow, spec: SubscriptionSpec, format: Format, types: TypeLookup): Composed | Refused {
  if (isAsStored(spec, format)) return asStored(row)
  const shaped = shapeEvent(eventOf(row), spec, types)
  if (shaped.outcome === 'refused') return shaped
  try {
    return { event: shaped.event, ...format.encode(shaped.event) }
  } catch (error) {
    const message = `The event cannot be written as ${format.name}: ${messageOf(error)}`
    return { outcome: 'refused', code: 'format_failed', message }
  }
}

const isAsStored = ({ payload, redaction }: SubscriptionSpec, { name }: Format): boolean =>
  name === 'cloudevents' && payload === 'full' && redaction === 'none'

/** The stored text is already what goes out: parsing and writing it again is the greatest cost of a delivery. */
function asStored(row: EventRow): Composed {
  let event: AnyEvent | undefined
  return {
    headers: { 'content-type': STRUCTURED },
    body: withSequence(row.body, formatSequence(row.sequence)),
    get event() {
      event ??= eventOf(row)
      return event
    },
  }
}

const eventOf = ({ body, tenant, sequence }: EventRow): AnyEvent => ({
  ...fromBody(body),
  tenant,
  sequence: formatSequence(sequence),
})
