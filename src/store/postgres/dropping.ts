/**
 * Retention of whole partitions. One that is past is taken out of its table in a moment, in the same transaction as what is
 * still needed of it goes to the part that keeps such rows. What hangs on the rest is removed at leisure, in slices, and
 * then it is dropped. Whoever stops in between is followed by the next, who finds the table under its new name.
 */
import { RARE } from '../sql/rare.js'
import type { SqlRow } from '../sql/row.js'
import { arraysOf } from './arrays.js'
import type { Database } from './database.js'
import { forgetTasks, forgetWhatHangsOn, uncount } from './maintenance.js'
import { type PartitionedName, partsOf, periodsOf, startOf } from './partitions.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

const SLICE = 1_000

/** Past: received before `before`. Answers how many were dropped. */
export async function dropEvents(database: Database, before: number): Promise<number> {
  await retire(database, 'events', before, NEEDED_EVENTS)
  const dropped = await clear(database, 'events', clearEvents)
  // What ended before the oldest event that is left was received belongs to none, or to one that is kept.
  const start = await startOf(database.read, 'events')
  return dropped + (await dropTasksBefore(database, Math.min(before, start), TASKS_OF_EVENTS))
}

/** Past: ended before `before`. Failed ones are kept like their event. Answers how many were dropped. */
export const dropTasks = (database: Database, before: number): Promise<number> =>
  dropTasksBefore(database, before, FAILED_TASKS)

async function dropTasksBefore(database: Database, before: number, needed: Needed): Promise<number> {
  await retire(database, 'tasks', before, needed)
  const tasks = await clear(database, 'tasks', clearTasks)
  await retire(database, 'attempt_history', Math.min(before, await startOf(database.read, 'tasks')), NOTHING)
  return tasks + (await clear(database, 'attempt_history', keepAttempts))
}

// -------------------------------------------------------------------------------------------- out of the table

interface Past {
  readonly name: string
  readonly until: number
}

/** Conditions on the rows `r` of a partition; what one of them is true of is still needed. */
type Needed = (past: Past) => readonly string[]

const NOTHING: Needed = () => []

const FAILED_TASKS: Needed = () => ["r.state IN ('refused', 'exhausted')"]

/** Most unfinished tasks are young, and tell so. */
const NEEDED_EVENTS: Needed = ({ name, until }) => [
  `r.${RARE} AND r.state = 'suspended'`,
  `(r.tenant, r.sequence) IN (
    SELECT e.tenant, e.sequence FROM tasks AS t JOIN ${name} AS e ON e.tenant = t.tenant AND e.sequence = t.sequence
    WHERE t.ended_at IS NULL AND (t.received_at IS NULL OR t.received_at < ${until}))`,
  '(r.tenant, r.sequence) IN (SELECT s.tenant, s.sequence FROM slices AS s)',
]

const TASKS_OF_EVENTS: Needed = ({ name, until }) => [
  `(r.tenant, r.sequence) IN (
    SELECT e.tenant, e.sequence FROM events AS e JOIN ${name} AS t ON t.tenant = e.tenant AND t.sequence = e.sequence
    WHERE e.received_at < ${until})`,
]

async function retire(database: Database, table: PartitionedName, before: number, needed: Needed): Promise<void> {
  for (const past of await periodsOf(database.read, table)) {
    if (past.until > before) return
    await database.alter((session) => takeOut(session, table, past, needed(past)))
  }
}

async function takeOut(
  session: Session,
  table: PartitionedName,
  { name, until }: Past,
  needed: readonly string[],
): Promise<void> {
  const parts = await partsOf(session, table)
  // Another node was quicker.
  if (!parts.some((part) => part.name === name)) return
  const kept = `${table}_kept`
  const from = parts.find((part) => part.name === kept)?.from ?? 'MINVALUE'
  for (const part of [name, kept]) await session.run(`ALTER TABLE ${table} DETACH PARTITION ${part}`)
  for (const condition of needed) {
    await session.run(`WITH moved AS (DELETE FROM ${name} AS r WHERE ${condition} RETURNING *)
      INSERT INTO ${kept} SELECT * FROM moved`)
  }
  await session.run(`ALTER TABLE ${table} ATTACH PARTITION ${kept} FOR VALUES FROM (${from}) TO (${until})`)
  await session.run(`ALTER TABLE ${name} RENAME TO gone_${name}`)
}

