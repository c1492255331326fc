/**
 * Signing in by OpenID Connect, as the configuration says it: whether that is whole, and in the shape `access/` wants it.
 */
import type { OidcSettings } from '../../access/oidc/settings.js'
import type { Problem } from './check.js'
import type { Config } from './schema.js'

/** Null: it is not set up. */
export function oidcOf({ console: { oidc } }: Config): OidcSettings | null {
  const { issuer, clientId, roles } = oidc
  return issuer === undefined || clientId === undefined || roles === undefined
    ? null
    : { ...oidc, issuer, clientId, roles }
}

/** A section may come in parts, from several sources: whether it is whole is only seen at the end. */
export function oidcProblems({ console: { oidc } }: Config): readonly Omit<Problem, 'origin'>[] {
  const { issuer, clientId, scopes = ['openid'], roles = {}, tenant, tenantClaim } = oidc
  const says = (wrong: boolean, field: string, message: string, expected: string) =>
    wrong ? [{ field, message: `${field} ${message}.`, expected }] : []
  if (issuer === undefined) {
    const idle = Object.entries(oidc).find(([, value]) => value !== undefined)?.[0]
    return says(
      idle !== undefined,
      `console.oidc.${idle}`,
      'means nothing without console.oidc.issuer',
      'the issuer too',
    )
  }
  return [
    ...says(!isIssuer(issuer), 'console.oidc.issuer', 'is no issuer', 'https://… without a query'),
    ...says(clientId === undefined, 'console.oidc.clientId', 'is missing', 'what the provider calls this console'),
    ...says(
      Object.keys(roles).length === 0,
      'console.oidc.roles',
      'gives nobody a role',
      'VALUE OF THE CLAIM: operator',
    ),
    ...says(!scopes.includes('openid'), 'console.oidc.scopes', 'lacks openid', 'openid, profile, email'),
    ...says(
      tenant !== undefined && tenantClaim !== undefined,
      'console.oidc.tenant',
      'and console.oidc.tenantClaim are both given',
      'one of them',
    ),
  ]
}

const isIssuer = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, search, hash, username } = new URL(text)
  return /^https?:$/.test(protocol) && search + hash + username === ''
}
