/**
 * A format writes an event the way a receiver reads it. Profiles add their system's own.
 */
import type { AnyEvent } from '../event/envelope.js'

export interface WireMessage {
  /** Lower-case header names, `content-type` among them. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Format {
  /** As named in a subscription: `cloudevents`, `cloudevents-binary`, `cloudevents-batch`, `data`. */
  readonly name: string
  readonly title: string
  /** What a subscription in this format must say beside it. @throws InvalidInput with the field */
  check?(subscription: { readonly filters: readonly unknown[]; readonly payload: unknown }): void
  encode(event: AnyEvent): WireMessage
}
