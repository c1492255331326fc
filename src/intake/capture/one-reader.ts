/**
 * An outbox has one reader at a time, as a slot has: two would share its rows, and neither would tell them all. The reader's
 * session in the source holds a lock; it ends with the session, and a session that has gone silent is ended.
 */
import type { Client } from 'pg'
import { Unavailable } from '../../errors.js'
import { rows } from './source.js'

/** As `wal_sender_timeout` does it for a slot. */
const SILENCE = "SET idle_session_timeout = '60s'; SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 15"

const KEY = "hashtextextended($1 || '.outbox', 0)"

const IS_READ = `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::int8 << 32) | objid::int8 = ${KEY}) AS read`

/** @throws Unavailable while somebody else is it */
export async function becomeReader(client: Client, object: string): Promise<void> {
  await client.query(SILENCE)
  const [lock] = await rows<{ taken: boolean }>(client, `SELECT pg_try_advisory_lock(${KEY}) AS taken`, [object])
  if (lock?.taken !== true)
    throw new Unavailable('unavailable', `Somebody else reads the outbox ${object} in the source.`, { retryAfter: 5 })
}

export async function isRead(client: Client, object: string): Promise<boolean> {
  const [found] = await rows<{ read: boolean }>(client, IS_READ, [object])
  return found?.read === true
}
