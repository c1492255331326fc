/**
 * The event: CloudEvents 1.0 context attributes and Tocsin's extensions, in the library's camelCase.
 * On a wire they are lower case (`partitionKey` is `partitionkey`); `formats/cloudevents.ts` translates.
 */
import type { EventType, TypedData } from './types.js'

export type Outcome = 'success' | 'failure'
export type Phase = 'pre' | 'post'
export type Priority = 'immediate' | 'high' | 'normal'

/** A CloudEvents extension value (spec 1.0.2, section 3.1: no arrays, integers are 32-bit). */
export type ExtensionValue = string | number | boolean

/** The attributes an event may carry besides `type` and `data`. */
export interface EventAttributes {
  /** With `source` and the tenant the idempotency key. */
  id: string
  /** URI reference of the system in which the change happened. */
  source: string
  /** The resource the event is about: its id. */
  subject?: string
  /** RFC 3339; when the change happened. */
  time?: string
  dataContentType?: string
  /** The version of the type's schema. */
  dataSchema?: string
  /** What must stay in order; the subject if absent. */
  partitionKey?: string
  /** A second resource that serialises local work, such as the identity of an identity's role. */
  superOwner?: string
  /** Who did it. */
  actor?: string
  outcome?: Outcome
  /** `pre`: announced just before the deed; `post`: after it. */
  phase?: Phase
  transactionId?: string
  parentId?: string
  rootId?: string
  parentType?: string
  priority?: Priority
  /** RFC 3339; tasks are not due before. */
  executeAt?: string
  /** RFC 3339; an undelivered task past it ends `not-executed`. */
  expiryTime?: string
  tags?: readonly string[]
  /** True: its asynchronous processors are not queued. */
  skipNotify?: boolean
  /** True: nobody is told that it was queued for processing, or that this failed. */
  skipNotification?: boolean
  /** Zero-padded decimal, given at admission. */
  sequence?: string
  /** W3C trace context. */
  traceParent?: string
  traceState?: string
  /** Stamped from the key. */
  tenant?: string
  /** Any other CloudEvents extension, by its lower-case name. */
  extensions?: Readonly<Record<string, ExtensionValue>>
}

/** An event as processors and senders see it. A `switch` on `type` narrows `data`. */
export type TocsinEvent<T extends EventType = EventType> = T extends EventType
  ? Readonly<EventAttributes> & { readonly type: T; readonly data: TypedData<T> }
  : never

/** An event of any type, with `data` not narrowed: what crosses the inside of Tocsin. */
export interface AnyEvent extends Readonly<EventAttributes> {
  readonly type: string
  readonly data?: unknown
}

/** What a publisher hands in: id, time and the rest are filled when absent. */
export type EventInput = Partial<EventAttributes> & { type: string; source?: string; data?: unknown }

/**
 * How an attribute is written on a wire, in the order in which we write them. The sequence comes first, as it is put
 * into stored text whose rest is not read.
 */
export const ATTRIBUTES = [
  ['sequence', 'sequence', 'string'],
  ['id', 'id', 'string'],
  ['source', 'source', 'uri-reference'],
  ['type', 'type', 'string'],
  ['subject', 'subject', 'string'],
  ['time', 'time', 'timestamp'],
  ['dataContentType', 'datacontenttype', 'string'],
  ['dataSchema', 'dataschema', 'uri'],
  ['partitionKey', 'partitionkey', 'string'],
  ['superOwner', 'superowner', 'string'],
  ['actor', 'actor', 'string'],
  ['outcome', 'outcome', 'string'],
  ['phase', 'phase', 'string'],
  ['transactionId', 'transactionid', 'string'],
  ['parentId', 'parentid', 'string'],
  ['rootId', 'rootid', 'string'],
  ['parentType', 'parenttype', 'string'],
  ['priority', 'priority', 'string'],
  ['executeAt', 'executeat', 'timestamp'],
  ['expiryTime', 'expirytime', 'timestamp'],
  ['tags', 'tags', 'list'],
  ['skipNotify', 'skipnotify', 'boolean'],
  ['skipNotification', 'skipnotification', 'boolean'],
  ['traceParent', 'traceparent', 'string'],
  ['traceState', 'tracestate', 'string'],
  ['tenant', 'tenant', 'string'],
] as const satisfies readonly (readonly [keyof EventAttributes | 'type', string, string])[]

/** What must stay in order: the partition key, by default the subject, by default the event alone. */
export const partitionKeyOf = (event: AnyEvent): string => event.partitionKey ?? event.subject ?? event.id

/** Zero-padded so that text order is number order (20 digits hold 2^64). */
export const formatSequence = (sequence: number): string => String(sequence).padStart(20, '0')