// -------------------------------------------------------------------------------------------- at leisure

const GONE =
  statement(`SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
  AND starts_with(relname::text, ?::text) ORDER BY relname`)

async function clear(
  database: Database,
  table: PartitionedName,
  empty: (database: Database, name: string) => Promise<void>,
): Promise<number> {
  const gone = await database.read.all(GONE, `gone_${table}_`)
  for (const [name] of gone) await empty(database, String(name))
  return gone.length
}

/** Rows in the order of their key, a slice at a time; the key is the first columns. */
async function* slices(
  { read }: Database,
  name: string,
  key: readonly string[],
  { columns = key, condition = 'true' }: { columns?: readonly string[]; condition?: string } = {},
): AsyncGenerator<readonly SqlRow[]> {
  const keys = key.join(', ')
  const from = `SELECT ${columns.join(', ')} FROM ${name} AS r WHERE ${condition}`
  let rows = await read.all(`${from} ORDER BY ${keys} LIMIT ${SLICE}`)
  while (rows.length > 0) {
    yield rows
    const last = rows.at(-1)?.slice(0, key.length) ?? []
    rows = await read.all(
      `${from} AND (${keys}) > (${key.map(() => '?').join(', ')}) ORDER BY ${keys} LIMIT ${SLICE}`,
      ...last,
    )
  }
}

async function clearEvents(database: Database, name: string): Promise<void> {
  const columns = ['tenant', 'sequence', 'id', 'source']
  for await (const rows of slices(database, name, ['tenant', 'sequence'], { columns }))
    await database.write((session) => forgetWhatHangsOn(session, rows))
  await database.alter((session) => session.run(`DROP TABLE ${name}`))
}

const TASK_KEY = ['tenant', 'sequence', 'subscription'] as const
const OLD_ATTEMPTS = statement('SELECT 1 FROM attempts LIMIT 1')

/** Their attempts go with partitions of their own, but for those of programs of earlier versions. */
async function clearTasks(database: Database, name: string): Promise<void> {
  const hasOld = (await database.read.get(OLD_ATTEMPTS)) !== undefined
  const condition = hasOld ? 'true' : "r.subscription >= 'local.' AND r.subscription < 'local/'"
  for await (const rows of slices(database, name, TASK_KEY, { condition }))
    await database.write((session) => forgetTasks(session, rows))
  const counts = await database.read.all(
    `SELECT tenant, subscription, state, count(*) FROM ${name} GROUP BY tenant, subscription, state`,
  )
  await database.alter(async (session) => {
    for (const [tenant, subscription, state, count] of counts)
      uncount(session, tenant, subscription, state, Number(count))
    return session.run(`DROP TABLE ${name}`)
  })
}

/** Those of tasks that are still there stay. */
async function keepAttempts(database: Database, name: string): Promise<void> {
  const condition = `EXISTS (SELECT 1 FROM tasks AS t
    WHERE t.tenant = r.tenant AND t.sequence = r.sequence AND t.subscription = r.subscription)`
  for await (const rows of slices(database, name, [...TASK_KEY, 'number'], { condition }))
    await database.write((session) => session.run(MOVING(name), ...arraysOf(['text', 'int8', 'text', 'int8'], rows)))
  await database.alter((session) => session.run(`DROP TABLE ${name}`))
}

const MOVING = (name: string): string => `WITH moved AS (DELETE FROM ${name} AS r
    USING unnest(?::text[], ?::int8[], ?::text[], ?::int8[]) AS v (tenant, sequence, subscription, number)
    WHERE r.tenant = v.tenant AND r.sequence = v.sequence AND r.subscription = v.subscription AND r.number = v.number
    RETURNING r.*)
  INSERT INTO attempt_history SELECT * FROM moved`
