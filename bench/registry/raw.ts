/**
 * The raw limit: the same rows put into the same tables by nothing but prepared inserts, a thousand resources a commit.
 */
import { Client } from 'pg'
import type { Figures } from '../contest.js'
import { withHubOn } from '../place.js'
import { openConnection } from '../tocsin.js'
import { lineAt, type ModelLine, type Size } from './model.js'

const BATCH = 1_000
const NOW = 1_763_712_000_000

const COLUMNS = {
  resources: 'tenant, id, type, owner, status, revision, properties, created_at, updated_at',
  owners: 'tenant, resource, from_sequence, owner',
  links: 'tenant, from_id, to_id, relation, strong, from_sequence',
}

/** @param url of an empty database. */
export const rawInserts = (url: string, size: Size): Promise<Figures> =>
  url.startsWith('postgres') ? onPostgres(url, size) : onSqlite(url, size)

async function timed(size: Size, write: (lines: readonly ModelLine[], batch: number) => unknown): Promise<Figures> {
  const started = performance.now()
  const before = process.cpuUsage()
  for (let first = 0; first < size.resources; first += BATCH) {
    const count = Math.min(BATCH, size.resources - first)
    const lines = Array.from({ length: count }, (_, index) => lineAt(first + index, size))
    await write(lines, first / BATCH + 1)
  }
  const { user, system } = process.cpuUsage(before)
  const rows = size.resources + size.links
  return { rate: (rows / (performance.now() - started)) * 1_000, cpu: (user + system) / rows }
}

async function onSqlite(path: string, size: Size): Promise<Figures> {
  await withHubOn(path, async () => undefined)
  // The hub's thread may still be about to close the file.
  const connection = openConnection(path, { timeout: 10_000 })
  for (const setting of ['synchronous = FULL', 'cache_size = -65536', 'wal_autocheckpoint = 2000'])
    connection.exec(`PRAGMA ${setting}`)
  const resource = connection.prepare(
    `INSERT INTO resources (${COLUMNS.resources}) VALUES ('default', ?, ?, ?, ?, 1, ?, ?, ?)`,
  )
  const owner = connection.prepare(`INSERT INTO owners (${COLUMNS.owners}) VALUES ('default', ?, ?, ?)`)
  const link = connection.prepare(`INSERT INTO links (${COLUMNS.links}) VALUES ('default', ?, ?, ?, 0, ?)`)
  try {
    return await timed(size, (lines, batch) => {
      connection.exec('BEGIN IMMEDIATE')
      for (const line of lines) {
        resource.run(line.id, line.type, line.owner, line.status, JSON.stringify(line.properties), NOW, NOW)
        owner.run(line.id, batch, line.owner)
        for (const { relation, to } of line.links) link.run(line.id, to, relation, batch)
      }
      connection.exec('COMMIT')
    })
  } finally {
    connection.close()
  }
}

const MANY_RESOURCES = `INSERT INTO tocsin.resources (${COLUMNS.resources}, key)
  SELECT 'default', id, 'device', owner, 'active', 1, properties, ${NOW}, ${NOW}, id
  FROM unnest($1::text[], $2::text[], $3::text[]) AS v (id, owner, properties)`
const MANY_OWNERS = `INSERT INTO tocsin.owners (${COLUMNS.owners})
  SELECT 'default', id, $3::int8, owner FROM unnest($1::text[], $2::text[]) AS v (id, owner)`
const MANY_LINKS = `INSERT INTO tocsin.links (${COLUMNS.links}, key)
  SELECT 'default', from_id, to_id, relation, 0, $4::int8, from_id || relation || to_id
  FROM unnest($1::text[], $2::text[], $3::text[]) AS v (from_id, to_id, relation)`

async function onPostgres(url: string, size: Size): Promise<Figures> {
  await withHubOn(url, async () => undefined)
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await timed(size, async (lines, batch) => {
      const ids = lines.map(({ id }) => id)
      const owners = lines.map(({ owner }) => owner)
      const links = lines.flatMap(({ id, links: all }) => all.map(({ relation, to }) => ({ id, relation, to })))
      const ends = [links.map(({ id }) => id), links.map(({ to }) => to), links.map(({ relation }) => relation)]
      await client.query('BEGIN')
      await client.query(MANY_RESOURCES, [ids, owners, lines.map(({ properties }) => JSON.stringify(properties))])
      await client.query(MANY_OWNERS, [ids, owners, batch])
      await client.query(MANY_LINKS, [...ends, batch])
      await client.query('COMMIT')
    })
  } finally {
    await client.end()
  }
}
