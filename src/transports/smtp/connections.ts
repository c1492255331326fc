/**
 * Connections to a mail server, kept a while and used again; each made by the guarded client.
 */
import type { Socket } from 'node:net'
import { EgressError } from '../../access/egress/egress-error.js'
import { optionalPackage } from '../optional-package.js'
import { connectTo, encrypt, type PeerEgress, tlsOptionsOf } from '../peer.js'
import { needsUtf8 } from './address.js'
import type { SmtpTarget } from './target.js'

type Done<Value = unknown> = (error: unknown, value: Value) => void

export interface Envelope {
  readonly from: string
  readonly to: readonly string[]
  /** Bytes: a server that says what it takes at most (RFC 1870) is not sent more. */
  readonly size: number
}

/** What is used of nodemailer's own (https://nodemailer.com/extras/smtp-connection). */
interface Connection {
  connect(done: (error?: unknown) => void): void
  login(auth: { readonly user: string; readonly pass: string }, done: Done): void
  send(envelope: Envelope, message: Buffer, done: Done<{ readonly response: string }>): void
  reset(done: Done): void
  quit(): void
  close(): void
  /** A STARTTLS handshake is under way. */
  readonly upgrading?: boolean
  /** What the server said it can do; not told in any other way. */
  readonly _supportedExtensions?: readonly string[]
  on(event: 'error' | 'end', listener: (error: unknown) => void): unknown
}

interface Package {
  readonly default: new (options: Readonly<Record<string, unknown>>) => Connection
}

export interface Connections {
  /** The server's own words once it has taken the mail. Rejects with nodemailer's error, or an EgressError. */
  send(envelope: Envelope, message: Buffer, signal: AbortSignal): Promise<string>
  close(): void
}

/** Kept open while nothing is sent, and for how long, milliseconds: servers close idle ones after some minutes. */
const MOST_IDLE = 4
const IDLE = 30_000

export function connectionsTo(target: SmtpTarget, egress: PeerEgress): Connections {
  const idle = new Map<Connection, NodeJS.Timeout>()

  const forget = (connection: Connection) => {
    clearTimeout(idle.get(connection))
    return idle.delete(connection)
  }

  /** An open one that still answers, or a new one. */
  async function take(signal: AbortSignal): Promise<Connection> {
    const [kept] = idle.keys()
    if (kept === undefined) return await open(target, egress, signal, forget)
    forget(kept)
    const answers = await within(kept, signal, (done) => kept.reset(done)).then(
      () => true,
      () => false,
    )
    signal.throwIfAborted()
    return answers ? kept : take(signal)
  }

  function keep(connection: Connection): void {
    const leave = () => {
      forget(connection)
      connection.quit()
    }
    if (idle.size >= MOST_IDLE) leave()
    else idle.set(connection, setTimeout(leave, IDLE).unref())
  }

  return {
    async send(envelope, message, signal) {
      const connection = await take(signal)
      if (!takes(connection, envelope)) {
        keep(connection)
        throw new NoUtf8()
      }
      const { response } = await within<{ readonly response: string }>(connection, signal, (done) =>
        connection.send(envelope, message, done),
      )
      keep(connection)
      return response
    },
    close() {
      for (const connection of [...idle.keys()]) {
        forget(connection)
        connection.quit()
      }
    },
  }
}

/** Why, in Node's words: the library gives its errors a code of its own. */
const systemCodeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'originalCode' in error ? String(error.originalCode) : undefined

/** The library would say them all the same, to a server that reads something else. */
const takes = ({ _supportedExtensions: known = [] }: Connection, { from, to }: Envelope): boolean =>
  known.includes('SMTPUTF8') || ![from, ...to].some(needsUtf8)

/** The address has letters that this server does not take. */
export class NoUtf8 extends Error {}

async function open(
  target: SmtpTarget,
  egress: PeerEgress,
  signal: AbortSignal,
  gone: (connection: Connection) => void,
): Promise<Connection> {
  const { default: SmtpConnection } = await optionalPackage<Package>('nodemailer/lib/smtp-connection', 'smtp')
  const connection = new SmtpConnection(await optionsFor(target, egress, signal))
  const failed = new Promise<never>((_resolve, reject) => {
    connection.on('error', reject)
    connection.on('end', () => reject(new EgressError('reset')))
  })
  failed.catch(() => gone(connection))
  const { user, password } = target
  const connecting = within(connection, signal, (done) => connection.connect((error) => done(error, null)))
  await Promise.race([failed, connecting]).catch((error: unknown) => {
    connecting.catch(() => undefined)
    connection.close()
    // The library calls a certificate that is refused, theirs or ours, an error of the socket.
    const code = systemCodeOf(error)
    const isOfTls = connection.upgrading === true || code?.startsWith('ERR_SSL_') === true
    throw isOfTls && !signal.aborted ? new EgressError('tls', code, error) : error
  })
  if (user !== undefined && password !== undefined) {
    await within(connection, signal, (done) => connection.login({ user, pass: password }, done))
  }
  return connection
}

async function optionsFor(target: SmtpTarget, egress: PeerEgress, signal: AbortSignal) {
  const { host, encryption = 'starttls' } = target
  const port = target.port ?? (encryption === 'tls' ? 465 : 587)
  const peer = { ...target, host, port }
  const socket = await connectTo(peer, encryption !== 'none', egress, signal)
  const connection: Socket = encryption === 'tls' ? await encrypt(socket, peer, signal) : socket
  const secured = encryption === 'tls'
  // The deadline is the attempt's: the library's own are longer than any.
  const patience = { greetingTimeout: LONG, socketTimeout: LONG, connectionTimeout: LONG }
  const asked = { requireTLS: encryption === 'starttls', ignoreTLS: encryption === 'none', tls: tlsOptionsOf(peer) }
  return { host, port, connection, secure: secured, secured, ...patience, ...asked }
}

const LONG = 600_000

/** One step of the conversation; a connection on which one failed, or was called off, is not used again. */
function within<Value = unknown>(
  connection: Connection,
  signal: AbortSignal,
  step: (done: Done<Value>) => void,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      signal.removeEventListener('abort', onAbort)
      connection.close()
      reject(error)
    }
    const onAbort = () => fail(signal.reason)
    if (signal.aborted) return fail(signal.reason)
    signal.addEventListener('abort', onAbort)
    step((error, value) => {
      if (error !== null && error !== undefined) return fail(error)
      signal.removeEventListener('abort', onAbort)
      resolve(value)
    })
  })
}
