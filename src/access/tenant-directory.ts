/**
 * What is asked of a tenant with every event, without a look at the store each time.
 */
import { LRUCache } from 'lru-cache'
import { NotFound } from '../errors.js'
import { atMost } from './at-most.js'
import type { TenantRecord, TenantStore } from './tenants.js'

/** How long, in milliseconds, another process's change may go unseen. */
const KNOWN_FOR = 5_000

export class TenantDirectory {
  readonly #store: Pick<TenantStore, 'getTenant'>
  readonly #known = new LRUCache<string, TenantRecord>({ ...atMost(10_000), ttl: KNOWN_FOR })
  /** Under way: whoever asks meanwhile gets the same answer. What is forgotten meanwhile is asked again. */
  readonly #asked = new Map<string, Promise<TenantRecord | null>>()

  constructor(store: Pick<TenantStore, 'getTenant'>) {
    this.#store = store
  }

  /** A promise only if the store is asked. @throws NotFound */
  get(id: string): TenantRecord | Promise<TenantRecord> {
    return this.#known.get(id) ?? this.#ask(id).then(foundAs(id))
  }

  /** Whether it accepts event types that are not in the catalogue; a promise only if the store is asked. @throws NotFound */
  openTypes(id: string): boolean | Promise<boolean> {
    const tenant = this.get(id)
    return tenant instanceof Promise ? tenant.then(({ openTypes }) => openTypes) : tenant.openTypes
  }

  /** Of the workers, beside other tenants. The ordinary one until it is known. */
  weight(id: string): number {
    const tenant = this.#known.get(id)
    if (tenant === undefined) this.#ask(id).catch(() => undefined)
    return tenant?.weight ?? 1
  }

  /** Whether there is such a tenant, and it is not shut out. */
  async isOpen(id: string): Promise<boolean> {
    const tenant = this.#known.get(id) ?? (await this.#ask(id))
    return tenant !== null && tenant.disabledAt === null
  }

  #ask(id: string): Promise<TenantRecord | null> {
    return this.#asked.get(id) ?? this.#askOnce(id)
  }

  #askOnce(id: string): Promise<TenantRecord | null> {
    const isLast = () => this.#asked.get(id) === asked
    const asked = this.#store
      .getTenant(id)
      .then((tenant) => {
        if (tenant && isLast()) this.#known.set(id, tenant)
        return tenant
      })
      .finally(() => isLast() && this.#asked.delete(id))
    this.#asked.set(id, asked)
    return asked
  }

  forget(id: string): void {
    this.#known.delete(id)
    this.#asked.delete(id)
  }

  forgetAll(): void {
    this.#known.clear()
    this.#asked.clear()
  }
}

const foundAs = (id: string) => (tenant: TenantRecord | null) => {
  if (tenant) return tenant
  throw new NotFound('tenant', id)
}
