/**
 * Events and receipts as they look on the wire.
 */
import { Type } from 'typebox'
import { OrNull } from './or-null.js'

const Text = Type.String()
const TextOrNull = OrNull(Text)

/** For readers: what is let in is decided by the intake. */
export const CloudEventSchema = Type.Object(
  {
    specversion: Type.Literal('1.0'),
    id: Type.String({ description: 'With `source` the idempotency key.' }),
    source: Type.String({ format: 'uri-reference', description: 'The system in which the change happened.' }),
    type: Type.String({ description: 'As `GET /v1/types` lists them.' }),
    subject: Type.Optional(Type.String({ description: 'The id of the resource it is about.' })),
    time: Type.Optional(Type.String({ format: 'date-time', description: 'When the change happened.' })),
    datacontenttype: Type.Optional(Text),
    dataschema: Type.Optional(Text),
    partitionkey: Type.Optional(Type.String({ description: 'What must stay in order; default: the subject.' })),
    superowner: Type.Optional(Text),
    actor: Type.Optional(Type.String({ description: 'Who did it.' })),
    outcome: Type.Optional(Type.Enum(['success', 'failure'])),
    phase: Type.Optional(Type.Enum(['pre', 'post'])),
    transactionid: Type.Optional(Text),
    parentid: Type.Optional(Text),
    rootid: Type.Optional(Text),
    parenttype: Type.Optional(Text),
    priority: Type.Optional(Type.Enum(['immediate', 'high', 'normal'])),
    executeat: Type.Optional(Type.String({ format: 'date-time', description: 'Nobody is told before.' })),
    expirytime: Type.Optional(
      Type.String({ format: 'date-time', description: 'Whoever was not told by then is not told.' }),
    ),
    tags: Type.Optional(Type.String({ description: 'Comma-separated.' })),
    skipnotify: Type.Optional(Type.Boolean({ description: 'Its asynchronous processors do not run.' })),
    skipnotification: Type.Optional(Type.Boolean({ description: 'Nobody is told that they are queued, or failed.' })),
    sequence: Type.Optional(Type.String({ description: 'Given at admission.' })),
    traceparent: Type.Optional(Text),
    tracestate: Type.Optional(Text),
    tenant: Type.Optional(Type.String({ description: 'Stamped from the key; another value is refused.' })),
    data: Type.Optional(Type.Unknown({ description: 'As the schema of the type says.' })),
  },
  {
    $id: 'CloudEvent',
    additionalProperties: true,
    description: 'CloudEvents 1.0.2 in JSON, with Tocsin’s extensions. Further extensions are kept.',
  },
)

export const ProcessorResultSchema = Type.Object(
  {
    processor: Text,
    kind: Text,
    order: Type.Integer(),
    state: Text,
    verdict: TextOrNull,
    code: TextOrNull,
    message: TextOrNull,
  },
  { $id: 'ProcessorResult' },
)

export const ReceiptSchema = Type.Object(
  {
    id: Text,
    source: Text,
    type: Text,
    tenant: Text,
    state: Type.String({ description: '`admitted`, `closed`, `suspended`, `refused` or `pending`.' }),
    duplicate: Type.Boolean({ description: 'The same event was already there; nothing was done again.' }),
    sequence: OrNull(Type.String({ description: 'Its place in the log; null while pending.' })),
    transactionId: TextOrNull,
    tasks: Type.Integer({ description: 'Subscriptions that will be told.' }),
    results: Type.Array(Type.Ref('ProcessorResult')),
    queued: Type.Array(Text, { description: 'Processors that run, or run again, after this answer.' }),
  },
  { $id: 'Receipt' },
)

export const BatchResultSchema = Type.Object(
  {
    results: Type.Array(
      Type.Object({
        status: Type.Integer({ description: 'As if it had been published alone.' }),
        receipt: Type.Optional(Type.Ref('Receipt')),
        problem: Type.Optional(Type.Ref('Problem')),
      }),
      { description: 'One a published event, in order.' },
    ),
  },
  { $id: 'BatchResult' },
)

const one = Type.Ref('CloudEvent')
const many = Type.Array(one)

export const PUBLISH_BODY = {
  content: {
    'application/cloudevents+json': { schema: one },
    'application/cloudevents-batch+json': { schema: many },
    'application/json': {
      schema: Type.Unknown({ description: 'An event, an array of events, or the data of a binary-mode event.' }),
    },
    'application/x-ndjson': { schema: Type.Unknown({ description: 'One event a line.' }) },
  },
}
