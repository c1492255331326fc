/**
 * The bodies that several operations share; OpenAPI lists them under components, and answers are written by them.
 */
import { type TProperties, type TSchema, Type } from 'typebox'
import { SubscriptionInput } from '../src/index.js'
import { BatchResultSchema, CloudEventSchema, ProcessorResultSchema, ReceiptSchema } from './event-schema.js'
import { OrNull } from './or-null.js'
import { ProblemSchema } from './problem.js'

const Text = Type.String()
const TextOrNull = OrNull(Text)
const Time = Type.String({ format: 'date-time' })
const TimeOrNull = OrNull(Time)
const Whole = Type.Integer()
const Free = Type.Object({}, { additionalProperties: true })
const Strings = Type.Array(Text)
const maybe = <S extends TSchema>(schema: S) => Type.Optional(schema)

const named = <P extends TProperties>($id: string, properties: P) => Type.Object(properties, { $id })
const page = (item: string) => named(`${item}Page`, { items: Type.Array(Type.Ref(item)), next: TextOrNull })

// ---------------------------------------------------------------------------------------------- events

const EVENT = {
  event: Type.Ref('CloudEvent'),
  sequence: Type.String({ description: 'Its place in the log.' }),
  epoch: Type.String({ description: 'A sequence means nothing in another epoch.' }),
  state: Type.String({ description: '`admitted`, `closed`, `suspended` or `refused`.' }),
  receivedAt: Time,
  principal: OrNull(Type.String({ description: 'The key that published it, for who sees the whole tenant.' })),
}

const RESULT = Type.Object({
  processor: Text,
  kind: Text,
  order: Whole,
  state: Text,
  verdict: TextOrNull,
  code: TextOrNull,
  message: TextOrNull,
  startedAt: Time,
  endedAt: TimeOrNull,
})

const ATTEMPT = {
  number: Whole,
  outcome: Type.String({ description: '`delivered`, `retry`, `release` or `refused`.' }),
  code: OrNull(Type.String({ description: 'HTTP status or error code.' })),
  message: TextOrNull,
  response: OrNull(Type.String({ description: 'What came back, at most 64 KiB.' })),
  startedAt: Time,
  endedAt: Time,
  milliseconds: Whole,
  node: Text,
}

const TASK = {
  id: Type.String({ description: '`<sequence>.<subscription>`' }),
  sequence: Text,
  subscription: Text,
  type: Text,
  subject: TextOrNull,
  state: Text,
  priority: Text,
  attempts: Whole,
  failures: Type.Integer({ description: 'Attempts that count towards exhaustion.' }),
  wakeAt: OrNull(Type.String({ format: 'date-time', description: 'When it is tried next.' })),
  expiresAt: TimeOrNull,
  leasedBy: TextOrNull,
  leasedUntil: TimeOrNull,
  createdAt: Time,
  endedAt: TimeOrNull,
  code: TextOrNull,
  message: TextOrNull,
}

const WITH_HISTORY = { ...TASK, history: Type.Array(Type.Ref('Attempt')) }

const EVENTS = [
  named('Event', EVENT),
  page('Event'),
  named('Attempt', ATTEMPT),
  named('Task', TASK),
  page('Task'),
  named('TaskWithAttempts', WITH_HISTORY),
  named('Timeline', { ...EVENT, results: Type.Array(RESULT), tasks: Type.Array(Type.Ref('TaskWithAttempts')) }),
  named('Leases', {
    leases: Type.Array(
      Type.Object({
        lease: Type.String({ description: 'Settle or release it by this.' }),
        leasedUntil: Time,
        task: Type.Ref('Task'),
        event: Type.Ref('CloudEvent'),
      }),
    ),
  }),
  named('Settled', { settled: Strings, lost: Strings }),
  named('Released', { released: Strings, lost: Strings }),
]

// ---------------------------------------------------------------------------------------------- what events are about

/** Null: a processor keeps the change back. */
const ResourceOrNull = Type.Union([Type.Ref('Resource'), Type.Null()])

const TYPES_AND_RESOURCES = [
  named('EventType', {
    name: Text,
    title: Text,
    category: Text,
    caseOf: maybe(Type.String({ description: 'The native type this is a case of.' })),
    schema: maybe(Type.Object({}, { additionalProperties: true, description: 'JSON Schema of `data`.' })),
    sensitive: maybe(Strings),
    defaults: maybe(Free),
    asynchronous: maybe(Type.Boolean()),
    documentation: maybe(Text),
  }),
  page('EventType'),
  named('Resource', {
    id: Text,
    type: Text,
    owner: TextOrNull,
    status: TextOrNull,
    revision: Whole,
    properties: Free,
    links: Type.Array(Type.Object({ relation: Text, from: Text, to: Text, strong: Type.Boolean() })),
    createdAt: Time,
    updatedAt: Time,
    removedAt: TimeOrNull,
  }),
  page('Resource'),
  named('ResourceChanged', { resource: ResourceOrNull, receipts: Type.Array(Type.Ref('Receipt')) }),
]

