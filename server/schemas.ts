/**
 * The bodies that several operations share; OpenAPI lists them under components, and answers are written by them.
 */
import { Type } from 'typebox'
import { SubscriptionInput } from '../src/index.js'
import { CAPTURES } from './capture-schema.js'
import { BatchResultSchema, CloudEventSchema, ProcessorResultSchema, ReceiptSchema } from './event-schema.js'
import { OrNull } from './or-null.js'
import { ProblemSchema } from './problem.js'
import { PROCESSORS } from './processor-schema.js'
import { Free, maybe, named, page, Strings, Text, TextOrNull, Time, TimeOrNull, Whole } from './shapes.js'
import { RESULT, TASKS } from './task-schema.js'

// ---------------------------------------------------------------------------------------------- events

const EVENT = {
  event: Type.Ref('CloudEvent'),
  sequence: Type.String({ description: 'Its place in the log.' }),
  epoch: Type.String({ description: 'A sequence means nothing in another epoch.' }),
  state: Type.String({ description: '`admitted`, `closed`, `suspended` or `refused`.' }),
  receivedAt: Time,
  principal: OrNull(Type.String({ description: 'The key that published it, for who sees the whole tenant.' })),
}

const TREE = {
  ...EVENT,
  children: Type.Array(Type.Ref('EventTree'), { description: 'Events that came of it, oldest first.' }),
  truncated: maybe(Type.Boolean({ description: 'There is more than is shown.' })),
}

const EVENTS = [
  named('Event', EVENT),
  page('Event'),
  named('EventTree', TREE),
  named('Erased', {
    subject: Text,
    dryRun: Type.Boolean(),
    events: Whole,
    tasks: Type.Integer({ description: 'Deliveries that were not finished, and end.' }),
    attempts: Whole,
    results: Whole,
    inbox: Type.Integer({ description: 'Rows removed from the inbox.' }),
    resources: Whole,
  }),
  named('Timeline', { ...EVENT, results: Type.Array(RESULT), tasks: Type.Array(Type.Ref('TaskWithAttempts')) }),
]

const INBOX = {
  entry: Type.String({ description: 'Its name in the inbox, a number.' }),
  state: Type.String({ description: '`pending` or `refused`.' }),
  kind: Type.String({ description: '`judged` in the call that wrote it, or `received` by SQL and not judged yet.' }),
  source: Text,
  id: Text,
  type: Text,
  subject: TextOrNull,
  partitionKey: Text,
  principal: Text,
  receivedAt: Time,
  code: OrNull(Type.String({ description: 'Why it was refused: a code of ours, or of the judge.' })),
  message: TextOrNull,
  refusedAt: TimeOrNull,
}

/** What came by SQL may be no valid event. */
const AS_IT_CAME = Type.Object(
  {},
  { additionalProperties: true, description: 'CloudEvents JSON, as it was judged, or as it was received by SQL.' },
)

const INBOXES = [named('Inbox', INBOX), page('Inbox'), named('InboxEntry', { ...INBOX, event: AS_IT_CAME })]

// ---------------------------------------------------------------------------------------------- what events are about

/** Null: a processor keeps the change back. */
const ResourceOrNull = Type.Union([Type.Ref('Resource'), Type.Null()])

const TYPES_AND_RESOURCES = [
  named('EventType', {
    name: Text,
    title: Text,
    version: maybe(Text),
    category: Text,
    caseOf: maybe(Type.String({ description: 'The native type this is a case of.' })),
    schema: maybe(Type.Object({}, { additionalProperties: true, description: 'JSON Schema of `data`.' })),
    sensitive: maybe(Strings),
    classes: maybe(Type.Record(Type.String(), Strings, { description: 'Which of them are of which class.' })),
    defaults: maybe(Free),
    asynchronous: maybe(Type.Boolean({ description: 'False: it refuses asynchronous processors.' })),
    resourceType: maybe(Type.String({ description: 'What it is about when its subject is not in the registry.' })),
    state: maybe(Type.Array(Text, { description: 'Parts of `data` in which events may differ and still be alike.' })),
    documentation: maybe(Text),
  }),
  page('EventType'),
  named('ResourceType', {
    name: Text,
    title: maybe(Text),
    implements: maybe(Type.Array(Text, { description: 'Base types: who asks for one of them means this one too.' })),
    version: maybe(Text),
    schema: maybe(Type.Object({}, { additionalProperties: true, description: 'JSON Schema of `properties`.' })),
  }),
  page('ResourceType'),
  named('Link', { relation: Text, from: Text, to: Text, strong: Type.Boolean() }),
  page('Link'),
  named('Resource', {
    id: Text,
    type: Text,
    owner: TextOrNull,
    status: TextOrNull,
    revision: Whole,
    properties: Free,
    links: Type.Array(Type.Ref('Link'), { description: 'By their other ends; at most the first 1,000.' }),
    moreLinks: Type.Boolean({ description: 'There are further links.' }),
    createdAt: Time,
    updatedAt: Time,
    removedAt: TimeOrNull,
  }),
  page('Resource'),
  named('Import', {
    import: Type.String({ description: 'Its name.' }),
    state: Type.String({ description: '`open`: it may go on, or `done`.' }),
    dryRun: Type.Boolean({ description: 'Nothing was written but how far it is.' }),
    line: Type.Integer({ description: 'All lines up to this one are done.' }),
    created: Whole,
    changed: Whole,
    unchanged: Whole,
    links: Type.Integer({ description: 'Links begun.' }),
    refused: Type.Integer({ description: 'Lines, and links of lines, that were not taken.' }),
    problems: Type.Array(
      Type.Object({ line: Whole, code: Text, message: Text, field: TextOrNull, expected: TextOrNull }),
      { description: 'Of this body: the first 1,000.' },
    ),
    moreProblems: Type.Integer({ description: 'Of this body: further ones.' }),
  }),
  named('ResourceChanged', { resource: ResourceOrNull, receipts: Type.Array(Type.Ref('Receipt')) }),
]

