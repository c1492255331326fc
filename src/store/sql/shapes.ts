import type { AwaitedLink, ImportRow } from '../../registry/import-store.js'
import type {
  AttemptRow,
  AuditRow,
  EventRow,
  InboxRow,
  KeyRow,
  LinkRow,
  NewInboxRow,
  ProcessorSettingRow,
  ResourceRow,
  ResultRow,
  SliceRow,
  SubscriptionRow,
  TaskRow,
  TenantRow,
} from '../rows.js'
import { eventFrom, taskFrom } from './readers.js'
import { shape } from './shape.js'

export const EVENT = shape<EventRow>(
  'events',
  {
    tenant: 'tenant',
    sequence: 'sequence',
    source: 'source',
    id: 'id',
    type: 'type',
    subject: 'subject',
    partitionKey: 'partition_key',
    superOwner: 'super_owner',
    transactionId: 'transaction_id',
    parentId: 'parent_id',
    rootId: 'root_id',
    priority: 'priority',
    receivedAt: 'received_at',
    executeAt: 'execute_at',
    expiresAt: 'expires_at',
    state: 'state',
    processedOrder: 'processed_order',
    hash: 'hash',
    principal: 'principal',
    body: 'body',
    deed: 'deed',
    operation: 'operation',
  },
  { read: eventFrom },
)

export const TASK = shape<TaskRow>(
  'tasks',
  {
    tenant: 'tenant',
    sequence: 'sequence',
    subscription: 'subscription',
    groupKey: 'group_key',
    type: 'type',
    subject: 'subject',
    state: 'state',
    priority: ['priority', 'priority'],
    wakeAt: 'wake_at',
    expiresAt: 'expires_at',
    attempts: 'attempts',
    failures: 'failures',
    token: 'token',
    leasedBy: 'leased_by',
    leasedUntil: 'leased_until',
    createdAt: 'created_at',
    endedAt: 'ended_at',
    code: 'code',
    message: 'message',
    superOwner: 'super_owner',
    likeness: 'likeness',
    lockOwner: 'lock_owner',
    blockedBy: 'blocked_by',
    replayedAt: 'replayed_at',
  },
  { extra: ['rank'], read: taskFrom },
)

export const SLICE = shape<SliceRow>('slices', {
  tenant: 'tenant',
  sequence: 'sequence',
  number: 'number',
  partitionKey: 'partition_key',
  count: 'count',
  candidates: 'candidates',
})

export const ATTEMPT = shape<AttemptRow>(
  'attempts',
  {
    tenant: 'tenant',
    sequence: 'sequence',
    subscription: 'subscription',
    number: 'number',
    startedAt: 'started_at',
    endedAt: 'ended_at',
    outcome: 'outcome',
    code: 'code',
    message: 'message',
    response: 'response',
    node: 'node',
    request: 'request',
    timing: 'timing',
  },
  { replaces: true },
)

export const RESULT = shape<ResultRow>(
  'results',
  {
    tenant: 'tenant',
    sequence: 'sequence',
    processor: 'processor',
    number: 'number',
    kind: 'kind',
    order: 'position',
    state: 'state',
    verdict: 'verdict',
    code: 'code',
    message: 'message',
    cause: 'cause',
    startedAt: 'started_at',
    endedAt: 'ended_at',
  },
  { replaces: true },
)

export const SUBSCRIPTION = shape<SubscriptionRow>(
  'subscriptions',
  {
    tenant: 'tenant',
    id: 'id',
    name: 'name',
    state: 'state',
    reason: 'reason',
    spec: 'spec',
    secrets: 'secrets',
    owner: 'owner',
    revision: 'revision',
    startSequence: 'start_sequence',
    cursor: 'cursor',
    createdAt: 'created_at',
    updatedAt: 'updated_at',
  },
  { extra: ['pulled'], replaces: true },
)

export const RESOURCE = shape<ResourceRow>(
  'resources',
  {
    tenant: 'tenant',
    id: 'id',
    type: 'type',
    owner: 'owner',
    status: 'status',
    revision: 'revision',
    properties: 'properties',
    createdAt: 'created_at',
    updatedAt: 'updated_at',
    removedAt: 'removed_at',
  },
  { replaces: true },
)

export const LINK = shape<LinkRow>('links', {
  tenant: 'tenant',
  from: 'from_id',
  relation: 'relation',
  to: 'to_id',
  strong: ['strong', 'boolean'],
  fromSequence: 'from_sequence',
  untilSequence: 'until_sequence',
})

export const TENANT = shape<TenantRow>(
  'tenants',
  {
    id: 'id',
    name: 'name',
    openTypes: ['open_types', 'boolean'],
    weight: 'weight',
    eventsPerSecond: 'events_per_second',
    unfinishedTasks: 'unfinished_tasks',
    createdAt: 'created_at',
    disabledAt: 'disabled_at',
  },
  { replaces: true },
)

export const KEY = shape<KeyRow>(
  'keys',
  {
    id: 'id',
    tenant: 'tenant',
    hash: 'hash',
    name: 'name',
    roles: 'roles',
    scopes: 'scopes',
    resource: 'resource',
    createdAt: 'created_at',
    expiresAt: 'expires_at',
    revokedAt: 'revoked_at',
    kind: 'kind',
    sealed: 'sealed',
  },
  { replaces: true },
)

export const SETTING = shape<ProcessorSettingRow>(
  'processor_settings',
  {
    name: 'name',
    enabled: ['enabled', 'boolean'],
    order: 'position',
    types: 'types',
    options: 'options',
    updatedAt: 'updated_at',
    updatedBy: 'updated_by',
  },
  { replaces: true },
)

export const AUDIT = shape<AuditRow>('audit', {
  tenant: 'tenant',
  number: 'number',
  at: 'at',
  actor: 'actor',
  action: 'action',
  object: 'object',
  detail: 'detail',
})

const NEW_INBOX_FIELDS = {
  tenant: 'tenant',
  kind: 'kind',
  source: 'source',
  id: 'id',
  type: 'type',
  subject: 'subject',
  partitionKey: 'partition_key',
  principal: 'principal',
  receivedAt: 'received_at',
  content: 'content',
}

/** What a host's connection inserts. */
export const NEW_INBOX = shape<NewInboxRow>('inbox', NEW_INBOX_FIELDS)

export const INBOX = shape<InboxRow>('inbox', {
  number: 'number',
  ...NEW_INBOX_FIELDS,
  state: 'state',
  code: 'code',
  message: 'message',
  refusedAt: 'refused_at',
})

export const IMPORT = shape<ImportRow>(
  'imports',
  {
    tenant: 'tenant',
    id: 'id',
    state: 'state',
    dryRun: ['dry_run', 'boolean'],
    line: 'line',
    created: 'created',
    changed: 'changed',
    unchanged: 'unchanged',
    links: 'links',
    refused: 'refused',
    startedAt: 'started_at',
    updatedAt: 'updated_at',
  },
  { replaces: true },
)

export const AWAITED = shape<AwaitedLink & { readonly tenant: string; readonly import: string }>('import_links', {
  tenant: 'tenant',
  import: 'import',
  line: 'line',
  place: 'place',
  from: 'from_id',
  relation: 'relation',
  to: 'to_id',
  strong: ['strong', 'boolean'],
})
