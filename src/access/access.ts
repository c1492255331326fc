/**
 * Access, put together: who may speak, what is sealed, whom we may reach.
 */
import { randomBytes } from 'node:crypto'
import type { AccessAudit } from './audit.js'
import { EgressClient } from './egress/client.js'
import { createPolicy } from './egress/guard.js'
import { type CertificateFiles, identitiesFrom } from './egress/identity.js'
import { type KeyStore, Keys } from './keys.js'
import type { OidcSettings } from './oidc/settings.js'
import { SignIn } from './oidc/sign-in.js'
import type { Principal } from './principal.js'
import { createSealer, type Sealer, type SealingSettings } from './sealer.js'
import { Sessions } from './sessions.js'
import { TenantDirectory } from './tenant-directory.js'
import { type TenantRecord, type TenantStore, Tenants, UNLIMITED } from './tenants.js'

export interface AccessOptions {
  readonly store: KeyStore & TenantStore
  /** When a resource was made; null: there is none. */
  madeAt(tenant: string, resource: string): Promise<number | null>
  readonly sealing: SealingSettings
  readonly egress: {
    readonly allow: readonly string[]
    readonly allowHttp: boolean
    /** By origin. */
    readonly certificates?: Readonly<Record<string, CertificateFiles>>
  }
  /** Signing in by a provider; `oidc` null: nobody set it up. */
  readonly signIn: {
    readonly oidc: OidcSettings | null
    /** Told of everybody who came that way. */
    entered(person: Principal): Promise<void>
  }
  /** Nothing outlives the process: without a sealing key one is made for its life. */
  readonly volatile: boolean
  now(): number
  readonly audit: AccessAudit
}

export interface Access {
  readonly keys: Keys
  readonly tenants: Tenants
  readonly sessions: Sessions
  readonly signIn: SignIn
  readonly sealer: Sealer
  readonly egress: EgressClient
  /** Whether a tenant accepts event types that are not in the catalogue. @throws NotFound */
  openTypes(tenant: string): boolean | Promise<boolean>
  /** What is known of a tenant; a promise only if the store is asked. @throws NotFound */
  tenant(id: string): TenantRecord | Promise<TenantRecord>
  /** Of the workers, beside other tenants. */
  weight(tenant: string): number
  /** Another process changed a key or a tenant: what was read before does not count any more. */
  forget(): void
}

/** The tenant every instance has. */
export const DEFAULT_TENANT = 'default'

/** Makes the default tenant if there is none. @throws InvalidInput `invalid_config` */
export async function createAccess({
  store,
  madeAt,
  sealing,
  egress: reach,
  signIn,
  volatile,
  now,
  audit,
}: AccessOptions): Promise<Access> {
  const directory = new TenantDirectory(store)
  const sealer = createSealer(sealing, volatile)
  const keys = new Keys(store, { now, random: randomBytes, sealer, audit })
  const changed = (tenant: string) => {
    directory.forget(tenant)
    keys.forget()
  }
  if (!(await store.getTenant(DEFAULT_TENANT))) {
    await store.putTenant({ ...UNLIMITED, id: DEFAULT_TENANT, name: 'Default', openTypes: false, createdAt: now() })
  }
  // Without a key of the instance they end with the process.
  const sealsSessions = createSealer(sealing, true)
  const isOpen = (tenant: string) => directory.isOpen(tenant)
  const sessions = new Sessions({
    sealer: sealsSessions,
    newId: () => randomBytes(16).toString('base64url'),
    now,
    authenticate: (bearer) => keys.authenticate(bearer),
    stands: async ({ tenant }) => signIn.oidc !== null && isOpen(tenant),
    madeAt,
  })
  const egress = new EgressClient({ policy: createPolicy(reach), identities: identitiesFrom(reach.certificates ?? {}) })
  return {
    keys,
    sessions,
    signIn: new SignIn(signIn.oidc, { ...signIn, egress, sessions, isOpen, now, sealer: sealsSessions }),
    tenants: new Tenants(store, { now, changed, audit }),
    sealer,
    egress,
    openTypes: (tenant) => directory.openTypes(tenant),
    tenant: (id) => directory.get(id),
    weight: (tenant) => directory.weight(tenant),
    forget() {
      directory.forgetAll()
      keys.forget()
    },
  }
}
