/**
 * The commit: judged events, their deed and their tasks in one transaction, shared with whoever waits (group commit).
 * Matching is repeated when subscriptions changed meanwhile.
 */
import { Conflict, Unavailable } from '../../errors.js'
import type { AnyEvent } from '../../event/envelope.js'
import type { GraphChange } from '../../registry/graph.js'
import type {
  Admission,
  AdmissionResult,
  AdmittedEvent,
  Candidate,
  Lane,
  LeaseGrant,
  Release,
  Store,
} from '../../store/port.js'
import type { NewEvent } from '../../store/rows.js'
import type { Subscription } from '../../subscriptions/subscription.js'
import { Batcher } from '../batcher.js'
import { AT_ONCE } from '../fan-out.js'
import { isLocal, PROCESSORS, resumeCandidate } from '../local.js'
import { type LocalDependencies, type LocalPlan, NOTHING, planLocal } from './local-plan.js'
import { candidateOf, eventRow, type Judged, resultsOf } from './plan.js'

/** The subscriptions of one tenant at one version. */
export interface Matching {
  readonly version: number
  /** Some subscription asks for the type of the resource an event is about. */
  readonly needsResourceType: boolean
  candidates(event: AnyEvent, about: About): readonly Subscription[]
}

export interface About {
  /** The principal that published. */
  readonly principal: string
  readonly resourceType: string | null
}

/** Room for tasks that are born leased. */
export interface Hands {
  claim(lane: Lane): boolean
  /** Whether a task that is due would be begun now: not while its subscription is closed. */
  hasRoom(lane: Lane): boolean
  unclaim(lane: Lane): void
  grant(): LeaseGrant
}

export interface CommitterDependencies extends LocalDependencies {
  readonly store: Pick<Store, 'admit' | 'release' | 'features'>
  readonly hands: Hands
  /** A promise only if the store is asked. */
  matching(tenant: string): Matching | Promise<Matching>
  /** Reads the tenant's subscriptions again, at this version or a later one. */
  rematch(tenant: string, version: number): Promise<void>
  resourceType(tenant: string, id: string): Promise<string | null>
  toBody(event: AnyEvent): string
  /** Told how many admissions shared a commit. */
  committed(admissions: number): void
}

type Admitted = Extract<AdmissionResult, { status: 'admitted' }>
/** What was admitted, with what this process has to do of each event. */
export type Committed =
  | Exclude<AdmissionResult, { status: 'stale' | 'admitted' }>
  | (Admitted & { readonly plans: readonly LocalPlan[] })

interface Planned extends Omit<AdmittedEvent, 'candidates'> {
  readonly local: LocalPlan
  readonly wanting: readonly Subscription[]
  readonly likeness: string | null
}

interface Plan {
  readonly admission: Admission
  readonly plans: readonly LocalPlan[]
}

const isThere = <Value>(value: Value | Promise<Value>): value is Value => !(value instanceof Promise)

const PATIENCE = 20

/** Admissions of one tenant in one call of the store: what others publish does not wait for more. */
const MOST_TOGETHER = 100
/** Calls of the store under way at once with some of one tenant: while it writes one, the next are made. */
const WRITES_AT_ONCE = 4

export class Committer {
  readonly #dependencies: CommitterDependencies
  readonly #admissions: Batcher<Admission, AdmissionResult>

