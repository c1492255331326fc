/**
 * Connections to one origin, as undici keeps them. Apart from the client that uses them: undici is the largest
 * package that a start would read, and is read when something first goes out.
 */
import { Client, type Dispatcher, Pool } from 'undici'
import type { createConnector } from './connector.js'
import { Exchange } from './exchange.js'
import { ConnectionTimes } from './stopwatch.js'

type Connector = ReturnType<typeof createConnector>

export const openPool = (origin: string, connector: Connector, options: Pool.Options): Pool =>
  new Pool(origin, { ...options, factory: (url: URL, more: object) => new TimedClient(url, more, connector) })

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
