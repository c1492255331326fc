/**
 * The store port: what `memory/`, `sqlite/`, `postgres/` implement, file by file alike.
 * `conformance.ts` is the executable half of this contract.
 *
 * - Every method that writes is one transaction, durable before its promise resolves.
 * - What is logically refused comes back as a result; a rejected promise is `Unavailable` (nothing was written).
 * - Times are milliseconds and are given by the caller: a store reads no clock and draws no random number.
 * - Text holds no U+0000: neither SQLite's `node:sqlite` nor PostgreSQL can give it back. Intake refuses it.
 * - Lists are keyset pages: rows after `after`, at most `limit` (1 to 1,001: a page, and one row to know of the next).
 */
import type { SpentNonce } from '../access/signed-calls.js'
import type { CapturedRowStore } from '../intake/capture/captured-rows.js'
import type { GraphChange, GraphFacts } from '../registry/graph.js'
import type { ImportStore } from '../registry/import-store.js'
import type { LinkEnds, LinkPlace } from '../registry/link-place.js'
import type { Ended } from './ending-rules.js'
import type { Erased } from './erase-rules.js'
import type { MailClaim, MailClaimed, MailKey } from './mail-rules.js'
import type {
  AttemptRow,
  AuditRow,
  EventRow,
  EventState,
  FinishedState,
  InboxRow,
  KeyRow,
  LinkRow,
  NewEvent,
  NewInboxRow,
  ProcessorSettingRow,
  ResourceRow,
  ResultRow,
  SubscriptionRow,
  SubscriptionState,
  TaskRow,
  TaskState,
  TenantRow,
} from './rows.js'

export interface Store {
  readonly features: StoreFeatures
  readonly log: LogStore
  readonly tasks: TaskStore
  readonly slices: SliceStore
  readonly subscriptions: SubscriptionStore
  readonly registry: RegistryStore
  readonly imports: ImportStore
  readonly access: AccessStore
  readonly processors: ProcessorStore
  readonly settings: SettingStore
  readonly audit: AuditStore
  readonly mail: MailStore
  readonly capturedRows: CapturedRowStore
  /** Absent where nothing lies in partitions. */
  readonly partitions?: PartitionStore
  /** Absent where there are no transactions that a host could bring. */
  readonly inbox?: InboxStore & Joinable

  /** Writes each admission whole or not at all, in the order given, all in one commit. */
  admit(admissions: readonly Admission[], lease: LeaseGrant | null): Promise<readonly AdmissionResult[]>

  /** A suspended event goes on: its row gets a new sequence, its change and its tasks are written. */
  release(release: Release, lease: LeaseGrant | null): Promise<AdmissionResult>

  /**
   * Blanks what is told of a subject, at once: events, attempts, results, its resource. Ids and hashes stay. Unfinished tasks
   * end `not-executed`, suspended events `refused`. With `dryRun` it only counts.
   */
  erase(tenant: string, subject: string, at: number, dryRun: boolean): Promise<Erased>
  /** Leaves nothing of what was erased in the file; absent where there is no file of ours. Writing waits meanwhile. */
  compact?(): Promise<void>
  /** What is laid down about the instance and its subscriptions, all at once or not at all. */
  configure(changes: Configuration): Promise<ConfigureResult>

  /** Answers when the store can read and write; rejects with `Unavailable` otherwise. */
  ping(): Promise<StoreInfo>
  /** A consistent copy in a new file, while writing goes on. */
  backup(path: string): Promise<void>
  /** Removes at most `limit` events older than `before` that no unfinished task needs, with all that hangs on them; answers how many. */
  prune(before: number, limit: number): Promise<number>
  /**
   * Removes at most `limit` tasks that ended before `before`, with their attempts and, of local ones, the results of their
   * processors; the events stay. Failed ones (`refused`, `exhausted`) are kept like their event. Answers how many.
   */
  pruneTasks(before: number, limit: number): Promise<number>
  close(): Promise<void>
}

export interface Configuration {
  settings: readonly { name: string; value: string; at: number; by: string }[]
  processors: readonly ProcessorSettingRow[]
  subscriptions: {
    /** As by `SubscriptionStore.create`. */
    create: readonly SubscriptionRow[]
    /** As by `SubscriptionStore.update`. */
    update: readonly SubscriptionRow[]
    /** As by `SubscriptionStore.remove`, if it is still at this revision. */
    remove: readonly { tenant: string; id: string; revision: number; now: number }[]
  }
}

