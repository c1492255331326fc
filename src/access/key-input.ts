/**
 * What a new key may be: its fields, and the rule that nobody grants what they do not hold.
 */
import { AccessDenied, InvalidInput } from '../errors.js'
import { isObject } from '../json-object.js'
import { KEY_KINDS, type KeyKind } from './credential.js'
import { hasRole, may, type Principal, ROLES, type Role, SCOPES, type Scope, seesWholeTenant } from './principal.js'

export interface KeyInput {
  /** For people; 1 to 200 characters. */
  readonly name: string
  /** At least one. */
  readonly roles: readonly Role[]
  /** Narrows what the roles allow; empty or absent = no narrowing. */
  readonly scopes?: readonly Scope[]
  /** The one resource the key speaks for. A subscriber needs one. */
  readonly resource?: string | null
  /** Absent: the caller's own. Another one needs the role operator. */
  readonly tenant?: string
  /** RFC 3339, in the future; absent or null: it does not expire. */
  readonly expiresAt?: string | null
  /** What it is shown by. Default `bearer`. */
  readonly kind?: KeyKind
  /** Of the kind `certificate`: that of the TLS client, in PEM. The key ends with it at the latest. */
  readonly certificate?: string
}

/** A `KeyInput` with nothing left open. */
export interface KeyGrant {
  readonly name: string
  readonly roles: readonly Role[]
  readonly scopes: readonly Scope[]
  readonly resource: string | null
  readonly tenant: string
  readonly expiresAt: number | null
  readonly kind: KeyKind
  /** PEM; empty unless the kind is `certificate`. */
  readonly certificate: string
}

const FIELDS = ['name', 'roles', 'scopes', 'resource', 'tenant', 'expiresAt', 'kind', 'certificate']

/**
 * @throws InvalidInput `invalid_request` with the field and what would be right.
 * @throws AccessDenied `forbidden` for more than the caller holds.
 */
export function readGrant(caller: Principal, input: unknown, now: number): KeyGrant {
  if (!isObject(input)) throw invalid('key', 'The key must be an object.', 'an object')
  const unknown = Object.keys(input).find((field) => !FIELDS.includes(field))
  if (unknown !== undefined) throw invalid(unknown, 'A key has no such field.', `one of ${FIELDS.join(', ')}`)
  const grant: KeyGrant = {
    name: readText('name', input.name, 200),
    roles: readWords('roles', input.roles, ROLES),
    scopes: readWords('scopes', input.scopes ?? [], SCOPES),
    resource: input.resource == null ? null : readText('resource', input.resource, 1_024),
    tenant: input.tenant === undefined ? caller.tenant : readText('tenant', input.tenant, 63),
    expiresAt: input.expiresAt == null ? null : readFuture('expiresAt', input.expiresAt, now),
    ...readKind(input.kind ?? 'bearer', input.certificate),
  }
  requireSense(grant)
  requireHeld(caller, grant)
  return grant
}

function requireSense(grant: KeyGrant): void {
  if (grant.roles.length === 0) throw invalid('roles', 'A key needs a role.', `one of ${ROLES.join(', ')}`)
  const held = scopesOf({ ...grant, scopes: [] })
  const idle = grant.scopes.find((scope) => !held.includes(scope))
  if (idle !== undefined) throw invalid('scopes', `The roles do not give ${idle}.`, `some of ${held.join(', ')}`)
  if (grant.roles.includes('subscriber') && grant.resource === null && !seesWholeTenant(asPrincipal(grant))) {
    throw invalid(
      'resource',
      'A subscriber sees through a resource: without one it could subscribe to nothing.',
      'the id of the resource it speaks for, or one of the roles reader and admin beside it',
    )
  }
}

/** Nobody grants what they do not hold: neither a role above theirs, nor a scope, a view or a tenant. */
function requireHeld(caller: Principal, grant: KeyGrant): void {
  const operator = hasRole(caller, 'operator')
  if (grant.roles.includes('operator') && !operator) throw denied('Only an operator makes operators.')
  if (grant.tenant !== caller.tenant && !operator) throw denied('Only an operator makes keys for another tenant.')
  if (caller.resource !== null && caller.resource !== grant.resource) {
    throw denied(`This key speaks for ${JSON.stringify(caller.resource)} and can make keys for that alone.`)
  }
  const beyond = scopesOf(grant).filter((scope) => !may(caller, scope))
  if (beyond.length > 0) {
    const data = { scopes: beyond }
    throw new AccessDenied('forbidden', `This key does not hold ${beyond.join(', ')}.`, { field: 'scopes', data })
  }
}

const scopesOf = (grant: KeyGrant): readonly Scope[] => SCOPES.filter((scope) => may(asPrincipal(grant), scope))

const asPrincipal = (grant: KeyGrant): Principal => ({ ...grant, id: '' })

function readText(field: string, value: unknown, most: number): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= most) return value
  throw invalid(field, `The ${field} is not valid.`, `1 to ${most} characters`)
}

function readKind(kind: unknown, certificate: unknown): Pick<KeyGrant, 'kind' | 'certificate'> {
  const known = KEY_KINDS.find((each) => each === kind)
  if (known === undefined) throw invalid('kind', 'There is no such kind of key.', `one of ${KEY_KINDS.join(', ')}`)
  if (known === 'certificate' && certificate === undefined)
    throw invalid('certificate', 'A key of the kind certificate needs one.', 'that of the TLS client, in PEM')
  if (known === 'certificate') return { kind: known, certificate: readText('certificate', certificate, 65_536) }
  if (certificate === undefined) return { kind: known, certificate: '' }
  throw invalid(
    'certificate',
    `A key of the kind ${known} has no certificate.`,
    'no certificate, or the kind certificate',
  )
}

function readWords<Word extends string>(field: string, value: unknown, known: readonly Word[]): readonly Word[] {
  const expected = `a list of ${known.join(', ')}`
  if (!Array.isArray(value)) throw invalid(field, `The ${field} are not a list.`, expected)
  const strange = value.findIndex((word) => !known.includes(word))
  if (strange >= 0) throw invalid(`${field}[${strange}]`, `There is no such thing among ${field}.`, expected)
  return known.filter((word) => value.includes(word))
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

function readFuture(field: string, value: unknown, now: number): number {
  const time = typeof value === 'string' ? parseTime(value) : Number.NaN
  if (time > now) return time
  throw invalid(field, `The time is not ${Number.isNaN(time) ? 'valid' : 'in the future'}.`, 'RFC 3339, in the future')
}

// `Date.parse` takes the 30th of February for the 2nd of March.
function parseTime(text: string): number {
  const [, year, month, day] = RFC3339.exec(text) ?? []
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return date.getUTCDate() === Number(day) ? Date.parse(text) : Number.NaN
}

const invalid = (field: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', message, { field, expected })

const denied = (message: string): AccessDenied => new AccessDenied('forbidden', message)
