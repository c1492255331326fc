/**
 * Who calls: the holder of the access key that signed. It acts for its whole tenant, within its scopes.
 */
import { type Hub, may, type Principal, type Scope } from '../../src/index.js'
import { AwsError } from './aws-error.js'
import { isSignedWith, readClaim, type SignedRequest } from './signature.js'

export interface Caller {
  readonly principal: Principal
  /** What the request was signed for. */
  readonly service: 'sqs' | 'sns'
}

/** @throws AwsError that says what is wrong with the signature */
export async function authenticate(request: SignedRequest, hub: Hub, now: number): Promise<Caller> {
  const claim = readClaim(request, now)
  const found = await hub.keys.signedBy(claim.accessKey, (secret) => isSignedWith(claim, request, secret))
  if (found === 'unknown') throw new AwsError('InvalidClientTokenId', 'The access key id is not known here.')
  if (found === 'forged')
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The signature is not that of this request: another secret, or something was changed on the way (a proxy must keep Host).',
    )
  if (found.resource !== null)
    throw new AwsError('AccessDenied', 'A key that speaks for one resource has no queues and topics.')
  return { principal: found, service: claim.service }
}

/** @throws AwsError `AccessDenied` */
export function requireScope({ principal }: Pick<Caller, 'principal'>, scope: Scope): void {
  if (!may(principal, scope)) throw new AwsError('AccessDenied', `This key needs the scope ${scope}.`)
}

/** Queues and topics are the tenant's, whichever of its keys made them: under the caller's name, with all that takes. */
export const forTenant = ({ principal }: Pick<Caller, 'principal'>): Principal => ({
  ...principal,
  roles: ['admin'],
  scopes: [],
})
