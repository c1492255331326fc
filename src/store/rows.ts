/**
 * The rows: what is kept, in words every store shares. All times are milliseconds since 1970 UTC.
 * `tenant` comes first in every key. A sequence is a number per tenant that rises in commit order.
 */
import type { Priority } from '../event/envelope.js'

/**
 * `addressed`: a message to subscriptions that its sender named, or none. Like an admitted event it has tasks; nobody else
 * hears of it.
 */
export type EventState = 'admitted' | 'addressed' | 'closed' | 'suspended' | 'refused'

export interface EventRow {
  tenant: string
  sequence: number
  source: string
  id: string
  type: string
  subject: string | null
  partitionKey: string
  superOwner: string | null
  transactionId: string | null
  parentId: string | null
  rootId: string | null
  priority: Priority
  /** When Tocsin received it. */
  receivedAt: number
  executeAt: number | null
  expiresAt: number | null
  state: EventState
  /** The order of the last processor that ran; where a suspended event resumes. */
  processedOrder: number | null
  /** SHA-256 of the event as received, base64url. */
  hash: string
  /** The principal that published it. */
  principal: string
  /** The judged event as CloudEvents JSON, without `sequence`. */
  body: string
  /** JSON of a change still to be applied when it was suspended before step 0; opaque to the store. */
  deed: string | null
  /**
   * The sequence at which its operation changed the graph: the first of an admission with several events.
   * The graph before the operation is the one at `operation - 1`.
   */
  operation: number
}

/** What is about to become an EventRow: the store gives the sequences. */
export type NewEvent = Omit<EventRow, 'sequence' | 'operation'>

export type TaskState =
  | 'due' // may be leased now
  | 'waiting' // behind its group's head, or until `wakeAt`
  | 'leased'
  | 'done'
  | 'refused' // the receiver said never
  | 'exhausted' // every attempt failed
  | 'not-executed' // its subscription or content is gone, or it expired
  | 'held' // its subscription is paused
  | 'cancelled' // by a named actor, or superseded

export const FINISHED_STATES = ['done', 'refused', 'exhausted', 'not-executed', 'cancelled'] as const
export const UNFINISHED_STATES = ['due', 'waiting', 'leased', 'held'] as const
export type FinishedState = (typeof FINISHED_STATES)[number]

/** One event on its way to one subscription. Its id is `<sequence>.<subscription>`. */
export interface TaskRow {
  tenant: string
  sequence: number
  subscription: string
  /** The partition key when the subscription keeps order; null under order `none`. */
  groupKey: string | null
  /** Copied so that lists need no join. */
  type: string
  subject: string | null
  /** Copied from the event. */
  superOwner: string | null
  state: TaskState
  priority: Priority
  /** Earliest next attempt; null when due now or waiting for the group. */
  wakeAt: number | null
  expiresAt: number | null
  attempts: number
  /** Attempts that count towards exhaustion (a `release` does not). */
  failures: number
  /** Fencing token: rises with each lease of this task. */
  token: number
  leasedBy: string | null
  leasedUntil: number | null
  createdAt: number
  endedAt: number | null
  /** The last outcome in short: an error code or HTTP status, and its text. */
  code: string | null
  message: string | null
  /** Tasks of one subscription with the same text are alike, and only the newest is worked on; null: never alike. */
  likeness: string | null
  /**
   * In whose name it holds its subject and its super owner while it is leased: its own, `<sequence>.<subscription>`, or
   * that of the task it runs under. Null: it locks nothing.
   */
  lockOwner: string | null
  /** The resource whose lock it waits for; it stays the head of its group. Null: it waits for no lock. */
  blockedBy: string | null
  /** When the event was last told again by a replay; its attempts say nothing of the receiver's health. */
  replayedAt: number | null
}

export interface AttemptRow {
  tenant: string
  sequence: number
  subscription: string
  number: number
  startedAt: number
  endedAt: number
  outcome: 'delivered' | 'retry' | 'release' | 'refused'
  /** HTTP status or error code. */
  code: string | null
  message: string | null
  /** At most 64 KiB of what came back, for people; of a delivered one that is not recorded whole, 1 KiB. */
  response: string | null
  node: string
  /** JSON of `SentRequest`; null of what was delivered, unless the subscription records all. */
  request: string | null
  /** JSON of `Phases`; null like the request. */
  timing: string | null
}

/** What was sent, as people may see it: secrets are masked. The body can be made again from the event; its digest proves which it was. */
export interface SentRequest {
  /** `POST`; absent where a protocol has none. */
  readonly method?: string
  /** A URL without what its query says, `host:port`, a path. */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  /** Of the body. */
  readonly bytes?: number
  /** SHA-256 of the body, base64url. */
  readonly digest?: string
}

/**
 * Milliseconds an attempt spent, in order: waiting for a connection of others, looking the name up, connecting, the TLS handshake,
 * sending and waiting for the first byte of the answer, receiving it. A transport that cannot tell these apart says `send`.
 */
export type Phase = 'queue' | 'lookup' | 'connect' | 'tls' | 'wait' | 'receive' | 'send'
export type Phases = Readonly<Partial<Record<Phase, number>>>

