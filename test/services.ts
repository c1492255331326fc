/**
 * Real servers for tests, one of each kind for the whole run, and what is empty in them for one test alone.
 *
 *     describe.skipIf(isLacking(POSTGRES))(named('on PostgreSQL', POSTGRES), () => {
 *       it('…', async () => {
 *         const url = await freshDatabase()
 */
import { inject, onTestFinished } from 'vitest'
import type { Need } from './faults/tools.js'
import { createDatabase, type Database, type PostgresAddress } from './services/postgres.js'
import { programs, type Version } from './services/programs.js'

const needOf = (version: Version): Need => ({
  there: programs(version) !== null,
  without: `PostgreSQL ${version}`,
})

/** What conformance runs on; everything else runs on `POSTGRES`. */
export const POSTGRES_VERSIONS: readonly (Need & { readonly version: Version })[] = ([15, 18] as const).map(
  (version) => ({ version, ...needOf(version) }),
)

export const POSTGRES = needOf(15)

/** The server of this run; the first who asks waits for its start. */
export async function postgres(version: Version = 15): Promise<PostgresAddress> {
  const response = await fetch(`${inject('services')}/postgres/${version}`)
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as PostgresAddress
}

/** The URL, with name and password, of a new and empty database. It is dropped when the test that asked is over. */
export async function freshDatabase(version: Version = 15): Promise<string> {
  const { url, drop } = await createDatabase(await postgres(version))
  onTestFinished(drop)
  return url
}

let shared: Promise<Database> | null = null
let schemas = 0

/** A new and empty schema in a database that all tests of a process share: cheaper, and it goes with the server. */
export async function freshSchema(): Promise<{ readonly url: string; readonly schema: string }> {
  shared ??= postgres().then(createDatabase)
  const { url } = await shared
  return { url, schema: `tests_${schemas++}` }
}
