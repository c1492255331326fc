/**
 * Tenants: made, listed and changed by operators. Nothing of a tenant is seen from another.
 */
import { AccessDenied, Conflict, InvalidInput, NotFound } from '../errors.js'
import type { AccessAudit } from './audit.js'
import { type Page, type PageRequest, pageOf } from './page.js'
import { hasRole, homeOf, type Principal, requireScope } from './principal.js'

/** What a tenant may have of what all share. */
export interface Quotas {
  /** Of the workers, beside other tenants that have something due: 1 to 100. */
  readonly weight: number
  /** Events published, on all nodes together; a second's worth at once. Null: no limit. */
  readonly eventsPerSecond: number | null
  /** Nothing is published while so many of its tasks are unfinished; they are counted once a second. Null: no limit. */
  readonly unfinishedTasks: number | null
}

/** A tenant as it is kept. */
export interface TenantRecord extends Quotas {
  readonly id: string
  readonly name: string
  /** Accepts event types that are not in the catalogue. */
  readonly openTypes: boolean
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly disabledAt: number | null
}

/** What a tenant begins with. */
export const UNLIMITED = { weight: 1, eventsPerSecond: null, unfinishedTasks: null, disabledAt: null } as const

/** What tenants ask of a store. */
export interface TenantStore {
  getTenant(id: string): Promise<TenantRecord | null>
  listTenants(page: { after: string | null; limit: number }): Promise<readonly TenantRecord[]>
  putTenant(row: TenantRecord): Promise<void>
}

/** Times in RFC 3339. */
export interface TenantView extends Quotas {
  readonly id: string
  readonly name: string
  readonly openTypes: boolean
  readonly disabled: boolean
  readonly createdAt: string
  readonly disabledAt: string | null
}

export interface TenantInput extends Partial<Quotas> {
  /** Lower-case letters, digits and hyphens, at most 63; cannot be changed. */
  readonly id: string
  /** For people; 1 to 200 characters. */
  readonly name: string
  readonly openTypes?: boolean
}

export interface TenantPatch extends Partial<Quotas> {
  readonly name?: string
  readonly openTypes?: boolean
  /** None of its keys is accepted while it is. */
  readonly disabled?: boolean
}

export interface TenantWorld {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Called after a change: what was read before does not count any more (`Keys.forget`). */
  readonly changed: (tenant: string) => void
  readonly audit: AccessAudit
}

/** The most that each may be. */
export const MOST_QUOTAS = { weight: 100, eventsPerSecond: 1_000_000, unfinishedTasks: 1_000_000_000 } as const

const ID = /^[a-z0-9][a-z0-9-]{0,62}$/

export class Tenants {
  readonly #store: TenantStore
  readonly #world: TenantWorld

  constructor(store: TenantStore, world: TenantWorld) {
    this.#store = store
    this.#world = world
  }

