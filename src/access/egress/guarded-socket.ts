/**
 * A TCP socket for what is not HTTP (databases, directories, mail), handed to a client library that calls `connect` itself:
 * the host is looked up and every address checked, the connection goes to a checked one, and where it arrived is looked at.
 */
import net, { isIP } from 'node:net'
import { EgressError } from './egress-error.js'
import { checkLiteral, type EgressPolicy, type Lookup, protocolOf, resolveHost } from './guard.js'

export interface SocketGuard {
  readonly policy: EgressPolicy
  readonly lookup: Lookup
  /** TLS will be spoken on it. Without, only networks of the allow-list are reached. */
  readonly secure: boolean
}

export class GuardedSocket extends net.Socket {
  readonly #guard: SocketGuard

  constructor(guard: SocketGuard) {
    super()
    this.#guard = guard
    // Before any listener of the library: nothing is sent to an address that may not be reached.
    this.once('connect', () => this.#arrived())
  }

  /** An error of the guard comes as the socket's `error`, an `EgressError`. */
  override connect(...args: unknown[]): this {
    const [port, host] = args
    if (typeof port !== 'number' || typeof host !== 'string' || args.length > 2)
      throw new TypeError('A guarded socket connects to (port, host).')
    try {
      if (isIP(host) !== 0) this.#check(host)
      return super.connect({ port, host, autoSelectFamily: true, lookup: this.#lookup })
    } catch (error) {
      return this.destroy(asError(error))
    }
  }

  readonly #lookup: net.LookupFunction = (host, { all }, callback) => {
    const { policy, lookup, secure } = this.#guard
    resolveHost(host, protocolOf(secure), policy, lookup).then(
      (addresses) => {
        const first = addresses[0]
        if (all === true || first === undefined) callback(null, [...addresses])
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(asError(error), []),
    )
  }

  #check(address: string): void {
    checkLiteral(address, protocolOf(this.#guard.secure), this.#guard.policy)
  }

  #arrived(): void {
    try {
      // It may be gone again already.
      if (this.remoteAddress !== undefined) this.#check(this.remoteAddress)
    } catch (error) {
      this.destroy(asError(error))
    }
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new EgressError('connect'))
