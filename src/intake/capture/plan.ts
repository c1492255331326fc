/**
 * What must be there in the source for a mapping, told as SQL before anything is done. What is there already is left out, so
 * an administrator may run the statements by hand first.
 */
import type { Client } from 'pg'
import { InvalidInput } from '../../errors.js'
import { type CaptureSpec, literal, type Method, objectName, partsOf, qualified, quoted } from './mapping.js'
import { isRead } from './one-reader.js'
import { outboxSql, recorderSql, TRIGGERS, triggerSql } from './outbox-sql.js'
import { rows } from './source.js'
import { misfits, type Server, type SourceTable } from './tables.js'

export interface Statement {
  readonly sql: string
  /** Why it is needed, in a sentence. */
  readonly why: string
}

export interface Plan {
  readonly method: Method
  /** Why not the other method; and what is worth knowing. */
  readonly notes: readonly string[]
  /** In their order. */
  readonly statements: readonly Statement[]
}

/** What of ours is there. */
export interface Present {
  readonly slot: { readonly plugin: string; readonly active: boolean } | null
  /** Tables of the publication; null: there is none. */
  readonly published: readonly string[] | null
  readonly outbox: { readonly active: boolean } | null
  /** Functions of triggers that write alike in every session. */
  readonly recorders: ReadonlySet<string>
  /** `public.person tocsin_people_insert`, ...; whether it is in force for all that happens. */
  readonly triggers: ReadonlyMap<string, boolean>
}

export async function askPresent(client: Client, name: string): Promise<Present> {
  const object = objectName(name)
  const [slot] = await rows<{ plugin: string; active: boolean }>(
    client,
    'SELECT plugin::text, active FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()',
    [object],
  )
  const [publication] = await rows(client, 'SELECT 1 AS one FROM pg_publication WHERE pubname = $1', [object])
  const published = await rows<{ name: string }>(
    client,
    `SELECT n.nspname || '.' || c.relname AS name FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
      JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.pubname = $1 ORDER BY 1`,
    [object],
  )
  const [{ outbox } = { outbox: false }] = await rows<{ outbox: boolean }>(
    client,
    'SELECT to_regclass($1) IS NOT NULL AS outbox',
    [`${quoted(object)}.outbox`],
  )
  return {
    slot: slot ?? null,
    published: publication ? published.map((each) => each.name) : null,
    outbox: outbox ? { active: await isRead(client, object) } : null,
    recorders: await askRecorders(client, object),
    triggers: await askTriggers(client, object),
  }
}

async function askRecorders(client: Client, object: string): Promise<ReadonlySet<string>> {
  const found = await rows<{ name: string }>(
    client,
    `SELECT p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = $1 AND p.proconfig IS NOT NULL`,
    [object],
  )
  return new Set(found.map(({ name }) => name))
}

async function askTriggers(client: Client, object: string): Promise<ReadonlyMap<string, boolean>> {
  const found = await rows<{ name: string; always: boolean }>(
    client,
    `SELECT n.nspname || '.' || c.relname || ' ' || t.tgname AS name, t.tgenabled = 'A' AS always FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname = ANY ($1)`,
    [TRIGGERS.map((occasion) => `${object}_${occasion}`)],
  )
  return new Map(found.map(({ name, always }) => [name, always]))
}

/** @throws InvalidInput `invalid_request` for what the source does not have, or a method it refuses */
export function planFor(
  name: string,
  spec: CaptureSpec,
  server: Server,
  tables: ReadonlyMap<string, SourceTable>,
  present: Present,
): Plan {
  const [misfit] = misfits(spec, tables)
  if (misfit) throw misfit
  const against = againstLogical(spec, server, tables, present)
  const method = chosen(spec, against)
  const plan = method === 'logical' ? logicalPlan : triggerPlan
  return { method, ...plan(name, spec, server, tables, present, against) }
}

/** Why logical decoding is refused here. */
function againstLogical(
  spec: CaptureSpec,
  server: Server,
  tables: ReadonlyMap<string, SourceTable>,
  present: Present,
): readonly string[] {
  const says = (wrong: boolean, reason: string) => (wrong ? [reason] : [])
  const others = [...tables.values()].filter(({ owned }) => !owned).map((table) => table.name)
  const unnamed = Object.entries(spec.tables).flatMap(([name, { before = true }]) => {
    const table = tables.get(name)
    return table && !before && table.primaryKey.length === 0 && 'dn'.includes(table.identity) ? [name] : []
  })
  return [
    ...says(server.walLevel !== 'logical', `wal_level is ${server.walLevel}, not logical`),
    ...says(server.readOnly, 'the server is a standby'),
    ...says(!server.mayReplicate, 'the user may not replicate (ALTER ROLE ... REPLICATION)'),
    ...says(!server.mayCreate && present.published === null, 'the user may not create a publication in this database'),
    ...says(others.length > 0 && !spans(present, spec), `the user does not own ${others.join(', ')}`),
    ...says(server.slotsFree < 1 && present.slot === null, 'no replication slot is free (max_replication_slots)'),
    ...says(unnamed.length > 0, `${unnamed.join(', ')} has no primary key and before is false`),
  ]
}

