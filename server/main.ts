/**
 * An instance as a process: opens the hub, listens, and stops without losing anything.
 */
import { BlockList, isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { profiles } from '../profiles/index.js'
import { type Config, createHub, type Hub, InvalidInput } from '../src/index.js'
import { createServer } from './app.js'

export interface Instance {
  readonly hub: Hub
  readonly app: FastifyInstance
  /** Where it listens, such as `http://127.0.0.1:7300`. */
  readonly url: string
  /** Accepts no more, answers what it has, then closes the hub. Further calls wait for the first. */
  close(): Promise<void>
}

/**
 * @throws InvalidInput `invalid_config` for an address others can reach without `server.allowRemote`.
 */
export async function serve(config: Config): Promise<Instance> {
  refuseRemote(config.server)
  const hub = await createHub({ config, plugins: profiles })
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

/** Serves until the process is told to end (SIGTERM, SIGINT); a second signal ends it at once. */
export async function run(config: Config): Promise<Instance> {
  const instance = await serve(config)
  const end = (signal: NodeJS.Signals) => {
    instance.hub.log.info({ signal }, 'stopping')
    instance.close().catch((error) => {
      instance.hub.log.fatal({ err: error }, 'could not stop cleanly')
      process.exitCode = 1
    })
  }
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
  return instance
}

async function stop(app: FastifyInstance, hub: Hub): Promise<void> {
  const patience = setTimeout(() => app.server.closeAllConnections(), hub.config.delivery.shutdown)
  await app.close()
  clearTimeout(patience)
  await hub.close()
}

function refuseRemote({ host, allowRemote }: Config['server']): void {
  if (allowRemote || isLoopback(host)) return
  throw new InvalidInput('invalid_config', `Other machines could reach ${host}, and Tocsin itself speaks plain HTTP.`, {
    field: 'server.host',
    expected: 'a loopback address, or server.allowRemote: true behind something that speaks TLS',
  })
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true
  const family = isIP(host)
  return family !== 0 && LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4')
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => {
    running ??= work()
    return running
  }
}
