/**
 * The tables that lie in partitions, and these as PostgreSQL has them. What the parts are is told by the migration that made
 * the first of them (`migrations/006-partitions.ts`).
 */
import type { Partition, PartitionedTable } from '../port.js'
import { FINISHED_STATES } from '../rows.js'
import type { Asked } from './conversation.js'
import type { Database } from './database.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

interface Layout {
  /** By which time. */
  readonly by: string
  /** What is true of each partition of a period. */
  readonly constraints: readonly string[]
}

/** Where attempts lie: programs of earlier versions wrote them into the first. */
export const ATTEMPT_TABLES = ['attempts', 'attempt_history'] as const

type Name = 'events' | 'tasks' | 'attempt_history'

const HAVE_ENDED = `CHECK (state IN (${FINISHED_STATES.map((state) => `'${state}'`).join(', ')}))`

export const LAYOUTS: Readonly<Record<Name, Layout>> = {
  events: { by: 'received_at', constraints: ['PRIMARY KEY (tenant, sequence)'] },
  tasks: { by: 'ended_at', constraints: ['PRIMARY KEY (tenant, sequence, subscription)', HAVE_ENDED] },
  attempt_history: { by: 'ended_at', constraints: [] },
}

const SHOWN: Readonly<Record<Name, PartitionedTable>> = {
  events: 'events',
  tasks: 'tasks',
  attempt_history: 'attempts',
}

export const NAMES = Object.keys(LAYOUTS) as readonly Name[]

export type { Name as PartitionedName }

/** A partition of a period, or one of the others, with its bounds in milliseconds; null: none on that side. */
export interface Part {
  readonly name: string
  readonly from: number | null
  readonly until: number | null
}

// -------------------------------------------------------------------------------------------- what there is

const BOUND = 'pg_get_expr(c.relpartbound, c.oid)'
const PARTS = `SELECT c.relname, substring(${BOUND} from 'FROM \\(''(-{0,1}[0-9]+)''\\)')::bigint AS low,
    substring(${BOUND} from 'TO \\(''(-{0,1}[0-9]+)''\\)')::bigint AS high, greatest(c.reltuples, 0)::bigint,
    pg_total_relation_size(c.oid)
  FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
  WHERE i.inhparent = to_regclass(quote_ident(current_schema()) || '.' || ?::text)`
const ALL_PARTS = statement(`${PARTS} ORDER BY low NULLS FIRST, high`)

/** In order of time. */
export async function partsOf(asked: Asked, table: Name): Promise<readonly Part[]> {
  return (await asked.all(ALL_PARTS, table)).map(partOf)
}

const partOf = ([name, from = null, until = null]: readonly unknown[]): Part => ({
  name: String(name),
  from: from === null ? null : Number(from),
  until: until === null ? null : Number(until),
})

const isOfPeriod = (table: Name, { name }: Part): boolean => /^_\d{8}$/.test(name.slice(table.length))

/** Those of periods, which are dropped as a whole. */
export const periodsOf = async (asked: Asked, table: Name): Promise<readonly Period[]> =>
  (await partsOf(asked, table)).filter((part): part is Period => isOfPeriod(table, part))

interface Period extends Part {
  readonly from: number
  readonly until: number
}

/** Where periods begin: what is older, and still there, goes in slices. */
export async function startOf(asked: Asked, table: Name): Promise<number> {
  const [first] = await periodsOf(asked, table)
  return first?.from ?? Number.POSITIVE_INFINITY
}

export async function listPartitions({ read }: Pick<Database, 'read'>): Promise<readonly Partition[]> {
  const all = await Promise.all(NAMES.map(async (table) => [table, await read.all(ALL_PARTS, table)] as const))
  return all.flatMap(([table, rows]) =>
    rows.map((row) => {
      const part = partOf(row)
      const [, , , count, bytes] = row
      return {
        ...{ table: SHOWN[table], ...part, period: isOfPeriod(table, part) },
        ...{ rows: Number(count), bytes: Number(bytes) },
      }
    }),
  )
}

// -------------------------------------------------------------------------------------------- made ahead

/** So many periods lie ahead of the present one. */
const AHEAD = 2

/** Makes the partitions that will be needed; answers how many. Periods begin at multiples of `width`. */
export async function prepare({ read, alter }: Database, now: number, width: number): Promise<number> {
  let made = 0
  for (const table of NAMES) {
    for (let rest = await restOf(read, table); rest.from < now + AHEAD * width; rest = await restOf(read, table)) {
      const { from } = rest
      // After a long sleep there is one for all of it.
      const until = (Math.floor(Math.max(from, now - width) / width) + 1) * width
      await alter((session) => split(session, table, { name: nameFor(table, from), from, until }))
      made += 1
    }
  }
  return made
}

async function restOf(asked: Asked, table: Name): Promise<{ readonly from: number }> {
  const rest = (await partsOf(asked, table)).find(({ name }) => name === `${table}_rest`)
  return { from: rest?.from ?? Number.POSITIVE_INFINITY }
}

const nameFor = (table: Name, from: number): string =>
  `${table}_${new Date(from).toISOString().slice(0, 10).replaceAll('-', '')}`

/** Takes a period off what lies beyond all of them, with the rows that are there already. */
async function split(session: Session, table: Name, { name, from, until }: Period): Promise<void> {
  const { by, constraints } = LAYOUTS[table]
  const rest = `${table}_rest`
  // Another node was quicker.
  if ((await restOf(session, table)).from !== from) return
  await session.run(`ALTER TABLE ${table} DETACH PARTITION ${rest}`)
  await session.run(`CREATE TABLE ${name} PARTITION OF ${table} FOR VALUES FROM (${from}) TO (${until})`)
  for (const constraint of constraints) await session.run(`ALTER TABLE ${name} ADD ${constraint}`)
  await session.run(`WITH moved AS (DELETE FROM ${rest} WHERE ${by} < ${until} RETURNING *)
    INSERT INTO ${name} SELECT * FROM moved`)
  await session.run(`ALTER TABLE ${table} ATTACH PARTITION ${rest} FOR VALUES FROM (${until}) TO (MAXVALUE)`)
}
