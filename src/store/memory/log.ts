import { childOf } from '../child-of.js'
import type { EventFilter, LogStore } from '../port.js'
import type { EventRow, NewEvent, ResultRow } from '../rows.js'
import { compareText } from './sorted-list.js'
import type { Tables, TenantTables } from './tables.js'
import { takePage, tenantOf } from './tables.js'

export const memoryLog = (tables: Tables): LogStore => ({
  get: async (tenant, sequence) => tenantOf(tables, tenant).events.get(sequence) ?? null,
  find: async (tenant, id, source) => findEvents(tenantOf(tables, tenant), id, source),
  list: async (filter, page) => listEvents(tenantOf(tables, filter.tenant), filter, page),
  read: async (tenant, after, limit) => readLog(tenantOf(tables, tenant), after, limit),
  head: async (tenant) => tenantOf(tables, tenant).head,
  results: async (tenant, sequence) => resultsOf(tenantOf(tables, tenant), sequence),
  putResults: async (results) => {
    for (const result of results) putResults(tenantOf(tables, result.tenant), [result])
  },
  refuse: async (tenant, sequence, results) => {
    const row = tenantOf(tables, tenant).events.get(sequence)
    return rewrite(tenantOf(tables, tenant), row, results, (suspended) => ({ ...suspended, state: 'refused' }))
  },
  suspend: async (tenant, sequence, event, results) => {
    const row = tenantOf(tables, tenant).events.get(sequence)
    return rewrite(tenantOf(tables, tenant), row, results, (suspended) => againSuspended(suspended, event))
  },
})

function findEvents(tenant: TenantTables, id: string, source: string | undefined): readonly EventRow[] {
  const sources = [...(tenant.keys.get(id) ?? [])].filter(([known]) => source === undefined || known === source)
  const rows = sources.map(([, sequence]) => tenant.events.get(sequence)).filter((row) => row !== undefined)
  return rows.sort((a, b) => compareText(a.source, b.source))
}

function listEvents(
  tenant: TenantTables,
  filter: EventFilter,
  page: { after: number | null; limit: number; order?: 'newest' | 'oldest' },
): readonly EventRow[] {
  const { sequences } = tenant
  const upwards = page.order === 'oldest'
  const numbers = upwards
    ? sequences.upFrom(page.after === null ? 0 : sequences.countUpTo(page.after))
    : sequences.downFrom(page.after === null ? sequences.size : sequences.countBefore(page.after))
  return takePage(rowsOf(tenant, numbers), page.limit, (row) => fits(row, filter))
}

function* rowsOf(tenant: TenantTables, numbers: Iterable<number>): Generator<EventRow> {
  for (const sequence of numbers) {
    const row = tenant.events.get(sequence)
    if (row !== undefined) yield row
  }
}

const fits = (row: EventRow, filter: EventFilter): boolean =>
  isIn(row.type, filter.types) &&
  isIn(row.state, filter.states) &&
  is(row.subject, filter.subject) &&
  is(row.source, filter.source) &&
  is(row.transactionId, filter.transactionId) &&
  is(row.parentId, filter.parentId) &&
  is(row.rootId, filter.rootId) &&
  row.receivedAt >= (filter.from ?? Number.NEGATIVE_INFINITY) &&
  row.receivedAt < (filter.till ?? Number.POSITIVE_INFINITY)

const isIn = <T>(value: T, wanted: readonly T[] | undefined): boolean => wanted === undefined || wanted.includes(value)
const is = <T>(value: T, wanted: T | undefined): boolean => wanted === undefined || value === wanted

export const readLog = (tenant: TenantTables, after: number, limit: number): readonly EventRow[] =>
  takePage(
    rowsOf(tenant, tenant.sequences.upFrom(tenant.sequences.countUpTo(after))),
    limit,
    (row) => row.state === 'admitted',
  )

const resultsOf = (tenant: TenantTables, sequence: number): readonly ResultRow[] =>
  [...(tenant.results.get(sequence)?.values() ?? [])].sort(
    (a, b) => a.order - b.order || compareText(a.processor, b.processor),
  )

export function putResults(tenant: TenantTables, results: readonly ResultRow[]): void {
  for (const result of results) {
    const rows = childOf(tenant.results, result.sequence, () => new Map<string, ResultRow>())
    rows.set(result.processor, { ...result })
  }
}

/** The key, the sequence and the operation stay; all else is the event as it was suspended again. */
const againSuspended = (row: EventRow, event: NewEvent): EventRow => ({
  ...event,
  tenant: row.tenant,
  id: row.id,
  source: row.source,
  state: 'suspended',
  sequence: row.sequence,
  operation: row.operation,
})

function rewrite(
  tenant: TenantTables,
  row: EventRow | undefined,
  results: readonly ResultRow[],
  rewritten: (row: EventRow) => EventRow,
): boolean {
  if (row?.state !== 'suspended') return false
  tenant.events.set(row.sequence, rewritten(row))
  putResults(tenant, results)
  return true
}
