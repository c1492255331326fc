/**
 * What the source says of itself and of the tables of a mapping; and what of the mapping does not fit it.
 */
import type { Client } from 'pg'
import type { InvalidInput } from '../../errors.js'
import { hint } from '../../event/nearest.js'
import { invalid } from '../../event/schema-error.js'
import { type CaptureSpec, partsOf } from './mapping.js'
import { rows } from './source.js'
import type { ColumnType } from './values.js'

export interface SourceTable {
  readonly name: string
  readonly oid: number
  readonly columns: ReadonlyMap<string, ColumnType>
  readonly primaryKey: readonly string[]
  /** Columns that the source computes: logical decoding does not tell them. */
  readonly generated: readonly string[]
  /** Of `pg_class.relreplident`: d, n, f, i. */
  readonly identity: string
  /** May the user change it: triggers, replica identity, publications. */
  readonly owned: boolean
  readonly mayTrigger: boolean
  /** Those that hold its rows, if it is partitioned, with their replica identities. */
  readonly partitions: readonly { readonly name: string; readonly identity: string }[]
}

export interface Server {
  /** Such as 150018. */
  readonly version: number
  readonly walLevel: string
  readonly mayReplicate: boolean
  readonly mayCreate: boolean
  readonly slotsFree: number
  readonly readOnly: boolean
  /** MiB; -1: without a limit. */
  readonly maxSlotKeep: number
}

const SERVER = `SELECT current_setting('server_version_num')::int AS version, current_setting('wal_level') AS "walLevel",
  (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user) AS "mayReplicate",
  has_database_privilege(current_database(), 'CREATE') AS "mayCreate",
  current_setting('max_replication_slots')::int - (SELECT count(*)::int FROM pg_replication_slots) AS "slotsFree",
  pg_is_in_recovery() AS "readOnly",
  (SELECT setting::int FROM pg_settings WHERE name = 'max_slot_wal_keep_size') AS "maxSlotKeep"`

export async function askServer(client: Client): Promise<Server> {
  const [server] = await rows<Server & object>(client, SERVER)
  if (server === undefined) throw new TypeError('A SELECT without FROM answers one row.')
  return server
}

const TABLES = `SELECT n.nspname || '.' || c.relname AS name, c.oid::int8::float8 AS oid, c.relreplident AS identity,
    pg_has_role(c.relowner, 'USAGE') AS owned, has_table_privilege(c.oid, 'TRIGGER') AS "mayTrigger",
    coalesce((SELECT json_agg(json_build_object('name', pn.nspname || '.' || p.relname, 'identity', p.relreplident) ORDER BY p.relname)
      FROM pg_partition_tree(c.oid) t JOIN pg_class p ON p.oid = t.relid JOIN pg_namespace pn ON pn.oid = p.relnamespace
      WHERE c.relkind = 'p' AND t.isleaf), '[]') AS partitions,
    (SELECT json_agg(json_build_array(a.attname, coalesce(bt.typname, t.typname), et.typname) ORDER BY a.attnum)
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type bt ON bt.oid = t.typbasetype
      LEFT JOIN pg_type et ON et.oid = coalesce(bt.typelem, t.typelem) AND coalesce(bt.typcategory, t.typcategory) = 'A'
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    coalesce((SELECT json_agg(a.attname) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attgenerated <> '' AND NOT a.attisdropped), '[]') AS generated,
    coalesce((SELECT json_agg(a.attname ORDER BY array_position(i.indkey::int2[], a.attnum)) FROM pg_index i
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
      WHERE i.indrelid = c.oid AND i.indisprimary), '[]') AS "primaryKey"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND (n.nspname, c.relname) IN (SELECT * FROM unnest($1::text[], $2::text[]))`

const TYPES = `SELECT t.oid::int8::float8 AS oid, coalesce(bt.typname, t.typname) AS type, et.typname AS element
  FROM pg_type t LEFT JOIN pg_type bt ON bt.oid = t.typbasetype
    LEFT JOIN pg_type et ON et.oid = coalesce(bt.typelem, t.typelem) AND coalesce(bt.typcategory, t.typcategory) = 'A'
  WHERE t.typtype IN ('b', 'd')`

/** The types that columns may have, by their oids; rows are texts. */
export async function askTypes(client: Client): Promise<ReadonlyMap<number, ColumnType>> {
  const found = await rows<{ oid: number; type: string; element: string | null }>(client, TYPES)
  return new Map(found.map(({ oid, type, element }) => [oid, { type, element }]))
}

interface Found extends Omit<SourceTable, 'columns'> {
  readonly columns: readonly (readonly [name: string, type: string, element: string | null])[] | null
}

/** Those of these names that there are. */
export async function askTables(client: Client, names: readonly string[]): Promise<ReadonlyMap<string, SourceTable>> {
  const parts = names.map(partsOf)
  const found = await rows<Found>(client, TABLES, [parts.map(([schema]) => schema), parts.map(([, name]) => name)])
  return new Map(
    found.map(({ columns, ...table }) => [
      table.name,
      { ...table, columns: new Map((columns ?? []).map(([name, type, element]) => [name, { type, element }])) },
    ]),
  )
}

/** The columns that name a row, by table. */
export const keysOf = (
  { tables }: Pick<CaptureSpec, 'tables'>,
  found: ReadonlyMap<string, SourceTable>,
): ReadonlyMap<string, readonly string[]> =>
  new Map(Object.entries(tables).map(([name, { key }]) => [name, key ?? found.get(name)?.primaryKey ?? []]))

/** What of the mapping the source does not have; the first is told first. */
export const misfits = (
  { tables }: Pick<CaptureSpec, 'tables'>,
  found: ReadonlyMap<string, SourceTable>,
): readonly InvalidInput[] =>
  Object.entries(tables).flatMap(([name, table]) => {
    const there = found.get(name)
    const at = `tables.${name}`
    if (there === undefined) return [invalid(`The source has no table ${name} that this user can see.`, at, 'a table')]
    const keyless = table.key === undefined && there.primaryKey.length === 0
    return [
      ...missing(there, table.key, `${at}.key`),
      ...missing(there, table.columns, `${at}.columns`),
      ...(keyless ? [invalid(`${name} has no primary key.`, `${at}.key`, 'the columns that name a row')] : []),
    ]
  })

function missing(
  { name, columns }: SourceTable,
  wanted: readonly string[] = [],
  field: string,
): readonly InvalidInput[] {
  const known = [...columns.keys()]
  return wanted
    .filter((column) => !columns.has(column))
    .map((column) =>
      invalid(`${name} has no column ${column}.${hint(column, known)}`, field, `one of ${known.join(', ')}`),
    )
}
