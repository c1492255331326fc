/**
 * A registry that somebody else writes into, on the bench's own PostgreSQL; and a hub that captures it.
 */
import { join } from 'node:path'
import { Client } from 'pg'
import { afterInstalling } from '../../test/services/debian.js'
import { inDatabase, type PostgresAddress, startPostgres } from '../../test/services/postgres.js'
import { newestPrograms } from '../../test/services/programs.js'
import type { Server } from '../../test/services/server.js'
import { inFolder, withHub, withHubOn } from '../place.js'
import type { Hub } from '../tocsin.js'

export type Method = 'logical' | 'triggers'

/** @throws where there is no PostgreSQL: nothing of this can be measured then */
export function openSource(): Promise<Server<PostgresAddress>> {
  const programs = newestPrograms() ?? afterInstalling('postgresql', newestPrograms)
  if (programs === null) throw new Error('There is no PostgreSQL here.')
  return startPostgres(programs, { shared_buffers: '512MB', max_wal_size: '8GB', wal_level: 'logical' })
}

export interface Registry {
  readonly url: string
  readonly client: Client
}

const TABLE = 'CREATE TABLE person (id int PRIMARY KEY, name text, status text, mail text, rev int, at timestamptz)'

/** An empty table `person` in a database of its own. */
export const withRegistry = <Result>(
  server: Server<PostgresAddress>,
  work: (registry: Registry) => Promise<Result>,
): Promise<Result> =>
  inDatabase(server.address, async (url) => {
    const client = new Client({ connectionString: url })
    await client.connect()
    try {
      await client.query(TABLE)
      return await work({ url, client })
    } finally {
      await client.end()
    }
  })

export const rowsFrom = (first: number, count: number): string =>
  `INSERT INTO person SELECT n, 'Person ' || n, 'here', 'person' || n || '@example.edu', 0, now()
    FROM generate_series(${first}, ${first + count - 1}) AS n`

/** On a new SQLite file, while it captures; nothing is left in the source. */
export const withCapture = <Result>(
  { url }: Registry,
  method: Method,
  work: (hub: Hub) => Promise<Result>,
): Promise<Result> =>
  inFolder((folder) =>
    withHubOn(join(folder, 'bench.db'), async (hub) => {
      await hub.captures.apply(hub.local, 'bench', mappingOf(url, method))
      try {
        return await work(hub)
      } finally {
        await hub.captures.remove(hub.local, 'bench')
      }
    }),
  )

/** While all that a capture puts into the source is there, and nobody reads. */
export async function withObjects<Result>(
  { url, client }: Registry,
  method: Method,
  work: () => Promise<Result>,
): Promise<Result> {
  const { statements } = await withHub((hub) => hub.captures.plan(hub.local, 'bench', mappingOf(url, method)))
  for (const { sql } of statements) await client.query(sql)
  try {
    return await work()
  } finally {
    await client.query(
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'tocsin_bench'`,
    )
  }
}

function mappingOf(url: string, method: Method): object {
  const { hostname: host, port, username: user, password, pathname } = new URL(url)
  return {
    connection: { host, port: Number(port), user, password, database: pathname.slice(1), tls: 'off' },
    ...{ source: '/registry', method },
    tables: { 'public.person': { events: [{ type: 'registry.modified', subject: 'string(row.id)' }] } },
  }
}

/** Events of this capture so far. */
export const admitted = (hub: Hub): number =>
  hub.captures.measured().find(({ name }) => name === 'bench')?.admitted ?? 0
