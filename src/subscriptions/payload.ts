/**
 * The data a subscriber gets: all of it, none but ids, or what a CEL expression yields. Looks at the redacted event.
 */
import { messageOf } from '../errors.js'
import type { AnyEvent } from '../event/envelope.js'
import type { JsonObject } from '../json-object.js'
import { compileCel } from './cel.js'
import { PayloadProblem, toJsonObject } from './cel-json.js'
import { redact, type TypeLookup } from './redact.js'
import type { SubscriptionSpec } from './subscription.js'
import { viewOf } from './wire-view.js'

/** `refused`: this event can never be written for this subscription; its task ends so. */
export type Shaped =
  | { readonly outcome: 'shaped'; readonly event: AnyEvent }
  | { readonly outcome: 'refused'; readonly code: 'payload_failed' | 'payload_invalid'; readonly message: string }

/** The event as this subscription is sent it. Other data than the type's schema describes drops `dataSchema`. */
export function shapeEvent(
  event: AnyEvent,
  spec: Pick<SubscriptionSpec, 'payload' | 'redaction' | 'sees'>,
  types: TypeLookup,
): Shaped {
  const seen = redact(event, spec.redaction, types, spec.sees)
  if (spec.payload === 'full') return { outcome: 'shaped', event: seen }
  if (spec.payload === 'thin') return { outcome: 'shaped', event: withData(seen, idsOf(seen)) }
  return yielded(seen, spec.payload.cel)
}

/** What the receiver needs to ask for the rest. */
const idsOf = ({ id, source, type, subject }: AnyEvent): JsonObject => ({
  id,
  source,
  type,
  ...(subject !== undefined && { subject }),
})

function withData(event: AnyEvent, data: JsonObject): AnyEvent {
  const { dataSchema: _, ...attributes } = event
  return { ...attributes, data }
}

function yielded(event: AnyEvent, expression: string): Shaped {
  try {
    const value = compileCel(expression, 'payload', 'payload.cel').run(viewOf(event))
    return { outcome: 'shaped', event: withData(event, toJsonObject(value)) }
  } catch (error) {
    const code = error instanceof PayloadProblem ? 'payload_invalid' : 'payload_failed'
    return { outcome: 'refused', code, message: `The payload expression gave no data: ${messageOf(error)}.` }
  }
}
