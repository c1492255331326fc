/**
 * The plan of an admission: the rows that will be written, and who wants to be told.
 */
import type { AnyEvent } from '../../event/envelope.js'
import { partitionKeyOf } from '../../event/envelope.js'
import type { Places } from '../../pipeline/line-up.js'
import type { ProcessorOutcome, Run } from '../../pipeline/run.js'
import type { AdmittedEvent, Candidate } from '../../store/port.js'
import type { EventState, NewEvent } from '../../store/rows.js'
import type { Subscription } from '../../subscriptions/subscription.js'
import { PROCESSORS, witnessCandidate } from '../local.js'

/** A judged event, ready to be planned. */
export interface Judged {
  readonly run: Run
  readonly hash: string
  readonly principal: string
  readonly receivedAt: number
  /** The change of a suspended operation that is not applied yet. */
  readonly deed: string | null
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
export function candidateOf(subscription: Subscription, event: NewEvent, now: number, lease: boolean): Candidate {
  const { spec, id } = subscription
  return {
    subscription: id,
    order: spec.order,
    priority: event.priority,
    wakeAt: later(event, now),
    expiresAt: event.expiresAt,
    scope: spec.scope,
    lease,
  }
}

/** The built-in subscriptions that want it. */
export function localCandidates(places: Places, event: NewEvent, now: number): readonly Candidate[] {
  const { priority, expiresAt } = event
  const processors =
    places.asynchronous.length > 0
      ? [
          {
            subscription: PROCESSORS,
            order: 'strict',
            priority,
            wakeAt: later(event, now),
            expiresAt,
            scope: 'tenant',
            lease: false,
          } as const,
        ]
      : []
  return places.witnesses.length > 0 ? [witnessCandidate(), ...processors] : processors
}

/** IMMEDIATE does not wait for its execute date. */
const later = ({ executeAt, priority }: NewEvent, now: number): number | null =>
  executeAt !== null && executeAt > now && priority !== 'immediate' ? executeAt : null

const milliseconds = (time: string | undefined): number | null => (time === undefined ? null : Date.parse(time))
