/**
 * A registry that somebody else writes into: two small tables, and a hub that captures them.
 */
import { Client } from 'pg'
import { type ConfigInput, createHub, type Hub } from '../src/index.js'
import { until as untilTrue } from './faults/random.js'

/** Sources are on the loopback. */
export const CONFIG: ConfigInput = {
  log: { level: 'silent' },
  sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
  egress: { allow: ['127.0.0.0/8'], allowHttp: true },
}

export const TABLES = `
  CREATE TABLE person (id int PRIMARY KEY, name text, age int, rev bigint, at timestamptz, tags text[], big numeric, more jsonb);
  CREATE TABLE account (login text, service text, rev bigint, PRIMARY KEY (login, service));
  CREATE SEQUENCE revs; CREATE TABLE mark (id int PRIMARY KEY)`

export const connectionOf = (url: string) => {
  const { hostname: host, port, username: user, password, pathname } = new URL(url)
  return { host, port: Number(port), user, password, database: pathname.slice(1), tls: 'off' as const }
}

const ALL = ['insert', 'update', 'delete', 'truncate']

export const mappingOf = (url: string, more: object = {}) => ({
  connection: connectionOf(url),
  source: '/registry',
  tables: {
    'public.person': { events: [{ type: 'registry.modified', on: ALL }] },
    'public.account': { events: [{ type: 'registry.modified', on: ALL }] },
  },
  ...more,
})

export async function openClient(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

export const openHub = (database = 'memory', config: ConfigInput = {}): Promise<Hub> =>
  createHub({ database, config: { ...CONFIG, ...config } })

/** All events of a source, oldest first. */
export async function eventsOf(hub: Hub, source = '/registry') {
  const found: Awaited<ReturnType<Hub['events']['list']>>['items'][number][] = []
  for (let cursor: string | undefined; ; ) {
    const page = await hub.events.list(hub.local, { source }, { limit: 1000, ...(cursor && { cursor }) })
    found.push(...page.items)
    if (page.next === null) return found.reverse()
    cursor = page.next
  }
}

/** @throws when it does not come true in time, with what was waited for. */
export const until = (holds: () => Promise<boolean> | boolean, what: string, patience?: number): Promise<void> =>
  untilTrue(what, holds, patience)
