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
    return this.#known.get(id)?.openTypes ?? this.#ask(id).then(openTypesOf(id))
  }

  /** Whether there is such a tenant, and it is not shut out. */
  async isOpen(id: string): Promise<boolean> {
    const tenant = this.#known.get(id) ?? (await this.#ask(id))
    return tenant !== null && tenant.disabledAt === null
  }

  async #ask(id: string): Promise<TenantRecord | null> {
    const tenant = await this.#store.getTenant(id)
    if (tenant) this.#known.set(id, tenant)
    return tenant
  }

  forget(id: string): void {
    this.#known.delete(id)
  }

  forgetAll(): void {
    this.#known.clear()
  }
}

const openTypesOf = (id: string) => (tenant: TenantRecord | null) => {
  if (tenant) return tenant.openTypes
  throw new NotFound('tenant', id)
}
