/**
 * Replay as callers ask for it: a range by sequence or time.
 */
import { type Principal, requireScope } from '../access/principal.js'
import { Conflict, InvalidInput, NotFound } from '../errors.js'
import { formatSequence } from '../event/envelope.js'
import { hint } from '../event/nearest.js'
import type { AuditEntry } from '../store/auditor.js'
import type { Store } from '../store/port.js'
import { parseFilters } from '../subscriptions/filter-schema.js'
import { mayChange, maySee } from '../subscriptions/ownership.js'
import { type Filter, fromRow, readsLog, type Subscription } from '../subscriptions/subscription.js'
import { type ReplayDependencies, replay } from './replay.js'

export interface ReplayRange {
  /** The first to tell again: a sequence (number or digits), a time (RFC 3339) or `earliest`, which is what an absent one means. */
  readonly from?: number | string
  /** The last: a sequence, a time or `now`, which is what an absent one means. */
  readonly to?: number | string
  /** Only these types. */
  readonly types?: readonly string[]
  /** Only what these let pass too, as the subscription sees it: in the dialects of a subscription's filters. */
  readonly filters?: unknown
}

export interface ReplayOptions {
  /** Only counts. */
  readonly dryRun?: boolean | undefined
  /** Looks at about so many events of the log, in pages of 500, and says where it goes on. */
  readonly limit?: number | undefined
}

export interface ReplayResult {
  readonly count: number
  /** Only where a limit was given: the sequence to go on `from`; null: that was all. */
  readonly next?: string | null
}

export interface ReplaysDependencies extends ReplayDependencies {
  readonly store: ReplayDependencies['store'] & Pick<Store, 'subscriptions'>
  /** Of the event types in the catalogue. */
  typeNames(): readonly string[]
  audit(entry: AuditEntry): Promise<void>
  /** Tasks may be due. */
  turned(): void
  /** Resolves when everybody in the tenant has been told of what was admitted before: what is told again comes after it. */
  told(tenant: string): Promise<void>
}

export class Replays {
  readonly #dependencies: ReplaysDependencies

  constructor(dependencies: ReplaysDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * What is told again says that it is a replay, and says nothing of the receiver's health.
   * @returns how many events the subscription is told again; with `dryRun` how many it would be.
   * @throws NotFound, InvalidInput `invalid_request`, `invalid_filter`
   */
  async replay(
    caller: Principal,
    id: string,
    range: ReplayRange,
    { dryRun = false, limit }: ReplayOptions = {},
  ): Promise<ReplayResult> {
    requireScope(caller, 'subscriptions:write')
    const { store, now, audit, turned } = this.#dependencies
    if (limit !== undefined && (dryRun || !Number.isInteger(limit) || limit < 1)) throw badLimit()
    const row = await store.subscriptions.get(caller.tenant, id)
    if (!row || !maySee(caller, row) || !mayChange(caller, row)) throw new NotFound('subscription', id)
    if (readsLog(fromRow(row))) throw readsItself()
    const head = await store.log.head(caller.tenant)
    const from = await this.#place(caller.tenant, 'from', range.from ?? 'earliest', head)
    const to = await this.#place(caller.tenant, 'to', range.to ?? 'now', head)
    const { types } = range
    await this.#checkTypes(caller.tenant, types ?? [])
    const filters = range.filters === undefined ? [] : parseFilters(range.filters)
    if (!dryRun) await this.#dependencies.told(caller.tenant)
    const { count, reached } = await replay(
      narrowed(fromRow(row), filters),
      { after: from - 1, to, ...(types && { types }) },
      this.#dependencies,
      { dryRun, most: limit },
    )
    if (dryRun) return { count }
    const detail = { from, to, ...(types && { types }), ...(filters.length > 0 && { filters }), count }
    await audit({
      tenant: caller.tenant,
      at: now(),
      actor: caller.id,
      action: 'subscription.replay',
      object: id,
      detail,
    })
    turned()
    return { count, ...(limit !== undefined && { next: reached === null ? null : formatSequence(reached + 1) }) }
  }

  /** Open tenants, and a catalogue of former times, have types that this one does not know: the log may hold them. */
  async #checkTypes(tenant: string, types: readonly string[]): Promise<void> {
    const names = this.#dependencies.typeNames()
    for (const [index, type] of types.entries()) {
      if (names.includes(type) || (await this.#isInLog(tenant, type))) continue
      const shown = JSON.stringify(type.slice(0, 100))
      throw new InvalidInput('invalid_request', `No event type is called ${shown}.${hint(type, names)}`, {
        field: `types[${index}]`,
        expected: 'a type of the catalogue, or one that the log holds; no pattern',
      })
    }
  }

  async #isInLog(tenant: string, type: string): Promise<boolean> {
    const rows = await this.#dependencies.store.log.list({ tenant, types: [type] }, { after: null, limit: 1 })
    return rows.length > 0
  }

  async #place(tenant: string, field: 'from' | 'to', place: number | string, head: number): Promise<number> {
    if (place === END[field]) return field === 'from' ? 1 : head
    if (typeof place === 'number' || /^\d{1,20}$/.test(place)) return sequenceIn(field, Number(place))
    const time = Date.parse(place)
    if (!/^\d{4}-\d{2}-\d{2}T/.test(place) || Number.isNaN(time)) throw invalidPlace(field)
    return field === 'from' ? this.#first(tenant, time, head) : this.#last(tenant, time)
  }

  /** The first event received at the time or later. */
  async #first(tenant: string, from: number, head: number): Promise<number> {
    const [row] = await this.#dependencies.store.log.list({ tenant, from }, { after: null, limit: 1, order: 'oldest' })
    return row ? row.sequence : head + 1
  }

  /** The last event received before or at the time. */
  async #last(tenant: string, time: number): Promise<number> {
    const [row] = await this.#dependencies.store.log.list(
      { tenant, till: time + 1 },
      { after: null, limit: 1, order: 'newest' },
    )
    return row ? row.sequence : 0
  }
}

/** The words for the ends of the log, as those of `seek`. */
const END = { from: 'earliest', to: 'now' } as const

function sequenceIn(field: 'from' | 'to', sequence: number): number {
  if (Number.isSafeInteger(sequence) && sequence >= 0) return sequence
  throw invalidPlace(field)
}

const narrowed = (subscription: Subscription, filters: readonly Filter[]): Subscription => ({
  ...subscription,
  spec: { ...subscription.spec, filters: [...subscription.spec.filters, ...filters] },
})

const readsItself = (): Conflict =>
  new Conflict('wrong_state', 'The subscription reads the log itself: it is told again by seeking.', {
    expected: 'POST …/seek',
  })

const badLimit = (): InvalidInput =>
  new InvalidInput('invalid_request', 'This is no limit of a replay.', {
    field: 'limit',
    expected: 'a whole number from 1 on, and no dryRun',
  })

const invalidPlace = (field: 'from' | 'to'): InvalidInput =>
  new InvalidInput('invalid_request', `A replay cannot be told ${field} there.`, {
    field,
    expected: `"${END[field]}", a sequence, or a time as in RFC 3339`,
  })