/** The first subscription that is not as it was thought to be; then nothing was written. */
export type ConfigureResult = { status: 'done' } | { status: 'conflict'; subscription: string }

export interface StoreFeatures {
  readonly name: 'memory' | 'sqlite' | 'postgres'
  /** What was acknowledged survives a crash. */
  readonly durable: boolean
  /** Several nodes may use it at once. */
  readonly shared: boolean
}

export interface StoreInfo {
  /** Changes with each restore from a backup; a sequence means nothing across epochs. */
  epoch: string
  schemaVersion: number
  details: Readonly<Record<string, string | number | boolean>>
}

// ---------------------------------------------------------------------------------------------- admission

/** One subscription that wants the event; whether it may see it is decided inside the commit. */
export interface Candidate {
  subscription: string
  order: 'strict' | 'latest' | 'none'
  priority: TaskRow['priority']
  /** Not before. */
  wakeAt: number | null
  expiresAt: number | null
  /** `tenant`: sees everything; else the resource in whose place it looks. */
  scope: 'tenant' | { resource: string }
  /** Handed to the caller already leased if it becomes due by this very commit (needs a `LeaseGrant`). */
  lease: boolean
  /**
   * Only the newest of those with the same text is worked on: an older one that is neither leased nor finished nor has
   * child events ends `cancelled`, code `duplicate`, and the newer takes the better of both priorities at its own place.
   * A task whose own date (`wakeAt`) has not come takes no part until then. Null: duplicates are kept.
   */
  likeness: string | null
  /**
   * Local lanes only: while it is leased it holds {subject, super owner}, and no other task that locks one of them is
   * leased meanwhile.
   */
  locks: boolean
  /** The `lockOwner` of a leased task that awaits this one: what is locked in that name does not stop it. */
  under: string | null
  /** Of `TaskStore.turn` alone: when a replay asked for it. */
  replayedAt?: number
}

export interface AdmittedEvent {
  event: NewEvent
  candidates: readonly Candidate[]
  results: readonly Omit<ResultRow, 'tenant' | 'sequence'>[]
}

/** One operation: usually one event; a registry change may bring several, and its deed. */
export interface Admission {
  tenant: string
  events: readonly AdmittedEvent[]
  change: GraphChange | null
  /** The tenant's subscription version the candidates were computed with; null skips the test (no candidates but local ones). */
  subscriptionVersion: number | null
  /** The pending row of the inbox that this is: it goes with the same commit, and without it the answer is `gone`. */
  inbox?: number
  /** If more subscriptions than this see its events, in all, they are told in slices of so many. Absent: however many, at once. */
  atOnce?: number
}

export interface Release extends Omit<Admission, 'events' | 'inbox'> {
  /** The present sequence of the suspended row. */
  sequence: number
  event: AdmittedEvent
  /** Further events of the operation, new in this commit and after it in sequence. */
  others: readonly AdmittedEvent[]
}

export type AdmissionResult =
  | { status: 'admitted'; events: readonly AdmittedReceipt[]; ended?: Ended }
  /** The first event's key is known, with the same hash. */
  | { status: 'duplicate'; event: EventRow }
  /** The first event's key is known, with another hash. */
  | { status: 'mismatch'; event: EventRow }
  /** An expected revision was not the present one. */
  | { status: 'conflict'; resource: string; revision: number | null }
  /** The subscriptions changed meanwhile: match again. */
  | { status: 'stale'; version: number }
  /** What is released is not suspended (any more), or what comes from the inbox is not pending there. */
  | { status: 'gone' }

export interface AdmittedReceipt {
  sequence: number
  /** Subscriptions that got a task, or will get one by a slice. */
  tasks: readonly string[]
  /** How many of them will get it by a slice. */
  untold: number
  /** Candidates that may not see it. */
  hidden: readonly string[]
  /** Those of the tasks that were born leased. */
  leased: readonly LeasedTask[]
}

