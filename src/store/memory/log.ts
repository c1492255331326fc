import { childOf } from '../child-of.js'
import type { EventFilter, LogStore, TransactionCounts } from '../port.js'
import { byProcessor } from '../result-rules.js'
import type { EventRow, NewEvent, ResultRow } from '../rows.js'
import { isLocalLane, isUnder } from '../task-rules.js'
import { findTask } from './groups.js'
import { compareText } from './sorted-list.js'
import type { Tables, TenantTables } from './tables.js'
import { takePage, tenantOf } from './tables.js'
import { countStates, tasksAt } from './task-lists.js'

export const memoryLog = (tables: Tables): LogStore => ({
  get: async (tenant, sequence) => tenantOf(tables, tenant).events.get(sequence) ?? null,
  find: async (tenant, id, source) => findEvents(tenantOf(tables, tenant), id, source),
  list: async (filter, page) => listEvents(tenantOf(tables, filter.tenant), filter, page),
  read: async (tenant, after, limit) => readLog(tenantOf(tables, tenant), after, limit),
  head: async (tenant) => tenantOf(tables, tenant).head,
  results: async (tenant, sequence) => resultsOf(tenantOf(tables, tenant), sequence),
  putResults: async (results, lease) => {
    if (isUnder(lease, lease && findTask(tables, lease)?.task)) putResults(tables, results)
  },
  refuse: async (tenant, sequence, results) => {
    const row = tenantOf(tables, tenant).events.get(sequence)
    return rewrite(tables, row, results, (suspended) => ({ ...suspended, state: 'refused' }))
  },
  suspend: async (tenant, sequence, event, results) => {
    const row = tenantOf(tables, tenant).events.get(sequence)
    return rewrite(tables, row, results, (suspended) => againSuspended(suspended, event))
  },
  transaction: async (tenant, transactionId) => countTransaction(tables, tenant, transactionId),
  children: async (tenant, id, limit) =>
    listEvents(tenantOf(tables, tenant), { tenant, parentId: id }, { after: null, limit, order: 'oldest' }),
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
  [...(tenant.results.get(sequence)?.values() ?? [])]
    .flat()
    .sort((a, b) => a.order - b.order || compareText(a.processor, b.processor) || a.number - b.number)

export function putResults(tables: Tables, results: readonly ResultRow[]): void {
  for (const mine of byProcessor(results)) {
    const [{ tenant, sequence, processor }] = mine
    const rows = childOf(tenantOf(tables, tenant).results, sequence, () => new Map<string, readonly ResultRow[]>())
    rows.set(processor, mine)
  }
}

function countTransaction(tables: Tables, name: string, transactionId: string): TransactionCounts {
  const tenant = tenantOf(tables, name)
  const rows = [...tenant.events.values()].filter((row) => row.transactionId === transactionId)
  const places = rows.flatMap(({ sequence }) =>
    [...(tenant.tasks.get(sequence)?.keys() ?? [])].map((subscription) => ({ sequence, subscription })),
  )
  const [local, others] = [true, false].map((wanted) =>
    countStates(
      tasksAt(
        tables,
        name,
        places.filter(({ subscription }) => isLocalLane(subscription) === wanted),
      ),
    ),
  )
  return { events: rows.length, tasks: others ?? {}, local: local ?? {} }
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
  tables: Tables,
  row: EventRow | undefined,
  results: readonly ResultRow[],
  rewritten: (row: EventRow) => EventRow,
): boolean {
  if (row?.state !== 'suspended') return false
  tenantOf(tables, row.tenant).events.set(row.sequence, rewritten(row))
  putResults(tables, results)
  return true
}
