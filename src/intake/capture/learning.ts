/**
 * Of which tables rows are known, and which are to be looked at first: a new table, another key, other columns, another database.
 */
import type { Known, Stored } from './stored.js'

type Keys = ReadonlyMap<string, readonly string[]>

export const learntOf = ({ tenant, spec }: Stored, keys: Keys): Known => ({
  tenant,
  database: spec.connection.database,
  tables: Object.fromEntries(
    Object.entries(spec.tables).map(([name, { columns }]) => [
      name,
      JSON.stringify([keys.get(name) ?? [], columns ? [...columns].sort() : null]),
    ]),
  ),
})

export interface Unlearnt {
  /** What is known of these says nothing any more. */
  readonly gone: readonly string[]
  readonly fresh: readonly string[]
}

export function unlearnt(stored: Stored, keys: Keys, before: Known | null): Unlearnt {
  const wanted = learntOf(stored, keys)
  const isOurs = before?.tenant === wanted.tenant && before.database === wanted.database
  const known = before?.tables ?? {}
  if (stored.spec.reconcile === false) return { gone: Object.keys(known), fresh: [] }
  return {
    gone: Object.keys(known).filter((name) => !isOurs || known[name] !== wanted.tables[name]),
    fresh: Object.keys(wanted.tables).filter((name) => !isOurs || known[name] !== wanted.tables[name]),
  }
}

export const without = ({ tables, ...known }: Known, forgotten: readonly string[]): Known => ({
  ...known,
  tables: Object.fromEntries(Object.entries(tables).filter(([name]) => !forgotten.includes(name))),
})
