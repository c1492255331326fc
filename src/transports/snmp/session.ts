/**
 * What is used of net-snmp, and how a session with one manager is made.
 */
import { optionalPackage } from '../optional-package.js'
import type { Notification, Varbind } from './notification.js'
import { isPrivate, type SnmpTarget } from './target.js'

type Done = (error: unknown) => void

interface SecurityParameters {
  msgAuthoritativeEngineBoots: number
  msgAuthoritativeEngineTime: number
}

interface Session {
  inform(oid: string, varbinds: readonly Varbind[], done: Done): void
  trap(oid: string, varbinds: readonly Varbind[], done: Done): void
  send(
    request: { readonly message: { readonly msgSecurityParameters?: SecurityParameters } },
    noWait?: boolean,
  ): unknown
  on(event: 'error', listener: Done): unknown
  close(): void
}

type Options = Readonly<Record<string, unknown>>

/** https://www.npmjs.com/package/net-snmp */
export interface NetSnmp {
  readonly Version2c: number
  readonly Version3: number
  readonly SecurityLevel: Readonly<Record<'authNoPriv' | 'authPriv', number>>
  readonly AuthProtocols: Readonly<Record<string, string>>
  readonly PrivProtocols: Readonly<Record<string, string>>
  createSession(address: string, community: string, options: Options): Session
  createV3Session(address: string, user: Options, options: Options): Session
}

export const netSnmp = async (): Promise<NetSnmp> =>
  (await optionalPackage<{ readonly default: NetSnmp }>('net-snmp', 'snmp')).default

/** Milliseconds before an inform is said again, and how often: seven seconds in all. */
const REPEAT = { timeout: 1_000, retries: 2, backoff: 2 }

/** Ours: 80, Net-SNMP's number, 04 (text), `tocsin` (RFC 3411, SnmpEngineID). */
const ENGINE = '80001f8804746f6373696e'

export interface Manager {
  /** Rejects with what net-snmp says. Resolves when an inform is acknowledged, a trap sent. */
  tell(notification: Notification): Promise<void>
  close(): void
}

/** @param address checked; nothing is looked up here. */
export function managerAt(address: string, family: number, target: SnmpTarget, snmp: NetSnmp): Manager {
  const session = sessionWith(address, family, target, snmp)
  // Of the socket; whoever waits is told by the time.
  session.on('error', () => undefined)
  const kind = target.kind ?? 'inform'
  return {
    tell: ({ oid, varbinds }) =>
      new Promise((resolve, reject) => {
        session[kind](oid, varbinds, (error) => (error ? reject(error) : resolve()))
      }),
    close: () => session.close(),
  }
}

function sessionWith(address: string, family: number, target: SnmpTarget, snmp: NetSnmp): Session {
  const { version, port = 162, kind = 'inform', community = '', engineId: engineID = ENGINE } = target
  const common = { ...REPEAT, port, trapPort: port, transport: family === 6 ? 'udp6' : 'udp4' }
  if (version === '2c') return snmp.createSession(address, community, { ...common, version: snmp.Version2c })
  const session = snmp.createV3Session(address, userOf(target, snmp), { ...common, version: snmp.Version3, engineID })
  return kind === 'trap' ? timely(session) : session
}

function userOf(target: SnmpTarget, snmp: NetSnmp): Options {
  const { user, authProtocol = 'sha256', authPassword, privProtocol = 'aes', privPassword } = target
  const level = snmp.SecurityLevel[isPrivate(target) ? 'authPriv' : 'authNoPriv']
  const authentication = { name: user, level, authProtocol: snmp.AuthProtocols[authProtocol], authKey: authPassword }
  if (!isPrivate(target)) return authentication
  return { ...authentication, privProtocol: snmp.PrivProtocols[privProtocol], privKey: privPassword }
}

const EPOCH = Date.UTC(2020, 0, 1)

/**
 * The sender of a trap is its authoritative engine (RFC 3414, section 1.5.1): a manager drops what is 150 seconds behind the
 * time it last heard from that engine. The library says zero each time. Ours is the clock, so it goes on over restarts and
 * is the same for all nodes.
 */
function timely(session: Session): Session {
  const send = session.send.bind(session)
  session.send = (request, noWait) => {
    const parameters = request.message.msgSecurityParameters
    if (parameters !== undefined) {
      parameters.msgAuthoritativeEngineBoots = 1
      parameters.msgAuthoritativeEngineTime = Math.floor((Date.now() - EPOCH) / 1_000)
    }
    return send(request, noWait)
  }
  return session
}
