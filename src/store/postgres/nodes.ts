/**
 * The nodes of a database, and what they share of lanes: breakers and rates. The time is the server's.
 */
import type { ClientBase } from 'pg'
import type { OpenBreaker, Turn } from '../cluster.js'
import type { Lane } from '../port.js'
import type { NodeRow } from '../rows.js'

const NOW = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint'

const PUT_NODE = `INSERT INTO nodes (id, version, host, pid, started_at, running, state, processors, beat_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, ${NOW})
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, host = excluded.host, pid = excluded.pid,
    started_at = excluded.started_at, running = excluded.running, state = excluded.state,
    processors = excluded.processors, beat_at = excluded.beat_at
  RETURNING beat_at`

export async function putNode(client: ClientBase, node: Omit<NodeRow, 'beatAt'>): Promise<number> {
  const { id, version, host, pid, startedAt, running, state, processors } = node
  const values = [id, version, host, pid, startedAt, running, state, processors]
  const { rows } = await client.query<{ beat_at: number }>(PUT_NODE, values)
  return rows[0]?.beat_at ?? Number.NaN
}

const NODES = `SELECT id, version, host, pid, started_at, running, state, processors, beat_at FROM nodes ORDER BY id`

interface StoredNode extends Omit<NodeRow, 'startedAt' | 'beatAt'> {
  readonly started_at: number
  readonly beat_at: number
}

export async function nodesIn(client: ClientBase): Promise<readonly NodeRow[]> {
  const { rows } = await client.query<StoredNode>(NODES)
  return rows.map(({ started_at: startedAt, beat_at: beatAt, ...row }) => ({ ...row, startedAt, beatAt }))
}

export async function leave(client: ClientBase, id: string): Promise<void> {
  await client.query('DELETE FROM nodes WHERE id = $1', [id])
}

/** Breakers too: that of a subscription that was removed closes for nobody. */
export async function forgetBefore(client: ClientBase, before: number): Promise<void> {
  await client.query('DELETE FROM nodes WHERE beat_at < $1', [before])
  await client.query('DELETE FROM breakers WHERE open_until < $1', [before])
  await client.query('DELETE FROM rates WHERE next_at < $1', [before])
}

const BREAKERS = 'SELECT tenant, subscription, failures, open_until FROM breakers ORDER BY tenant, subscription'

interface StoredBreaker {
  readonly tenant: string
  readonly subscription: string
  readonly failures: number
  readonly open_until: number
}

export async function breakersIn(client: ClientBase): Promise<readonly OpenBreaker[]> {
  const { rows } = await client.query<StoredBreaker>(BREAKERS)
  return rows.map(({ open_until: openUntil, ...breaker }) => ({ ...breaker, openUntil }))
}

const PUT_BREAKER = `INSERT INTO breakers (tenant, subscription, failures, open_until) VALUES ($1, $2, $3, $4)
  ON CONFLICT (tenant, subscription) DO UPDATE SET failures = excluded.failures, open_until = excluded.open_until`

export async function putBreaker(client: ClientBase, breaker: OpenBreaker): Promise<void> {
  const { tenant, subscription, failures, openUntil } = breaker
  if (failures > 0) await client.query(PUT_BREAKER, [tenant, subscription, failures, openUntil])
  else await client.query('DELETE FROM breakers WHERE tenant = $1 AND subscription = $2', [tenant, subscription])
}

/** Milliseconds until the next turn: those that were taken at another rate count as so many turns of this one. */
const AWAY = `(CASE WHEN r.next_at > ${NOW} THEN coalesce($3::float8 / r.every, 1) ELSE 1 END * (r.next_at - ${NOW}))`

/** The turns of the last second that nobody took are still there. */
const TAKE_TURNS = `INSERT INTO rates AS r (tenant, subscription, next_at, every)
  VALUES ($1, $2, ${NOW} - greatest(0, 1000 - $3::float8) + $4::float8, $3)
  ON CONFLICT (tenant, subscription) DO UPDATE
    SET next_at = ${NOW} + greatest(${AWAY}, -greatest(0, 1000 - $3::float8)) + $4::float8, every = $3
    WHERE ${AWAY} <= $5
  RETURNING ceil(next_at - $4::float8 - ${NOW})::int AS wait`

const NEXT_TURN = `SELECT ceil(${AWAY})::int AS wait, r.every IS DISTINCT FROM $3 AS is_of_another_rate
  FROM rates AS r WHERE tenant = $1 AND subscription = $2`

/** From now on it goes by at this rate. */
const MEASURE_ANEW = `UPDATE rates AS r SET next_at = ${NOW} + ${AWAY}, every = $3 WHERE tenant = $1 AND subscription = $2`

export interface Taking {
  /** Turns a second. */
  readonly rate: number
  readonly turns: number
  /** Milliseconds the first of them may be away. */
  readonly near: number
}

export async function takeTurns(
  client: ClientBase,
  { tenant, subscription }: Lane,
  { rate, turns, near }: Taking,
): Promise<Turn> {
  const every = 1_000 / rate
  const { rows } = await client.query<{ wait: number }>(TAKE_TURNS, [tenant, subscription, every, every * turns, near])
  const [turn] = rows
  if (turn) return { taken: true, wait: Math.max(0, turn.wait) }
  const here = [tenant, subscription, every]
  const next = await client.query<{ wait: number; is_of_another_rate: boolean }>(NEXT_TURN, here)
  if (next.rows[0]?.is_of_another_rate) await client.query(MEASURE_ANEW, here)
  return { taken: false, wait: Math.max(1, next.rows[0]?.wait ?? 0) }
}
