/**
 * Signing in by OpenID Connect, as the operator set it: `console.oidc` of the configuration.
 */
import type { Role } from '../principal.js'

export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  /** None: a public client, which PKCE alone protects. */
  readonly clientSecret?: string | undefined
  /** How the secret is shown to the provider. Default `basic`. */
  readonly clientAuthentication?: 'basic' | 'post' | undefined
  /** What the provider is called on the button. Default: the host of the issuer. */
  readonly title?: string | undefined
  /** Default `openid`, `profile`, `email`. */
  readonly scopes?: readonly string[] | undefined
  /** Default `groups`. */
  readonly roleClaim?: string | undefined
  /** By value of that claim. */
  readonly roles: Readonly<Record<string, Role>>
  /** Of everybody, unless a claim says it. Default `default`. */
  readonly tenant?: string | undefined
  readonly tenantClaim?: string | undefined
  readonly resourceClaim?: string | undefined
  /** Minutes a session lasts. Default 720. */
  readonly session?: number | undefined
}

export const titleOf = ({ title, issuer }: OidcSettings): string => title ?? new URL(issuer).host
export const roleClaimOf = ({ roleClaim = 'groups' }: OidcSettings): string => roleClaim
