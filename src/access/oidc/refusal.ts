/**
 * Why somebody could not sign in by OpenID Connect, in words for them and for who set it up.
 */
import { AccessDenied, messageOf, Unavailable } from '../../errors.js'
import { isEgressError } from '../egress/egress-error.js'
import { type OidcSettings, titleOf } from './settings.js'

/** Said by the provider: that at the browser (RFC 6749, 4.1.2.1), or that to us (5.2). */
interface Said {
  readonly error: string
}

/** An error of the library, or from below it. */
export function refusalOf(error: unknown, settings: OidcSettings): Error {
  const title = titleOf(settings)
  const blocked = chainOf(error).find(isEgressError)
  if (blocked) return unreachable(blocked, title)
  const said = chainOf(error).find(isSaid)
  if (said) return refused(said, title)
  return isAboutDiscovery(error) ? other(error, settings) : unproven(error, title)
}

const unreachable = (error: Error & { readonly code: string }, title: string): Unavailable =>
  new Unavailable('unavailable', `${title} could not be asked: ${error.message}`, {
    field: 'console.oidc.issuer',
    expected:
      error.code === 'blocked'
        ? 'an issuer that may be reached: over https, and in egress.allow if its network is not public'
        : 'an issuer that answers',
    retryAfter: 5,
    cause: error,
  })

/** Whoever sent them back knew the state: it was the provider. */
function refused({ error }: Said, title: string): AccessDenied {
  const ours = ['invalid_client', 'unauthorized_client', 'invalid_scope'].includes(error)
  return new AccessDenied('unauthenticated', `${title} did not sign you in: ${error}.`, {
    expected: ours
      ? 'console.oidc.clientId, clientSecret, clientAuthentication and scopes as the provider knows them'
      : 'to sign in again',
    data: { error },
  })
}

const other = (error: unknown, { issuer }: OidcSettings): Unavailable =>
  new Unavailable('unavailable', `${issuer} does not describe the provider that is configured: ${reasonOf(error)}.`, {
    field: 'console.oidc.issuer',
    expected: 'the issuer as the provider names itself in /.well-known/openid-configuration',
    cause: error,
  })

const unproven = (error: unknown, title: string): AccessDenied =>
  new AccessDenied('unauthenticated', `What came back from ${title} does not hold: ${reasonOf(error)}.`, {
    expected: 'to sign in again, from the page of the console',
    cause: error,
  })

/** Only a description has an issuer to compare and no token in it. */
const isAboutDiscovery = (error: unknown): boolean =>
  ['OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON'].includes(
    codeOf(error),
  )

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** The library tells what it was about in the cause. */
function reasonOf(error: unknown): string {
  const last = chainOf(error).findLast((each) => each instanceof Error)
  return messageOf(last ?? error).replace(/\.$/, '')
}

const isSaid = (error: unknown): error is Said =>
  error instanceof Error && 'error' in error && typeof error.error === 'string' && /^[a-z_]{1,64}$/.test(error.error)

function chainOf(error: unknown): readonly unknown[] {
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined ? [error] : [error, ...chainOf(cause)]
}
