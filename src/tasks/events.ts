/**
 * The log as callers read it: one event, lists, a timeline, and live. Each sees what its view allows.
 */

import { numberKey, type Page, type PageRequest, paged } from '../access/page.js'
import { type Principal, requireScope, seesWholeTenant } from '../access/principal.js'
import { Conflict, NotFound } from '../errors.js'
import { formatSequence } from '../event/envelope.js'
import { seenThenAndNow } from '../registry/visibility.js'
import type { EventFilter, Store } from '../store/port.js'
import type { EventRow, EventState, TaskRow } from '../store/rows.js'
import type { Reader } from '../subscriptions/present.js'
import { type EventTree, treeOf } from './tree.js'
import { type AttemptView, attemptView, type ResultView, resultView, type TaskView, taskView } from './views.js'

export interface EventView {
  /** CloudEvents JSON, structured. */
  readonly event: Readonly<Record<string, unknown>>
  /** Zero-padded decimal. */
  readonly sequence: string
  /** A sequence means nothing in another epoch. */
  readonly epoch: string
  readonly state: EventState
  readonly receivedAt: string
  /** The key that published it; null for who does not see the whole tenant. */
  readonly principal: string | null
}

export interface Timeline extends EventView {
  readonly results: readonly ResultView[]
  readonly tasks: readonly (TaskView & { readonly history: readonly AttemptView[] })[]
}

export interface EventsDependencies {
  readonly store: Pick<Store, 'log' | 'tasks' | 'registry' | 'subscriptions'>
  readonly epoch: string
  /** The event as CloudEvents JSON with its sequence, without what its reader may not see. */
  present(row: EventRow, reader: Reader): Readonly<Record<string, unknown>>
  /** Resolves when something was admitted in the tenant, or after a while. */
  news(tenant: string, signal: AbortSignal): Promise<void>
  /** A pattern hears a type by its own name or by the native one. */
  hears(pattern: string, type: string): boolean
}

export type EventQuery = Omit<EventFilter, 'tenant'>

export interface TailOptions {
  /** After this sequence; absent: from now on. */
  readonly after?: number
  readonly types?: readonly string[]
  readonly signal: AbortSignal
}

const PAGE = 500
/** More tasks of one event are not told of. */
const MOST = 1_000

export class Events {
  readonly #dependencies: EventsDependencies

