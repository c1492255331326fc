/**
 * Applying a mapping: what the source is, whether it may be applied now, and the statements that make the source ready.
 */
import type { Client } from 'pg'
import { Conflict } from '../../errors.js'
import type { CaptureSpec } from './mapping.js'
import { askPresent, identitiesOf, type Plan, type Present, planFor, wholeRows } from './plan.js'
import type { Stored } from './stored.js'
import { askServer, askTables, type Server, type SourceTable } from './tables.js'

/** What the source is, for a mapping. */
export interface Seen {
  readonly server: Server
  readonly tables: ReadonlyMap<string, SourceTable>
  readonly present: Present
  readonly plan: Plan
}

export async function look(client: Client, name: string, spec: CaptureSpec): Promise<Seen> {
  const server = await askServer(client)
  const tables = await askTables(client, Object.keys(spec.tables))
  const present = await askPresent(client, name)
  return { server, tables, present, plan: planFor(name, spec, server, tables, present) }
}

/** @throws Conflict `wrong_state` */
export function checkApply(spec: CaptureSpec, before: Stored | null, { slot, outbox }: Present, plan: Plan): void {
  const refuse = (message: string, field: string, expected: string) => {
    throw new Conflict('wrong_state', message, { field, expected })
  }
  if (before?.phase === 'removing') refuse('It is being removed.', 'name', '`tocsin capture remove`, once more')
  if (before === null && slot?.active) refuse('Somebody else reads a slot of this name.', 'name', 'another name')
  if (before === null && outbox?.active) refuse('Somebody else reads an outbox of this name.', 'name', 'another name')
  if (before && before.phase !== 'ended' && before.method !== plan.method)
    refuse(`It works by ${before.method}.`, 'method', '`tocsin capture remove` first')
  if (before === null && spec.snapshot && (slot !== null || outbox !== null))
    refuse('The source keeps changes under this name already.', 'snapshot', 'false, or another name')
}

/** Those that the plan changes, as they are. */
export const changedIdentities = (before: Stored | null, plan: Plan, tables: ReadonlyMap<string, SourceTable>) =>
  Object.fromEntries(
    [...tables.values()].flatMap(identitiesOf).flatMap(({ name, identity }) => {
      const isChanged = plan.method === 'logical' && identity !== 'f' && before?.identities[name] === undefined
      return isChanged && plan.statements.some(({ sql }) => sql === wholeRows(name)) ? [[name, identity]] : []
    }),
  )

export const formerTables = ({ tables }: CaptureSpec, before: Stored | null): readonly string[] =>
  [...new Set([...(before?.former ?? []), ...Object.keys(before?.spec.tables ?? {})])].filter(
    (name) => !(name in tables),
  )

/** What may be in one transaction is; a slot is made outside of any. @param except the slot, where the beginning makes it. */
export async function execute(client: Client, { method, statements }: Plan, except: string | null): Promise<void> {
  const wanted = statements.filter(({ sql }) => sql !== except)
  const slots = wanted.filter(({ sql }) => sql.includes('pg_create_logical_replication_slot'))
  const others = wanted.filter((each) => !slots.includes(each))
  await client.query('BEGIN')
  try {
    for (const { sql } of others) await client.query(sql)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
  if (method === 'logical') for (const { sql } of slots) await client.query(sql)
}