// ---------------------------------------------------------------------------------------------- subscriptions

const SUBSCRIPTION = {
  id: Text,
  tenant: Text,
  name: Text,
  state: Type.String({ description: '`active`, `paused`, `disabled` or `catching-up`.' }),
  reason: OrNull(Type.String({ description: 'Why it is disabled, or was paused by Tocsin itself.' })),
  owner: Type.String({ description: 'The key that owns it.' }),
  types: Strings,
  source: maybe(Free),
  relation: maybe(Text),
  filters: Type.Array(Free),
  notSelf: Type.Boolean(),
  format: maybe(Text),
  payload: Type.Unknown({ description: '`full`, `thin`, or `{ cel }`.' }),
  redaction: Text,
  sees: maybe(Type.Array(Text, { description: 'Classes of sensitive fields that it sees all the same.' })),
  transport: Text,
  target: Type.Object({}, { additionalProperties: true, description: 'Without its secrets.' }),
  hasSecret: Type.Boolean(),
  retry: Type.Object({ attempts: Whole, firstDelay: Whole, maxDelay: Whole, delays: maybe(Type.Array(Whole)) }),
  disableAfter: maybe(Whole),
  record: maybe(Text),
  digest: maybe(Type.Object({ window: Whole, max: Whole }, { description: 'Events of a window in one message.' })),
  timeout: Whole,
  concurrency: Whole,
  rate: maybe(Type.Number()),
  delivery: Type.String({
    description: '`tasks`: a task for each event; `log`: it reads the log itself, in sequence.',
  }),
  order: Text,
  duplicates: Text,
  scope: Type.Unknown({ description: '`tenant`, or `{ resource }` in whose place it looks.' }),
  start: Type.Unknown({ description: '`now`, `earliest`, a time or a sequence.' }),
  startSequence: Text,
  cursor: OrNull(Type.String({ description: 'How far it has got, while it catches up or where it reads the log.' })),
  revision: Whole,
  createdAt: Time,
  updatedAt: Time,
}

const SIGNING_KEY = {
  secret: maybe(Type.String({ description: 'What events are signed with (v1); shown this once.' })),
  publicKey: maybe(
    Type.String({ description: 'What signatures by a key of ours (v1a) are checked with; shown this once.' }),
  ),
}

const DECISIONS = Type.Array(Type.Object({ step: Text, passed: Type.Boolean(), text: Text }))

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
    ...SIGNING_KEY,
  }),
  named('Secret', SIGNING_KEY),
  named('Explanation', {
    event: Text,
    subscription: Text,
    told: Type.Boolean(),
    decisions: DECISIONS,
  }),
  named('Preview', {
    items: Type.Array(
      Type.Object({
        event: Type.Ref('Event'),
        told: Type.Boolean(),
        decisions: DECISIONS,
      }),
    ),
  }),
  named('Count', { count: Whole }),
  named('PartCount', {
    count: Whole,
    next: Type.Optional(
      OrNull(
        Type.String({
          description:
            'With a `limit`: where the part that follows begins (its `cursor`; of a replay its `from`); null: that was all.',
        }),
      ),
    ),
  }),
]

const TYPE_CHANGES = Type.Array(
  Type.Object({
    name: Text,
    change: Type.String({ description: '`add`, `change` or `remove`.' }),
    before: OrNull(Free),
    after: OrNull(Free),
    breaks: OrNull(Type.String({ description: 'Where it is incompatible with what it was.' })),
    affects: Type.Array(Type.Object({ tenant: Text, id: Text, name: Text }), {
      description: 'Subscriptions that hear what changes incompatibly, or goes.',
    }),
  }),
)

const DEFINITIONS = [
  named('Definitions', {
    types: maybe(Type.Object({}, { additionalProperties: Free, description: 'Event types by name.' })),
    resourceTypes: maybe(Type.Object({}, { additionalProperties: Free, description: 'By name.' })),
    processors: maybe(Type.Object({}, { additionalProperties: Free, description: 'Settings by name.' })),
    subscriptions: maybe(Type.Object({}, { additionalProperties: Free, description: 'By id, without secrets.' })),
  }),
  named('DefinitionChanges', {
    types: TYPE_CHANGES,
    resourceTypes: TYPE_CHANGES,
    processors: Type.Array(Type.Object({ processor: Text, registered: Type.Boolean(), before: Free, after: Free })),
    subscriptions: Type.Array(Type.Object({ id: Text, change: Text, before: OrNull(Free), after: OrNull(Free) })),
  }),
]

