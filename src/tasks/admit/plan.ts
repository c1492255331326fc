/**
 * The plan of an admission: the rows that will be written, and who wants to be told.
 */
import type { Principal } from '../../access/principal.js'
import type { AnyEvent } from '../../event/envelope.js'
import { partitionKeyOf } from '../../event/envelope.js'
import type { ProcessorOutcome, Run } from '../../pipeline/run.js'
import type { AdmittedEvent, Candidate } from '../../store/port.js'
import type { EventState, NewEvent } from '../../store/rows.js'
import type { Subscription } from '../../subscriptions/subscription.js'

/** A judged event, ready to be planned. */
export interface Judged {
  readonly run: Run
  readonly hash: string
  readonly principal: string
  readonly receivedAt: number
  /** The data in canonical form; undefined: there is none, or it may have been changed since. */
  readonly told?: string | undefined
  /** The change of a suspended operation that is not applied yet. */
  readonly deed: string | null
  /** Who published it, as the processors see it. */
  readonly caller: Principal
  /** What the registry knows its subject as; undefined: nobody asked. */
  readonly resourceType?: string | null | undefined
  /** Started in the middle: only judges and asynchronous processors strictly after that order. */
  readonly after: number | null
  /** The locks its publisher holds while it waits for it. */
  readonly under: string | null
}

const STATES = { closed: 'closed', suspended: 'suspended', rejected: 'refused' } as const

export const stateOf = ({ end }: Run): EventState => (end === null ? 'admitted' : STATES[end])

/** @param toBody writes the event as CloudEvents JSON without its sequence. */
export function eventRow(
  { run, hash, principal, receivedAt, deed }: Judged,
  toBody: (event: AnyEvent) => string,
): NewEvent {
  const { event } = run
  return {
    tenant: event.tenant ?? '',
    source: event.source,
    id: event.id,
    type: event.type,
    subject: event.subject ?? null,
    partitionKey: partitionKeyOf(event),
    superOwner: event.superOwner ?? null,
    transactionId: event.transactionId ?? null,
    parentId: event.parentId ?? null,
    rootId: event.rootId ?? null,
    priority: event.priority ?? 'normal',
    receivedAt,
    executeAt: milliseconds(event.executeAt),
    expiresAt: milliseconds(event.expiryTime),
    state: stateOf(run),
    processedOrder: run.position,
    hash,
    principal,
    body: toBody(event),
    deed,
  }
}

export const resultsOf = (outcomes: readonly ProcessorOutcome[]): AdmittedEvent['results'] =>
  outcomes.map((outcome) => ({ ...outcome }))

/** What a subscription's task will look like. */
export function candidateOf(
  subscription: Subscription,
  event: NewEvent,
  now: number,
  lease: boolean,
  likeness: string | null = null,
): Candidate {
  const { spec, id } = subscription
  return {
    subscription: id,
    // Who is told several at once has no groups: the digest keeps the order, which is that of the log.
    ...(spec.digest === undefined ? { order: spec.order, priority: event.priority } : IN_DIGEST),
    wakeAt: later(event, now),
    expiresAt: event.expiresAt,
    scope: spec.scope,
    lease,
    likeness: spec.duplicates === 'remove' ? likeness : null,
    locks: false,
    under: null,
  }
}

const IN_DIGEST = { order: 'none', priority: 'normal' } as const

/** IMMEDIATE does not wait for its execute date. */
export const later = ({ executeAt, priority }: NewEvent, now: number): number | null =>
  executeAt !== null && executeAt > now && priority !== 'immediate' ? executeAt : null

const milliseconds = (time: string | undefined): number | null => (time === undefined ? null : Date.parse(time))
