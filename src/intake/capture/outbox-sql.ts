/**
 * The outbox and its triggers, as SQL.
 *
 * - A row of the outbox is written in the transaction of the change: it is there if and only if the change is.
 * - `id` is taken while the changed row is locked, so ids rise with the changes of one row, whoever makes them.
 * - The functions run with the rights of who made them, so nobody else needs any on the outbox. They name every schema and use
 *   no operator: a caller's `search_path` changes nothing. How values are written is laid down, whatever the caller has set.
 * - ENABLE ALWAYS: changes that replication or a restore makes count too.
 */
import { literal, qualified, quoted } from './mapping.js'
import type { Statement } from './plan.js'
import { WRITTEN_BY } from './values.js'

export const TRIGGERS = ['insert', 'update', 'delete', 'truncate'] as const
type Occasion = (typeof TRIGGERS)[number]

const ROWS: Readonly<Record<Occasion, readonly [before: string, after: string]>> = {
  insert: ['NULL', 'pg_catalog.row_to_json(NEW)'],
  update: ['pg_catalog.row_to_json(OLD)', 'pg_catalog.row_to_json(NEW)'],
  delete: ['pg_catalog.row_to_json(OLD)', 'NULL'],
  truncate: ['NULL', 'NULL'],
}

export function outboxSql(object: string): readonly Statement[] {
  const schema = quoted(object)
  return [
    { sql: `CREATE SCHEMA IF NOT EXISTS ${schema}`, why: 'everything of ours but the triggers is in it' },
    {
      sql: `CREATE TABLE ${schema}.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id(),
  at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  operation text NOT NULL, source_table text NOT NULL, before json, after json
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0)`,
      why: 'changes wait in it until they are in our log',
    },
    { sql: `CREATE INDEX outbox_transaction ON ${schema}.outbox (transaction)`, why: 'a transaction is read whole' },
  ]
}

/** Those that are not there yet, or write as their caller's session does. */
export function recorderSql(object: string, present: ReadonlySet<string>): readonly Statement[] {
  return TRIGGERS.filter((occasion) => !present.has(recorderOf(occasion))).map((occasion) => ({
    sql: functionSql(quoted(object), occasion),
    why: `what a trigger does on ${occasion}`,
  }))
}

const recorderOf = (occasion: Occasion): string => `record_${occasion}`

const SETTINGS = Object.entries(WRITTEN_BY).map(([name, value]) => `SET ${name} = ${literal(value)}`)

const functionSql = (schema: string, occasion: Occasion): string => {
  const [before, after] = ROWS[occasion]
  return `CREATE OR REPLACE FUNCTION ${schema}.${quoted(recorderOf(occasion))}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  ${SETTINGS.join(' ')} AS $$
BEGIN
  INSERT INTO ${schema}.outbox (operation, source_table, before, after) VALUES (${literal(occasion)}, TG_ARGV[0], ${before}, ${after});
  RETURN NULL;
END $$`
}

/** Those that are not there yet, or not in force. */
export function triggerSql(object: string, table: string, present: ReadonlyMap<string, boolean>): readonly Statement[] {
  return TRIGGERS.filter((occasion) => !present.get(`${table} ${object}_${occasion}`)).flatMap((occasion) => {
    const name = `${object}_${occasion}`
    const each = occasion === 'truncate' ? 'STATEMENT' : 'ROW'
    const why = `what ${occasion} does to ${table} is written into the outbox`
    return [
      {
        sql: `CREATE OR REPLACE TRIGGER ${quoted(name)} AFTER ${occasion.toUpperCase()} ON ${qualified(table)} FOR EACH ${each} EXECUTE FUNCTION ${quoted(object)}.${quoted(recorderOf(occasion))}(${literal(table)})`,
        why,
      },
      {
        sql: `ALTER TABLE ${qualified(table)} ENABLE ALWAYS TRIGGER ${quoted(name)}`,
        why: 'replication and restores count too',
      },
    ]
  })
}
