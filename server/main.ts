/**
 * An instance as a process: opens the hub, listens, and stops without losing anything.
 */
import type { FastifyInstance } from 'fastify'
import { profilesFor } from '../profiles/index.js'
import { type Config, createHub, type Hub, type HubOptions } from '../src/index.js'
import { createServer } from './app.js'
import { once } from './once.js'

export interface Instance {
  readonly hub: Hub
  readonly app: FastifyInstance
  /** Where it listens, such as `http://127.0.0.1:7300`. */
  readonly url: string
  /** Accepts no more, answers what it has, then closes the hub. Further calls wait for the first. */
  close(): Promise<void>
}

/**
 * Opens the hub and listens. Who may reach it was decided by the configuration (`server.allowRemote`).
 * @throws Unavailable when the database cannot be opened; the system's own error when the address is taken.
 */
export async function serve(config: Config, options: Pick<HubOptions, 'reread'> = {}): Promise<Instance> {
  const hub = await createHub({ config, plugins: profilesFor(config), ...options })
  try {
    const app = createServer(hub)
    const url = await app.listen({ host: config.server.host, port: config.server.port })
    hub.log.info({ url, node: hub.node }, 'listening')
    return { hub, app, url, close: once(() => stop(app, hub)) }
  } catch (error) {
    await hub.close()
    throw error
  }
}

/** Serves until the process is told to end (SIGTERM, SIGINT), also while it starts; a second signal ends it at once. */
export function run(config: Config): Promise<Instance> {
  const starting = serve(config)
  const end = (signal: NodeJS.Signals) =>
    starting.then(
      (instance) => endBy(signal, instance),
      () => undefined,
    )
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
  return starting
}

async function endBy(signal: NodeJS.Signals, { hub, close }: Instance): Promise<void> {
  hub.log.info({ signal }, 'stopping')
  try {
    await close()
  } catch (error) {
    hub.log.fatal({ err: error }, 'could not stop cleanly')
    process.exitCode = 1
  }
}

async function stop(app: FastifyInstance, hub: Hub): Promise<void> {
  const patience = setTimeout(() => app.server.closeAllConnections(), hub.config.delivery.shutdown)
  await app.close()
  clearTimeout(patience)
  await hub.close()
}
