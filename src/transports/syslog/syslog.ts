/**
 * Lines for a log collector. Syslog acknowledges nothing: what is `delivered` was taken by the connection, or put on the wire.
 */
import dgram from 'node:dgram'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { EgressError, egressErrorOf, isEgressError } from '../../access/egress/egress-error.js'
import { untilAborted } from '../abort.js'
import { connectTo, encrypt, outcomeOfEgress, type PeerEgress } from '../peer.js'
import type { OutgoingMessage, Sender, SendOutcome, Transport } from '../transport.js'
import { framed, lineOf } from './line.js'
import { readSyslogTarget, SYSLOG_TARGET, type SyslogTarget } from './target.js'

export interface SyslogOptions {
  readonly egress: PeerEgress
  /** Of Tocsin. */
  readonly version: string
}

const PORTS = { tls: 6514, tcp: 601, udp: 514 } as const
const LONGEST = 8192
/** Milliseconds to make a connection, whoever waits for it. */
const CONNECT = 10_000
/** Milliseconds a collector has to say that it does not want us. */
const WELCOME = 1_000

export function syslogTransport({ egress, version }: SyslogOptions): Transport {
  return {
    name: 'syslog',
    title: 'Syslog',
    promise: 'best effort; syslog acknowledges nothing, the line was given to the connection',
    target: SYSLOG_TARGET,
    defaultFormat: 'cloudevents',
    async check(given) {
      const { host, protocol = 'tls' } = readSyslogTarget(given)
      await egress.checkHost(host, protocol === 'tls', 'target.host')
    },
    open(given) {
      const target = readSyslogTarget(given)
      const wire = target.protocol === 'udp' ? datagrams(target, egress) : connection(target, egress)
      return syslogSender(wire, (message) => lineOf(message, target, version), target.maxBytes ?? LONGEST)
    },
  }
}

/** The way of a line to the collector. */
interface Wire {
  /** Rejects with an EgressError. */
  write(line: Buffer): Promise<void>
  close(): void
}

const syslogSender = (wire: Wire, written: (message: OutgoingMessage) => Buffer, longest: number): Sender => ({
  async send(message, signal) {
    const line = written(message)
    if (line.length > longest) return tooLong(line.length, longest)
    return await untilAborted(signal, () => wire.write(line).then(() => DELIVERED, outcomeOfEgress))
  },
  close: async () => wire.close(),
})

const DELIVERED: SendOutcome = { outcome: 'delivered' }

const tooLong = (length: number, longest: number): SendOutcome => ({
  outcome: 'refused',
  code: 'too_long',
  message: `The line has ${length} bytes; the collector takes ${longest}. Choose payload thin, or a higher maxBytes.`,
})

/** One connection for all, made when there is something to say and again after it ended. */
function connection(target: SyslogTarget, egress: PeerEgress): Wire {
  let open: Promise<Socket> | undefined

  function connected(): Promise<Socket> {
    if (open !== undefined) return open
    const opening = connect(target, egress)
    const forget = () => {
      if (open === opening) open = undefined
    }
    opening.then((socket) => socket.on('close', forget).on('end', forget).on('error', forget).resume(), forget)
    open = opening
    return opening
  }

  return {
    write: async (line) => await written(await connected(), framed(line)),
    close() {
      void open?.then(
        (socket) => socket.end(),
        () => undefined,
      )
      open = undefined
    },
  }
}

async function connect(target: SyslogTarget, egress: PeerEgress): Promise<Socket> {
  const { host, protocol = 'tls' } = target
  const peer = { ...target, host, port: target.port ?? PORTS[protocol] }
  const signal = AbortSignal.timeout(CONNECT)
  try {
    const socket = await connectTo(peer, protocol === 'tls', egress, signal)
    return protocol === 'tls' ? await welcomed(await encrypt(socket, peer, signal)) : socket
  } catch (error) {
    throw isEgressError(error) || !signal.aborted ? error : new EgressError('timeout')
  }
}

/**
 * In TLS 1.3 a handshake is done for us before the collector has looked at our certificate, and a line that is written then goes nowhere.
 * A ticket (RFC 8446, section 4.6.1) tells that it has; one that gives none has time to hang up. @throws EgressError `tls`
 */
function welcomed(socket: TLSSocket): Promise<Socket> {
  if (socket.getProtocol() !== 'TLSv1.3') return Promise.resolve(socket)
  return new Promise<Socket>((resolve, reject) => {
    const timer = setTimeout(() => resolve(socket), WELCOME)
    const fail = (error: EgressError) => {
      clearTimeout(timer)
      reject(error)
    }
    socket.once('session', () => {
      clearTimeout(timer)
      resolve(socket)
    })
    socket.on('error', (error) => fail(egressErrorOf(error, 'tls')))
    socket.once('close', () =>
      fail(new EgressError('tls', 'the collector hung up; it may want to see another certificate')),
    )
    socket.resume()
  })
}

const written = (socket: Socket, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(new EgressError('reset', undefined, error)) : resolve()))
  })

/** Each line a datagram (RFC 5426), to an address that is checked each time: nobody can say that it moved. */
function datagrams({ host, port = PORTS.udp }: SyslogTarget, egress: PeerEgress): Wire {
  const sockets = new Map<number, dgram.Socket>()
  const socketFor = (family: number): dgram.Socket => {
    const known = sockets.get(family)
    if (known !== undefined) return known
    // What comes back, such as that the port is closed, is for nobody.
    const socket = dgram.createSocket(family === 6 ? 'udp6' : 'udp4').on('error', () => undefined)
    socket.unref()
    sockets.set(family, socket)
    return socket
  }
  return {
    async write(line) {
      const [to] = await egress.addresses(host, false)
      if (to === undefined) throw new EgressError('connect')
      await new Promise<void>((resolve, reject) => {
        socketFor(to.family).send(line, port, to.address, (error) =>
          error ? reject(new EgressError('connect', codeOf(error), error)) : resolve(),
        )
      })
    },
    close() {
      for (const socket of sockets.values()) socket.close()
      sockets.clear()
    },
  }
}

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : 'it could not be sent')
