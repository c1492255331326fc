/**
 * A PostgreSQL of the bench's own, with more memory and log than it takes by default.
 */
import { afterInstalling } from '../../test/services/debian.js'
import { inDatabase, type PostgresAddress, startPostgres } from '../../test/services/postgres.js'
import { newestPrograms } from '../../test/services/programs.js'
import type { Server } from '../../test/services/server.js'

export async function postgresOfBench(): Promise<Server<PostgresAddress>> {
  const programs = newestPrograms() ?? afterInstalling('postgresql', newestPrograms)
  if (programs === null) throw new Error('There is no PostgreSQL here.')
  return startPostgres(programs, { shared_buffers: '1GB', max_wal_size: '8GB' })
}

/** In that database, or in a new one that is gone afterwards. */
export const inDatabaseOr = <Result>(
  url: string | undefined,
  server: PostgresAddress,
  work: (url: string) => Promise<Result>,
): Promise<Result> => (url === undefined ? inDatabase(server, work) : work(url))
