/**
 * Makes the connections of the guarded client: looks the host up, checks every address, connects to the checked
 * ones and looks at where it arrived. A `lookup` given to `net.connect` is not called for IP literals; those are
 * checked here by themselves, and before that when the URL is parsed.
 */
import net, { isIP } from 'node:net'
import tls from 'node:tls'
import type { buildConnector } from 'undici'
import { EgressError, egressErrorOf } from './egress-error.js'
import { checkLiteral, type EgressPolicy, type HostAddress, type Lookup, resolveHost } from './guard.js'
import type { Identity } from './identity.js'
import type { ConnectionTimes } from './stopwatch.js'

export interface ConnectorOptions {
  readonly policy: EgressPolicy
  readonly lookup: Lookup
  /** Milliseconds for look-up, connection and TLS handshake together. */
  readonly connectTimeout: number
  /** What is shown, and whom we trust instead of whom Node knows. */
  readonly identity?: Identity
}

interface Target {
  readonly hostname: string
  readonly protocol: string
  readonly port: string
}

/** One per origin: it keeps the TLS session of the last connection for the next. Each client's is told its times. */
export function createConnector(options: ConnectorOptions): (times: ConnectionTimes) => buildConnector.connector {
  const sessions = new Map<'last', Buffer>()
  return (times) => (target, callback) => {
    connect(target, options, sessions, times).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(egressErrorOf(error, 'connect'), null),
    )
  }
}

async function connect(
  target: Target,
  options: ConnectorOptions,
  sessions: Map<'last', Buffer>,
  times: ConnectionTimes,
): Promise<net.Socket> {
  times.begin()
  const limit = AbortSignal.timeout(options.connectTimeout)
  const addresses = await before(limit, addressesOf(target, options))
  times.reach('lookedUp')
  const socket = open(target, addresses, options, sessions)
  try {
    await before(limit, opened(socket, target.protocol === 'https:', times))
    // It may be gone again already.
    if (socket.remoteAddress === undefined) throw new EgressError('reset')
    checkLiteral(socket.remoteAddress, target.protocol, options.policy)
    return socket
  } catch (error) {
    socket.on('error', () => undefined).destroy()
    throw error
  }
}

async function addressesOf(target: Target, { policy, lookup }: ConnectorOptions): Promise<readonly HostAddress[]> {
  const family = isIP(target.hostname)
  if (family === 0) return await resolveHost(target.hostname, target.protocol, policy, lookup)
  checkLiteral(target.hostname, target.protocol, policy)
  return [{ address: target.hostname, family }]
}

function open(
  target: Target,
  addresses: readonly HostAddress[],
  options: ConnectorOptions,
  sessions: Map<'last', Buffer>,
): net.Socket {
  const secure = target.protocol === 'https:'
  const common = {
    host: target.hostname,
    port: Number(target.port || (secure ? 443 : 80)),
    autoSelectFamily: true,
    noDelay: true,
    keepAlive: true,
    lookup: answerWith(addresses),
  }
  if (!secure) return net.connect(common)
  // RFC 6066, section 3: no server name for a literal address.
  const servername = isIP(target.hostname) === 0 ? target.hostname : ''
  const session = sessions.get('last')
  return tls
    .connect({ ...common, ...options.identity, servername, ALPNProtocols: ['http/1.1'], ...(session && { session }) })
    .on('session', (next) => sessions.set('last', next))
}

/** What `net.connect` asks instead of the name service: the addresses that were checked, no others. */
function answerWith(addresses: readonly HostAddress[]): net.LookupFunction {
  return (_hostname, options, callback) => {
    const first = addresses[0]
    if (options.all === true || first === undefined) callback(null, [...addresses])
    else callback(null, first.address, first.family)
  }
}

function opened(socket: net.Socket, secure: boolean, times: ConnectionTimes): Promise<void> {
  return new Promise((resolve, reject) => {
    let code: 'connect' | 'tls' = 'connect'
    socket.once('connect', () => {
      times.reach('connected')
      if (!secure) resolve()
      code = 'tls'
    })
    socket.once('secureConnect', () => {
      times.reach('ready')
      resolve()
    })
    socket.once('error', (error) => reject(egressErrorOf(error, code)))
    socket.once('close', () => reject(new EgressError(code)))
  })
}

function before<T>(limit: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new EgressError('timeout', 'the connection was not made in time'))
    if (limit.aborted) late()
    limit.addEventListener('abort', late, { once: true })
    work.then(resolve, reject).finally(() => limit.removeEventListener('abort', late))
  })
}
