/**
 * What changes of a mapping's tables are read and told with, made anew for each connection: columns may have changed.
 */
import type { Client } from 'pg'
import type { RunnerDependencies } from './dependencies.js'
import { KnownRows, type KnownTable, NONE_KEPT } from './known-rows.js'
import type { CaptureSpec } from './mapping.js'
import type { Report } from './report.js'
import { RowReader, type SchemaChange } from './row-reader.js'
import { compileRules } from './rule.js'
import { type Stored, sourceOf } from './stored.js'
import { askTables, askTypes, keysOf, misfits, type SourceTable } from './tables.js'
import { Teller } from './telling.js'

export interface Works {
  readonly read: RowReader
  readonly keys: ReadonlyMap<string, readonly string[]>
  readonly teller: Teller
  readonly known: KnownRows
  /** Asked before changes are told. @throws InvalidInput: a column that the mapping names is gone since they were read */
  checkFit(): Promise<void>
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
  requireFit(spec, types)
  const keys = keysOf(spec, types)
  let isLess = false
  const changed = (change: SchemaChange) => {
    isLess ||= change.removed.length > 0
    report.schemaChanged(change)
  }
  const make = compileRules({ source: sourceOf(stored), tables, keys }, dependencies.expressions)
  return {
    read: new RowReader({ types, typeOf: await askTypes(client), tables, keys, arrayOf: await arrayReader(), changed }),
    keys,
    teller: new Teller(stored, make, report, dependencies),
    known: new KnownRows(capturedRows, name, knownTables(spec, types, keys)),
    async checkFit() {
      if (!isLess) return
      isLess = false
      // Of the source as it is now: what is read may be older than the mapping, and lack what came later.
      requireFit(spec, await askTables(client, Object.keys(tables)))
    },
  }
}

function requireFit(spec: CaptureSpec, found: ReadonlyMap<string, SourceTable>): void {
  const [misfit] = misfits(spec, found)
  if (misfit) throw misfit
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
    Object.entries(tables).map(([name, { columns, before = true }]) => {
      const there = types.get(name)
      const stored = [...(there?.columns.keys() ?? [])].filter((column) => !there?.generated.includes(column))
      const seen = columns ? stored.filter((column) => columns.includes(column)) : stored
      const generated = new Set(there?.generated)
      const kept = { columns: columns && new Set(seen), generated, width: stored.length, tellsBefore: before }
      return [name, { key: keys.get(name) ?? [], ...kept }]
    }),
  )
