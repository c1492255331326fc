/**
 * The guarded HTTP client: all outgoing HTTP goes through it. It reaches public addresses and what the instance
 * operator opened, follows no redirect, decompresses nothing, and answers or fails by its deadline.
 */
import { isIP } from 'node:net'
import { LRUCache } from 'lru-cache'
import type { Pool } from 'undici'
import { createConnector } from './connector.js'
import { EgressError } from './egress-error.js'
import { type EgressResponse, type EndSignal, exchange } from './exchange.js'
import {
  checkHost,
  checkLiteral,
  checkUrl,
  type EgressPolicy,
  type HostAddress,
  type Lookup,
  parseTarget,
  protocolOf,
  resolveHost,
  systemLookup,
} from './guard.js'
import { GuardedSocket } from './guarded-socket.js'
import type { Identity, OwnIdentity } from './identity.js'
import { openPool } from './pool.js'
import type { Stopwatch } from './stopwatch.js'

export const EGRESS_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export type EgressMethod = (typeof EGRESS_METHODS)[number]

export interface EgressRequest {
  readonly method: EgressMethod
  readonly url: string
  /** None of those that frame the message or choose the host (`mayCarryHeader`). */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Milliseconds for all of it. */
  readonly timeout: number
  /** Bytes of answer that are kept. Default 65,536. */
  readonly maxResponse?: number
  readonly signal?: EndSignal
  /** For `https:`, instead of what the operator gave for the origin. */
  readonly identity?: OwnIdentity | undefined
  /** Told where the time goes. */
  readonly watch?: Stopwatch | undefined
}

export interface EgressClientOptions {
  readonly policy: EgressPolicy
  /** Default: the system's. */
  readonly lookup?: Lookup
  /** Milliseconds to make a connection. Default 10,000. */
  readonly connectTimeout?: number
  /** Connections to one origin. Default 64. */
  readonly connections?: number
  /** Origins whose connections are kept open. Default 256. */
  readonly origins?: number
  /** PEM certificates trusted instead of the system's. */
  readonly ca?: string
  /** What is shown and trusted at an origin. */
  readonly identities?: ReadonlyMap<string, Identity>
}

const MAX_RESPONSE = 64 * 1024
/** Bytes of answer headers; ours, the same as Node's own default. */
const MAX_HEADERS = 16 * 1024
/** A connection is used so often, then made again: a name that moved is noticed under steady traffic too. */
const REQUESTS_PER_CONNECTION = 10_000
const MAX_TIMEOUT = 2 ** 31 - 1

const FRAMING = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** False for headers that the client itself writes: they frame the message or choose the host. */
export const mayCarryHeader = (name: string): boolean => !FRAMING.has(name.toLowerCase())

interface Target {
  readonly origin: string
  readonly path: string
}

export class EgressClient {
  readonly #options: EgressClientOptions
  readonly #lookup: Lookup
  readonly #pools: LRUCache<string, Pool>
  readonly #targets = new LRUCache<string, Target>({ max: 1024 })
  readonly #retired = new Set<Pool>()
  #closed = false
  #running = 0
  #whenIdle: () => void = () => undefined

  constructor(options: EgressClientOptions) {
    this.#options = options
    this.#lookup = options.lookup ?? systemLookup
    this.#pools = new LRUCache({ max: options.origins ?? 256, dispose: (pool) => this.#retire(pool) })
  }

