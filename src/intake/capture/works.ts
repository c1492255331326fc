/**
 * What changes of a mapping's tables are read and told with, made anew for each connection: columns may have changed.
 */
import type { Client } from 'pg'
import type { RunnerDependencies } from './dependencies.js'
import { KnownRows, type KnownTable, NONE_KEPT } from './known-rows.js'
import type { CaptureSpec } from './mapping.js'
import type { Report } from './report.js'
import { RowReader } from './row-reader.js'
import { compileRules } from './rule.js'
import { type Stored, sourceOf } from './stored.js'
import { askTables, keysOf, misfits, type SourceTable } from './tables.js'
import { Teller } from './telling.js'

export interface Works {
  readonly read: RowReader
  readonly keys: ReadonlyMap<string, readonly string[]>
  readonly teller: Teller
  readonly known: KnownRows
}

/** `text[]` */
const TEXT_ARRAY = 1009

/** @throws InvalidInput: the source does not have what the mapping names */
export async function prepare(
  stored: Stored,
  client: Client,
  report: Report,
  dependencies: RunnerDependencies,
): Promise<Works> {
  const { spec, name } = stored
  const { tables } = spec
  const capturedRows = spec.reconcile === false ? NONE_KEPT : dependencies.capturedRows
  const types = await askTables(client, Object.keys(tables))
  const [misfit] = misfits(spec, types)
  if (misfit) throw misfit
  const keys = keysOf(spec, types)
  const changed = report.schemaChanged.bind(report)
  const make = compileRules({ source: sourceOf(stored), tables, keys }, dependencies.expressions)
  return {
    read: new RowReader({ types, tables, keys, arrayOf: await arrayReader(), changed }),
    keys,
    teller: new Teller(stored, make, report, dependencies),
    known: new KnownRows(capturedRows, name, knownTables(spec, types, keys)),
  }
}

async function arrayReader(): Promise<(text: string) => unknown> {
  const { default: pg } = await import('pg')
  return pg.types.getTypeParser(TEXT_ARRAY as Parameters<typeof pg.types.getTypeParser>[0]) as (text: string) => unknown
}

/** What the source computes of a row is no part of its state: it follows from the rest. */
const knownTables = (
  { tables }: CaptureSpec,
  types: ReadonlyMap<string, SourceTable>,
  keys: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, KnownTable> =>
  new Map(
    Object.entries(tables).map(([name, { columns }]) => {
      const there = types.get(name)
      const stored = [...(there?.columns.keys() ?? [])].filter((column) => !there?.generated.includes(column))
      const seen = columns ? stored.filter((column) => columns.includes(column)) : stored
      const generated = new Set(there?.generated)
      return [name, { key: keys.get(name) ?? [], columns: columns && new Set(seen), generated, width: stored.length }]
    }),
  )
