/**
 * Who a person is here, by what the provider says of them.
 */
import { AccessDenied } from '../../errors.js'
import { type Principal, ROLES, type Role, seesWholeTenant } from '../principal.js'
import type { Claims } from './provider.js'
import { type OidcSettings, roleClaimOf, titleOf } from './settings.js'

const MOST_NAME = 200
const MOST_RESOURCE = 1_024

/**
 * @throws AccessDenied `forbidden` with the claim that is missing and the setting that would let them in.
 */
export function personOf(claims: Claims, settings: OidcSettings): Principal {
  const roles = rolesOf(claims, settings)
  const person = { id: `oidc:${claims.sub}`, name: nameOf(claims), roles, scopes: [], resource: null }
  const member = { ...person, tenant: tenantOf(claims, settings) }
  // Who sees the whole tenant is not narrowed to a resource they happen to have.
  return seesWholeTenant(member) ? member : { ...member, resource: resourceOf(claims, roles, settings) }
}

function rolesOf(claims: Claims, settings: OidcSettings): readonly Role[] {
  const claim = roleClaimOf(settings)
  const values = textsOf(claims, claim)
  const given = values.flatMap((value) => (Object.hasOwn(settings.roles, value) ? [settings.roles[value]] : []))
  if (given.length > 0) return ROLES.filter((role) => given.includes(role))
  const had = values.length === 0 ? 'is not there' : `is ${shown(values)}`
  throw denied(
    `${titleOf(settings)} knows you, and nothing it says gives you a role here: the claim ${JSON.stringify(claim)} ${had}.`,
    `console.oidc.roles with one of its values, such as ${JSON.stringify(Object.keys(settings.roles)[0])}, or another console.oidc.roleClaim`,
  )
}

function tenantOf(claims: Claims, settings: OidcSettings): string {
  const { tenant = 'default', tenantClaim } = settings
  if (tenantClaim === undefined) return tenant
  const [named, ...more] = textsOf(claims, tenantClaim)
  if (named !== undefined && more.length === 0) return named
  throw denied(
    `${titleOf(settings)} does not say which tenant you belong to: the claim ${JSON.stringify(tenantClaim)} has ${more.length === 0 ? 'no value' : 'more than one value'}.`,
    'one value, the id of a tenant; or console.oidc.tenant instead of console.oidc.tenantClaim',
  )
}

/** As for keys: a subscriber without one could see and subscribe to nothing. */
function resourceOf(claims: Claims, roles: readonly Role[], settings: OidcSettings): string | null {
  const { resourceClaim } = settings
  const [resource] = resourceClaim === undefined ? [] : textsOf(claims, resourceClaim)
  if (resource !== undefined && resource.length <= MOST_RESOURCE) return resource
  if (!roles.includes('subscriber')) return null
  throw denied(
    `A subscriber sees through a resource, and ${titleOf(settings)} does not say which is yours.`,
    resourceClaim === undefined
      ? 'console.oidc.resourceClaim, the claim that names it'
      : `the claim ${JSON.stringify(resourceClaim)} with the id of a resource, or one of the roles reader and admin beside it`,
  )
}

function nameOf(claims: Claims): string {
  const names = ['name', 'preferred_username', 'email'].flatMap((claim) => textsOf(claims, claim))
  return (names.find((name) => name.trim() !== '') ?? claims.sub).slice(0, MOST_NAME)
}

/** The texts of a claim: one, or a list. `realm_access.roles` is found under that name, else inside `realm_access`. */
function textsOf(claims: Claims, name: string): readonly string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : name.split('.').reduce(inside, claims as unknown)
  return [value].flat().filter((each) => typeof each === 'string')
}

const inside = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined

/** The person's own, so no secret from them; enough to know them by. */
const shown = (values: readonly string[]): string =>
  values
    .slice(0, 5)
    .map((value) => JSON.stringify(value.slice(0, 60)))
    .join(', ') + (values.length > 5 ? ` and ${values.length - 5} more` : '')

const denied = (message: string, expected: string): AccessDenied =>
  new AccessDenied('forbidden', message, { field: 'console.oidc', expected })
