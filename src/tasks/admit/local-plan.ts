/**
 * What of an event is worked on in this process: who was asked and wants it, how soon, and whether its publisher waits.
 */
import type { Principal } from '../../access/principal.js'
import type { AnyEvent } from '../../event/envelope.js'
import type { LineUp, Placed } from '../../pipeline/line-up.js'
import { voteOn, wanting } from '../../pipeline/vote.js'
import type { Candidate } from '../../store/port.js'
import type { NewEvent } from '../../store/rows.js'
import { PROCESSORS, witnessCandidate } from '../local.js'
import { higher } from './child.js'
import { later } from './plan.js'

export interface LocalPlan {
  readonly candidates: readonly Candidate[]
  readonly witnesses: readonly Placed[]
  /** The asynchronous processors that want it, in order. */
  readonly chain: readonly Placed[]
  /** The chain runs in the publishing call if nothing stands in its way. */
  readonly inPlace: boolean
}

export const NOTHING: LocalPlan = { candidates: [], witnesses: [], chain: [], inPlace: false }

/** The event and how it came about. */
export interface Subject {
  readonly event: AnyEvent
  readonly row: NewEvent
  readonly told: string | undefined
  readonly caller: Principal
  /** What the registry knows its subject as. */
  readonly resourceType: string | null
  /** Started in the middle: only processors strictly after that order. */
  readonly after: number | null
  /** The locks its publisher holds while it waits for it. */
  readonly under: string | null
}

export interface LocalDependencies {
  readonly lineUp: LineUp
  /** False: everything is worked on in the publishing call. */
  asynchronous(): boolean
  /** @param told its data in canonical form, if that is known. */
  likeness(event: AnyEvent, told?: string): string | null
  /** A processor threw when it was only asked. */
  failed(processor: string, error: unknown): void
  now(): number
}

export function planLocal(subject: Subject, dependencies: LocalDependencies): LocalPlan {
  const { event, after, caller, resourceType } = subject
  const { lineUp, failed } = dependencies
  const places = lineUp.for(event.type, resourceType)
  if (places.witnesses.length === 0 && places.asynchronous.length === 0) return NOTHING
  const question = { tenant: caller.tenant, principal: caller, failed }
  const witnesses = wanting(places.witnesses, event, question)
  const behind = places.asynchronous.filter(({ order }) => after === null || order > after)
  const chain = event.skipNotify ? [] : wanting(behind, event, question)
  if (chain.length === 0) return { ...NOTHING, candidates: witnessing(witnesses, subject), witnesses }
  const priority = higher(subject.row.priority, voteOn(chain, event, question) ?? undefined) ?? 'normal'
  const inPlace = priority === 'immediate' || !dependencies.asynchronous()
  const processing = chainCandidate({ priority, inPlace, ...subject }, dependencies)
  return { candidates: [...witnessing(witnesses, subject), processing], witnesses, chain, inPlace }
}

const witnessing = (witnesses: readonly Placed[], { under }: Subject): readonly Candidate[] =>
  witnesses.length === 0 ? [] : [witnessCandidate(under)]

function chainCandidate(
  {
    event,
    row,
    told,
    after,
    under,
    priority,
    inPlace,
  }: Subject & Pick<LocalPlan, 'inPlace'> & Pick<Candidate, 'priority'>,
  { likeness, now }: LocalDependencies,
): Candidate {
  return {
    subscription: PROCESSORS,
    order: 'strict',
    priority,
    // Who is waited for does not wait for its execute date.
    wakeAt: inPlace ? null : later(row, now()),
    expiresAt: row.expiresAt,
    scope: 'tenant',
    lease: inPlace,
    // Started in the middle it stands for a part of the work alone, and takes nobody's place.
    likeness: after === null ? likeness(event, told) : null,
    locks: true,
    // What is not awaited runs in its own name: its parent's locks are gone by then.
    under: inPlace ? under : null,
  }
}