/**
 * An event that very many see is told in slices, so that nobody waits for all of it: its admission keeps, beside the event,
 * who is still to be told, a row for each slice; each is told, and its row removed, in a transaction of its own. So a crash
 * loses nothing and repeats nothing, and whoever tells the next, on whatever node, goes on where the last stood.
 *
 * - Who sees it was decided by the admission, on the graph before and after its own change; who was hidden stays hidden.
 * - The order of each group is kept: an event of the same partition key that is admitted meanwhile is told by slices too,
 *   after those that were there first. The hub's own lanes (`local.*`) are always told in the admission.
 * - A task told by a slice is as one of the admission would be now: beside its likes, behind its group's head, held if its
 *   subscription was paused meanwhile. If that was removed, it is written as ended, `not-executed`, as removal would have
 *   left it; one that has it already, by a replay, keeps it; who catches up with the log is told by its own cursor.
 * - Erasing what an event tells takes what is still to be told of it; retention leaves such an event alone.
 */
export interface SliceStore {
  /**
   * Tells the first slices of the next tenant after `after` in turn: one, or more if they are small, of `limit` subscriptions
   * in all. Null if there are none.
   */
  tell(request: { after: string | null; limit: number; now: number }): Promise<Told | null>
  /** How many subscriptions are still to be told, each as often as there are events; of the tenant, or of all. */
  left(tenant: string | null): Promise<number>
}

export interface Told {
  tenant: string
  /** Tasks that came of it, finished ones too. */
  tasks: number
  /** Those of them that a worker may begin sooner or later: their subscriptions are not pulled. */
  called: number
}

export interface LeaseGrant {
  node: string
  now: number
  until: number
}

// ---------------------------------------------------------------------------------------------- the log

export interface EventFilter {
  tenant: string
  types?: readonly string[]
  subject?: string
  source?: string
  states?: readonly EventState[]
  transactionId?: string
  parentId?: string
  rootId?: string
  /** Received in [from, till). */
  from?: number
  till?: number
}

export interface LogStore {
  /** By sequence. */
  get(tenant: string, sequence: number): Promise<EventRow | null>
  /** By the publisher's id; several if several sources used it. */
  find(tenant: string, id: string, source?: string): Promise<readonly EventRow[]>
  /** `newest` first unless `order` is `oldest`; `after` is a sequence in that direction. */
  list(
    filter: EventFilter,
    page: { after: number | null; limit: number; order?: 'newest' | 'oldest' },
  ): Promise<readonly EventRow[]>
  /** The log as consumers read it, oldest first: admitted events only (not addressed, closed, suspended or refused). */
  read(tenant: string, after: number, limit: number): Promise<readonly EventRow[]>
  /** The highest sequence given so far (0 when none). */
  head(tenant: string): Promise<number>
  /** By order, then processor, then number. */
  results(tenant: string, sequence: number): Promise<readonly ResultRow[]>
  /**
   * These rows take the place of all earlier ones of each (tenant, sequence, processor) that they name.
   * @param lease only while it is held: what is shown of a task must not be shown when it has ended, or is gone.
   */
  putResults(results: readonly ResultRow[], lease?: TaskKey & { token: number }): Promise<void>
  /** A suspended event ends without being admitted. */
  refuse(tenant: string, sequence: number, results: readonly ResultRow[]): Promise<boolean>
  /** Suspended again at another order. */
  suspend(tenant: string, sequence: number, event: NewEvent, results: readonly ResultRow[]): Promise<boolean>
  /** Its events, and their tasks by state. */
  transaction(tenant: string, transactionId: string): Promise<TransactionCounts>
  /** The events that name this id as their parent, oldest first; at most `limit`. */
  children(tenant: string, id: string, limit: number): Promise<readonly EventRow[]>
}

export interface TransactionCounts {
  events: number
  /** Of subscriptions. */
  tasks: TaskCounts
  /** Of the hub's own lanes (`local.*`): not in `tasks`. */
  local: TaskCounts
}

export type TaskCounts = Readonly<Partial<Record<TaskState, number>>>

// ---------------------------------------------------------------------------------------------- tasks

export interface TaskKey {
  tenant: string
  sequence: number
  subscription: string
}

export interface LeasedTask {
  task: TaskRow
  event: EventRow
  /** Local tasks only, else false: what the event is about was a resource that has been removed since. */
  gone: boolean
}

/** All tasks of one subscription: what shares limits and a breaker. */
export interface Lane {
  tenant: string
  subscription: string
}