  constructor(dependencies: EventsDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws NotFound; Conflict `conflict` when several sources used the id and none is named */
  async get(caller: Principal, id: string, source?: string): Promise<EventView> {
    requireScope(caller, 'events:read')
    return this.view(caller, await this.row(caller, id, source))
  }

  async list(caller: Principal, query: EventQuery, page: PageRequest): Promise<Page<EventView>> {
    requireScope(caller, 'events:read')
    const filter = { ...query, tenant: caller.tenant }
    const read = (after: number | null, limit: number) => this.#dependencies.store.log.list(filter, { after, limit })
    const rows = await paged(
      page,
      numberKey,
      read,
      (row) => String(row.sequence),
      (row) => row,
    )
    const seen = await this.visible(caller, rows.items)
    return { items: await Promise.all(seen.map((row) => this.view(caller, row))), next: rows.next }
  }

  /** It with its children and theirs. @throws as `get` */
  tree(caller: Principal, id: string, source?: string): Promise<EventTree> {
    requireScope(caller, 'events:read')
    return treeOf(caller, id, source, { store: this.#dependencies.store, events: this })
  }

  /** What happened to it: the processors' results, its tasks, their attempts; of a subscriber those to its own subscriptions. */
  async timeline(caller: Principal, id: string, source?: string): Promise<Timeline> {
    requireScope(caller, 'events:read')
    const row = await this.row(caller, id, source)
    const { tenant, sequence } = row
    const whole = seesWholeTenant(caller)
    const results = whole ? await this.#dependencies.store.log.results(tenant, sequence) : []
    const tasks = whole ? await this.#tasks(tenant, sequence) : await this.#own(caller, sequence)
    const attempts = await Promise.all(tasks.map((task) => this.#dependencies.store.tasks.attempts(task)))
    return {
      ...(await this.view(caller, row)),
      results: results.map(resultView),
      tasks: tasks.map((task, index) => ({ ...taskView(task), history: (attempts[index] ?? []).map(attemptView) })),
    }
  }

  /** The highest sequence given so far: no event has a higher one. */
  async head(caller: Principal): Promise<number> {
    requireScope(caller, 'events:read')
    return this.#dependencies.store.log.head(caller.tenant)
  }

  /** Live, in sequence; ends when the signal aborts. */
  async *tail(caller: Principal, { after, types, signal }: TailOptions): AsyncGenerator<EventView> {
    requireScope(caller, 'events:read')
    const { store, news, hears } = this.#dependencies
    let cursor = after ?? (await store.log.head(caller.tenant))
    while (!signal.aborted) {
      // Asked before the log is read: what is admitted meanwhile is news too.
      const fresh = news(caller.tenant, signal)
      const rows = await store.log.read(caller.tenant, cursor, PAGE)
      const wanted = rows.filter(({ type }) => types === undefined || types.some((pattern) => hears(pattern, type)))
      for (const row of await this.visible(caller, wanted)) {
        if (signal.aborted) return
        yield await this.view(caller, row)
      }
      cursor = rows.at(-1)?.sequence ?? cursor
      if (rows.length < PAGE) await fresh
    }
  }

  /** The row behind a publisher's id, if the caller may see it. */
  async row(caller: Principal, id: string, source?: string): Promise<EventRow> {
    const rows = await this.visible(caller, await this.#dependencies.store.log.find(caller.tenant, id, source))
    const [row, ...more] = rows
    if (!row) throw new NotFound('event', id)
    if (more.length === 0) return row
    throw new Conflict('conflict', `Several sources used the id ${JSON.stringify(id)}.`, {
      field: 'source',
      expected: `one of ${rows.map((each) => each.source).join(', ')}`,
    })
  }

  #tasks(tenant: string, sequence: number): Promise<readonly TaskRow[]> {
    return this.#dependencies.store.tasks.list({ tenant, sequence }, { after: null, limit: MOST })
  }

  async #own({ id: owner, tenant }: Principal, sequence: number): Promise<readonly TaskRow[]> {
    const { tasks, subscriptions } = this.#dependencies.store
    const own = await subscriptions.list(tenant, { after: null, limit: MOST, owner })
    const found = await Promise.all(own.map(({ id }) => tasks.get({ tenant, sequence, subscription: id })))
    return found.filter((task) => task !== null)
  }

  /** Those of the rows that the caller may see. */
  async visible(caller: Principal, rows: readonly EventRow[]): Promise<readonly EventRow[]> {
    if (seesWholeTenant(caller)) return rows
    const seen = await Promise.all(rows.map((row) => this.#sees(caller, row)))
    return rows.filter((_, index) => seen[index])
  }

  /** A publisher sees what it published; a bound principal what its resource sees now and saw then. */
  async #sees(caller: Principal, row: EventRow): Promise<boolean> {
    return row.principal === caller.id || this.#seesSubject(caller, row)
  }

  async #seesSubject({ resource }: Principal, { tenant, subject, operation }: EventRow): Promise<boolean> {
    if (resource === null || subject === null) return false
    return seenThenAndNow((at) => this.#dependencies.store.registry.facts(tenant, resource, subject, at), operation)
  }

  async view(caller: Principal, row: EventRow): Promise<EventView> {
    const whole = seesWholeTenant(caller)
    const reader = whole ? 'all' : (await this.#seesSubject(caller, row)) ? 'redacted' : 'stranger'
    return {
      event: this.#dependencies.present(row, reader),
      sequence: formatSequence(row.sequence),
      epoch: this.#dependencies.epoch,
      state: row.state,
      receivedAt: new Date(row.receivedAt).toISOString(),
      principal: whole ? row.principal : null,
    }
  }
}
