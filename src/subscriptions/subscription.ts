/**
 * A subscription: who wants which events, where to, in which format, in which scope.
 */
import type { SubscriptionRow, SubscriptionState } from '../store/rows.js'

/** CloudEvents Subscriptions API filter dialects, and CEL. All of a list must hold. */
export type Filter =
  | { readonly exact: Readonly<Record<string, string>> }
  | { readonly prefix: Readonly<Record<string, string>> }
  | { readonly suffix: Readonly<Record<string, string>> }
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter }
  | { readonly cel: string }

export interface RetrySchedule {
  /** Attempts in all before a task is exhausted; before a reader of the log is paused. Default 10; of the log, 100. */
  readonly attempts: number
  /** Milliseconds before the second attempt; doubles each time, with full jitter on half. Default, of the log or beside `maxDelay`: 1,000. */
  readonly firstDelay: number
  /** Default, of the log or beside `firstDelay`: 3,600,000 (an hour). */
  readonly maxDelay: number
  /**
   * Milliseconds before the second attempt, the third, ..., each with jitter on half; the last holds for all that follow, and the
   * other delays follow from it. Default: 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h.
   */
  readonly delays?: readonly number[]
}

/** Several events in one message. */
export interface Digest {
  /** Milliseconds the first event waits for others. */
  readonly window: number
  /** Events in one message at most; as soon as so many wait, they are told. Default 100. */
  readonly max: number
}

/** What a subscriber may say; absent fields take the defaults that `subscription-schema.ts` gives. */
export interface SubscriptionSpec {
  readonly name: string
  /** Patterns: exact (`credential.revoked`), prefix (`credential.*`), URI, `*`. A native name hears its cases in other systems. */
  readonly types: readonly string[]
  /** Absent: all. `id`: one resource; `type`: resources of a type or of one that implements it. */
  readonly source?: { readonly id?: string; readonly type?: string }
  /** Only `resource.linked` and `resource.unlinked` by this relation. Empty = none. */
  readonly relation?: string
  readonly filters: readonly Filter[]
  /** Not the events its own principal published. Default false. */
  readonly notSelf: boolean
  readonly format?: string
  /** `full`, the default; `thin`: no data but ids; or a CEL expression that yields the new data. */
  readonly payload: 'full' | 'thin' | { readonly cel: string }
  /** Whether sensitive fields are removed before filters and payloads see them. Default `none`; beside `sees` it is `sensitive`. */
  readonly redaction: 'none' | 'sensitive'
  /** Classes of sensitive fields that stay all the same. Absent: none. */
  readonly sees?: readonly string[]
  readonly transport: string
  readonly target: Readonly<Record<string, unknown>>
  readonly retry: RetrySchedule
  /** Failed attempts in a row, of all its tasks, after which it is disabled. Default 5,000. Not where it reads the log. */
  readonly disableAfter?: number
  /** Of which attempts the request and the timing are kept, and the answer whole: `failures`, the default, or `all`. */
  readonly record?: 'failures' | 'all'
  /** Milliseconds one attempt may take. Default 15,000. */
  readonly timeout: number
  /** Attempts at once. Default 10. */
  readonly concurrency: number
  /** Attempts per second; absent: no limit. */
  readonly rate?: number
  /**
   * `tasks`, the default: a task for each event. `log`: it reads the log itself, everything in sequence and one at a time,
   * and what fails holds it; so the order is strict, duplicates are kept and the concurrency is 1.
   */
  readonly delivery: 'tasks' | 'log'
  /** Default `strict`. */
  readonly order: 'strict' | 'latest' | 'none'
  /**
   * `remove`: of like events that wait, only the newest is told. Like: same subject, type, parent type, extensions and data,
   * but for what the type calls `state`. Default `keep`.
   */
  readonly duplicates: 'keep' | 'remove'
  /**
   * Events of a window are told in one message, in the sequence of the log and one message at a time; under `strict` one that
   * fails holds up what comes after it. Absent: a message for each event. Only where the transport can say several at once.
   */
  readonly digest?: Digest
  /** `tenant`, or the resource in whose place it looks. Default: the resource of the key, else `tenant`. */
  readonly scope: 'tenant' | { readonly resource: string }
  /** Where it begins: `now`, the default; `earliest`; a time (RFC 3339) or a sequence, both inclusive. */
  readonly start: string | number
}

/** A subscription as the inside uses it: the row, its spec parsed. */
export interface Subscription {
  readonly tenant: string
  readonly id: string
  readonly state: SubscriptionState
  readonly owner: string
  readonly startSequence: number
  readonly cursor: number | null
  readonly revision: number
  readonly spec: SubscriptionSpec
  /** Sealed. */
  readonly secrets: string | null
}

/** One that was kept before there was a choice is told by tasks, of all there is. */
export const specIn = ({ spec }: Pick<SubscriptionRow, 'spec'>): SubscriptionSpec => ({
  delivery: 'tasks',
  duplicates: 'keep',
  ...(JSON.parse(spec) as Omit<SubscriptionSpec, 'delivery' | 'duplicates'>),
})

export const fromRow = (row: SubscriptionRow): Subscription => ({
  tenant: row.tenant,
  id: row.id,
  state: row.state,
  owner: row.owner,
  startSequence: row.startSequence,
  cursor: row.cursor,
  revision: row.revision,
  spec: specIn(row),
  secrets: row.secrets,
})

/** It follows the log by its cursor for good, so that no task is made for it. */
export const readsLog = ({ spec }: Pick<Subscription, 'spec'>): boolean => spec.delivery === 'log'
