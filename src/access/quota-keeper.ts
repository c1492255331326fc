/**
 * What one tenant may take of what all share. Who publishes more than its tenant may is told when to come again. What is
 * true already (captured rows, a host's own transaction in SQL) and what follows from it is let in whatever the quotas say.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { Unavailable } from '../errors.js'
import { atMost } from './at-most.js'
import type { TenantRecord } from './tenants.js'

export interface QuotaDependencies {
  /** A promise only if the store is asked. @throws NotFound */
  tenant(id: string): TenantRecord | Promise<TenantRecord>
  /** Takes so many turns of a rate that all nodes keep together, if one is there now; else the milliseconds until one is. */
  takeTurns(tenant: string, rate: number, turns: number): Promise<{ readonly taken: boolean; readonly wait: number }>
  /** Of all its subscriptions and processors. */
  unfinishedTasks(tenant: string): Promise<number>
  /** Milliseconds. */
  now(): number
}

/** A node takes the turns of a tenth of a second at once: it asks seldom, and few are lost if it needs no more. */
const AT_ONCE = 10
/** Milliseconds for which a count of tasks holds. */
const COUNTED_FOR = 1_000
/** Seconds after which who has too many tasks may come again. */
const PATIENCE = 5

type Limited = TenantRecord & { readonly use: Use }

/** What is known of a tenant's use; what is asked is asked once for all who wait. */
interface Use {
  /** Taken, and not used yet. */
  turns: number
  taking: Promise<void> | null
  tasks: number
  countedAt: number
  counting: Promise<void> | null
}

export class QuotaKeeper {
  readonly #dependencies: QuotaDependencies
  readonly #uses = new LRUCache<string, Use>(atMost(10_000))

  constructor(dependencies: QuotaDependencies) {
    this.#dependencies = dependencies
  }

  /** A promise only if there is something to ask. @throws Unavailable `quota_exceeded`, NotFound */
  take(id: string, events: number): void | Promise<void> {
    const tenant = this.#dependencies.tenant(id)
    return tenant instanceof Promise ? tenant.then((known) => this.#take(known, events)) : this.#take(tenant, events)
  }

  #take(tenant: TenantRecord, events: number): void | Promise<void> {
    const { eventsPerSecond, unfinishedTasks } = tenant
    if (eventsPerSecond === null && unfinishedTasks === null) return
    return this.#takeOf({ ...tenant, use: this.#useOf(tenant.id) }, events)
  }

  async #takeOf(tenant: Limited, events: number): Promise<void> {
    if (tenant.unfinishedTasks !== null) await this.#checkTasks(tenant, tenant.unfinishedTasks)
    if (tenant.eventsPerSecond !== null) await this.#takeTurns(tenant, tenant.eventsPerSecond, events)
  }

  async #checkTasks({ id, use }: Limited, most: number): Promise<void> {
    if (this.#dependencies.now() - use.countedAt >= COUNTED_FOR) {
      use.counting ??= this.#count(id, use).finally(() => {
        use.counting = null
      })
      await use.counting
    }
    if (use.tasks < most) return
    throw new Unavailable('quota_exceeded', `The tenant has ${use.tasks} unfinished tasks, and may have ${most}.`, {
      data: { quota: 'unfinishedTasks', limit: most },
      retryAfter: PATIENCE,
    })
  }

  async #count(id: string, use: Use): Promise<void> {
    const { unfinishedTasks, now } = this.#dependencies
    use.tasks = await unfinishedTasks(id)
    use.countedAt = now()
  }

  async #takeTurns({ id, use }: Limited, rate: number, events: number): Promise<void> {
    while (use.turns < events) {
      use.taking ??= this.#fetchTurns(id, use, rate, events).finally(() => {
        use.taking = null
      })
      await use.taking
    }
    use.turns -= events
  }

  async #fetchTurns(id: string, use: Use, rate: number, events: number): Promise<void> {
    const turns = Math.max(events - use.turns, Math.ceil(rate / AT_ONCE))
    const { taken, wait } = await this.#dependencies.takeTurns(id, rate, turns)
    if (taken) use.turns += turns
    else
      throw new Unavailable('quota_exceeded', `The tenant may publish ${rate} events a second.`, {
        data: { quota: 'eventsPerSecond', limit: rate },
        retryAfter: wait / 1_000,
      })
  }

  #useOf(id: string): Use {
    const known = this.#uses.get(id)
    if (known) return known
    const use = { turns: 0, taking: null, tasks: 0, countedAt: Number.NEGATIVE_INFINITY, counting: null }
    this.#uses.set(id, use)
    return use
  }
}

/** Does what a quota may refuse, and does it again when it may be done, until nobody waits for it. @throws the signal's reason */
export async function whenItMay<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Unavailable) || error.code !== 'quota_exceeded') throw error
      await sleep((error.retryAfter ?? 1) * 1_000, undefined, { signal }).catch(() => signal?.throwIfAborted())
    }
  }
}
