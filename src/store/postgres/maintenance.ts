/**
 * Retention in slices. What is old is looked for beside the others' work; only what was found is looked at again, and
 * removed, while nobody else writes.
 */
import type { TaskState } from '../rows.js'
import type { SqlRow, SqlValue } from '../sql/row.js'
import { resultKindOf } from '../task-rules.js'
import { arraysOf } from './arrays.js'
import { brief } from './brief.js'
import type { Database } from './database.js'
import { ATTEMPT_TABLES, startOf } from './partitions.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

/** A suspended event is unfinished business, however old, and one that some are still to be told of. `?1` is the time. */
const IS_OLD = `e.received_at < ?1 AND e.state <> 'suspended' AND NOT EXISTS (
  SELECT 1 FROM tasks AS t
  WHERE t.tenant = e.tenant AND t.sequence = e.sequence AND t.state IN ('due', 'waiting', 'leased'))
  AND NOT EXISTS (SELECT 1 FROM slices AS s WHERE s.tenant = e.tenant AND s.sequence = e.sequence)`
const OLD = statement(`SELECT e.tenant, e.sequence FROM events AS e WHERE ${IS_OLD}
  ORDER BY e.received_at, e.tenant, e.sequence LIMIT ?2`)
const DROP_EVENTS = statement(`DELETE FROM events AS e USING unnest(?2::text[], ?3::int8[]) AS v (tenant, sequence)
  WHERE e.tenant = v.tenant AND e.sequence = v.sequence AND ${IS_OLD} RETURNING e.tenant, e.sequence, e.id, e.source`)

/** What is in the partition of a period goes with it (`dropping.ts`). */
export async function prune({ read, write }: Database, moment: number, limit: number): Promise<number> {
  const before = Math.min(moment, await startOf(read, 'events'))
  const old = await read.all(OLD, before, limit)
  return old.length === 0 ? 0 : write((session) => forget(session, before, old))
}

const OF_EVENTS = `USING unnest(?::text[], ?::int8[]) AS v (tenant, sequence)
  WHERE t.tenant = v.tenant AND t.sequence = v.sequence`
const DROP_TASKS = statement(`DELETE FROM tasks AS t ${OF_EVENTS} RETURNING t.tenant, t.subscription, t.state`)
const DROP_ATTEMPTS = ATTEMPT_TABLES.map((table) => statement(`DELETE FROM ${table} AS t ${OF_EVENTS}`))
const DROP_RESULTS = statement(`DELETE FROM results AS t ${OF_EVENTS}`)
/** A key may have been given to another event since. */
const DROP_KEYS = statement(`DELETE FROM event_keys AS t
  USING unnest(?::text[], ?::text[], ?::text[], ?::int8[]) AS v (tenant, id, source, sequence)
  WHERE t.tenant = v.tenant AND t.id = v.id AND t.source = v.source AND t.sequence = v.sequence`)

async function forget(session: Session, before: number, old: readonly SqlRow[]): Promise<number> {
  const gone = await session.all(DROP_EVENTS, before, ...arraysOf(['text', 'int8'], old))
  await forgetWhatHangsOn(session, gone)
  return gone.length
}

/**
 * A lease on one of their tasks is lost.
 * @param gone events that are no more: tenant, sequence, id, source.
 */
export async function forgetWhatHangsOn(session: Session, gone: readonly SqlRow[]): Promise<void> {
  const events = arraysOf(['text', 'int8'], gone)
  const keys = gone.map(([tenant = null, sequence = null, id, source]) => [
    ...[tenant, brief(String(id)), brief(String(source)), sequence],
  ])
  const tasks = await session.all(DROP_TASKS, ...events)
  await Promise.all([...DROP_ATTEMPTS, DROP_RESULTS].map((drop) => session.run(drop, ...events)))
  await session.run(DROP_KEYS, ...arraysOf(['text', 'text', 'text', 'int8'], keys))
  for (const [tenant, subscription, state] of tasks) uncount(session, tenant, subscription, state)
  session.forget()
}

export function uncount(
  session: Session,
  tenant: SqlValue = null,
  subscription: SqlValue = null,
  state: SqlValue = null,
  count = 1,
): void {
  session.count({ tenant: String(tenant), subscription: String(subscription) }, state as TaskState, -count)
}

