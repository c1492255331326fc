/**
 * What is asked of a tenant with every event, without a look at the store each time.
 */
import { LRUCache } from 'lru-cache'
import { NotFound } from '../errors.js'
import type { TenantRecord, TenantStore } from './tenants.js'

/** How long, in milliseconds, another process's change may go unseen. */
const KNOWN_FOR = 5_000

export class TenantDirectory {
  readonly #store: Pick<TenantStore, 'getTenant'>
  readonly #known = new LRUCache<string, TenantRecord>({ max: 10_000, ttl: KNOWN_FOR })

  constructor(store: Pick<TenantStore, 'getTenant'>) {
    this.#store = store
  }

  /** Whether it accepts event types that are not in the catalogue; a promise only if the store is asked. @throws NotFound */
  openTypes(id: string): boolean | Promise<boolean> {
    return this.#known.get(id)?.openTypes ?? this.#ask(id)
  }

  async #ask(id: string): Promise<boolean> {
    const tenant = await this.#store.getTenant(id)
    if (!tenant) throw new NotFound('tenant', id)
    this.#known.set(id, tenant)
    return tenant.openTypes
  }

  forget(id: string): void {
    this.#known.delete(id)
  }

  forgetAll(): void {
    this.#known.clear()
  }
}
