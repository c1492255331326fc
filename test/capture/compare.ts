/**
 * Holds what the hub tells against what was committed.
 */
import { expect } from 'vitest'
import { openClient } from '../capture-world.js'
import type { Deeds } from './history.js'

type Row = Readonly<Record<string, unknown>>

export interface Told {
  readonly sequence: string
  readonly transactionid?: string
  readonly data: { readonly table: string; readonly operation: string; readonly before?: Row; readonly after?: Row }
}

/**
 * The transactions told are those committed, each once, each with its own changes in their order and none between them; and who
 * follows the events in their sequence has what the source has.
 */
export async function expectSameHistory(
  url: string,
  events: readonly Told[],
  committed: readonly Deeds[],
  seed: string,
): Promise<void> {
  const told = transactionsOf(events)
  const sorted = (all: readonly Deeds[]) => all.map((deeds) => deeds.join(' ')).sort()
  expect(sorted(told), seed).toEqual(sorted(committed))
  expect(told, seed).toHaveLength(new Set(events.map(({ transactionid }) => transactionid)).size)
  expect(followed(events), seed).toEqual(await rowsOf(url))
}

/** Runs of events with one transaction id. */
function transactionsOf(events: readonly Told[]): readonly Deeds[] {
  const all: string[][] = []
  let before: string | undefined
  for (const event of events) {
    if (event.transactionid !== before) all.push([])
    all.at(-1)?.push(deedOf(event))
    before = event.transactionid
  }
  return all
}

function deedOf({ data: { operation, table, before, after } }: Told): string {
  if (operation === 'insert') return `i:${after?.rev}`
  if (operation === 'update') return `u:${after?.rev}`
  if (operation === 'delete') return `d:${before?.rev}`
  return `t:${table}`
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  'public.person': ['id'],
  'public.account': ['login', 'service'],
}

const keyOf = (table: string, row: Row | undefined): string =>
  JSON.stringify([table, ...(KEYS[table] ?? []).map((column) => row?.[column])])

/** What is there for who believes the events. */
function followed(events: readonly Told[]): ReadonlyMap<string, unknown> {
  const rows = new Map<string, unknown>()
  for (const { data } of events) {
    const { table, operation, before, after } = data
    if (operation === 'truncate')
      for (const key of [...rows.keys()]) if (key.startsWith(`["${table}"`)) rows.delete(key)
    if (before) rows.delete(keyOf(table, before))
    if (after) rows.set(keyOf(table, after), after.rev)
  }
  return new Map([...rows].sort())
}

async function rowsOf(url: string): Promise<ReadonlyMap<string, unknown>> {
  const client = await openClient(url)
  const found = await Promise.all(
    Object.keys(KEYS).map(async (table) => {
      const { rows } = await client.query<Row>(`SELECT * FROM ${table}`)
      return rows.map((row): [string, unknown] => [keyOf(table, row), Number(row.rev)])
    }),
  )
  await client.end()
  return new Map(found.flat().sort())
}
