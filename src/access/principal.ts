/**
 * Who calls, and what they may do. A principal belongs to a tenant; `operator` is of the whole instance.
 */
import { AccessDenied } from '../errors.js'

export const ROLES = ['operator', 'admin', 'publisher', 'subscriber', 'reader'] as const
export type Role = (typeof ROLES)[number]

/** What a call needs. A key may be narrowed to some of its roles' scopes. */
export const SCOPES = [
  'events:publish',
  'events:read',
  /** Blanking what is told of a person. */
  'events:erase',
  'types:read',
  'types:write',
  'resources:read',
  'resources:write',
  'subscriptions:read',
  'subscriptions:write',
  'tasks:read',
  'tasks:write',
  'processors:read',
  'processors:write',
  'keys:read',
  'keys:write',
  'tenants:read',
  'tenants:write',
  'audit:read',
  /** Numbers and health of the whole instance: of operators only. */
  'metrics:read',
] as const
export type Scope = (typeof SCOPES)[number]

const READING: readonly Scope[] = [
  'events:read',
  'types:read',
  'resources:read',
  'subscriptions:read',
  'tasks:read',
  'processors:read',
]

const OF_OPERATORS: readonly Scope[] = [
  'tenants:read',
  'tenants:write',
  'types:write',
  'processors:write',
  'metrics:read',
]

const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  operator: SCOPES,
  admin: SCOPES.filter((scope) => !OF_OPERATORS.includes(scope)),
  publisher: ['events:publish', 'types:read', 'resources:read', 'resources:write'],
  subscriber: ['types:read', 'events:read', 'subscriptions:read', 'subscriptions:write', 'tasks:read', 'tasks:write'],
  reader: READING,
}

export interface Principal {
  /** The key's id, or `local` for the host application itself. */
  readonly id: string
  readonly name: string
  readonly tenant: string
  readonly roles: readonly Role[]
  /** Narrows what the roles allow; empty = no narrowing. */
  readonly scopes: readonly Scope[]
  /** The one resource it speaks for; its view is that resource's. */
  readonly resource: string | null
  /** Its own tenant, while it acts on another. */
  readonly home?: string
}

/** The tenant of its key, whichever it acts on. */
export const homeOf = ({ tenant, home = tenant }: Principal): string => home

/** The host application in whose process Tocsin runs. */
export const localPrincipal = (tenant: string): Principal => ({
  id: 'local',
  name: 'local',
  tenant,
  roles: ['operator'],
  scopes: [],
  resource: null,
})

export const hasRole = (caller: Principal, ...roles: readonly Role[]): boolean =>
  roles.some((role) => caller.roles.includes(role))

export const may = (caller: Principal, scope: Scope): boolean =>
  caller.roles.some((role) => SCOPES_OF_ROLE[role].includes(scope)) &&
  (caller.scopes.length === 0 || caller.scopes.includes(scope))

/** @throws AccessDenied `forbidden` naming the missing scope. */
export function requireScope(caller: Principal, scope: Scope): void {
  if (may(caller, scope)) return
  throw new AccessDenied('forbidden', `This needs the scope ${scope}.`, { data: { scope } })
}

/** Sees every event of its tenant; others see through their resource. */
export const seesWholeTenant = (caller: Principal): boolean =>
  caller.resource === null && hasRole(caller, 'operator', 'admin', 'reader')
