/**
 * The session of the console: a cookie no script can read (RFC 6265bis), which counts only beside a header that another
 * site's page cannot send. So a forged form, image or link does nothing, whatever the browser makes of `SameSite`.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AccessDenied, type Hub, hasRole, may, type Principal, SCOPES, seesWholeTenant } from '../src/index.js'

/** A cookie of ours, and the paths it is sent to. */
interface Cookie {
  readonly name: string
  readonly path: string
}

const SESSION: Cookie = { name: 'tocsin_session', path: '/' }
/** What must come back from the provider, while somebody is there to sign in. */
export const SIGN_IN: Cookie = { name: 'tocsin_sign_in', path: '/v1/session/oidc' }

/** Any value; a request of another origin with it is first asked about (CORS), and never allowed. */
export const CONSOLE_HEADER = 'tocsin-console'

type Found = Awaited<ReturnType<Hub['sessions']['find']>>

/** Null: there is none, or not one that counts. */
export async function sessionOf(hub: Hub, request: FastifyRequest): Promise<Found> {
  const token = tokenOf(request)
  return token === null || !isFromConsole(request) ? null : hub.sessions.find(token)
}

export function tokenOf({ headers }: FastifyRequest, { name }: Cookie = SESSION): string | null {
  const found = new RegExp(`(?:^|;\\s*)${name}=([A-Za-z0-9._-]{1,4096})(?:;|$)`).exec(headers.cookie ?? '')
  return found?.[1] ?? null
}

/** Browsers say where a request comes from (`Sec-Fetch-Site`); older ones do not. */
export function isFromConsole({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  return headers[CONSOLE_HEADER] !== undefined && (site === undefined || site === 'same-origin')
}

/** Another site's page must not sign anybody in or out. @throws AccessDenied `forbidden` */
export function requireConsole(request: FastifyRequest): void {
  if (isFromConsole(request)) return
  throw new AccessDenied('forbidden', 'Only a page of this server signs in and out.', { expected: CONSOLE_HEADER })
}

interface Kept {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly until: number
}

export const keep = (
  request: FastifyRequest,
  reply: FastifyReply,
  kept: Kept,
  cookie: Cookie = SESSION,
): FastifyReply => reply.header('set-cookie', textOf(request, cookie, kept))

export const drop = (request: FastifyRequest, reply: FastifyReply, cookie: Cookie = SESSION): FastifyReply =>
  reply.header('set-cookie', textOf(request, cookie, { token: '', until: 0 }))

/** `Secure` wherever the page came by TLS, also from a proxy in front: the browser says so in `Origin`. */
function textOf({ headers, protocol }: FastifyRequest, { name, path }: Cookie, { token, until }: Kept): string {
  const secure = protocol === 'https' || headers.origin?.startsWith('https:') === true
  const expires = `Expires=${new Date(until).toUTCString()}`
  const parts = [`${name}=${token}`, `Path=${path}`, 'HttpOnly', 'SameSite=Strict', expires]
  return [...parts, ...(secure ? ['Secure'] : [])].join('; ')
}

/** Who calls, and what they may: what the console goes by. */
export const viewOf = (caller: Principal, until: number | undefined) => ({
  id: caller.id,
  name: caller.name,
  tenant: caller.tenant,
  roles: caller.roles,
  scopes: SCOPES.filter((scope) => may(caller, scope)),
  resource: caller.resource,
  wholeTenant: seesWholeTenant(caller),
  allTenants: hasRole(caller, 'operator'),
  until: until === undefined ? null : new Date(until).toISOString(),
})