/** Subscriptions that are still to be told of an event, in one transaction. */
export interface SliceRow {
  tenant: string
  sequence: number
  /** They are told in this order, from 0 on. */
  number: number
  /** Of the event. */
  partitionKey: string
  /** How many they are. */
  count: number
  /** JSON of the tasks they will get (store/slice-rules.ts). */
  candidates: string
}

export type SubscriptionState = 'active' | 'paused' | 'disabled' | 'catching-up'

/** `spec` is the subscription as its owner wrote it (subscriptions/subscription.ts), secrets sealed apart. */
export interface SubscriptionRow {
  tenant: string
  id: string
  name: string
  state: SubscriptionState
  /** Why it is disabled, in words; null otherwise. */
  reason: string | null
  /** JSON of the spec, without secrets. */
  spec: string
  /** Sealed JSON of the secrets by path, or null. */
  secrets: string | null
  /** The principal that owns it. */
  owner: string
  revision: number
  /** It hears events after this sequence. */
  startSequence: number
  /** While catching up: the last sequence turned into tasks. Of one that reads the log itself: the last it was told. */
  cursor: number | null
  createdAt: number
  updatedAt: number
}

export interface ResourceRow {
  tenant: string
  id: string
  type: string
  owner: string | null
  status: string | null
  revision: number
  /** JSON object. */
  properties: string
  createdAt: number
  updatedAt: number
  /** Set when removed; the row stays as its last graph. */
  removedAt: number | null
}

export interface LinkRow {
  tenant: string
  from: string
  relation: string
  to: string
  strong: boolean
  /** Holds from this sequence ... */
  fromSequence: number
  /** ... until before this one; null while it holds. */
  untilSequence: number | null
}

export interface TenantRow {
  id: string
  name: string
  /** Accepts event types that are not in the catalogue. */
  openTypes: boolean
  /** Of the workers, beside other tenants. */
  weight: number
  /** Null: no limit. */
  eventsPerSecond: number | null
  unfinishedTasks: number | null
  createdAt: number
  disabledAt: number | null
}

export interface KeyRow {
  /** Public part of the key text. */
  id: string
  tenant: string
  kind: 'bearer' | 'oauth1' | 'sigv4' | 'certificate'
  /** SHA-256, base64url: of a bearer's secret part, of a certificate; empty where calls are signed. */
  hash: string
  /** Sealed: the secret that signs calls; else null. */
  sealed: string | null
  name: string
  /** JSON array of roles. */
  roles: string
  /** JSON array of scopes; empty = all that the roles allow. */
  scopes: string
  /** The one resource this principal speaks for, or null. */
  resource: string | null
  createdAt: number
  expiresAt: number | null
  revokedAt: number | null
}

/** What a processor answered on an event: a row for each of its results. Key: (tenant, sequence, processor, number). */
export interface ResultRow {
  tenant: string
  sequence: number
  processor: string
  /** 0 for the first of its results. */
  number: number
  kind: 'judge' | 'witness' | 'asynchronous'
  order: number
  state: 'running' | 'executed' | 'exception' | 'not-executed' | 'blocked' | 'cancelled'
  verdict: string | null
  code: string | null
  message: string | null
  /** What caused an exception, without stacks and secrets; at most 4 KiB. */
  cause: string | null
  startedAt: number
  endedAt: number | null
}

/** What an operator changed about a processor; absent fields keep the code's own value. */
export interface ProcessorSettingRow {
  name: string
  enabled: boolean | null
  order: number | null
  /** JSON array of event types, or null. */
  types: string | null
  /** JSON object, or null. */
  options: string | null
  updatedAt: number
  updatedBy: string
}

export interface AuditRow {
  tenant: string
  /** Given by the store. */
  number: number
  at: number
  actor: string
  action: string
  object: string
  /** JSON, never a secret. */
  detail: string
}

/** What a host wrote inside a transaction of its own: an event to be, once that is committed. */
export interface InboxRow {
  /** Given by the store; rises in the order of writing. */
  number: number
  tenant: string
  state: 'pending' | 'refused'
  /** `judged`: it was let in and judged in the call; `received`: it came by SQL, and nobody has looked at it yet. */
  kind: 'judged' | 'received'
  source: string
  id: string
  type: string
  subject: string | null
  partitionKey: string
  /** Who published it. */
  principal: string
  receivedAt: number
  /** JSON: of what was judged all that admission needs (tasks/inbox/content.ts), else the event as a CloudEvent. */
  content: string
  /** Why it was refused. */
  code: string | null
  message: string | null
  refusedAt: number | null
}

export type NewInboxRow = Omit<InboxRow, 'number' | 'state' | 'code' | 'message' | 'refusedAt'>

/** A process that works on the store. */
export interface NodeRow {
  id: string
  version: string
  host: string
  pid: number
  startedAt: number
  /** When it was heard of last. */
  beatAt: number
  /** Attempts under way. */
  running: number
  state: 'ready' | 'draining'
  /** Names of the processors it has registered: JSON array, sorted. */
  processors: string
}
