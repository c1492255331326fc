/**
 * Brings the schema to the present version, step by step. Nodes that start at once take turns; whoever comes second finds it
 * done. `oldest` tells programs of earlier versions whether they may go on beside us.
 */
import type { ClientBase, Pool } from 'pg'
import { Unavailable } from '../../errors.js'
import { MIGRATIONS, SCHEMA_VERSION } from './migrations/all.js'
import type { Migration } from './migrations/migration.js'

/** Says that a schema is ours; it holds the versions, the epoch, and what else is said once of the whole. */
const META = `CREATE TABLE meta (name text COLLATE "C" PRIMARY KEY, value text COLLATE "C" NOT NULL)`

/**
 * @param steps all there are, but in tests.
 * @throws Unavailable if the schema belongs to another program, or to a Tocsin that is too new.
 */
export async function migrate(
  pool: Pool,
  schema: string,
  epoch: string,
  steps: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const client = await pool.connect()
  try {
    if ((await versionOf(client, schema)) === SCHEMA_VERSION) return
    await client.query('BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0')
    // The lock of whoever writes too: nobody is in the middle of anything.
    for (const name of [`tocsin.${schema}.migrate`, `tocsin.${schema}`])
      await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('${name}', 0))`)
    await bringForward(client, schema, epoch, steps)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

async function bringForward(
  client: ClientBase,
  schema: string,
  epoch: string,
  steps: readonly Migration[],
): Promise<void> {
  const version = await versionOf(client, schema)
  if (version === 0) await begin(client, schema, epoch)
  for (const step of steps) if (step.version > version) await apply(client, step)
}

async function begin(client: ClientBase, schema: string, epoch: string): Promise<void> {
  // Whoever administers the server may have made it for us, who may not.
  const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])
  if (rowCount === 0) await client.query(`CREATE SCHEMA "${schema}"`)
  await client.query(META)
  await client.query("INSERT INTO meta (name, value) VALUES ('epoch', $1), ('version', '0'), ('oldest', '0')", [epoch])
}

async function apply(client: ClientBase, { version, oldest, sql }: Migration): Promise<void> {
  await client.query(sql)
  await client.query("UPDATE meta SET value = $1 WHERE name = 'version'", [String(version)])
  await client.query("UPDATE meta SET value = $1 WHERE name = 'oldest'", [String(oldest)])
}

const TABLES = `SELECT count(*), count(*) FILTER (WHERE c.relname = 'meta') FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')`

/** 0 when the schema is new or empty. */
export async function versionOf(client: ClientBase, schema: string): Promise<number> {
  const { rows } = await client.query<number[]>({ text: TABLES, values: [schema], rowMode: 'array' })
  const [tables = 0, metas = 0] = rows[0] ?? []
  if (tables === 0) return 0
  if (metas === 0) throw new Unavailable('unavailable', `The schema ${schema} holds tables that are not Tocsin's.`)
  return requireKnown(await metaOf(client))
}

export async function metaOf(client: ClientBase): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<string[]>({ text: 'SELECT name, value FROM meta', rowMode: 'array' })
  return new Map(rows.map(([name = '', value = '']) => [name, value]))
}

function requireKnown(meta: ReadonlyMap<string, string>): number {
  const [version, oldest] = [Number(meta.get('version')), Number(meta.get('oldest'))]
  if (oldest <= SCHEMA_VERSION) return version
  const message = `The database has schema ${version}, which needs a Tocsin that knows ${oldest}; this one knows ${SCHEMA_VERSION}. Use a newer one.`
  throw new Unavailable('unavailable', message, { data: { version, oldest, known: SCHEMA_VERSION } })
}
