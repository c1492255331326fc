/**
 * A PostgreSQL of one's own and nodes on it, each a process behind a line of its own.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { createHub, createRingKey } from '../../../src/index.js'
import { type Postgres, startPostgres } from '../../services/postgres.js'
import { programs } from '../../services/programs.js'
import { type Api, apiOf } from '../client.js'
import { makeFolder, removeFolder, type Server, serve } from '../instance.js'
import { type BadLine, openLine } from './bad-line.js'

/** Milliseconds: short, so that many run out in a test. */
export const LEASE = 1_500

/** Attempts at once, of each node. */
export const WORKERS = 24

const SKEWED = fileURLToPath(new URL('./skewed.mjs', import.meta.url))

export interface Node {
  readonly name: string
  readonly folder: string
  readonly line: BadLine
  /** The process there is now. */
  server: Server
  api(): Api
}

export interface Ground {
  readonly postgres: Postgres
  readonly nodes: readonly Node[]
  /** Of an operator. */
  readonly key: string
  /** Starts a node once more. */
  revive(node: Node): Promise<void>
  /** A connection past every line, as the server's owner. */
  connect(): Promise<Client>
  /** @param unmount done when the server has ended, before its folder goes. */
  close(unmount?: () => void): Promise<void>
}

export interface GroundOptions {
  readonly nodes: number
  readonly settings?: Readonly<Record<string, string | number>>
  /** Prepares the folder of the server before anything is in it. */
  readonly place?: Parameters<typeof startPostgres>[2]
  /** Of the server's process. */
  readonly env?: Parameters<typeof startPostgres>[3]
}

export async function openGround({ nodes: count, settings = {}, place, env }: GroundOptions): Promise<Ground> {
  const postgres = await startPostgres(programs(15) ?? '', { max_connections: 60, ...settings }, place, env)
  const folder = makeFolder()
  const sealing = createRingKey(randomBytes)
  const key = await firstKey(urlOf(postgres, postgres.address.port), sealing)
  const nodes: Node[] = []
  for (let number = 1; number <= count; number++)
    nodes.push(await begin(`node-${number}`, folder, postgres, sealing, key))
  return {
    postgres,
    nodes,
    key,
    async revive(node) {
      node.server = await serve(node, OPTIONS)
    },
    connect: () => connected(postgres),
    async close(unmount = () => {}) {
      await Promise.all(nodes.map(({ server }) => server.kill()))
      await Promise.all(nodes.map(({ line }) => line.close()))
      await postgres.stop('SIGINT')
      unmount()
      await postgres.close()
      removeFolder(folder)
    },
  }
}

const urlOf = ({ address: { user, password } }: Postgres, port: number): string =>
  `postgres://${user}:${password}@127.0.0.1:${port}/postgres`

async function firstKey(database: string, sealing: string): Promise<string> {
  const hub = await createHub({ config: { database, log: { level: 'silent' }, sealing: { key: sealing } } })
  try {
    return (await hub.keys.create(hub.local, { name: 'client', roles: ['operator'] })).key
  } finally {
    await hub.close()
  }
}

const OPTIONS = { preload: [SKEWED], set: { 'delivery.workers': WORKERS, 'delivery.lease': LEASE } }

async function begin(name: string, parent: string, postgres: Postgres, sealing: string, key: string): Promise<Node> {
  const folder = join(parent, name)
  const line = await openLine(postgres.address.port)
  mkdirSync(folder)
  writeFileSync(join(folder, 'sealing.key'), `${sealing}\n`, { mode: 0o600 })
  const settings = `node: ${name}\ndatabase: ${urlOf(postgres, line.port)}\nsealing:\n  keyFile: sealing.key\nstore:\n  pool: 4\n  statementTimeout: 5000\n`
  writeFileSync(join(folder, 'tocsin.yaml'), settings, { mode: 0o600 })
  const node = { name, folder, line, server: await serve({ folder }, OPTIONS), api: () => apiOf(node.server, { key }) }
  return node
}

async function connected({ address: { host, port, user, password } }: Postgres): Promise<Client> {
  const client = new Client({ host, port, user, password, database: 'postgres' })
  // Servers are stopped under it.
  client.on('error', () => undefined)
  await client.connect()
  return client
}
