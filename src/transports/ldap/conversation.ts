/**
 * A connection to a directory as the client library gets it: what comes is looked at first. It is already made, by the guarded
 * client, and encrypted where it should be.
 */
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { EgressError, egressErrorOf, isEgressError } from '../../access/egress/egress-error.js'
import { connectTo, encrypt, type PeerEgress } from '../peer.js'
import { reassembly } from './answers.js'
import type { LdapTarget } from './target.js'

export class Conversation extends Duplex {
  /** By these the library sees that it is connected. */
  readonly connecting = false
  readonly readyState = 'open'
  readonly #socket: Socket
  /** In TLS 1.3 a handshake is done for us before the directory has looked at our certificate: its first words tell that it has. */
  #isWelcome: boolean

  constructor(socket: Socket) {
    super()
    this.#socket = socket
    this.#isWelcome = !(socket instanceof TLSSocket)
    const complete = reassembly()
    socket.on('data', (piece: Buffer) => this.#take(() => complete(piece)))
    socket.on('end', () => (this.#isWelcome ? this.push(null) : this.destroy(new EgressError('tls', TURNED_AWAY))))
    socket.on('error', (error) => this.destroy(egressErrorOf(error, this.#isWelcome ? 'reset' : 'tls')))
    socket.on('close', () => this.destroy(new EgressError('reset')))
  }

  #take(complete: () => readonly Buffer[]): void {
    this.#isWelcome = true
    try {
      for (const message of complete()) if (!this.push(message)) this.#socket.pause()
    } catch (error) {
      this.destroy(asReset(error))
    }
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}

const TURNED_AWAY = 'the directory hung up; it may want to see another certificate'

const asReset = (error: unknown): EgressError =>
  isEgressError(error) ? error : new EgressError('reset', undefined, error)

/** @throws EgressError */
export async function converse(target: LdapTarget, egress: PeerEgress, signal: AbortSignal): Promise<Conversation> {
  const { encryption = 'tls' } = target
  const peer = { ...target, port: target.port ?? (encryption === 'tls' ? 636 : 389) }
  const socket = await connectTo(peer, encryption !== 'none', egress, signal)
  if (encryption === 'starttls') await startTls(socket, signal)
  return new Conversation(encryption === 'none' ? socket : await encrypt(socket, peer, signal))
}

/** RFC 4511, section 4.14.1: message 1, an extended request of this name. */
const START_TLS = Buffer.concat([Buffer.from('301d02010177188016', 'hex'), Buffer.from('1.3.6.1.4.1.1466.20037')])
/** Of the answer: message 1, an extended response whose result is success. */
const SUCCESS = /^30(8[0-4])?.*020101.*78(8[0-4])?.*0a0100/

/** Asked before anything else is said, so that nothing unencrypted can be mistaken for something said after. @throws EgressError `tls` */
async function startTls(socket: Socket, signal: AbortSignal): Promise<void> {
  const answer = await new Promise<readonly Buffer[]>((resolve, reject) => {
    const complete = reassembly()
    const settle = (then: () => void) => {
      socket.off('data', onData).off('close', onClose).pause()
      signal.removeEventListener('abort', onAbort)
      then()
    }
    const fail = (error: unknown) => settle(() => reject(error))
    const onClose = () => fail(new EgressError('tls', 'the server closed the connection'))
    const onAbort = () => fail(signal.reason)
    const onData = (piece: Buffer) => {
      try {
        const messages = complete(piece)
        if (messages.length > 0) settle(() => resolve(messages))
      } catch (error) {
        fail(error)
      }
    }
    signal.addEventListener('abort', onAbort)
    socket.on('error', onClose).on('close', onClose).on('data', onData).write(START_TLS)
  }).catch((error: unknown) => {
    socket.destroy()
    throw error
  })
  const [first] = answer
  if (answer.length === 1 && first !== undefined && SUCCESS.test(first.toString('hex'))) return
  socket.destroy()
  throw new EgressError('tls', 'the server does not offer STARTTLS')
}
