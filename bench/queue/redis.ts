/**
 * A Redis of the bench's own with an append-only file, synced with each answer or each second.
 */
import { execFileSync } from 'node:child_process'
import { afterInstalling } from '../../test/services/debian.js'
import { type Place, type Server, start } from '../../test/services/server.js'
import { load } from './peers/packages.js'

const SERVER = 'redis-server'

export type Sync = 'always' | 'everysec'

export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly password: string
  readonly sync: Sync
  readonly version: string
}

export async function startRedis(sync: Sync): Promise<Server<RedisAddress>> {
  const version = installed() ?? afterInstalling(SERVER, installed)
  if (version === null) throw new Error('There is no Redis here.')
  const { close, port, password } = await start('redis', (place) => launchOf(place, sync), isOurs)
  return { address: { host: '127.0.0.1', port, password, sync, version }, close }
}

function installed(): string | null {
  try {
    return /v=(\S+)/.exec(execFileSync(SERVER, ['--version'], { encoding: 'utf8' }))?.[1] ?? null
  } catch {
    return null
  }
}

/** By standard input, as the password is not for the list of processes. */
const launchOf = ({ folder, port, password }: Place, sync: Sync) => ({
  command: SERVER,
  args: ['-'],
  input: [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${folder}`,
    `requirepass ${password}`,
    'save ""',
    'appendonly yes',
    `appendfsync ${sync}`,
    'maxmemory-policy noeviction',
  ].join('\n'),
})

interface Client {
  connect(): Promise<void>
  info(section: string): Promise<string>
  on(event: 'error', listener: () => void): void
  disconnect(): void
}

async function isOurs({ port, password }: Place, pid: number): Promise<void> {
  const { Redis } = load<{ Redis: new (options: object) => Client }>('ioredis')
  const client = new Redis({ host: '127.0.0.1', port, password, lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const told = /process_id:(\d+)/.exec(await client.info('server'))?.[1]
    if (Number(told) !== pid) throw new Error(`Another server answers on port ${port}.`)
  } finally {
    client.disconnect()
  }
}
