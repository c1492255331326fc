/**
 * Who published the events that processors work on, remembered for a moment: a chain of a thousand events asks once.
 */
import { LRUCache } from 'lru-cache'
import type { Principal } from '../access/principal.js'

/** Milliseconds. A key that was revoked meanwhile makes no difference: its event was let in when it counted. */
const FRESH = 1_000

export class Publishers {
  readonly #read: (id: string, tenant: string) => Promise<Principal>
  readonly #now: () => number
  readonly #known = new LRUCache<string, { readonly until: number; readonly principal: Promise<Principal> }>({
    max: 1_000,
  })

  constructor(read: (id: string, tenant: string) => Promise<Principal>, now: () => number) {
    this.#read = read
    this.#now = now
  }

  get(id: string, tenant: string): Promise<Principal> {
    const key = `${tenant}/${id}`
    const known = this.#known.get(key)
    if (known && known.until > this.#now()) return known.principal
    const principal = this.#read(id, tenant)
    this.#known.set(key, { until: this.#now() + FRESH, principal })
    principal.catch(() => this.#known.delete(key))
    return principal
  }
}
