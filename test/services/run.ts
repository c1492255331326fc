/**
 * The servers of a whole run of the tests: each is started when a test first asks for it, and ends with the run.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, statfsSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { type Postgres, startPostgres } from './postgres.js'
import { programs, type Version } from './programs.js'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the tests' own processes ask for a server. */
    readonly services: string
  }
}

/** Three files at once, each with a few pools; captures read its log. */
const SETTINGS = { max_connections: 300, wal_level: 'logical', max_replication_slots: 20 }

export default async function run({ provide }: TestProject): Promise<() => Promise<void>> {
  const started = new Map<string, Promise<Postgres>>()
  const postgres = (version: string) => {
    const server = started.get(version) ?? begin(Number(version) as Version)
    started.set(version, server)
    return server
  }
  const secret = randomBytes(16).toString('hex')
  const answer = answerer(`/${secret}/postgres/`, postgres)
  const asking = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  await once(asking, 'listening')
  provide('services', `http://127.0.0.1:${(asking.address() as AddressInfo).port}/${secret}`)
  return async () => {
    asking.close()
    await Promise.all([...started.values()].map(async (server) => (await server.catch(() => null))?.close()))
  }
}

async function begin(version: Version): Promise<Postgres> {
  const folder = programs(version)
  if (folder === null) throw new Error(`There is no PostgreSQL ${version} here.`)
  return startPostgres(folder, SETTINGS, undefined, undefined, isInstalled(folder) ? inMemory() : undefined)
}

/** What came from npm is copied beside its data, and often nothing in memory may be run. */
const isInstalled = (programs: string): boolean => programs.startsWith('/usr/')

const MEMORY = '/dev/shm'
/** Bytes: the WAL of two servers, and the databases of the files that run at once. */
const NEEDED = 8 * 2 ** 30

/** Where there is room, files lie in memory: tests make very many. What must survive a crash is tried on servers of its own. */
function inMemory(): string | undefined {
  if (!existsSync(MEMORY)) return undefined
  const { bavail, bsize } = statfsSync(MEMORY)
  return bavail * bsize < NEEDED ? undefined : MEMORY
}

const answerer =
  (path: string, postgres: (version: string) => Promise<Postgres>) =>
  async ({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Kept open, one could be closed just as the next question is on its way.
    response.setHeader('connection', 'close')
    if (!url.startsWith(path)) return void response.writeHead(404).end()
    try {
      const { address } = await postgres(url.slice(path.length))
      response.end(JSON.stringify(address))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  }