export interface LeaseRequest extends LeaseGrant {
  /** At most this many in all. */
  limit: number
  /** At most this many of one lane, unless `lanes` says otherwise. */
  perLane: number
  /**
   * At most this many of one group: its head, and a run of those behind it in sequence. Nobody else of the group is leased
   * until the whole run has ended or is given back; what is given back waits for that, whenever it was to be due again, and
   * goes before those behind it; only the last to be given back keeps its time, if it is the first of its group.
   * Default 1. Not in local lanes.
   */
  perGroup?: number
  /**
   * How many more a lane may have; 0 passes it over. With `probe` it is one, and that which has failed least of the first
   * `PROBE_WINDOW`, whatever its place: what fails for its own sake tells nothing of a receiver. With `perGroup`, in any
   * lane, what room is left once every head is leased is for runs behind them, none longer than that with its head; who holds
   * a lock in a run does not keep those behind from it.
   */
  lanes: readonly (Lane & { free: number; perGroup?: number; probe?: boolean })[]
  /** Only this lane (pull consumers, digests), whatever its transport; else every active lane that is not `isPulled`. */
  only: Lane | null
  /** Subscriptions that are passed over, whatever the tenant (`local.processors` while processing is stopped). */
  closed: readonly string[]
}

export interface LeaseAnswer {
  leased: readonly LeasedTask[]
  /** When the earliest sleeping task or lease wants attention; null if none. */
  nextWakeAt: number | null
}

/** What `tasks/settle.ts` decided. */
export interface Settlement extends TaskKey {
  /** Of the lease this settles; a stale one loses. */
  token: number
  now: number
  next:
    | { state: FinishedState; code: string | null; message: string | null }
    | { state: 'due' | 'waiting'; wakeAt: number | null; failed: boolean; code: string | null; message: string | null }
  attempt: Omit<AttemptRow, keyof TaskKey | 'number'> | null
  /** Written in the same commit, as by `putResults`, unless the settlement is lost. */
  results: readonly ResultRow[]
  /** Hand over the group's next task already leased. */
  leaseNext: boolean
}

export interface SettleResult {
  status: 'settled' | 'lost'
  leased: readonly LeasedTask[]
}

export interface TaskFilter {
  tenant: string
  subscription?: string
  sequence?: number
  states?: readonly TaskState[]
  types?: readonly string[]
  subject?: string
  /** Resource types of the subject as the registry knows it, removed resources too. */
  subjectTypes?: readonly string[]
  superOwner?: string
  transactionId?: string
  parentId?: string
  rootId?: string
  priorities?: readonly TaskRow['priority'][]
  codes?: readonly string[]
  /** Created in [createdFrom, createdTill). */
  createdFrom?: number
  createdTill?: number
  /** Waits until a time in [wakeFrom, wakeTill). */
  wakeFrom?: number
  wakeTill?: number
  /** The partition key of the event, whether its subscription keeps order or not. */
  partitionKey?: string
  /** Part of the event's id, source, type or subject; a letter from A to Z is the same in either case. */
  text?: string
  /** Only the hub's own lanes (`local.*`), or none of them. */
  local?: boolean
  /** Only those that `retry` can bring back: of subscriptions that are there, and of the hub's own lanes. */
  subscribed?: true
}

