/**
 * The session of the console: a cookie no script can read (RFC 6265bis), which counts only beside a header that another
 * site's page cannot send. So a forged form, image or link does nothing, whatever the browser makes of `SameSite`.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Hub } from '../src/index.js'

const COOKIE = 'tocsin_session'
const COOKIES = new RegExp(`(?:^|;\\s*)${COOKIE}=([A-Za-z0-9._-]{1,4096})(?:;|$)`)

/** Any value; a request of another origin with it is first asked about (CORS), and never allowed. */
export const CONSOLE_HEADER = 'tocsin-console'

type Found = Awaited<ReturnType<Hub['sessions']['find']>>

/** Null: there is none, or not one that counts. */
export async function sessionOf(hub: Hub, request: FastifyRequest): Promise<Found> {
  const token = tokenOf(request)
  return token === null || !isFromConsole(request) ? null : hub.sessions.find(token)
}

export const tokenOf = (request: FastifyRequest): string | null =>
  COOKIES.exec(request.headers.cookie ?? '')?.[1] ?? null

/** Browsers say where a request comes from (`Sec-Fetch-Site`); older ones do not. */
export function isFromConsole({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  return headers[CONSOLE_HEADER] !== undefined && (site === undefined || site === 'same-origin')
}

export const keepSession = (request: FastifyRequest, reply: FastifyReply, token: string, until: number): FastifyReply =>
  reply.header('set-cookie', cookie(request, token, new Date(until)))

export const dropSession = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply.header('set-cookie', cookie(request, '', new Date(0)))

/** `Secure` wherever the page came by TLS, also from a proxy in front: the browser says so in `Origin`. */
function cookie({ headers, protocol }: FastifyRequest, value: string, expires: Date): string {
  const secure = protocol === 'https' || headers.origin?.startsWith('https:') === true
  const parts = [`${COOKIE}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Strict', `Expires=${expires.toUTCString()}`]
  return [...parts, ...(secure ? ['Secure'] : [])].join('; ')
}
