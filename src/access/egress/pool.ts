/**
 * Connections to one origin, as undici keeps them. It is the largest package that a start would read, so it is read when
 * something first goes out; not by `import`, which fails for ever once it could not read a file (too many are open).
 */
import { createRequire } from 'node:module'
import type { Client, Dispatcher, Pool } from 'undici'
import type { createConnector } from './connector.js'
import { egressErrorOf } from './egress-error.js'
import { Exchange } from './exchange.js'
import { ConnectionTimes } from './stopwatch.js'

type Connector = ReturnType<typeof createConnector>
type Undici = Pick<typeof import('undici'), 'Client' | 'Pool'>
type Open = (origin: string, connector: Connector, options: Pool.Options) => Pool

let known: Open | null = null

/** @throws EgressError `exhausted` */
export const openPool: Open = (origin, connector, options) => {
  known ??= opening(readUndici())
  return known(origin, connector, options)
}

function readUndici(): Undici {
  try {
    return createRequire(import.meta.url)('undici') as Undici
  } catch (error) {
    const failure = egressErrorOf(error, 'connect')
    throw failure.code === 'exhausted' ? failure : error
  }
}

function opening({ Client, Pool }: Undici): Open {
  /** One connection of a pool, which tells those that go out on it how it was made. */
  class TimedClient extends Client {
    readonly #times: ConnectionTimes

    constructor(origin: URL, options: Client.Options, connector: Connector) {
      const times = new ConnectionTimes()
      super(origin, { ...options, connect: connector(times) })
      this.#times = times
    }

    override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      if (handler instanceof Exchange) handler.takenBy(this.#times)
      return super.dispatch(options, handler)
    }
  }
  return (origin, connector, options) =>
    new Pool(origin, { ...options, factory: (url: URL, more: object) => new TimedClient(url, more, connector) })
}
