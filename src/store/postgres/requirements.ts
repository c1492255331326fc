/**
 * What a server must be, so that what was acknowledged survives and text compares as in the other stores.
 */
import type { Pool } from 'pg'
import { Unavailable } from '../../errors.js'

export interface ServerFacts {
  /** Such as `15.18`. */
  readonly postgres: string
  readonly synchronous_commit: string
}

const OLDEST = 150_000

const FACTS = `SELECT current_setting('server_version_num')::int, current_setting('server_version'),
  current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'),
  (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()),
  pg_is_in_recovery()`

/** @throws Unavailable that says what is wrong. */
export async function requireServer(pool: Pool): Promise<ServerFacts> {
  const { rows } = await pool.query<(string | number)[]>({ text: FACTS, rowMode: 'array' })
  const [number, version, fsync, synchronous, fullPages, encoding, recovering] = rows[0] ?? []
  refuseIf(Number(number) < OLDEST, `This is PostgreSQL ${version}; 15 is the oldest that will do.`)
  refuseIf(recovering === 't', 'This PostgreSQL is a standby: it cannot be written.')
  refuseIf(fsync !== 'on', 'PostgreSQL runs with fsync=off: what is acknowledged would not survive a crash.')
  refuseIf(fullPages !== 'on', 'PostgreSQL runs with full_page_writes=off: a crash could tear what is kept.')
  refuseIf(
    synchronous !== 'on' && synchronous !== 'remote_apply',
    `PostgreSQL has synchronous_commit=${synchronous} for our sessions: what is acknowledged would not survive a crash.`,
  )
  refuseIf(encoding !== 'UTF8', `The database has the encoding ${encoding}; it must be UTF8.`)
  return { postgres: String(version).split(' ')[0] ?? '', synchronous_commit: String(synchronous) }
}

function refuseIf(isWrong: boolean, message: string): void {
  if (isWrong) throw new Unavailable('unavailable', message)
}