  constructor(dependencies: CommitterDependencies) {
    this.#dependencies = dependencies
    const { store, hands } = dependencies
    this.#admissions = new Batcher(
      (admissions) => {
        dependencies.committed(admissions.length)
        return store.admit(admissions, hands.grant())
      },
      {
        most: MOST_TOGETHER,
        atOnce: WRITES_AT_ONCE,
        keyOf: ({ tenant }) => tenant,
        oneWay: !store.features.shared,
      },
    )
  }

  /** @param inbox the row of the inbox it comes from. @throws Unavailable when the store cannot write */
  admit(tenant: string, judged: readonly Judged[], change: GraphChange | null, inbox?: number): Promise<Committed> {
    return this.#commit(tenant, judged, change, (admission) =>
      this.#admissions.add(inbox === undefined ? admission : { inbox, ...admission }),
    )
  }

  /** As it is, in a commit that it shares. @throws Unavailable when the store cannot write */
  add(admission: Admission): Promise<AdmissionResult> {
    return this.#admissions.add(admission)
  }

  /** A suspended event (the first), judged to its end, goes on, and the rest of its operation with it. */
  release(tenant: string, sequence: number, judged: readonly Judged[], change: GraphChange | null): Promise<Committed> {
    const { store, hands } = this.#dependencies
    return this.#commit(tenant, judged, change, ({ events: [event, ...others], ...admission }) => {
      if (!event) throw new TypeError('A release needs an event.')
      return store.release({ ...admission, sequence, event, others } satisfies Release, hands.grant())
    })
  }

  async #commit(
    tenant: string,
    judged: readonly Judged[],
    change: GraphChange | null,
    write: (admission: Admission) => Promise<AdmissionResult>,
  ): Promise<Committed> {
    for (let attempt = 0; attempt < PATIENCE; attempt++) {
      const matching = this.#dependencies.matching(tenant)
      const plan = this.#plan(tenant, judged, change, matching instanceof Promise ? await matching : matching)
      const { admission, plans } = plan instanceof Promise ? await plan : plan
      const claimed = admission.events.flatMap((event) => event.candidates.filter(isClaimed))
      const written = write(admission)
      const result = await (claimed.length === 0 ? written : this.#written(tenant, claimed, written))
      if (result.status === 'admitted') return { plans, ...result }
      if (result.status !== 'stale') return result
      await this.#dependencies.rematch(tenant, result.version)
    }
    throw new Unavailable('unavailable', 'The subscriptions change faster than the event can be matched.', {
      retryAfter: 1,
    })
  }

  /** Gives back the room of tasks that were not handed over after all. */
  async #written(
    tenant: string,
    claimed: readonly Candidate[],
    result: Promise<AdmissionResult>,
  ): Promise<AdmissionResult> {
    const { hands } = this.#dependencies
    const answer = await result.catch((error) => {
      for (const { subscription } of claimed) hands.unclaim({ tenant, subscription })
      throw error
    })
    const leased = answer.status === 'admitted' ? answer.events.flatMap((event) => event.leased) : []
    const missing = claimed.length - leased.filter(({ task }) => needsRoom(task.subscription)).length
    if (missing > 0)
      this.#giveBack(
        tenant,
        claimed,
        leased.map(({ task }) => task.subscription),
      )
    return answer
  }

  #giveBack(tenant: string, claimed: readonly Candidate[], handed: readonly string[]): void {
    const left = [...handed]
    for (const { subscription } of claimed) {
      const index = left.indexOf(subscription)
      if (index >= 0) left.splice(index, 1)
      else this.#dependencies.hands.unclaim({ tenant, subscription })
    }
  }

  /** A promise only if the registry must be asked. */
  #plan(
    tenant: string,
    judged: readonly Judged[],
    change: GraphChange | null,
    matching: Matching,
  ): Plan | Promise<Plan> {
    const planned = judged.map((each) => this.#planEvent(tenant, each, change, matching))
    const whole = (all: readonly Planned[]) => this.#planWhole(tenant, all, change, matching)
    return planned.every(isThere) ? whole(planned) : Promise.all(planned).then(whole)
  }

  /** Room is claimed last: whatever fails before has nothing to give back. */
  #planWhole(tenant: string, planned: readonly Planned[], change: GraphChange | null, { version }: Matching): Plan {
    const events = planned.map((each) => this.#claim(tenant, each))
    const admission = { tenant, events, change, subscriptionVersion: version, atOnce: AT_ONCE }
    return { admission, plans: planned.map(({ local }) => local) }
  }

  #planEvent(
    tenant: string,
    judged: Judged,
    change: GraphChange | null,
    matching: Matching,
  ): Planned | Promise<Planned> {
    const row = eventRow(judged, this.#dependencies.toBody)
    const { end, until, outcomes } = judged.run
    const planned = { event: row, results: resultsOf(outcomes), wanting: [], likeness: null }
    if (end === 'suspended' && until !== null)
      return { ...planned, local: { ...NOTHING, candidates: [resumeCandidate(until)] } }
    if (end !== null) return { ...planned, local: NOTHING }
    const asks = matching.needsResourceType && judged.resourceType === undefined
    if (!asks) return this.#planAdmitted(judged, row, judged.resourceType ?? null, matching)
    return this.#typeOf(tenant, row.subject, change).then((type) => this.#planAdmitted(judged, row, type, matching))
  }

  #planAdmitted(judged: Judged, row: NewEvent, resourceType: string | null, matching: Matching): Planned {
    const { caller, after, under, principal, told } = judged
    const { event, outcomes } = judged.run
    const wanting = matching.candidates(event, { principal, resourceType })
    const local = planLocal({ event, row, told, caller, resourceType, after, under }, this.#dependencies)
    const picky = wanting.some(({ spec }) => spec.duplicates === 'remove')
    const likeness = picky ? this.#dependencies.likeness(event, told) : null
    return { event: row, results: resultsOf(outcomes), local, wanting, likeness }
  }

  #claim(tenant: string, { event, results, local, wanting, likeness }: Planned): AdmittedEvent {
    const now = this.#dependencies.now()
    const own = local.candidates.map((candidate) => this.#withRoom(tenant, candidate))
    const candidates = wanting.map((subscription) =>
      candidateOf(subscription, event, now, this.#mayTake(tenant, subscription, event.executeAt), likeness),
    )
    return { event, results, candidates: [...own, ...candidates] }
  }

  /** A chain that its publisher waits for needs room like any other; one that may begin at once need not be looked for. */
  #withRoom(tenant: string, candidate: Candidate): Candidate {
    const { subscription } = candidate
    if (subscription !== PROCESSORS) return candidate
    const { hands } = this.#dependencies
    const lane = { tenant, subscription }
    const mayBegin = candidate.lease || (candidate.wakeAt === null && hands.hasRoom(lane))
    return { ...candidate, lease: mayBegin && hands.claim(lane) }
  }

  /** The type as it will be: a resource that this very change creates has one too. */
  async #typeOf(tenant: string, subject: string | null, change: GraphChange | null): Promise<string | null> {
    if (subject === null) return null
    for (const step of change?.steps ?? []) if (step.do === 'put' && step.id === subject) return step.type
    return this.#dependencies.resourceType(tenant, subject)
  }

  #mayTake(tenant: string, { id, spec, state }: Subscription, executeAt: number | null): boolean {
    const { hands } = this.#dependencies
    const lane = { tenant, subscription: id }
    return (
      state === 'active' &&
      spec.transport !== 'pull' &&
      spec.digest === undefined &&
      executeAt === null &&
      hands.hasRoom(lane) &&
      hands.claim(lane)
    )
  }
}

/** Witnesses run in the publisher's call, whatever else this process does. */
const needsRoom = (subscription: string): boolean => subscription === PROCESSORS || !isLocal(subscription)

const isClaimed = ({ lease, subscription }: Candidate): boolean => lease && needsRoom(subscription)

export const lostRace = (resource: string): Conflict =>
  new Conflict('conflict', 'The resource was changed by others meanwhile.', { data: { id: resource } })