const spans = ({ published }: Present, { tables }: CaptureSpec): boolean =>
  Object.keys(tables).every((name) => published?.includes(name))

function chosen({ method = 'auto' }: CaptureSpec, against: readonly string[]): Method {
  if (method === 'triggers') return 'triggers'
  if (against.length === 0) return 'logical'
  if (method === 'auto') return 'triggers'
  throw new InvalidInput('invalid_request', `The source refuses logical decoding: ${against.join('; ')}.`, {
    field: 'method',
    expected: 'auto or triggers, or a source that allows it',
  })
}

type Rest = Omit<Plan, 'method'>

function logicalPlan(
  name: string,
  spec: CaptureSpec,
  server: Server,
  tables: ReadonlyMap<string, SourceTable>,
  present: Present,
): Rest {
  const object = objectName(name)
  const wanted = Object.keys(spec.tables).sort()
  const whole = wanted
    .filter((table) => spec.tables[table]?.before ?? true)
    .flatMap((table) => identitiesOf(tables.get(table)))
    .flatMap(({ name: table, identity }) => (identity === 'f' ? [] : [table]))
  return {
    notes: [
      ...(server.maxSlotKeep < 0
        ? ['max_slot_wal_keep_size is not set: while nobody reads the slot, the source keeps its log without a limit.']
        : []),
    ],
    statements: [
      ...whole.map((table) => ({
        sql: wholeRows(table),
        why: `the log then holds the whole row of ${table} before a change`,
      })),
      ...publication(object, wanted, present.published),
      ...(present.slot === null ? [slotStatement(object)] : []),
    ],
  }
}

export const wholeRows = (table: string): string => `ALTER TABLE ${qualified(table)} REPLICA IDENTITY FULL`

/** Of a partitioned table the log holds what its partitions' identities say, and is read as its own says. */
export const identitiesOf = (table: SourceTable | undefined): SourceTable['partitions'] =>
  table === undefined ? [] : [table, ...table.partitions]

export const slotStatement = (object: string): Statement => ({
  sql: `SELECT pg_create_logical_replication_slot(${literal(object)}, 'pgoutput')`,
  why: 'the source keeps its log from here on until we have read it',
})

function publication(object: string, wanted: readonly string[], published: Present['published']): readonly Statement[] {
  const list = wanted.map(qualified).join(', ')
  if (published === null)
    return [
      {
        sql: `CREATE PUBLICATION ${quoted(object)} FOR TABLE ${list} WITH (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)`,
        why: 'which tables are read',
      },
    ]
  if (published.join() === wanted.join()) return []
  return [{ sql: `ALTER PUBLICATION ${quoted(object)} SET TABLE ${list}`, why: 'which tables are read' }]
}

function triggerPlan(
  name: string,
  spec: CaptureSpec,
  _server: Server,
  tables: ReadonlyMap<string, SourceTable>,
  present: Present,
  against: readonly string[],
): Rest {
  const object = objectName(name)
  const barred = Object.keys(spec.tables).filter((table) => !tables.get(table)?.mayTrigger)
  if (barred.length > 0)
    throw new InvalidInput('invalid_request', `The user may not put triggers on ${barred.join(', ')}.`, {
      field: `tables.${barred[0]}`,
      expected: `GRANT TRIGGER ON ${barred.map(qualified).join(', ')}, and ownership for ENABLE ALWAYS`,
    })
  return {
    notes: against.length === 0 ? [] : [`Not by logical decoding: ${against.join('; ')}.`],
    statements: [
      ...(present.outbox ? [] : outboxSql(object)),
      ...recorderSql(object, present.recorders),
      ...Object.keys(spec.tables).flatMap((table) => triggerSql(object, table, present.triggers)),
      ...goneTriggers(object, spec, present),
    ],
  }
}

/** Tables that the mapping names no more. */
function goneTriggers(object: string, { tables }: CaptureSpec, { triggers }: Present): readonly Statement[] {
  return [...triggers.keys()].flatMap((each) => {
    const cut = each.lastIndexOf(' ')
    const [table, trigger] = [each.slice(0, cut), each.slice(cut + 1)]
    if (table in tables || !trigger.startsWith(`${object}_`)) return []
    return [dropTrigger(table, trigger)]
  })
}

export const dropTrigger = (table: string, trigger: string): Statement => ({
  sql: `DROP TRIGGER IF EXISTS ${quoted(trigger)} ON ${qualified(table)}`,
  why: `${partsOf(table).join('.')} is captured no more`,
})
