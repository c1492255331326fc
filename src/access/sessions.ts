/**
 * Sessions of people at a browser: the key they signed in with, or who they are by word of the provider, sealed, with the time it ends.
 * Nothing is stored, so any node that has the same sealing key knows it, and revoking the key ends it everywhere.
 */
import { LRUCache } from 'lru-cache'
import { AccessDenied, Unavailable } from '../errors.js'
import { atMost } from './at-most.js'
import type { Principal } from './principal.js'
import type { SealPlace } from './seal.js'
import type { Sealer } from './sealer.js'

export interface Session {
  readonly principal: Principal
  /** Milliseconds since 1970. */
  readonly until: number
}

/** One just begun, and what the browser is to keep of it. */
export interface OpenSession extends Session {
  readonly token: string
}

export interface SessionWorld {
  readonly sealer: Sealer
  readonly newId: () => string
  readonly now: () => number
  readonly authenticate: (bearer: string) => Promise<Principal | null>
  /** Whether who came by the provider may still be here. */
  readonly stands: (person: Principal) => Promise<boolean>
  /** When a resource was made, milliseconds since 1970; null: there is none. One that gets the id of a removed one is another. */
  readonly madeAt: (tenant: string, resource: string) => Promise<number | null>
}

interface OfPerson {
  readonly person: Principal
  /** Of the resource the person speaks for: the session ends with it, as keys do. */
  readonly madeAt?: number | null
}

type By = { readonly bearer: string } | OfPerson

type Kept = { readonly id: string; readonly until: number } & By

/** Milliseconds: a working day. */
const SESSION_LASTS = 12 * 3_600_000

/** Failed tries from one address in a window of so many milliseconds, before further ones are refused unread. */
const MOST_TRIES = 20
const WINDOW = 60_000
const KNOWN_MOST = 10_000

const PLACE: SealPlace = { tenant: '', record: 'session', path: 'key' }

export class Sessions {
  readonly #world: SessionWorld
  /** Ended by who had them; further nodes end them with the key or by their time. */
  readonly #ended = new LRUCache<string, true>({ ...atMost(KNOWN_MOST), ttl: SESSION_LASTS })
  readonly #failures = new LRUCache<string, { count: number; from: number }>(atMost(KNOWN_MOST))

  constructor(world: SessionWorld) {
    this.#world = world
  }

  /**
   * @param from the caller's address, by which failed tries are counted
   * @throws AccessDenied `unauthenticated`; Unavailable `quota_exceeded` after 20 failed tries in a minute
   */
  async begin(bearer: string, from: string): Promise<OpenSession> {
    this.#requirePatience(from)
    const principal = await this.#world.authenticate(bearer)
    if (principal === null) {
      this.#failed(from)
      throw new AccessDenied('unauthenticated', 'This key is not valid here.', {
        field: 'key',
        expected: 'a key that is in force, such as tsk_…, as `tocsin keys create` prints it',
      })
    }
    return this.#sealed(principal, { bearer }, SESSION_LASTS)
  }

  /** Of who showed no key: the provider said who they are. @param lasts milliseconds */
  async open(person: Principal, lasts: number): Promise<OpenSession> {
    return this.#sealed(person, { person, madeAt: await this.#madeAt(person) }, lasts)
  }

  /** Null when it ended, its key is no longer in force, or it never was one of ours. */
  async find(token: string): Promise<Session | null> {
    const kept = this.#opened(token)
    if (kept === null || kept.until <= this.#world.now() || this.#ended.has(kept.id)) return null
    const principal = 'bearer' in kept ? await this.#world.authenticate(kept.bearer) : await this.#standing(kept)
    return principal && { principal, until: kept.until }
  }

  end(token: string): void {
    const kept = this.#opened(token)
    if (kept) this.#ended.set(kept.id, true)
  }

  #sealed(principal: Principal, by: By, lasts: number): OpenSession {
    const until = this.#world.now() + lasts
    const kept: Kept = { id: this.#world.newId(), until, ...by }
    return { principal, until, token: this.#world.sealer.seal(JSON.stringify(kept), PLACE) }
  }

  async #standing({ person, madeAt = null }: OfPerson): Promise<Principal | null> {
    const isSame = (await this.#madeAt(person)) === madeAt
    return isSame && (await this.#world.stands(person)) ? person : null
  }

  async #madeAt({ tenant, resource }: Principal): Promise<number | null> {
    return resource === null ? null : this.#world.madeAt(tenant, resource)
  }

  #opened(token: string): Kept | null {
    try {
      return JSON.parse(this.#world.sealer.open(token, PLACE)) as Kept
    } catch {
      return null
    }
  }

  #requirePatience(from: string): void {
    const failures = this.#failures.get(from)
    const left = failures ? failures.from + WINDOW - this.#world.now() : 0
    if (!failures || failures.count < MOST_TRIES || left <= 0) return
    throw new Unavailable('quota_exceeded', 'Too many keys were tried from here.', { retryAfter: left / 1_000 })
  }

  #failed(from: string): void {
    const now = this.#world.now()
    const before = this.#failures.get(from)
    const running = before !== undefined && now - before.from < WINDOW
    this.#failures.set(from, running ? { ...before, count: before.count + 1 } : { count: 1, from: now })
  }
}
