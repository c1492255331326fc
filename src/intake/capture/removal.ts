/**
 * Taking everything of a capture out of the source, told as SQL.
 */
import { literal, objectName, qualified, quoted } from './mapping.js'
import { dropTrigger, type Present, type Statement } from './plan.js'

const IDENTITIES: Readonly<Record<string, string>> = { d: 'DEFAULT', n: 'NOTHING' }

/** What makes the source keep or write anything for us. */
export const lettingGo = (name: string, present: Present): readonly Statement[] => [
  ...dropTriggers(present),
  ...dropSlot(name, present),
  ...dropSchema(name, present),
]

/** @param identities replica identities that we changed, as they were. */
export const removalOf = (
  name: string,
  present: Present,
  identities: Readonly<Record<string, string>>,
): readonly Statement[] => [
  ...lettingGo(name, present),
  ...(present.published === null
    ? []
    : [{ sql: `DROP PUBLICATION ${quoted(objectName(name))}`, why: 'no table is read any more' }]),
  ...Object.entries(identities).flatMap(([table, identity]) => identityStatement(table, identity)),
]

/** An index that was the identity is not known by name any more: it stays FULL, which is safe, and is told. */
const identityStatement = (table: string, identity: string): readonly Statement[] => {
  const before = IDENTITIES[identity]
  if (before === undefined) return []
  return [{ sql: `ALTER TABLE IF EXISTS ${qualified(table)} REPLICA IDENTITY ${before}`, why: 'as it was before' }]
}

function dropTriggers({ triggers }: Present): readonly Statement[] {
  return [...triggers.keys()].map((each) => {
    const cut = each.lastIndexOf(' ')
    return dropTrigger(each.slice(0, cut), each.slice(cut + 1))
  })
}

/** Whoever still reads it is cut off first. */
const dropSlot = (name: string, { slot }: Present): readonly Statement[] => {
  const of = `FROM pg_replication_slots WHERE slot_name = ${literal(objectName(name))} AND database = current_database()`
  if (slot === null) return []
  return [
    ...(slot.active
      ? [{ sql: `SELECT pg_terminate_backend(active_pid, 5000) ${of} AND active`, why: 'nobody reads it' }]
      : []),
    { sql: `SELECT pg_drop_replication_slot(slot_name) ${of}`, why: 'the source keeps no log for us' },
  ]
}

const dropSchema = (name: string, { outbox }: Present): readonly Statement[] =>
  outbox ? [{ sql: `DROP SCHEMA ${quoted(objectName(name))} CASCADE`, why: 'the outbox and its functions' }] : []
