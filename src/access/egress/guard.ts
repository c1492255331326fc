/**
 * Whom we may reach: the rules for a URL, and for every address behind its host name. The same rules hold when a
 * target is saved, when it is tested and when it is sent to; only there (`connector.ts`) is the address the one
 * that is really used.
 *
 * Plain `http:` is allowed if the operator allows it for all, or if every address of the host is in the operator's
 * allow-list: whoever opens a network trusts the wire to it.
 */
import dns from 'node:dns/promises'
import { isIP } from 'node:net'
import { InvalidInput, Unavailable } from '../../errors.js'
import { type Cidr, judgeAddress, parseCidr } from './address.js'
import { EgressError, isEgressError } from './egress-error.js'

/** Belongs to the instance operator, never to a tenant. */
export interface EgressPolicy {
  /** Plain `http:` to public addresses too. */
  readonly allowHttp: boolean
  /** Blocks that may be reached although they are not public. */
  readonly allow: readonly Cidr[]
}

export interface HostAddress {
  readonly address: string
  readonly family: number
}

/** All addresses of a host name; rejects if there is none. */
export type Lookup = (hostname: string) => Promise<readonly HostAddress[]>

export const systemLookup: Lookup = (hostname) => dns.lookup(hostname, { all: true, verbatim: true })

/** @throws InvalidInput `invalid_config` for a block that is none. */
export const createPolicy = (options: { allowHttp?: boolean; allow?: readonly string[] } = {}): EgressPolicy => ({
  allowHttp: options.allowHttp ?? false,
  allow: (options.allow ?? []).map(parseCidr),
})

/**
 * Refuses a URL that must not be reached, before it is stored.
 * @throws InvalidInput `target_refused` with field `url`; `data.reason` is `url`, `blocked` or `unresolved`.
 * @throws Unavailable `unavailable` when the name service does not answer.
 */
export async function checkUrl(
  url: string,
  policy: EgressPolicy,
  options: { lookup?: Lookup; field?: string } = {},
): Promise<URL> {
  const field = options.field ?? 'url'
  try {
    const parsed = parseTarget(url, policy)
    const host = hostOf(parsed)
    if (isIP(host) === 0) await resolveHost(host, parsed.protocol, policy, options.lookup ?? systemLookup)
    return parsed
  } catch (error) {
    throw refusalOf(error, field)
  }
}

/**
 * The rules that need no look-up.
 * @throws EgressError `blocked`.
 */
export function parseTarget(url: string, policy: EgressPolicy): URL {
  if (!URL.canParse(url)) throw new UrlError('it is not an absolute URL')
  const parsed = new URL(url)
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')
    throw new UrlError('only https: and http: are spoken')
  if (parsed.username !== '' || parsed.password !== '') throw new UrlError('it must not carry a user or a password')
  if (parsed.hostname === '') throw new UrlError('it names no host')
  if (parsed.hostname.endsWith('.')) throw new UrlError('the host must not end with a dot')
  const host = hostOf(parsed)
  if (isIP(host) !== 0) checkLiteral(host, parsed.protocol, policy)
  return parsed
}

/** The host as a name or an address, without the brackets of IPv6. */
export const hostOf = (url: URL): string => (url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname)

/** @throws EgressError `blocked`, naming the range: the caller wrote the address itself. */
export function checkLiteral(address: string, protocol: string, policy: EgressPolicy): void {
  const verdict = judgeAddress(address, policy.allow)
  if (!verdict.reachable) throw new EgressError('blocked', `${address} is ${verdict.range}`)
  if (!verdict.listed) requireSecure(protocol, policy)
}

/**
 * The addresses of a name, if every one of them may be reached.
 * @throws EgressError `blocked` (which address it was stays with us: a subscriber must not map our network by asking),
 * `connect` when there is none.
 */
export async function resolveHost(
  hostname: string,
  protocol: string,
  policy: EgressPolicy,
  lookup: Lookup,
): Promise<readonly HostAddress[]> {
  const addresses = await lookup(hostname).catch((error: unknown) => {
    throw new EgressError('connect', 'the host name has no address', error)
  })
  if (addresses.length === 0) throw new EgressError('connect', 'the host name has no address')
  const verdicts = addresses.map(({ address }) => judgeAddress(address, policy.allow))
  if (!verdicts.every((verdict) => verdict.reachable)) {
    throw new EgressError('blocked', 'the host name leads to an address that is not public')
  }
  if (!verdicts.every((verdict) => verdict.listed)) requireSecure(protocol, policy)
  return addresses
}

/** `tls:` and `tcp:` are connections of other protocols; `allowHttp` opens plain HTTP and nothing else. */
function requireSecure(protocol: string, policy: EgressPolicy): void {
  if (protocol === 'https:' || protocol === 'tls:') return
  if (protocol !== 'http:') throw new EgressError('blocked', 'a connection without TLS is not allowed')
  if (!policy.allowHttp) throw new EgressError('blocked', 'plain http: is not allowed, use https:')
}

/** The URL itself is wrong, whatever is behind it. */
class UrlError extends EgressError {
  constructor(detail: string) {
    super('blocked', detail)
  }
}

/**
 * Refuses the host of a connection that is not HTTP, before its target is stored.
 * @param secure whether it is to speak TLS; without it only networks of the allow-list are reached.
 * @throws as `checkUrl`.
 */
export async function checkHost(
  host: string,
  secure: boolean,
  policy: EgressPolicy,
  options: { lookup?: Lookup; field?: string } = {},
): Promise<void> {
  try {
    if (isIP(host) !== 0) checkLiteral(host, protocolOf(secure), policy)
    else await resolveHost(host, protocolOf(secure), policy, options.lookup ?? systemLookup)
  } catch (error) {
    throw refusalOf(
      error,
      options.field ?? 'host',
      'a public host reached over TLS, or one of a network in egress.allow',
    )
  }
}

export const protocolOf = (secure: boolean): 'tls:' | 'tcp:' => (secure ? 'tls:' : 'tcp:')

const A_URL = 'an https: URL of a public host, or of a network in egress.allow'

function refusalOf(error: unknown, field: string, expected = A_URL): unknown {
  if (!isEgressError(error)) return error
  if (isTemporary(error.cause)) {
    return new Unavailable('unavailable', 'The name service does not answer.', { field, retryAfter: 5 })
  }
  const reason = error instanceof UrlError ? 'url' : error.code === 'connect' ? 'unresolved' : 'blocked'
  return new InvalidInput('target_refused', error.message, {
    field,
    expected,
    data: { reason },
  })
}

const isTemporary = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'EAI_AGAIN'
