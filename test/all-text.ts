/**
 * All that a store keeps, as text: for what must not be in it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'

/** Of a SQLite file, its WAL and whatever lies beside it. */
export const textOfFolder = (folder: string): string =>
  readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'latin1'))
    .join('\n')

/** Of every row of every table, partitions too. */
export async function textOfSchema(url: string, schema: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query('SELECT tablename FROM pg_tables WHERE schemaname = $1', [schema])
    const texts: string[] = []
    for (const { tablename } of rows)
      texts.push(JSON.stringify((await client.query(`SELECT t::text FROM "${schema}"."${tablename}" AS t`)).rows))
    return texts.join('\n')
  } finally {
    await client.end()
  }
}