// ---------------------------------------------------------------------------------------------- subscriptions

const SUBSCRIPTION = {
  id: Text,
  tenant: Text,
  name: Text,
  state: Type.String({ description: '`active`, `paused`, `disabled` or `catching-up`.' }),
  reason: OrNull(Type.String({ description: 'Why it is disabled.' })),
  owner: Type.String({ description: 'The key that owns it.' }),
  types: Strings,
  source: maybe(Free),
  relation: maybe(Text),
  filters: Type.Array(Free),
  notSelf: Type.Boolean(),
  format: maybe(Text),
  payload: Type.Unknown({ description: '`full`, `thin`, or `{ cel }`.' }),
  redaction: Text,
  transport: Text,
  target: Type.Object({}, { additionalProperties: true, description: 'Without its secrets.' }),
  hasSecret: Type.Boolean(),
  retry: Type.Object({ attempts: Whole, firstDelay: Whole, maxDelay: Whole }),
  timeout: Whole,
  concurrency: Whole,
  rate: maybe(Type.Number()),
  order: Text,
  scope: Type.Unknown({ description: '`tenant`, or `{ resource }` in whose place it looks.' }),
  start: Type.Unknown({ description: '`now`, `earliest`, a time or a sequence.' }),
  startSequence: Text,
  cursor: TextOrNull,
  revision: Whole,
  createdAt: Time,
  updatedAt: Time,
}

const SUBSCRIPTIONS = [
  { ...SubscriptionInput, $id: 'SubscriptionInput' },
  Type.Object(
    {},
    {
      $id: 'SubscriptionPatch',
      additionalProperties: true,
      description: 'Members of SubscriptionInput; null removes one.',
    },
  ),
  named('Subscription', SUBSCRIPTION),
  page('Subscription'),
  named('SubscriptionCreated', {
    ...SUBSCRIPTION,
    secret: maybe(Type.String({ description: 'What events are signed with; shown this once.' })),
  }),
  named('Secret', { secret: Text }),
  named('Explanation', {
    event: Text,
    subscription: Text,
    told: Type.Boolean(),
    decisions: Type.Array(Type.Object({ step: Text, passed: Type.Boolean(), text: Text })),
  }),
  named('Count', { count: Whole }),
]

// ---------------------------------------------------------------------------------------------- the instance

const KEY = {
  id: Text,
  tenant: Text,
  name: Text,
  roles: Strings,
  scopes: Strings,
  resource: OrNull(Type.String({ description: 'The one resource it speaks for.' })),
  createdAt: Time,
  expiresAt: TimeOrNull,
  revokedAt: TimeOrNull,
}

const INSTANCE = [
  named('Audit', { number: Whole, at: Time, actor: Text, action: Text, object: Text, detail: Free }),
  named('Health', {
    status: Type.String({ description: '`ok` or `unavailable`.' }),
    node: Text,
    version: Text,
    store: Type.Object(
      { name: Text, durable: Type.Boolean() },
      { additionalProperties: true, description: 'With its epoch and details when it answers.' },
    ),
    running: Type.Integer({ description: 'Attempts under way in this process.' }),
  }),
  named('Transport', {
    name: Text,
    title: Text,
    promise: Type.String({ description: 'What it can promise.' }),
    target: Type.Object(
      {},
      { additionalProperties: true, description: 'JSON Schema of a target; `writeOnly` marks a secret.' },
    ),
    defaultFormat: Text,
  }),
  named('Processor', {
    name: Text,
    kind: Type.String({ description: '`judge`, `witness` or `asynchronous`.' }),
    description: TextOrNull,
    enabled: Type.Boolean(),
    disableable: Type.Boolean(),
    order: Whole,
    types: Type.Array(Text, { description: 'Empty: every type.' }),
    options: Free,
    deadline: Type.Integer({ description: 'Milliseconds.' }),
    onError: Type.String({ description: '`reject` or `continue`.' }),
  }),
  named('Key', KEY),
  named('KeyCreated', { ...KEY, key: Type.String({ description: 'The text to call with; shown this once.' }) }),
  named('Tenant', {
    id: Text,
    name: Text,
    openTypes: Type.Boolean({ description: 'Accepts event types that are not in the catalogue.' }),
    disabled: Type.Boolean({ description: 'None of its keys is accepted.' }),
    createdAt: Time,
    disabledAt: TimeOrNull,
  }),
  ...['Processor', 'Key', 'Tenant', 'Audit', 'Transport'].map(page),
  named('ProblemType', { type: Text, code: Text, title: Text, status: Whole }),
]

export const SCHEMAS = [
  ProblemSchema,
  CloudEventSchema,
  ProcessorResultSchema,
  ReceiptSchema,
  BatchResultSchema,
  ...EVENTS,
  ...TYPES_AND_RESOURCES,
  ...SUBSCRIPTIONS,
  ...INSTANCE,
]
