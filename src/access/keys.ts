/**
 * Keys: made once, told once, kept as a hash (a bearer), sealed (what signs calls) or as a digest (a certificate).
 */
import { LRUCache } from 'lru-cache'
import { Conflict, NotFound } from '../errors.js'
import { atMost } from './at-most.js'
import type { AccessAudit } from './audit.js'
import {
  createBearer,
  createSigner,
  idOfCertificate,
  type KeyKind,
  type Made,
  ofCertificate,
  openSecret,
  type Shown,
  type SigningKind,
} from './credential.js'
import { type KeyGrant, type KeyInput, readGrant } from './key-input.js'
import { hashSecret, NOBODYS, parseKeyText, type RandomBytes, sameHash } from './key-text.js'
import { type Page, type PageRequest, pageOf } from './page.js'
import { hasRole, type Principal, type Role, requireScope, type Scope } from './principal.js'
import type { Sealer } from './sealer.js'
import { type SignedCall, SignedCalls, type SpentNonce } from './signed-calls.js'

/** A key as it is kept. */
export interface KeyRecord {
  readonly id: string
  readonly tenant: string
  readonly kind: KeyKind
  /** SHA-256, base64url: of a bearer's secret, of a certificate; empty where calls are signed. */
  readonly hash: string
  /** The secret that signs calls, sealed. */
  readonly sealed: string | null
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
  spendNonce(nonce: SpentNonce, oldest: number): Promise<boolean>
  getTenant(id: string): Promise<{ readonly disabledAt: number | null } | null>
}

/** A key as callers see it: neither the secret nor its hash. Times in RFC 3339. */
export interface KeyView {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly kind: KeyKind
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
  readonly sealer: Sealer
  readonly audit: AccessAudit
}

interface Known {
  readonly row: KeyRecord
  readonly principal: Principal
  readonly readAt: number
}

/** How long, in milliseconds, another process may still accept a key that was revoked here. */
const KNOWN_FOR = 5_000
const KNOWN_MOST = 10_000

export class Keys {
  readonly #store: KeyStore
  readonly #world: KeyWorld
  readonly #signed: SignedCalls
  readonly #known = new LRUCache<string, Known>(atMost(KNOWN_MOST))
  /** What was read last, even if it does not count any more. */
  readonly #last = new LRUCache<string, Known>(atMost(KNOWN_MOST))
  /** Opened once for each reading of a key, as it costs as much as checking a signature. */
  readonly #opened = new WeakMap<Known, string>()
  #forgotten = 0

