/**
 * The commit: judged events, their deed and their tasks in one transaction, shared with whoever waits (group commit).
 * Matching is repeated when subscriptions changed meanwhile.
 */
import { Conflict, Unavailable } from '../../errors.js'
import type { AnyEvent } from '../../event/envelope.js'
import type { LineUp } from '../../pipeline/line-up.js'
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
import type { Subscription } from '../../subscriptions/subscription.js'
import { Batcher } from '../batcher.js'
import { isLocal, resumeCandidate } from '../local.js'
import { candidateOf, eventRow, type Judged, localCandidates, resultsOf } from './plan.js'

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
  unclaim(lane: Lane): void
  grant(): LeaseGrant
}

export interface CommitterDependencies {
  readonly store: Pick<Store, 'admit' | 'release'>
  readonly lineUp: LineUp
  readonly hands: Hands
  matching(tenant: string): Promise<Matching>
  /** Reads the tenant's subscriptions again, at this version or a later one. */
  rematch(tenant: string, version: number): Promise<void>
  resourceType(tenant: string, id: string): Promise<string | null>
  toBody(event: AnyEvent): string
  /** Told how many admissions shared a commit. */
  committed(admissions: number): void
  now(): number
}

export type Committed = Exclude<AdmissionResult, { status: 'stale' }>

interface Planned extends Omit<AdmittedEvent, 'candidates'> {
  readonly local: readonly Candidate[]
  readonly wanting: readonly Subscription[]
}

const PATIENCE = 20

export class Committer {
  readonly #dependencies: CommitterDependencies
  readonly #admissions: Batcher<Admission, AdmissionResult>

  constructor(dependencies: CommitterDependencies) {
    this.#dependencies = dependencies
    const { store, hands } = dependencies
    this.#admissions = new Batcher((admissions) => {
      dependencies.committed(admissions.length)
      return store.admit(admissions, hands.grant())
    })
  }

  /** @throws Unavailable when the store cannot write */
  admit(tenant: string, judged: readonly Judged[], change: GraphChange | null): Promise<Committed> {
    return this.#commit(tenant, judged, change, (admission) => this.#admissions.add(admission))
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
      const admission = await this.#plan(tenant, judged, change)
      const claimed = admission.events.flatMap((event) =>
        event.candidates.filter((candidate) => candidate.lease && !isLocal(candidate.subscription)),
      )
      const result = await this.#written(tenant, claimed, write(admission))
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
    const missing = claimed.length - leased.filter(({ task }) => !isLocal(task.subscription)).length
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

  async #plan(tenant: string, judged: readonly Judged[], change: GraphChange | null): Promise<Admission> {
    const matching = await this.#dependencies.matching(tenant)
    const planned: Planned[] = []
    for (const each of judged) planned.push(await this.#planEvent(tenant, each, change, matching))
    // Room is claimed last: whatever fails before has nothing to give back.
    const events = planned.map((each) => this.#claim(tenant, each))
    return { tenant, events, change, subscriptionVersion: matching.version }
  }

  async #planEvent(tenant: string, judged: Judged, change: GraphChange | null, matching: Matching): Promise<Planned> {
    const event = eventRow(judged, this.#dependencies.toBody)
    const results = resultsOf(judged.run.outcomes)
    if (judged.run.end === 'suspended') {
      const { until } = judged.run
      return { event, results, local: until === null ? [] : [resumeCandidate(until)], wanting: [] }
    }
    if (judged.run.end !== null) return { event, results, local: [], wanting: [] }
    const resourceType = matching.needsResourceType ? await this.#typeOf(tenant, event.subject, change) : null
    const wanting = matching.candidates(judged.run.event, { principal: judged.principal, resourceType })
    const local = localCandidates(this.#dependencies.lineUp.for(event.type), event, this.#dependencies.now())
    return { event, results, local, wanting }
  }

  #claim(tenant: string, { event, results, local, wanting }: Planned): AdmittedEvent {
    const now = this.#dependencies.now()
    const candidates = wanting.map((subscription) =>
      candidateOf(subscription, event, now, this.#mayTake(tenant, subscription, event.executeAt)),
    )
    return { event, results, candidates: [...local, ...candidates] }
  }

  /** The type as it will be: a resource that this very change creates has one too. */
  async #typeOf(tenant: string, subject: string | null, change: GraphChange | null): Promise<string | null> {
    if (subject === null) return null
    for (const step of change?.steps ?? []) if (step.do === 'put' && step.id === subject) return step.type
    return this.#dependencies.resourceType(tenant, subject)
  }

  #mayTake(tenant: string, { id, spec, state }: Subscription, executeAt: number | null): boolean {
    return (
      state === 'active' &&
      spec.transport !== 'pull' &&
      executeAt === null &&
      this.#dependencies.hands.claim({ tenant, subscription: id })
    )
  }
}

export const lostRace = (resource: string): Conflict =>
  new Conflict('conflict', 'The resource was changed by others meanwhile.', { data: { id: resource } })
