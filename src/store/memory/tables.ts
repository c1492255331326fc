/**
 * The tables of the memory store: maps by primary key and sorted lists in the place of indexes.
 */

import type { AwaitedLink, ImportRow } from '../../registry/import-store.js'
import { childOf } from '../child-of.js'
import { HeldLocks } from '../held-locks.js'
import type { MailEntry } from '../mail-rules.js'
import type { Lane } from '../port.js'
import type {
  AttemptRow,
  AuditRow,
  EventRow,
  KeyRow,
  LinkRow,
  ProcessorSettingRow,
  ResourceRow,
  ResultRow,
  SliceRow,
  SubscriptionRow,
  TaskRow,
  TenantRow,
} from '../rows.js'
import { TenantTurns } from '../turn-rules.js'
import { compareText, SortedList } from './sorted-list.js'

/** A task and the rank at which it leaves: its own or that of its group. */
export interface TaskEntry {
  readonly task: TaskRow
  readonly rank: number
}

export interface Group {
  readonly head: number
  readonly rank: number
  /** How many are leased as a run; while there are any, nobody leads, and `head` is who did. 0: only the head may be leased. */
  readonly run: number
}

/** What waits behind a group's head. */
export interface Behind {
  readonly all: SortedList<number>
  /** Those above NORMAL. */
  readonly high: SortedList<Ranked>
}

export interface Ranked {
  readonly rank: number
  readonly sequence: number
}

export interface Blocked extends Ranked {
  readonly subscription: string
}

export interface ReadyLane {
  readonly tenant: string
  readonly subscription: string
  readonly high: SortedList<Ranked>
  readonly normal: SortedList<Ranked>
}

/** A moment at which a task wants attention. */
export interface Alarm {
  readonly at: number
  readonly tenant: string
  readonly sequence: number
  readonly subscription: string
}

export interface OwnerSpan {
  readonly owner: string
  readonly from: number
  readonly until: number | null
}

export interface KeptResource {
  readonly row: ResourceRow
  readonly removedSequence: number | null
  readonly owners: readonly OwnerSpan[]
}

export type TaskPlace = Pick<TaskRow, 'sequence' | 'subscription'>

/** Everything of one tenant. */
export interface TenantTables {
  /** The highest sequence given. */
  head: number
  /** Of its subscriptions. */
  version: number
  readonly events: Map<number, EventRow>
  readonly sequences: SortedList<number>
  /** Sequence by (id, source). */
  readonly keys: Map<string, Map<string, number>>
  /** By sequence, then by processor, in the order of their numbers. */
  readonly results: Map<number, Map<string, readonly ResultRow[]>>
  readonly tasks: Map<number, Map<string, TaskEntry>>
  readonly places: SortedList<TaskPlace>
  readonly attempts: Map<number, Map<string, AttemptRow[]>>
  /** By subscription, then by partition key. */
  readonly groups: Map<string, Map<string, Group>>
  readonly behind: Map<string, Map<string, Behind>>
  /** Tasks that wait for the lock of a resource. */
  readonly blocked: Map<string, SortedList<Blocked>>
  /** Sequences of tasks that are compared, by subscription and likeness. */
  readonly alike: Map<string, SortedList<number>>
  /** In the order in which they are told. */
  slices: readonly SliceRow[]
  readonly subscriptions: Map<string, SubscriptionRow>
  readonly resources: Map<string, KeptResource>
  /** By either end. */
  readonly links: Map<string, Set<LinkEntry>>
  readonly imports: Map<string, Import>
  readonly audit: AuditRow[]
}

/** How far an import is, and what waits for its end. */
export interface Import {
  readonly row: ImportRow
  readonly awaited: readonly AwaitedLink[]
  /** Of a dry run: the ids of its lines. */
  readonly ids: Set<string>
}

/** The one thing that changes in place: a link ends. */
export interface LinkEntry {
  row: LinkRow
}

export interface Tables {
  readonly tenants: Map<string, TenantTables>
  readonly ready: SortedList<ReadyLane>
  readonly sleeping: SortedList<Alarm>
  readonly leases: SortedList<Alarm>
  readonly locks: HeldLocks
  /** What each contended lane owes its tasks above NORMAL. */
  readonly credits: Map<string, number>
  readonly turns: TenantTurns
  readonly tenantRows: Map<string, TenantRow>
  readonly keys: Map<string, KeyRow>
  /** Of signed calls: when each was spent, seconds. */
  readonly nonces: Map<string, number>
  readonly mailed: Map<string, MailEntry>
  /** Of captured tables, by id. */
  readonly captured: Map<string, Map<string, string>>
  readonly settings: Map<string, ProcessorSettingRow>
  /** Of the instance, by name. */
  readonly switches: Map<string, string>
}

export const compareLanes = (a: Lane, b: Lane): number =>
  compareText(a.tenant, b.tenant) || compareText(a.subscription, b.subscription)

const byAlarm = (a: Alarm, b: Alarm): number =>
  a.at - b.at ||
  compareText(a.tenant, b.tenant) ||
  a.sequence - b.sequence ||
  compareText(a.subscription, b.subscription)

export const byRank = (a: Ranked, b: Ranked): number => a.rank - b.rank || a.sequence - b.sequence

export const byTurn = (a: Blocked, b: Blocked): number => byRank(a, b) || compareText(a.subscription, b.subscription)

const byPlace = (a: TaskPlace, b: TaskPlace): number =>
  a.sequence - b.sequence || compareText(a.subscription, b.subscription)

export const emptyTables = (): Tables => ({
  tenants: new Map(),
  ready: new SortedList<ReadyLane>(compareLanes),
  sleeping: new SortedList(byAlarm),
  leases: new SortedList(byAlarm),
  locks: new HeldLocks(),
  credits: new Map(),
  turns: new TenantTurns(),
  tenantRows: new Map(),
  keys: new Map(),
  nonces: new Map(),
  mailed: new Map(),
  captured: new Map(),
  settings: new Map(),
  switches: new Map(),
})

const emptyTenant = (): TenantTables => ({
  head: 0,
  version: 0,
  events: new Map(),
  sequences: new SortedList<number>((a, b) => a - b),
  keys: new Map(),
  results: new Map(),
  tasks: new Map(),
  places: new SortedList(byPlace),
  attempts: new Map(),
  groups: new Map(),
  behind: new Map(),
  blocked: new Map(),
  alike: new Map(),
  slices: [],
  subscriptions: new Map(),
  resources: new Map(),
  links: new Map(),
  imports: new Map(),
  audit: [],
})

export const tenantOf = (tables: Tables, tenant: string): TenantTables => childOf(tables.tenants, tenant, emptyTenant)

/** Unambiguous whatever the parts contain. */
export const joinKey = (first: string, second: string): string => `${first.length}:${first}${second}`

/** The rows of a keyset page from rows already in order. */
export function takePage<T>(rows: Iterable<T>, limit: number, wanted: (row: T) => boolean = () => true): T[] {
  const page: T[] = []
  for (const row of rows) {
    if (page.length >= limit) break
    if (wanted(row)) page.push(row)
  }
  return page
}

/** Rows by their id, those after `after` first. */
export function pageById<T>(
  rows: Iterable<T>,
  idOf: (row: T) => string,
  page: { after: string | null; limit: number },
  wanted: (row: T) => boolean = () => true,
): T[] {
  const { after, limit } = page
  const later = [...rows].filter((row) => (after === null || compareText(idOf(row), after) > 0) && wanted(row))
  return later.sort((a, b) => compareText(idOf(a), idOf(b))).slice(0, limit)
}