  /**
   * Any status is an answer, redirects too.
   * @throws EgressError with a stable code.
   * @throws TypeError for a request that HTTP does not know.
   */
  async send(request: EgressRequest): Promise<EgressResponse> {
    if (this.#closed) throw new EgressError('aborted', 'the client was closed')
    requireSound(request)
    const { origin, path } = this.#targetOf(request.url)
    const { method, headers, timeout, signal, identity, watch, maxResponse = MAX_RESPONSE } = request
    const message = { origin, path, method, headers, body: request.body ?? null }
    const limits = { timeout, maxResponse, signal, watch }
    this.#running += 1
    try {
      return await exchange(this.#poolOf(origin, identity), message, limits)
    } finally {
      this.#running -= 1
      if (this.#running === 0) this.#whenIdle()
    }
  }

  /**
   * The same rules before a target is stored: `checkUrl` with this client's policy.
   * @throws InvalidInput `target_refused`
   */
  async check(url: string, field?: string): Promise<void> {
    await checkUrl(url, this.#options.policy, { lookup: this.#lookup, ...(field !== undefined && { field }) })
  }

  /**
   * The same rules for a connection that is not HTTP: `checkHost` with this client's policy.
   * @throws InvalidInput `target_refused`
   */
  async checkHost(host: string, secure: boolean, field?: string): Promise<void> {
    const { policy } = this.#options
    await checkHost(host, secure, policy, { lookup: this.#lookup, ...(field !== undefined && { field }) })
  }

  /**
   * The addresses of a host, all of them checked: for what never connects (UDP), or connects by itself to an address.
   * @param secure what is said is encrypted; else only networks of the allow-list may be reached.
   * @throws EgressError
   */
  async addresses(host: string, secure: boolean): Promise<readonly HostAddress[]> {
    const { policy } = this.#options
    const family = isIP(host)
    if (family === 0) return await resolveHost(host, protocolOf(secure), policy, this.#lookup)
    checkLiteral(host, protocolOf(secure), policy)
    return [{ address: host, family }]
  }

  /** A socket for other protocols: not connected yet, and its `connect(port, host)` keeps to the same rules. */
  socket(secure: boolean): GuardedSocket {
    return new GuardedSocket({ policy: this.#options.policy, lookup: this.#lookup, secure })
  }

  /** Takes no more requests; those that run end by their own deadline. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve))
    const pools = [...this.#pools.values(), ...this.#retired]
    // Not `close`: after an aborted request undici connects again, and would wait for that.
    await Promise.all(pools.map((pool) => pool.destroy()))
  }

  // The rules for a URL need no clock and no network, so a URL that passed once passes always.
  #targetOf(url: string): Target {
    const known = this.#targets.get(url)
    if (known !== undefined) return known
    const parsed = parseTarget(url, this.#options.policy)
    const target = { origin: parsed.origin, path: parsed.pathname + parsed.search }
    this.#targets.set(url, target)
    return target
  }

  /** Who shows another certificate, or trusts another authority, never gets a connection that was made without. */
  #poolOf(origin: string, identity: OwnIdentity | undefined): Pool {
    const name = identity === undefined ? origin : `${origin} ${identity.digest}`
    const known = this.#pools.get(name)
    if (known !== undefined) return known
    const pool = openPool(origin, this.#connectorOf(origin, identity?.fields), this.#poolOptions())
    this.#pools.set(name, pool)
    return pool
  }

  #connectorOf(origin: string, own?: Identity): ReturnType<typeof createConnector> {
    const { policy, connectTimeout = 10_000, ca, identities } = this.#options
    const listed = identities?.get(origin)
    const trusted = listed?.ca ?? ca
    const identity = { ...(trusted !== undefined && { ca: trusted }), ...(own ?? listed) }
    return createConnector({ policy, lookup: this.#lookup, connectTimeout, identity })
  }

  #poolOptions(): Pool.Options {
    return {
      connections: this.#options.connections ?? 64,
      pipelining: 1,
      maxHeaderSize: MAX_HEADERS,
      maxRequestsPerClient: REQUESTS_PER_CONNECTION,
      keepAliveMaxTimeout: 30_000,
      // The deadline is ours and covers all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
    }
  }

  /** What runs on it may end. */
  #retire(pool: Pool): void {
    this.#retired.add(pool)
    void pool.close().finally(() => this.#retired.delete(pool))
  }
}

function requireSound({ method, headers, timeout, maxResponse = 0 }: EgressRequest): void {
  if (!EGRESS_METHODS.includes(method)) throw new TypeError(`The method must be one of ${EGRESS_METHODS.join(', ')}.`)
  if (!(timeout > 0 && timeout <= MAX_TIMEOUT))
    throw new TypeError('The timeout must be a positive number of milliseconds.')
  if (!(maxResponse >= 0)) throw new TypeError('The limit of the answer must be a number of bytes.')
  for (const name of Object.keys(headers)) {
    if (!mayCarryHeader(name)) throw new TypeError(`The header ${name.toLowerCase()} is written by the client itself.`)
  }
}
