/**
 * OAuth 2 client credentials (RFC 6749, section 4.4): a token is asked for when it is first needed, kept until shortly before
 * it expires, and asked for anew when the receiver refuses it.
 */
import type { EgressClient } from '../access/egress/client.js'
import { isEgressError } from '../access/egress/egress-error.js'
import { ownIdentity } from '../access/egress/identity.js'
import { retryAfterIn } from './retry-after.js'

export interface OAuth2 {
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope?: string
  readonly audience?: string
  /** How the client shows who it is (RFC 6749, section 2.3.1). Default `basic`. */
  readonly authentication?: 'basic' | 'body'
  /** Of the token's server; the receiver's own `ca` is not meant. */
  readonly ca?: string
}

/** No token was given. Its message holds no secret. */
export class TokenRefused extends Error {
  readonly code: string
  /** Milliseconds its server asks us to wait. */
  readonly after: number | undefined

  constructor(code: string, message: string, after?: number) {
    super(message)
    this.name = 'TokenRefused'
    this.code = code
    this.after = after
  }
}

export interface Tokens {
  /** One that holds, if need be a new one; those who wait share the asking. @throws TokenRefused, EgressError `blocked` */
  token(now: number): Promise<string>
  /** The receiver refused it. */
  forget(token: string): void
}

/** Milliseconds the asking may take: it is for all who wait, so no attempt's own deadline ends it. */
const PATIENCE = 10_000
/** Kept so long where the answer says nothing (`expires_in` is only recommended). */
const UNSAID = 300_000
/** Milliseconds before its end from which a token is not used: it is on its way for some of them. */
const MARGIN = 30_000
const LONGEST_TOKEN = 16_384

interface Kept {
  readonly token: string
  readonly until: number
}

export function tokensFrom(oauth2: OAuth2, egress: Pick<EgressClient, 'send'>): Tokens {
  let kept: Kept | undefined
  let asking: Promise<Kept> | undefined

  const ask = (now: number): Promise<Kept> => {
    asking ??= askFor(oauth2, egress, now)
      .then((answer) => (kept = answer))
      .finally(() => (asking = undefined))
    return asking
  }

  return {
    token: async (now) => (kept !== undefined && now < kept.until ? kept : await ask(now)).token,
    forget(token) {
      if (kept?.token === token) kept = undefined
    },
  }
}

async function askFor(oauth2: OAuth2, egress: Pick<EgressClient, 'send'>, now: number): Promise<Kept> {
  const { body, headers } = requestOf(oauth2)
  const identity = ownIdentity(oauth2.ca === undefined ? {} : { ca: oauth2.ca })
  const limits = { timeout: PATIENCE, maxResponse: 65_536, identity }
  const answer = await egress
    .send({ method: 'POST', url: oauth2.tokenUrl, headers, body, ...limits })
    .catch((error: unknown) => {
      if (!isEgressError(error) || error.code === 'blocked' || error.code === 'exhausted') throw error
      throw new TokenRefused(`token_${error.code}`, `The token server: ${error.message}`)
    })
  if (answer.status !== 200) {
    const message = `The token server answered ${answer.status}${reasonIn(answer.body)}.`
    throw new TokenRefused('token_refused', message, retryAfterIn(answer, now))
  }
  return tokenIn(answer.body, now)
}

/** RFC 6749, section 5.2; RFC 8707, section 2. What else a server says may repeat what it was sent. */
const REASONS: ReadonlySet<unknown> = new Set([
  ...['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type'],
  ...['invalid_scope', 'invalid_target'],
])

function reasonIn(body: string): string {
  const { error } = membersOf(body)
  return REASONS.has(error) ? `: ${String(error)}` : ''
}

/** RFC 6749, appendix B: both are form-encoded before they are put in Basic. */
function requestOf({ clientId, clientSecret, scope, audience, authentication = 'basic' }: OAuth2) {
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (scope !== undefined) form.set('scope', scope)
  if (audience !== undefined) form.set('audience', audience)
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  if (authentication === 'basic') {
    const pair = [clientId, clientSecret].map((part) => new URLSearchParams({ '': part }).toString().slice(1)).join(':')
    return {
      body: form.toString(),
      headers: { ...headers, authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
    }
  }
  form.set('client_id', clientId)
  form.set('client_secret', clientSecret)
  return { body: form.toString(), headers }
}

/** RFC 6749, section 5.1; the characters of a token are those of RFC 6750, section 2.1. */
function tokenIn(body: string, now: number): Kept {
  const { access_token: token, token_type: type, expires_in: seconds } = membersOf(body)
  if (typeof token !== 'string' || token.length > LONGEST_TOKEN || !/^[A-Za-z0-9._~+/-]+=*$/.test(token))
    throw new TokenRefused('token_unreadable', 'The token server gave no token that can be used.')
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer')
    throw new TokenRefused('token_unreadable', 'The token server gave no bearer token.')
  const life = Number(seconds) > 0 ? Math.min(Number(seconds) * 1_000, 86_400_000) : UNSAID
  // Of a short life, half.
  return { token, until: now + Math.max(life - MARGIN, life / 2) }
}

function membersOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(body)
    return typeof read === 'object' && read !== null ? { ...read } : {}
  } catch {
    return {}
  }
}
