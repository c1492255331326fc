/**
 * An event as filters and payload expressions read it: attributes by their wire names, and data.
 * Worked out when first read, once for all subscriptions that look at the event.
 */
import { type AnyEvent, ATTRIBUTES, type ExtensionValue } from '../event/envelope.js'

export type WireAttributes = Readonly<Record<string, ExtensionValue>>

export interface WireView {
  /** As on a wire: `transactionid`, `tags` as a comma-separated text. Without `sequence`: filters run before it is given. */
  readonly attributes: WireAttributes
  /** Null when the event has none. */
  readonly data: unknown
  /** Characters of attributes and data as JSON. */
  readonly size: number
}

/** The names a filter may use for what Tocsin itself knows; extensions come on top. */
export const WIRE_NAMES: readonly string[] = [
  'specversion',
  ...ATTRIBUTES.map(([, wire]) => wire).filter((wire) => wire !== 'sequence'),
]

export const viewOf = (event: AnyEvent): WireView => new LazyView(event)

class LazyView implements WireView {
  readonly #event: AnyEvent
  #attributes: WireAttributes | undefined
  #size: number | undefined

  constructor(event: AnyEvent) {
    this.#event = event
  }

  get attributes(): WireAttributes {
    this.#attributes ??= wireAttributes(this.#event)
    return this.#attributes
  }

  get data(): unknown {
    return this.#event.data ?? null
  }

  get size(): number {
    this.#size ??= JSON.stringify(this.attributes).length + JSON.stringify(this.data).length
    return this.#size
  }
}

function wireAttributes(event: AnyEvent): WireAttributes {
  const attributes: Record<string, ExtensionValue> = { specversion: '1.0', ...event.extensions }
  for (const [name, wire] of ATTRIBUTES) {
    const value = event[name]
    if (value === undefined || wire === 'sequence') continue
    attributes[wire] = typeof value === 'object' ? value.join(',') : value
  }
  return attributes
}