  /** @throws InvalidInput; Conflict `already_exists`. */
  async create(caller: Principal, input: TenantInput): Promise<TenantView> {
    requireScope(caller, 'tenants:write')
    requireFields(input, ['id', 'name', 'openTypes', ...QUOTAS])
    const { id, name, openTypes = false } = input
    requireId(id)
    requireName(name)
    requireFlag('openTypes', openTypes)
    const quotas = quotasIn(input, UNLIMITED)
    if ((await this.#store.getTenant(id)) !== null) {
      throw new Conflict('already_exists', `There is a tenant ${JSON.stringify(id)} already.`, { field: 'id' })
    }
    const row = { id, name, openTypes, ...quotas, createdAt: this.#world.now(), disabledAt: null }
    return await this.#put(caller, 'tenant.create', row, { name, openTypes, ...quotas })
  }

  async list(caller: Principal, request: PageRequest = {}): Promise<Page<TenantView>> {
    requireScope(caller, 'tenants:read')
    return await pageOf(request, (page) => this.#store.listTenants(page), viewOf)
  }

  /** The caller as it acts in another tenant. @throws AccessDenied unless it is an operator; NotFound. */
  async actFor(caller: Principal, id: string): Promise<Principal> {
    if (!hasRole(caller, 'operator')) throw new AccessDenied('forbidden', 'Only an operator acts on another tenant.')
    if ((await this.#store.getTenant(id)) === null) throw new NotFound('tenant', id)
    return { ...caller, tenant: id, home: homeOf(caller) }
  }

  /** @throws InvalidInput; NotFound; Conflict `wrong_state` for disabling one's own tenant. */
  async update(caller: Principal, id: string, patch: TenantPatch): Promise<TenantView> {
    requireScope(caller, 'tenants:write')
    requireFields(patch, ['name', 'openTypes', 'disabled', ...QUOTAS])
    const row = await this.#store.getTenant(id)
    if (row === null) throw new NotFound('tenant', id)
    const { name = row.name, openTypes = row.openTypes, disabled = row.disabledAt !== null } = patch
    requireName(name)
    requireFlag('openTypes', openTypes)
    requireFlag('disabled', disabled)
    const quotas = quotasIn(patch, row)
    if (disabled && id === homeOf(caller)) {
      throw new Conflict('wrong_state', 'An operator cannot disable their own tenant: nobody could undo it.')
    }
    const disabledAt = disabled ? (row.disabledAt ?? this.#world.now()) : null
    return await this.#put(caller, 'tenant.update', { ...row, name, openTypes, ...quotas, disabledAt }, { ...patch })
  }

  async #put(
    { id: actor }: Principal,
    action: 'tenant.create' | 'tenant.update',
    row: TenantRecord,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<TenantView> {
    const { now, changed, audit } = this.#world
    await this.#store.putTenant(row)
    changed(row.id)
    await audit({ tenant: row.id, at: now(), actor, action, object: row.id, detail })
    return viewOf(row)
  }
}

function requireFields(input: unknown, fields: readonly string[]): void {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalid('tenant', 'The tenant must be an object.', 'an object')
  }
  const unknown = Object.keys(input).find((field) => !fields.includes(field))
  if (unknown !== undefined) throw invalid(unknown, 'No such field can be given.', `one of ${fields.join(', ')}`)
}

function requireId(id: unknown): void {
  if (typeof id === 'string' && ID.test(id)) return
  throw invalid('id', 'The id is not valid.', '1 to 63 lower-case letters, digits and hyphens, no hyphen first')
}

function requireName(name: unknown): void {
  if (typeof name === 'string' && name.trim() !== '' && name.length <= 200) return
  throw invalid('name', 'The name is not valid.', '1 to 200 characters')
}

function requireFlag(field: string, value: unknown): void {
  if (typeof value !== 'boolean') throw invalid(field, `${field} is not valid.`, 'true or false')
}

const QUOTAS = Object.keys(MOST_QUOTAS)

function quotasIn(given: Partial<Quotas>, present: Quotas): Quotas {
  const { weight = present.weight } = given
  requireWhole('weight', weight)
  const limit = (field: 'eventsPerSecond' | 'unfinishedTasks'): number | null => {
    const { [field]: value = present[field] } = given
    if (value !== null) requireWhole(field, value, ', or null for no limit')
    return value
  }
  return { weight, eventsPerSecond: limit('eventsPerSecond'), unfinishedTasks: limit('unfinishedTasks') }
}

function requireWhole(field: keyof typeof MOST_QUOTAS, value: unknown, or = ''): void {
  const most = MOST_QUOTAS[field]
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most) return
  throw invalid(field, `${field} is not valid.`, `a whole number from 1 to ${most}${or}`)
}

const invalid = (field: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', message, { field, expected })

const viewOf = (row: TenantRecord): TenantView => ({
  id: row.id,
  name: row.name,
  openTypes: row.openTypes,
  weight: row.weight,
  eventsPerSecond: row.eventsPerSecond,
  unfinishedTasks: row.unfinishedTasks,
  disabled: row.disabledAt !== null,
  createdAt: new Date(row.createdAt).toISOString(),
  disabledAt: row.disabledAt === null ? null : new Date(row.disabledAt).toISOString(),
})
