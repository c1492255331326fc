/**
 * What the work asks of whoever puts it together.
 */
import type { Principal } from '../access/principal.js'
import type { TenantRecord } from '../access/tenants.js'
import type { AnyEvent } from '../event/envelope.js'
import type { WireMessage } from '../formats/format.js'
import type { Intake } from '../intake/intake.js'
import type { LineUp } from '../pipeline/line-up.js'
import type { TypesOfResources } from '../registry/resources.js'
import type { AuditEntry } from '../store/auditor.js'
import type { Cluster } from '../store/cluster.js'
import type { Store } from '../store/port.js'
import type { EventRow } from '../store/rows.js'
import type { IndexCache } from '../subscriptions/index-cache.js'
import type { MatchTypes } from '../subscriptions/match-index.js'
import type { SubscriptionSpec } from '../subscriptions/subscription.js'
import type { ErrandsDependencies } from './errands.js'
import type { AttemptLog, AttemptMeasure } from './log-attempt.js'
import type { Switches } from './processing.js'
import type { Untold } from './pull.js'
import type { WorkerOptions } from './worker.js'

/** Milliseconds after which we look for ourselves: another node may have written. */
export const POLL = 1_000

export interface TasksOptions extends Omit<WorkerOptions, 'poll'> {
  readonly store: Store
  readonly cluster: Cluster
  /** Another node has processors that this one lacks: what they are part of is for that node. */
  foreign(): boolean
  readonly epoch: string
  readonly types: MatchTypes
  /** Of the event types in the catalogue. */
  typeNames(): readonly string[]
  readonly intake: Intake
  readonly lineUp: LineUp
  readonly index: IndexCache
  readonly deliver: ErrandsDependencies['deliver']
  readonly deliverTogether: ErrandsDependencies['deliverTogether']
  /** The message of an event in a subscription's format. */
  write(event: EventRow, spec: SubscriptionSpec): WireMessage | Untold
  openTypes(tenant: string): boolean | Promise<boolean>
  /** What is known of a tenant; a promise only if the store is asked. @throws NotFound */
  tenant(id: string): TenantRecord | Promise<TenantRecord>
  /** Of the workers, beside other tenants. */
  weight(tenant: string): number
  /** Who a stored principal stands for. */
  principal(id: string, tenant: string): Promise<Principal>
  audit(entry: AuditEntry): Promise<void>
  /** A subscription was changed by us. */
  changed(tenant: string, id: string): void
  readonly measure: Measure
  readonly processing: ProcessingOptions
  /** What two like events have in common; null: the event is like no other. */
  likeness(event: AnyEvent, told?: string): string | null
  /** Whether events of the type may tell the state before them. */
  tellsBefore(type: string): boolean
  readonly resourceTypes: TypesOfResources
  /** The resource type itself and all that implement it. */
  implementing(resourceType: string): readonly string[]
  readonly log: AttemptLog
  failed(error: unknown): void
  now(): number
  random(): number
}

export interface Measure extends AttemptMeasure {
  published(result: string, seconds: number): void
  committed(admissions: number): void
  processorFailed(name: string): void
}

/** How asynchronous processors are worked off. */
export interface ProcessingOptions extends Switches {
  /** Chains of one tenant at once. */
  readonly concurrency: number
  /** Before a chain is given up. */
  readonly attempts: number
  /** A line of the log for each event that is queued for them. */
  readonly notify: boolean
}
