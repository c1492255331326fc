/**
 * The server's clock was ahead and has been set back. What was reckoned by it would be waited for as long as it was ahead: the
 * next tries of what failed, leases that nobody knows of, breakers, and the beats of nodes that are gone.
 */
import type { ClientBase } from 'pg'

/** Milliseconds that a node may be ahead of the server without a meaning: no two clocks are the same. */
const ASTRAY = 5_000

/** No breaker is open for longer, in milliseconds (`tasks/lanes.ts`). */
const LONGEST_PAUSE = 60_000

/** Milliseconds from which on leases that ended in the time ahead are told from those that were granted by the right clock. */
const FAR = 300_000

/** By the last attempt at a task, which has ended in a time that is still to come. Dates that somebody asked for stay. */
const NEXT_TRIES = `UPDATE tasks AS t SET wake_at = $1::bigint + t.wake_at - a.ended_at FROM attempt_history AS a
  WHERE a.tenant = t.tenant AND a.sequence = t.sequence AND a.subscription = t.subscription AND a.number = t.attempts
    AND t.state = 'waiting' AND t.wake_at > a.ended_at AND a.ended_at > $1::bigint`
const LEASES = `UPDATE tasks SET leased_until = greatest($1::bigint, leased_until - $2::bigint)
  WHERE state = 'leased' AND leased_by NOT LIKE 'pull:%' AND leased_until > $1::bigint + $3::bigint`
const BREAKERS = `UPDATE breakers SET open_until = $1::bigint + ${LONGEST_PAUSE}
  WHERE open_until > $1::bigint + ${LONGEST_PAUSE}`
const NODES = 'UPDATE nodes SET beat_at = $1::bigint WHERE beat_at > $1::bigint'

/**
 * Each node sees it, and what one has mended another finds in order.
 * @param taken what the node took the time to be.
 * @param now the server's.
 */
export async function mendIfSetBack(client: ClientBase, schema: string, taken: number, now: number): Promise<void> {
  const ahead = taken - now
  if (ahead < ASTRAY) return
  await client.query('BEGIN')
  try {
    // Nobody writes meanwhile, as in every transaction that does.
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`tocsin.${schema}`])
    for (const statement of [NEXT_TRIES, BREAKERS, NODES]) await client.query(statement, [now])
    await client.query(LEASES, [now, ahead, ahead < FAR ? ahead : Math.floor(ahead / 2)])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}
