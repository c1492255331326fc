/**
 * Gathers what an explanation needs: the event, the subscription, the graph of that moment, the task.
 */
import { type Principal, requireScope, seesWholeTenant } from '../access/principal.js'
import { NotFound } from '../errors.js'
import type { GraphFacts } from '../registry/graph.js'
import type { Store } from '../store/port.js'
import type { EventRow } from '../store/rows.js'
import { type ExplainInput, type Explanation, explain } from './explain.js'
import type { MatchTypes } from './match-index.js'
import { maySee } from './ownership.js'
import { eventOf } from './present.js'
import { fromRow, type Subscription } from './subscription.js'

export interface ExplainerDependencies {
  readonly store: Pick<Store, 'subscriptions' | 'registry' | 'tasks' | 'log'>
  readonly types: MatchTypes
  /** The one row of that id. @throws NotFound, Conflict */
  row(caller: Principal, id: string, source?: string): Promise<EventRow>
}

/** An event as its publisher names it. */
export interface EventName {
  readonly id: string
  readonly source: string
}

export class Explainer {
  readonly #dependencies: ExplainerDependencies

  constructor(dependencies: ExplainerDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws NotFound for a subscription that is not the caller's, and for an event nobody published */
  async explain(caller: Principal, eventId: string, subscriptionId: string, source?: string): Promise<Explanation> {
    requireScope(caller, 'subscriptions:read')
    const { store } = this.#dependencies
    const owned = await store.subscriptions.get(caller.tenant, subscriptionId)
    if (!owned || !maySee(caller, owned)) throw new NotFound('subscription', subscriptionId)
    const row = await this.#row(caller, eventId, source, seesWholeTenant(caller))
    const { tenant, sequence } = row
    const task = await store.tasks.get({ tenant, sequence, subscription: subscriptionId })
    return this.#explained(caller, row, fromRow(owned), { reason: owned.reason, task })
  }

  /**
   * What one that is not kept would have heard of events the caller sees.
   * @returns each explained without its last step: there is no task
   */
  async preview(caller: Principal, draft: Subscription, events: readonly EventName[]): Promise<readonly Explanation[]> {
    const explained = events.map(async ({ id, source }) => {
      const row = await this.#dependencies.row(caller, id, source)
      const { decisions, ...rest } = await this.#explained(caller, row, draft, { reason: null, task: null })
      return { ...rest, decisions: decisions.filter(({ step }) => step !== 'task') }
    })
    return Promise.all(explained)
  }

  async #explained(
    caller: Principal,
    row: EventRow,
    subscription: Subscription,
    known: Pick<ExplainInput, 'reason' | 'task'>,
  ): Promise<Explanation> {
    const { store, types } = this.#dependencies
    const { tenant, subject } = row
    const resourceType = subject === null ? null : ((await store.registry.get(tenant, subject))?.type ?? null)
    const facts = await this.#facts(row, subscription)
    const wholeTenant = seesWholeTenant(caller)
    return explain({ row, event: eventOf(row), subscription, types, resourceType, facts, wholeTenant, ...known })
  }

  /** One who does not see an event may ask why all the same, and learns only that it is not visible. */
  async #row(caller: Principal, id: string, source: string | undefined, wholeTenant: boolean): Promise<EventRow> {
    if (wholeTenant) return this.#dependencies.row(caller, id, source)
    const [row] = await this.#dependencies.store.log.find(caller.tenant, id, source)
    if (!row) throw new NotFound('event', id)
    return row
  }

  async #facts({ tenant, subject, operation }: EventRow, { spec }: Subscription): Promise<readonly GraphFacts[]> {
    if (subject === null || spec.scope === 'tenant') return []
    const { resource } = spec.scope
    return Promise.all(
      [operation - 1, operation].map((at) => this.#dependencies.store.registry.facts(tenant, resource, subject, at)),
    )
  }
}
