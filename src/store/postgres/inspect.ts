/**
 * A database as such, looked at without changing it.
 */
import { failureOf } from './failures.js'
import { metaOf, versionOf } from './migrate.js'
import { DEFAULT_SCHEMA, openPool, type PostgresOptions } from './pool.js'
import { requireServer, type ServerFacts } from './requirements.js'

export interface PostgresFacts extends ServerFacts {
  readonly schema: string
  /** 0: there is no instance yet. */
  readonly version: number
  readonly epoch: string | null
}

/** @throws InvalidInput and Unavailable as opening would */
export async function inspectPostgres(options: PostgresOptions): Promise<PostgresFacts> {
  const schema = options.schema ?? DEFAULT_SCHEMA
  const pool = await openPool({ ...options, connections: 1 })
  try {
    const facts = await requireServer(pool)
    const client = await pool.connect()
    try {
      const version = await versionOf(client, schema)
      const epoch = version === 0 ? null : ((await metaOf(client)).get('epoch') ?? null)
      return { ...facts, schema, version, epoch }
    } finally {
      client.release()
    }
  } catch (error) {
    throw failureOf(error)
  } finally {
    await pool.end()
  }
}