export interface TaskStore {
  /**
   * Wakes what is due, rescues expired leases (a failure each), then leases: of tenants in turn, by their weights, and of
   * their lanes in turn; heads of groups only (but `perGroup`), HIGH before NORMAL by 70/30. A task that cannot have its locks waits for them (`blockedBy`) and others go on; whatever ends a lease frees its
   * locks, and the first that waits for one, by priority, then sequence, comes forward.
   */
  lease(request: LeaseRequest): Promise<LeaseAnswer>
  settle(settlements: readonly Settlement[], lease: LeaseGrant | null): Promise<readonly SettleResult[]>
  /** Prolongs leases still held; answers the keys that are lost. */
  heartbeat(keys: readonly (TaskKey & { token: number })[], until: number): Promise<readonly TaskKey[]>
  /** Every lease but those of pull consumers (`pull:…`) ends at once, as failures without an attempt: the file has a new owner. Answers how many. */
  takeOver(now: number): Promise<number>
  get(key: TaskKey): Promise<TaskRow | null>
  /** By (sequence, subscription), `newest` first unless `order` is `oldest`; `after` is a place in that direction. */
  list(
    filter: TaskFilter,
    page: { after: { sequence: number; subscription: string } | null; limit: number; order?: 'newest' | 'oldest' },
  ): Promise<readonly TaskRow[]>
  attempts(key: TaskKey): Promise<readonly AttemptRow[]>
  /** Tasks of the tenant (or of all, or of one subscription) by state; finished ones too. */
  counts(tenant: string | null, subscription?: string): Promise<TaskCounts>
  /** Tasks that the filter names, by state. */
  countsBy(filter: TaskFilter): Promise<TaskCounts>
  /** Ends an unfinished task; its lease, if any, is lost. False if it was finished. */
  cancel(key: TaskKey, now: number, code: string, message: string): Promise<boolean>
  /** Changes the priority of a task that is neither leased nor finished, and with it the rank of its group; else false. */
  reprioritise(key: TaskKey, priority: TaskRow['priority']): Promise<boolean>
  /**
   * Deletes queue entries, and those of all their descendants (events by parent) in the same subscription, with their
   * attempts and, of `local.processors`, the results of asynchronous processors. Events and other subscriptions' tasks stay.
   * A lease among them is lost. Answers how many tasks went, and which of them were leased.
   */
  remove(keys: readonly TaskKey[]): Promise<{ removed: number; aborted: readonly TaskKey[] }>
  /**
   * A finished or sleeping task becomes due now with fresh failures, in its group's order. False if it is leased, due or
   * waiting for its group already, or if it or its subscription is gone; `turn` makes tasks, as it asks for visibility.
   */
  retry(key: TaskKey, now: number): Promise<boolean>
  /**
   * Turns a page of the log into tasks (replay, catching up): for each event a task, or the finished one again if `again`.
   * Existing unfinished tasks stay. Moves the subscription's cursor to `cursor` in the same commit if given.
   * Answers how many tasks; null if the cursor was not at `from`: then nothing was written.
   */
  turn(
    lane: Lane,
    entries: readonly { event: EventRow; candidate: Candidate }[],
    options: TurnOptions,
  ): Promise<number | null>
}

export interface TurnOptions {
  now: number
  again: boolean
  cursor: number | null
  /** With `cursor`: where it must stand now, so that no two turn the same page; null: wherever it is. */
  from: number | null
  /** With `cursor`: the last page was read; if the log ends at `cursor`, the subscription becomes active in this commit. */
  last: boolean
}

// ---------------------------------------------------------------------------------------------- the inbox

/** Transactions of hosts on the same database. */
export interface Joinable {
  /**
   * @param transaction the host's handle, with a transaction open.
   * @throws TypeError for anything else, saying what is taken
   */
  join(transaction: unknown): Promise<HostTransaction>
}

export interface HostTransaction {
  /**
   * Writes a row through the host's handle, which stands and falls with its transaction.
   * @throws TypeError if that has ended meanwhile; Unavailable when it cannot be written
   */
  append(row: NewInboxRow): Promise<void>
}

/** What hosts wrote inside their transactions, once these are committed, and until it is an event. */
export interface InboxStore {
  /** Those of all tenants in the order of their numbers, after one of them. */
  pending(after: number, limit: number): Promise<readonly InboxRow[]>
  get(tenant: string, number: number): Promise<InboxRow | null>
  /** Oldest first. */
  list(
    filter: { tenant: string; states?: readonly InboxRow['state'][] },
    page: { after: number | null; limit: number },
  ): Promise<readonly InboxRow[]>
  /** Of the tenant, or of all. */
  counts(tenant: string | null): Promise<InboxCounts>
  /** False if it is not pending (any more). */
  refuse(tenant: string, number: number, reason: { code: string; message: string; at: number }): Promise<boolean>
  /** Refused: it is pending again. False if it is not refused. */
  retry(tenant: string, number: number): Promise<boolean>
  /** False if it is gone already. */
  remove(tenant: string, number: number): Promise<boolean>
  /** Removes at most `limit` rows that were refused before `before`; answers how many. */
  prune(before: number, limit: number): Promise<number>
}

export interface InboxCounts {
  pending: number
  refused: number
  /** When the oldest pending row was received; null without one. */
  oldest: number | null
}

// ---------------------------------------------------------------------------------------------- partitions

export type PartitionedTable = 'events' | 'tasks' | 'attempts'

/** Rows of one table, of some time. */
export interface Partition {
  table: PartitionedTable
  name: string
  /** From this moment on, and before that one; null: no bound on that side. Of tasks: when they ended. */
  from: number | null
  until: number | null
  /** It is of one period, and goes as a whole. */
  period: boolean
  /** Estimated when it was last looked through; 0 before. */
  rows: number
  bytes: number
}