  constructor(store: KeyStore, world: KeyWorld) {
    this.#store = store
    this.#world = world
    this.#signed = new SignedCalls({
      spend: (nonce, oldest) => store.spendNonce(nonce, oldest),
      consumer: (id) => this.#consumer(id),
      now: world.now,
    })
  }

  /**
   * What its holder shows (`Shown`) is never told again.
   * @throws InvalidInput `invalid_request`; AccessDenied; NotFound for the tenant; Conflict when that is disabled.
   */
  create(caller: Principal, input: KeyInput & { readonly kind?: 'bearer' }): Promise<KeyView & { readonly key: string }>
  create(caller: Principal, input: KeyInput): Promise<KeyView & Shown>
  async create(caller: Principal, input: KeyInput): Promise<KeyView & Shown> {
    requireScope(caller, 'keys:write')
    const now = this.#world.now()
    const grant = readGrant(caller, input, now)
    const { name, tenant, resource } = grant
    await this.#requireTenant(tenant)
    const { credential, shown, until } = this.#make(grant, now)
    if (credential.kind === 'certificate') await this.#requireUnused(credential.id)
    const lists = { roles: JSON.stringify(grant.roles), scopes: JSON.stringify(grant.scopes) }
    const expiresAt = earlier(grant.expiresAt, until)
    const row = { ...credential, ...lists, name, tenant, resource, expiresAt, createdAt: now, revokedAt: null }
    await this.#store.putKey(row)
    this.forget()
    const { id, kind } = row
    const detail = { name, kind, roles: grant.roles, scopes: grant.scopes, resource, expiresAt: viewOf(row).expiresAt }
    await this.#world.audit({ tenant, at: now, actor: caller.id, action: 'key.create', object: id, detail })
    return { ...viewOf(row), ...shown }
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
    const now = this.#world.now()
    const isRevoked = await this.#store.revokeKey(row.tenant, id, now)
    this.#last.delete(id)
    this.forget()
    if (isRevoked) await this.#world.audit(revocation(row, caller, now))
    return viewOf((await this.#store.getKey(id)) ?? row)
  }

  /** Null when the key is unknown, revoked or expired, or its tenant is disabled. `now` in milliseconds. */
  async authenticate(bearer: string, now: number = this.#world.now()): Promise<Principal | null> {
    const key = parseKeyText(bearer)
    if (key === null) return null
    const known = await this.#inForce(key.id, 'bearer', now)
    return known !== null && sameHash(known.row.hash, hashSecret(key.secret)) ? known.principal : null
  }

  /** The same by what was read last, however long ago: for who asks how the instance is while the store does not answer. */
  lastKnown(bearer: string, now: number = this.#world.now()): Principal | null {
    const key = parseKeyText(bearer)
    const known = key ? this.#last.get(key.id) : undefined
    if (known?.row.kind !== 'bearer' || !sameHash(known.row.hash, hashSecret(key?.secret ?? ''))) return null
    return known.row.expiresAt !== null && known.row.expiresAt <= now ? null : known.principal
  }

  /** Who signed a call by OAuth 1 (RFC 5849). @throws AccessDenied `unauthenticated` */
  signer(call: SignedCall): Promise<Principal> {
    return this.#signed.authenticate(call)
  }

  /** Whose certificate a TLS client showed; null if it is nobody's. @param digest SHA-256 of it (DER), base64url */
  async holder(digest: string): Promise<Principal | null> {
    const known = await this.#inForce(idOfCertificate(digest), 'certificate')
    return known !== null && sameHash(known.row.hash, digest) ? known.principal : null
  }

  /**
   * Who signed a call by AWS Signature Version 4. `unknown`: no such access key is in force, which takes as long to find out.
   * @param isSigned whether the signature is that of a secret access key
   */
  async signedBy(id: string, isSigned: (secret: string) => boolean): Promise<Principal | 'unknown' | 'forged'> {
    const key = await this.#signerOf(id, 'sigv4')
    const right = isSigned(key?.secret ?? NOBODYS)
    if (key === null) return 'unknown'
    return right ? key.principal : 'forged'
  }

  /** To sign what we send ourselves: the secret of a consumer of this tenant; null when there is none in force. */
  async consumerSecret(tenant: string, id: string): Promise<string | null> {
    const consumer = await this.#consumer(id)
    return consumer?.principal.tenant === tenant ? consumer.secret : null
  }

  /**
   * Who a stored id stands for, as it is now; for work that goes on under a publisher's name.
   * One whose key ended, and our own processes, may publish and no more; a key that was bound or narrowed stays so.
   */
  async principal(id: string, tenant: string): Promise<Principal> {
    const row = await this.#store.getKey(id)
    if (row === null || row.tenant !== tenant)
      return { id, name: id, tenant, roles: ['publisher'], scopes: [], resource: null }
    return hasEnded(row, this.#world.now()) ? { ...principalOf(row), roles: ['publisher'] } : principalOf(row)
  }

  /** What was read before does not count any more: a key or a tenant changed. */
  forget(): void {
    this.#forgotten += 1
    this.#known.clear()
  }

  #consumer(id: string) {
    return this.#signerOf(id, 'oauth1')
  }

  async #signerOf(id: string, kind: SigningKind) {
    const known = await this.#inForce(id, kind)
    const sealed = known?.row.sealed ?? null
    if (known === null || sealed === null) return null
    const secret = this.#opened.get(known) ?? openSecret({ ...known.row, kind, sealed }, this.#world.sealer)
    this.#opened.set(known, secret)
    return { principal: known.principal, secret }
  }

  async #inForce(id: string, kind: KeyKind, now = this.#world.now()): Promise<Known | null> {
    const known = this.#lately(id, now) ?? (await this.#read(id, now))
    if (known?.row.kind !== kind) return null
    const { expiresAt } = known.row
    return expiresAt !== null && expiresAt <= now ? null : known
  }

  #make({ kind, tenant, certificate }: KeyGrant, now: number): Made {
    const { random, sealer } = this.#world
    if (kind === 'oauth1' || kind === 'sigv4') return createSigner(kind, random, tenant, sealer)
    return kind === 'certificate' ? ofCertificate(certificate, now) : createBearer(random)
  }

  /** A certificate stands for one principal: revoked, it can be given to another. */
  async #requireUnused(id: string): Promise<void> {
    const row = await this.#store.getKey(id)
    if (row === null || row.revokedAt !== null) return
    throw new Conflict('already_exists', 'The certificate is a key already.', { field: 'certificate' })
  }

  #lately(id: string, now: number): Known | null {
    const known = this.#known.get(id)
    // A clock set back must not prolong it.
    return known !== undefined && now >= known.readAt && now - known.readAt < KNOWN_FOR ? known : null
  }

  async #read(id: string, now: number): Promise<Known | null> {
    const forgotten = this.#forgotten
    const row = await this.#store.getKey(id)
    this.#last.delete(id)
    if (row === null || row.revokedAt !== null) return null
    const tenant = await this.#store.getTenant(row.tenant)
    if (tenant === null || tenant.disabledAt !== null) return null
    const known = { row, principal: principalOf(row), readAt: now }
    // Revoked while it was read: it may be what was true before.
    if (this.#forgotten === forgotten) this.#known.set(id, known)
    this.#last.set(id, known)
    return known
  }

  async #requireTenant(id: string): Promise<void> {
    const tenant = await this.#store.getTenant(id)
    if (tenant === null) throw new NotFound('tenant', id)
    if (tenant.disabledAt !== null) throw new Conflict('wrong_state', 'The tenant is disabled.', { field: 'tenant' })
  }
}

const reaches = (caller: Principal, tenant: string): boolean => caller.tenant === tenant || hasRole(caller, 'operator')

const hasEnded = ({ revokedAt, expiresAt }: KeyRecord, now: number): boolean =>
  revokedAt !== null || (expiresAt !== null && expiresAt <= now)

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
  kind: row.kind,
  createdAt: timeText(row.createdAt),
  expiresAt: row.expiresAt === null ? null : timeText(row.expiresAt),
  revokedAt: row.revokedAt === null ? null : timeText(row.revokedAt),
})

const revocation = ({ id, tenant, name, resource }: KeyRecord, caller: Principal, at: number) => ({
  ...{ tenant, at, actor: caller.id, action: 'key.revoke' as const, object: id },
  detail: { name, resource },
})

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other)

const timeText = (time: number): string => new Date(time).toISOString()
