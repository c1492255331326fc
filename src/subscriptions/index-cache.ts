/**
 * The match index of each tenant, kept until a commit says the subscriptions changed. A store is asked once at a
 * time for a tenant, however many wait.
 */
import { LRUCache } from 'lru-cache'
import type { SubscriptionStore } from '../store/port.js'
import { MatchIndex, type MatchTypes } from './match-index.js'
import { fromRow } from './subscription.js'

/** Tenants whose index is kept; the least used goes first. */
const MOST = 1000

export class IndexCache {
  readonly #store: Pick<SubscriptionStore, 'load'>
  readonly #types: MatchTypes
  readonly #known = new LRUCache<string, MatchIndex>({ max: MOST })
  readonly #loading = new Map<string, Promise<MatchIndex>>()

  constructor(store: Pick<SubscriptionStore, 'load'>, types: MatchTypes) {
    this.#store = store
    this.#types = types
  }

  /** A promise only if the store is asked. @throws Unavailable when it cannot read; the next call tries again. */
  get(tenant: string): MatchIndex | Promise<MatchIndex> {
    return this.#known.get(tenant) ?? this.#load(tenant)
  }

  /**
   * Reads the subscriptions again, unless version `atLeast` is there already.
   * A load under way is shared; one that began before a change it must show is followed by another.
   */
  async reload(tenant: string, atLeast?: number): Promise<MatchIndex> {
    const known = this.#known.get(tenant)
    if (known && atLeast !== undefined && known.version >= atLeast) return known
    const shared = this.#loading.get(tenant)
    if (!shared) return this.#load(tenant)
    const index = await shared
    return atLeast !== undefined && index.version >= atLeast ? index : this.#load(tenant)
  }

  /** Drops a tenant's index: the next `get` reads it. */
  forget(tenant: string): void {
    this.#known.delete(tenant)
  }

  forgetAll(): void {
    this.#known.clear()
  }

  #load(tenant: string): Promise<MatchIndex> {
    const loading = this.#loading.get(tenant)
    if (loading) return loading
    const fresh = this.#read(tenant).finally(() => this.#loading.delete(tenant))
    this.#loading.set(tenant, fresh)
    return fresh
  }

  async #read(tenant: string): Promise<MatchIndex> {
    const { version, rows } = await this.#store.load(tenant)
    const index = new MatchIndex(rows.map(fromRow), this.#types, version)
    const known = this.#known.get(tenant)
    if (!known || known.version <= version) this.#known.set(tenant, index)
    return index
  }
}
