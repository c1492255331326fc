/**
 * Writing CloudEvents 1.0.2 in JSON (formats/json-format.md): an event as an object, as stored text, as a message.
 * Reading them is `read-cloudevents.ts`.
 */
import type { AnyEvent } from '../event/envelope.js'
import type { Format } from './format.js'

/** A CloudEvent as JSON has it: lower-case attributes, `data` or `data_base64` last. */
export type WireEvent = Readonly<Record<string, unknown>>

export const STRUCTURED = 'application/cloudevents+json'
export const BATCH = 'application/cloudevents-batch+json'

/** The event as an object: `specversion`, the attributes in the order of ATTRIBUTES, the extensions, the data. */
export const toWire = (event: AnyEvent): WireEvent =>
  Object.fromEntries(Object.entries(wireOf(event, event.sequence)).filter(([, value]) => value !== undefined))

/** Structured JSON. */
export const toJson = (event: AnyEvent): string => JSON.stringify(wireOf(event, event.sequence))

/** Stored text: structured JSON without the sequence, which is only known when it is stored. */
export const toBody = (event: AnyEvent): string => JSON.stringify(wireOf(event, undefined))

/** Written out rather than looped over ATTRIBUTES: so it costs next to nothing beside `JSON.stringify`, which drops what is undefined. */
const wireOf = (event: AnyEvent, sequence: string | undefined): WireEvent => ({
  specversion: '1.0',
  sequence,
  id: event.id,
  source: event.source,
  type: event.type,
  subject: event.subject,
  time: event.time,
  datacontenttype: event.dataContentType,
  dataschema: event.dataSchema,
  partitionkey: event.partitionKey,
  superowner: event.superOwner,
  actor: event.actor,
  outcome: event.outcome,
  phase: event.phase,
  transactionid: event.transactionId,
  parentid: event.parentId,
  rootid: event.rootId,
  parenttype: event.parentType,
  priority: event.priority,
  executeat: event.executeAt,
  expirytime: event.expiryTime,
  tags: event.tags?.join(','),
  skipnotify: event.skipNotify,
  skipnotification: event.skipNotification,
  traceparent: event.traceParent,
  tracestate: event.traceState,
  tenant: event.tenant,
  ...event.extensions,
  data: event.data instanceof Uint8Array ? undefined : event.data,
  data_base64: event.data instanceof Uint8Array ? base64(event.data) : undefined,
})

export const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')

const HEAD = '{"specversion":"1.0"'

/**
 * Stored text with its place in the log, without reading it.
 * @param sequence as `formatSequence` writes it.
 * @throws TypeError if the text is not from `toBody`.
 */
export function withSequence(body: string, sequence: string, epoch?: string): string {
  if (!body.startsWith(HEAD)) throw new TypeError('The text is not a stored event.')
  const place =
    epoch === undefined ? `,"sequence":"${sequence}"` : `,"sequence":"${sequence}","epoch":${JSON.stringify(epoch)}`
  return HEAD + place + body.slice(HEAD.length)
}

/** Structured mode: the whole event is the body. */
export const cloudeventsFormat: Format = {
  name: 'cloudevents',
  title: 'CloudEvents JSON',
  encode: (event) => ({ headers: { 'content-type': STRUCTURED }, body: toJson(event) }),
}

/** Batched mode, for receivers that asked for it: a batch of one. */
export const cloudeventsBatchFormat: Format = {
  name: 'cloudevents-batch',
  title: 'CloudEvents JSON, batched',
  encode: (event) => ({ headers: { 'content-type': BATCH }, body: `[${toJson(event)}]` }),
}
