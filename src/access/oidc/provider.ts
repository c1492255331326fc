/**
 * An OpenID provider: the authorization code flow with PKCE (RFC 7636), `state` and `nonce` (OpenID Connect Core 1.0, 3.1). The provider
 * is found by its issuer (Discovery 1.0), and the signature of its ID token is checked with its keys.
 */
import type { Configuration } from 'openid-client'
import type { EgressClient } from '../egress/client.js'
import { fetchBy } from './egress-fetch.js'
import { refusalOf } from './refusal.js'
import { type OidcSettings, roleClaimOf } from './settings.js'

export interface ProviderWorld {
  readonly egress: Pick<EgressClient, 'send'>
  readonly now: () => number
}

/** What must come back as it was sent; kept by the browser, sealed. */
export interface Asked {
  /** Where the provider is to send the browser back to. */
  readonly redirect: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** What the provider says of who signed in. */
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string }

const SCOPES = ['openid', 'profile', 'email']
/** Milliseconds; then the provider is asked anew who it is. */
const KNOWN_FOR = 3_600_000
/** Seconds that its clock and ours may be apart. */
const TOLERANCE = 30

/** Loaded by who configured a provider. */
const library = () => import('openid-client')

export class Provider {
  readonly #settings: OidcSettings
  readonly #world: ProviderWorld
  #known: { readonly configuration: Promise<Configuration>; readonly at: number } | undefined

  constructor(settings: OidcSettings, world: ProviderWorld) {
    this.#settings = settings
    this.#world = world
  }

  /** Where the browser is to go. @throws Unavailable when the provider does not answer, or is another */
  begin(redirect: string): Promise<{ readonly url: string; readonly asked: Asked }> {
    return this.#inWords(async () => {
      const client = await library()
      const asked = {
        redirect,
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      }
      const url = client.buildAuthorizationUrl(await this.#configuration(), {
        redirect_uri: redirect,
        scope: (this.#settings.scopes ?? SCOPES).join(' '),
        code_challenge: await client.calculatePKCECodeChallenge(asked.verifier),
        code_challenge_method: 'S256',
        ...{ state: asked.state, nonce: asked.nonce },
      })
      return { url: url.href, asked }
    })
  }

  /**
   * @param answer the query that the provider sent the browser back with
   * @throws AccessDenied `unauthenticated` when anything in it does not hold; Unavailable
   */
  finish(answer: string, { redirect, state, nonce, verifier }: Asked): Promise<Claims> {
    return this.#inWords(async () => {
      const client = await library()
      const configuration = await this.#configuration()
      const place = new URL(redirect)
      place.search = answer
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true }
      const tokens = await client.authorizationCodeGrant(configuration, place, checks)
      const claims = tokens.claims() as Claims
      if (this.#saysEnough(claims) || !configuration.serverMetadata().userinfo_endpoint) return claims
      return { ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims }
    })
  }

  /** Some providers tell groups, or a name, where they are asked for more alone. */
  #saysEnough(claims: Claims): boolean {
    const { tenantClaim, resourceClaim } = this.#settings
    const wanted = [roleClaimOf(this.#settings), tenantClaim, resourceClaim, 'name']
    const isThere = (name: string) =>
      Object.hasOwn(claims, name) || Object.hasOwn(claims, name.split('.', 1)[0] ?? name)
    return wanted.every((name) => name === undefined || isThere(name))
  }

  async #configuration(): Promise<Configuration> {
    const now = this.#world.now()
    if (this.#known === undefined || now - this.#known.at > KNOWN_FOR)
      this.#known = { configuration: this.#discover(), at: now }
    const { configuration } = this.#known
    return configuration.catch((error: unknown) => {
      this.#known = undefined
      throw error
    })
  }

  async #discover(): Promise<Configuration> {
    const client = await library()
    const { issuer, clientId, clientSecret, clientAuthentication = 'basic' } = this.#settings
    const shown = clientAuthentication === 'basic' ? client.ClientSecretBasic : client.ClientSecretPost
    const metadata = { [client.clockTolerance]: TOLERANCE }
    // Whether plain http is spoken is for the guarded client to say.
    const plain = issuer.startsWith('http:') ? [client.allowInsecureRequests] : []
    return client.discovery(
      new URL(issuer),
      clientId,
      metadata,
      clientSecret === undefined ? client.None() : shown(clientSecret),
      { [client.customFetch]: fetchBy(this.#world.egress), execute: [client.enableNonRepudiationChecks, ...plain] },
    )
  }

  async #inWords<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw refusalOf(error, this.#settings)
    }
  }
}
