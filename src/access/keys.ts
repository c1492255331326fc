/**
 * Bearer keys: made once, told once, kept as a hash.
 */
import { LRUCache } from 'lru-cache'
import { Conflict, NotFound } from '../errors.js'
import { type KeyInput, readGrant } from './key-input.js'
import { createKeyText, hashSecret, parseKeyText, type RandomBytes, sameHash } from './key-text.js'
import { type Page, type PageRequest, pageOf } from './page.js'
import { hasRole, type Principal, type Role, requireScope, type Scope } from './principal.js'

/** A key as it is kept. */
export interface KeyRecord {
  readonly id: string
  readonly tenant: string
  /** SHA-256 of the secret, base64url. */
  readonly hash: string
  readonly name: string
  /** JSON array. */
  readonly roles: string
  /** JSON array. */
  readonly scopes: string
  readonly resource: string | null
  /** Milliseconds since 1970, as the next two. */
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
}

/** What keys ask of a store. */
export interface KeyStore {
  getKey(id: string): Promise<KeyRecord | null>
  listKeys(tenant: string, page: { after: string | null; limit: number }): Promise<readonly KeyRecord[]>
  putKey(row: KeyRecord): Promise<void>
  revokeKey(tenant: string, id: string, now: number): Promise<boolean>
  getTenant(id: string): Promise<{ readonly disabledAt: number | null } | null>
}

/** A key as callers see it: neither the secret nor its hash. Times in RFC 3339. */
export interface KeyView {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly roles: readonly Role[]
  readonly scopes: readonly Scope[]
  readonly resource: string | null
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
}

/** The source of time (milliseconds since 1970) and of randomness. */
export interface KeyWorld {
  readonly now: () => number
  readonly random: RandomBytes
}

interface Known {
  readonly hash: string
  readonly principal: Principal
  readonly expiresAt: number | null
  readonly readAt: number
}

/** How long, in milliseconds, another process may still accept a key that was revoked here. */
const KNOWN_FOR = 5_000
const KNOWN_MOST = 10_000

export class Keys {
  readonly #store: KeyStore
  readonly #world: KeyWorld
  readonly #known = new LRUCache<string, Known>({ max: KNOWN_MOST })
  #forgotten = 0

  constructor(store: KeyStore, world: KeyWorld) {
    this.#store = store
    this.#world = world
  }

  /**
   * `key` is the text to call with; it is never told again.
   * @throws InvalidInput `invalid_request`; AccessDenied; NotFound for the tenant; Conflict when that is disabled.
   */
  async create(caller: Principal, input: KeyInput): Promise<KeyView & { readonly key: string }> {
    requireScope(caller, 'keys:write')
    const now = this.#world.now()
    const { roles, scopes, ...grant } = readGrant(caller, input, now)
    await this.#requireTenant(grant.tenant)
    const { id, secret, text } = createKeyText(this.#world.random)
    const lists = { roles: JSON.stringify(roles), scopes: JSON.stringify(scopes) }
    const row = { ...grant, ...lists, id, hash: hashSecret(secret), createdAt: now, revokedAt: null }
    await this.#store.putKey(row)
    return { ...viewOf(row), key: text }
  }

  /** Keys of the caller's tenant, or of the one an operator names; revoked and expired ones too. */
  async list(caller: Principal, request: PageRequest & { readonly tenant?: string } = {}): Promise<Page<KeyView>> {
    requireScope(caller, 'keys:read')
    const { tenant = caller.tenant } = request
    if (!reaches(caller, tenant)) throw new NotFound('tenant', tenant)
    return await pageOf(request, (page) => this.#store.listKeys(tenant, page), viewOf)
  }

  /**
   * At once in this process, within five seconds in others. Revoking again changes nothing.
   * @throws NotFound
   */
  async revoke(caller: Principal, id: string): Promise<KeyView> {
    requireScope(caller, 'keys:write')
    const row = await this.#store.getKey(id)
    if (row === null || !reaches(caller, row.tenant)) throw new NotFound('key', id)
    await this.#store.revokeKey(row.tenant, id, this.#world.now())
    this.forget()
    return viewOf((await this.#store.getKey(id)) ?? row)
  }

  /** Null when the key is unknown, revoked or expired, or its tenant is disabled. `now` in milliseconds. */
  async authenticate(bearer: string, now: number = this.#world.now()): Promise<Principal | null> {
    const key = parseKeyText(bearer)
    if (key === null) return null
    const known = this.#lately(key.id, now) ?? (await this.#read(key.id, now))
    if (known === null || !sameHash(known.hash, hashSecret(key.secret))) return null
    return known.expiresAt !== null && known.expiresAt <= now ? null : known.principal
  }

  /**
   * Who a stored id stands for, as it is now; for work that goes on under a publisher's name.
   * One whose key is gone, and our own processes, may publish and no more.
   */
  async principal(id: string, tenant: string): Promise<Principal> {
    const row = await this.#store.getKey(id)
    if (row !== null && row.tenant === tenant) return principalOf(row)
    return { id, name: id, tenant, roles: ['publisher'], scopes: [], resource: null }
  }

  /** What was read before does not count any more: a key or a tenant changed. */
  forget(): void {
    this.#forgotten += 1
    this.#known.clear()
  }

  #lately(id: string, now: number): Known | null {
    const known = this.#known.get(id)
    // A clock set back must not prolong it.
    return known !== undefined && now >= known.readAt && now - known.readAt < KNOWN_FOR ? known : null
  }

  async #read(id: string, now: number): Promise<Known | null> {
    const forgotten = this.#forgotten
    const row = await this.#store.getKey(id)
    if (row === null || row.revokedAt !== null) return null
    const tenant = await this.#store.getTenant(row.tenant)
    if (tenant === null || tenant.disabledAt !== null) return null
    const known = { hash: row.hash, principal: principalOf(row), expiresAt: row.expiresAt, readAt: now }
    // Revoked while it was read: it may be what was true before.
    if (this.#forgotten === forgotten) this.#known.set(id, known)
    return known
  }

  async #requireTenant(id: string): Promise<void> {
    const tenant = await this.#store.getTenant(id)
    if (tenant === null) throw new NotFound('tenant', id)
    if (tenant.disabledAt !== null) throw new Conflict('wrong_state', 'The tenant is disabled.', { field: 'tenant' })
  }
}

const reaches = (caller: Principal, tenant: string): boolean => caller.tenant === tenant || hasRole(caller, 'operator')

const rolesOf = (row: KeyRecord): readonly Role[] => JSON.parse(row.roles) as readonly Role[]
const scopesOf = (row: KeyRecord): readonly Scope[] => JSON.parse(row.scopes) as readonly Scope[]

const principalOf = (row: KeyRecord): Principal => ({
  id: row.id,
  name: row.name,
  tenant: row.tenant,
  roles: rolesOf(row),
  scopes: scopesOf(row),
  resource: row.resource,
})

const viewOf = (row: KeyRecord): KeyView => ({
  ...principalOf(row),
  createdAt: timeText(row.createdAt),
  expiresAt: row.expiresAt === null ? null : timeText(row.expiresAt),
  revokedAt: row.revokedAt === null ? null : timeText(row.revokedAt),
})

const timeText = (time: number): string => new Date(time).toISOString()