export interface PartitionStore {
  /** By table, in order of time. */
  list(): Promise<readonly Partition[]>
  /** Makes the partitions of `width` milliseconds that will be needed from `now` on; answers how many. */
  prepare(now: number, width: number): Promise<number>
  /** Drops those of events received before `before` as a whole, but for what is still needed; answers how many. `prune` takes the rest. */
  dropEvents(before: number): Promise<number>
  /** The same for tasks that ended before `before`, and attempts. */
  dropTasks(before: number): Promise<number>
}

// ---------------------------------------------------------------------------------------------- the rest

export interface SubscriptionStore {
  /** The tenant's version and all its subscriptions; the version rises with every change. */
  load(tenant: string): Promise<{ version: number; rows: readonly SubscriptionRow[] }>
  get(tenant: string, id: string): Promise<SubscriptionRow | null>
  list(
    tenant: string,
    page: { after: string | null; limit: number; owner?: string },
  ): Promise<readonly SubscriptionRow[]>
  /** False if the id exists. `startSequence` -1 means: from now on (the present head). */
  create(row: SubscriptionRow): Promise<boolean>
  /** Replaces it if its revision is still `row.revision - 1`. */
  update(row: SubscriptionRow): Promise<boolean>
  setState(tenant: string, id: string, state: SubscriptionState, reason: string | null, now: number): Promise<boolean>
  /** Unfinished tasks end `not-executed`. */
  remove(tenant: string, id: string, now: number): Promise<boolean>
}

export interface RegistryStore {
  get(tenant: string, id: string): Promise<ResourceRow | null>
  list(
    filter: { tenant: string; types?: readonly string[]; owner?: string },
    page: { after: string | null; limit: number },
  ): Promise<readonly ResourceRow[]>
  /** Links from and to the resource that hold at `at` (null: now). */
  links(tenant: string, id: string, at: number | null): Promise<readonly LinkRow[]>
  /** Those that hold now, page by page, in the order of their places. */
  linkPage(
    filter: { tenant: string; id: string; relation?: string },
    page: { after: LinkPlace | null; limit: number },
  ): Promise<readonly LinkRow[]>
  /** The link, if it holds now. */
  link(tenant: string, ends: LinkEnds): Promise<LinkRow | null>
  /** What visibility needs to know, at a sequence or now (null). */
  facts(tenant: string, subscriber: string, resource: string, at: number | null): Promise<GraphFacts>
  /** The resource, not removed, whose `properties.code` is this text, or a number written so; of any type if it is null, then the first by id. */
  byCode(tenant: string, type: string | null, code: string): Promise<ResourceRow | null>
}

export interface AccessStore {
  getKey(id: string): Promise<KeyRow | null>
  listKeys(tenant: string, page: { after: string | null; limit: number }): Promise<readonly KeyRow[]>
  putKey(row: KeyRow): Promise<void>
  revokeKey(tenant: string, id: string, now: number): Promise<boolean>
  /** False if that consumer spent the nonce at that time before. What is older than `oldest` is forgotten. */
  spendNonce(nonce: SpentNonce, oldest: number): Promise<boolean>
  getTenant(id: string): Promise<TenantRow | null>
  listTenants(page: { after: string | null; limit: number }): Promise<readonly TenantRow[]>
  /** Creates or replaces. */
  putTenant(row: TenantRow): Promise<void>
}

export interface ProcessorStore {
  settings(): Promise<readonly ProcessorSettingRow[]>
  put(row: ProcessorSettingRow): Promise<void>
}

/** Switches of the whole instance: JSON text by name. */
/** Who was mailed of which event, whatever subscription named them. */
export interface MailStore {
  claim(key: MailKey, claim: MailClaim): Promise<MailClaimed>
  /** The claim of that message ends: it was mailed, or it was not and is anybody's again. */
  settle(key: MailKey, message: string, told: boolean, now: number): Promise<void>
  /** Forgets at most `limit` of what was said before `before`; answers how many. */
  prune(before: number, limit: number): Promise<number>
}

export interface SettingStore {
  get(name: string): Promise<string | null>
  /** Creates or replaces; when and who is kept with it. */
  put(name: string, value: string, at: number, by: string): Promise<void>
}

export interface AuditStore {
  append(row: Omit<AuditRow, 'number'>): Promise<void>
  /** Newest first; `after` is a number in that direction. */
  list(tenant: string, page: { after: number | null; limit: number }): Promise<readonly AuditRow[]>
}