// -------------------------------------------------------------------------------------------- tasks

/** Failed tasks are kept like their event. `?1` is the time. */
const HAS_ENDED = `t.state IN ('done', 'not-executed', 'cancelled') AND t.ended_at < ?1`
/** No task ends before its event is received. */
const ENDED = statement(`SELECT t.tenant, t.sequence, t.subscription FROM events AS e
  JOIN tasks AS t ON t.tenant = e.tenant AND t.sequence = e.sequence
  WHERE e.received_at >= ?2 AND e.received_at < ?1 AND ${HAS_ENDED}
  ORDER BY e.received_at, e.tenant, e.sequence, t.subscription LIMIT ?3`)
const FIRST_LEFT = statement(`SELECT e.received_at FROM events AS e
  JOIN tasks AS t ON t.tenant = e.tenant AND t.sequence = e.sequence
  WHERE e.received_at >= ? AND t.state NOT IN ('refused', 'exhausted') ORDER BY e.received_at LIMIT 1`)

/** In milliseconds. Another node may have opened an ended task again: now and then all are looked at. */
const SWEEP_AGAIN = 86_400_000

/** What an earlier round has emptied is not looked at again the same day. */
export async function pruneTasks({ read, write, memory }: Database, moment: number, limit: number): Promise<number> {
  const before = Math.min(moment, await startOf(read, 'tasks'))
  if (before - memory.swept.at >= SWEEP_AGAIN) memory.swept = { at: before, to: 0 }
  const { to } = memory.swept
  const ended = await read.all(ENDED, before, to, limit)
  if (ended.length < limit) {
    const first = await read.get(FIRST_LEFT, to)
    memory.swept = { ...memory.swept, to: Number(first?.[0] ?? to) }
  }
  return ended.length === 0 ? 0 : write((session) => dropTasks(session, before, ended))
}

const OF_TASKS = `USING unnest(?2::text[], ?3::int8[], ?4::text[]) AS v (tenant, sequence, subscription)
  WHERE t.tenant = v.tenant AND t.sequence = v.sequence AND t.subscription = v.subscription`
const DROP_ENDED = statement(`DELETE FROM tasks AS t ${OF_TASKS} AND ${HAS_ENDED}
  RETURNING t.tenant, t.sequence, t.subscription, t.state`)
const DROP_THEIR_ATTEMPTS = ATTEMPT_TABLES.map((table) =>
  statement(`DELETE FROM ${table} AS t USING unnest(?::text[], ?::int8[], ?::text[]) AS v (tenant, sequence, subscription)
    WHERE t.tenant = v.tenant AND t.sequence = v.sequence AND t.subscription = v.subscription`),
)
const DROP_THEIR_RESULTS = statement(`DELETE FROM results AS t
  USING unnest(?::text[], ?::int8[], ?::text[]) AS v (tenant, sequence, kind)
  WHERE t.tenant = v.tenant AND t.sequence = v.sequence AND t.kind = v.kind`)

async function dropTasks(session: Session, before: number, ended: readonly SqlRow[]): Promise<number> {
  const gone = await session.all(DROP_ENDED, before, ...arraysOf(['text', 'int8', 'text'], ended))
  await forgetTasks(session, gone)
  for (const [tenant, , subscription, state] of gone) uncount(session, tenant, subscription, state)
  return gone.length
}

/** Their attempts, and the results of local ones. @param gone tenant, sequence, subscription. */
export async function forgetTasks(session: Session, gone: readonly SqlRow[]): Promise<void> {
  const keys = arraysOf(['text', 'int8', 'text'], gone)
  await Promise.all(DROP_THEIR_ATTEMPTS.map((drop) => session.run(drop, ...keys)))
  const answered = gone.flatMap(([tenant = null, sequence = null, subscription]) => {
    const kind = resultKindOf(String(subscription))
    return kind === null ? [] : [[tenant, sequence, kind]]
  })
  await session.run(DROP_THEIR_RESULTS, ...arraysOf(['text', 'int8', 'text'], answered))
  session.forget()
}
