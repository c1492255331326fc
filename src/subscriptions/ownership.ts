/**
 * Whose subscription it is. Who sees the whole tenant sees all of them; others see their own, and are told of
 * another's what they are told of none: that there is no such subscription. Only an operator or admin who is not
 * bound to a resource changes another's.
 */
import { hasRole, type Principal, seesWholeTenant } from '../access/principal.js'
import { AccessDenied } from '../errors.js'
import type { SubscriptionSpec } from './subscription.js'

interface Owned {
  readonly owner: string
}

export const maySee = (caller: Principal, { owner }: Owned): boolean => seesWholeTenant(caller) || owner === caller.id

export const mayChange = (caller: Principal, { owner }: Owned): boolean => governs(caller) || owner === caller.id

/** The scope a subscription of this caller has if it names none. */
export const defaultScope = ({ resource }: Principal): SubscriptionSpec['scope'] =>
  resource === null ? 'tenant' : { resource }

/**
 * A principal looks in the place of its own resource; `tenant` and other resources are for those who govern the tenant.
 * @throws AccessDenied `forbidden`
 */
export function requireSight(caller: Principal, scope: SubscriptionSpec['scope']): void {
  if (governs(caller)) return
  if (scope !== 'tenant' && caller.resource === scope.resource) return
  throw new AccessDenied('forbidden', 'This key may not look at the tenant from there.', {
    field: 'scope',
    expected:
      caller.resource === null
        ? 'a key that is bound to the resource, or has the role admin'
        : `the resource of the key, ${caller.resource}`,
  })
}

/** Sensitive fields are subscribed to by who sees them when it reads events. */
export const defaultRedaction = (caller: Principal): SubscriptionSpec['redaction'] =>
  seesWholeTenant(caller) ? 'none' : 'sensitive'

type Sight = Pick<SubscriptionSpec, 'redaction' | 'sees'>

/**
 * What somebody who may has granted a subscription it keeps, whoever changes the rest of it.
 * @throws AccessDenied `forbidden`
 */
export function requireRedaction(caller: Principal, { redaction, sees = [] }: Sight, granted: Sight | null): void {
  if (seesWholeTenant(caller) || granted?.redaction === 'none') return
  if (redaction === 'none') throw notHeard('redaction', 'sensitive')
  if (sees.some((name) => !granted?.sees?.includes(name))) throw notHeard('sees', 'no classes')
}

const notHeard = (field: string, expected: string): AccessDenied =>
  new AccessDenied('forbidden', 'This key may not hear sensitive fields.', {
    field,
    expected: `${expected}, or a key that sees the whole tenant`,
  })

/** Changes what others own in its tenant. */
export const governs = (caller: Principal): boolean => caller.resource === null && hasRole(caller, 'operator', 'admin')
