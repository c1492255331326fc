/**
 * Who is at the other end where it is no URL: host, port, how it is encrypted, whom we trust. The connection is made by the
 * guarded client.
 */
import { X509Certificate } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import tls from 'node:tls'
import type { EgressClient } from '../access/egress/client.js'
import { type EgressCode, EgressError, egressErrorOf, isEgressError } from '../access/egress/egress-error.js'
import { badTarget } from './target.js'
import type { SendOutcome } from './transport.js'

/** What transports that are no HTTP ask of the guarded client. */
export type PeerEgress = Pick<EgressClient, 'checkHost' | 'addresses' | 'socket'>

export interface TlsFields {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface Peer extends TlsFields {
  readonly host: string
  readonly port: number
}

/** Parts of target schemas. */
export const HOST = {
  type: 'string',
  // A name or an address: no port, no brackets, no user.
  pattern: '^[0-9A-Za-z_.:-]{1,253}$',
  title: 'Host',
  description: 'Name or address of the server.',
} as const

export const portOf = (standard: number, description = `Default: ${standard}.`) =>
  ({ type: 'integer', minimum: 1, maximum: 65_535, title: 'Port', description }) as const

export const CA = {
  type: 'string',
  maxLength: 65_536,
  pattern: '-----BEGIN CERTIFICATE-----',
  title: 'CA',
  description: "Certificates, in PEM, that the server's must lead to. Default: those Node knows.",
} as const

export const CERT = {
  type: 'string',
  maxLength: 65_536,
  pattern: '-----BEGIN CERTIFICATE-----',
  title: 'Certificate',
  description: 'The certificate we show, in PEM.',
} as const

export const KEY = {
  type: 'string',
  maxLength: 65_536,
  writeOnly: true,
  pattern: '-----BEGIN [A-Z ]*PRIVATE KEY-----',
  title: 'Key',
  description: 'The key of that certificate, in PEM. Never shown again.',
} as const

/**
 * A certificate that cannot be read would fail every attempt. What OpenSSL says of it may quote the key: it is left out.
 * @param encrypted what the target must say for there to be any.
 * @param keyField where the key is said.
 * @throws InvalidInput `invalid_request` with the field
 */
export function checkTls(
  { ca, cert, key }: TlsFields,
  isEncrypted: boolean,
  encrypted: string,
  keyField = '.key',
): void {
  const field = ca !== undefined ? '.ca' : cert !== undefined ? '.cert' : keyField
  if (ca === undefined && cert === undefined && key === undefined) return
  if (!isEncrypted) throw badTarget(field, 'Without TLS there are no certificates.', encrypted)
  if ((cert === undefined) !== (key === undefined))
    throw badTarget(
      cert === undefined ? '.cert' : keyField,
      'A certificate and its key go together.',
      `both of cert and ${keyField.slice(1)}`,
    )
  if (ca !== undefined) requireReadable('.ca', () => new X509Certificate(ca))
  if (cert !== undefined) requireReadable('.cert', () => new X509Certificate(cert))
  if (cert !== undefined && key !== undefined)
    requireReadable(
      keyField,
      () => tls.createSecureContext({ cert, key }),
      'the unencrypted key of that certificate, in PEM',
    )
}

export function requireReadable(field: string, read: () => unknown, expected = 'certificates in PEM'): void {
  try {
    read()
  } catch {
    throw badTarget(field, 'It cannot be used.', expected)
  }
}

/** What Node takes, with the server's name for its certificate (RFC 6066, section 3: none for an address). */
export const tlsOptionsOf = ({ host, ca, cert, key }: Pick<Peer, 'host' | keyof TlsFields>): tls.ConnectionOptions => ({
  host,
  servername: isIP(host) === 0 ? host : '',
  minVersion: 'TLSv1.2',
  ...(ca !== undefined && { ca }),
  ...(cert !== undefined && { cert }),
  ...(key !== undefined && { key }),
})

/**
 * @param secure what will be said on it is encrypted, by `encrypt` or the protocol's own way.
 * @throws EgressError
 */
export async function connectTo({ host, port }: Peer, secure: boolean, egress: PeerEgress, signal: AbortSignal) {
  const socket = egress.socket(secure).setNoDelay(true).setKeepAlive(true)
  await settled(socket, 'connect', 'connect', signal, () => socket.connect(port, host))
  return socket as Socket
}

/** TLS over a connection; the certificate must be the host's. @throws EgressError `tls` */
export async function encrypt(socket: Socket, peer: Peer, signal: AbortSignal): Promise<tls.TLSSocket> {
  const secured = await attempt('tls', () => tls.connect({ ...tlsOptionsOf(peer), socket }))
  await settled(secured, 'secureConnect', 'tls', signal)
  return secured
}

async function attempt<T>(code: EgressCode, work: () => T): Promise<T> {
  try {
    return work()
  } catch (error) {
    throw egressErrorOf(error, code)
  }
}

/** Whoever is called off, or refused, leaves no socket behind. */
function settled(
  socket: Socket,
  event: string,
  code: EgressCode,
  signal: AbortSignal,
  begin = () => {},
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      signal.removeEventListener('abort', onAbort)
      socket.on('error', () => undefined).destroy()
      reject(error)
    }
    const onAbort = () => fail(signal.reason)
    if (signal.aborted) return fail(signal.reason)
    signal.addEventListener('abort', onAbort)
    socket.once('error', (error) => fail(egressErrorOf(error, code)))
    socket.once('close', () => fail(new EgressError(code)))
    socket.once(event, () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    begin()
  })
}

/**
 * No connection, no answer: tried again, unless it is our own policy.
 * @throws the error itself if it is none of the guarded client's.
 */
export function outcomeOfEgress(error: unknown): SendOutcome {
  if (!isEgressError(error)) throw error
  const { code, message } = error
  if (code === 'blocked') return { outcome: 'refused', code: 'target_refused', message }
  return { outcome: code === 'exhausted' ? 'release' : 'retry', code, message }
}