// ---------------------------------------------------------------------------------------------- the instance

const KEY = {
  id: Type.String({ description: 'Of the kind `oauth1`: the consumer key; of `sigv4`: the access key id.' }),
  tenant: Text,
  kind: Type.String({ description: 'What it is shown by: `bearer`, `oauth1`, `sigv4` or `certificate`.' }),
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
  named('Config', { config: Free }),
  named('Node', {
    id: Text,
    state: Type.String({ description: '`ready`, `draining` or `lost`: not heard of for fifteen seconds.' }),
    version: Text,
    host: Text,
    pid: Whole,
    startedAt: Time,
    heardAt: Time,
    running: Type.Integer({ description: 'Attempts under way when it was heard of.' }),
    processors: Strings,
  }),
  named('Plugin', {
    name: OrNull(Type.String({ description: 'Null: it never said its name.' })),
    origin: Type.String({
      description: '`program`: in the box, or brought by the host; `configuration`: an entry of `plugins`.',
    }),
    entry: OrNull(Type.String({ description: 'Such as `plugins[0]`.' })),
    module: TextOrNull,
    state: Type.String({
      description: '`running`, `broken`; isolated, after a crash: `starting`, or `waiting` for the next start.',
    }),
    error: OrNull(
      Type.Object(
        { code: Text, message: Text },
        { description: 'Why it does not run, or why the one before could not be replaced and goes on.' },
      ),
    ),
    processors: Strings,
    isolated: OrNull(
      Type.Object(
        {
          pid: OrNull(Whole),
          restarts: Whole,
          lastError: OrNull(Type.String({ description: 'What ended its process last.' })),
        },
        { description: 'Null: it runs in the process of the server.' },
      ),
    ),
    loadedAt: TimeOrNull,
  }),
  named('Partition', {
    table: Type.String({ description: '`events`, `tasks` or `attempts`.' }),
    name: Text,
    from: TimeOrNull,
    until: TimeOrNull,
    rows: Type.Integer({ description: 'As PostgreSQL last counted.' }),
    bytes: Whole,
    droppedAt: TimeOrNull,
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
    digest: maybe(
      Type.Object(
        { format: maybe(Text) },
        { description: 'It can say several events in one message; with `format`, only as that writes them.' },
      ),
    ),
  }),
  named('Key', KEY),
  named('KeyCreated', {
    ...KEY,
    key: Type.Optional(Type.String({ description: 'Of a bearer: the text to call with; shown this once.' })),
    consumerSecret: Type.Optional(Type.String({ description: 'Of `oauth1`: what signs the calls; shown this once.' })),
    secretAccessKey: Type.Optional(Type.String({ description: 'Of `sigv4`: what signs the calls; shown this once.' })),
  }),
  named('Session', {
    id: Type.String({ description: 'Of the key.' }),
    name: Text,
    tenant: Text,
    roles: Strings,
    scopes: Type.Array(Text, { description: 'All it may, by its roles and what they were narrowed to.' }),
    resource: OrNull(Type.String({ description: 'The one resource it speaks for.' })),
    wholeTenant: Type.Boolean({ description: 'It sees every event of its tenant.' }),
    allTenants: Type.Boolean({ description: 'It may act on every tenant (`Tocsin-Tenant`).' }),
    until: OrNull(Type.String({ description: 'When the session ends; null: a key was shown.' })),
  }),
  named('Tenant', {
    id: Text,
    name: Text,
    openTypes: Type.Boolean({ description: 'Accepts event types that are not in the catalogue.' }),
    weight: Type.Integer({ description: 'Its share of the workers, beside other tenants that have something due.' }),
    eventsPerSecond: OrNull(
      Type.Integer({ description: 'What it may publish, on all nodes together; null: no limit.' }),
    ),
    unfinishedTasks: OrNull(Type.Integer({ description: 'With so many it may publish nothing; null: no limit.' })),
    disabled: Type.Boolean({ description: 'None of its keys is accepted.' }),
    createdAt: Time,
    disabledAt: TimeOrNull,
  }),
  ...['Key', 'Tenant', 'Audit', 'Transport', 'Node', 'Plugin', 'Partition'].map(page),
  named('ProblemType', { type: Text, code: Text, title: Text, status: Whole }),
]

export const SCHEMAS = [
  ProblemSchema,
  CloudEventSchema,
  ProcessorResultSchema,
  ReceiptSchema,
  BatchResultSchema,
  ...EVENTS,
  ...INBOXES,
  ...TASKS,
  ...TYPES_AND_RESOURCES,
  ...SUBSCRIPTIONS,
  ...PROCESSORS,
  ...DEFINITIONS,
  ...CAPTURES,
  ...INSTANCE,
]
