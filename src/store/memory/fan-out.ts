/**
 * Tells those who are still to be told of an event, a slice a transaction.
 */
import type { Candidate, SliceStore, Told } from '../port.js'
import type { EventRow, SliceRow } from '../rows.js'
import { becameOf, candidatesIn } from '../slice-rules.js'
import { endedTask, newTask, UNSUBSCRIBED } from '../task-rules.js'
import { addTask } from './admit.js'
import { findTask, saveTask } from './groups.js'
import { countOf } from './slices.js'
import { compareText } from './sorted-list.js'
import type { Tables } from './tables.js'
import { tenantOf } from './tables.js'

export const memorySlices = (tables: Tables): SliceStore => ({
  tell: async (request) => tellSlices(tables, request),
  left: async (tenant) => {
    const tenants = tenant === null ? [...tables.tenants.values()] : [tenantOf(tables, tenant)]
    return countOf(tenants.flatMap(({ slices }) => slices))
  },
})

function tellSlices(tables: Tables, { after, limit, now }: Parameters<SliceStore['tell']>[0]): Told | null {
  const name = nextTenant(tables, after)
  if (name === undefined) return null
  const tenant = tenantOf(tables, name)
  const slices = firstOf(tenant.slices, limit)
  tenant.slices = tenant.slices.slice(slices.length)
  const tasks = slices.reduce((sum, slice) => sum + tellSlice(tables, slice, now), 0)
  return { tenant: name, tasks }
}

function nextTenant({ tenants }: Tables, after: string | null): string | undefined {
  const waiting = [...tenants].filter(([, { slices }]) => slices.length > 0).map(([name]) => name)
  const sorted = waiting.sort(compareText)
  return sorted.find((name) => after !== null && compareText(name, after) > 0) ?? sorted[0]
}

/** One, or as many as `limit` subscriptions are in. */
const firstOf = (slices: readonly SliceRow[], limit: number): readonly SliceRow[] =>
  slices.filter((_, index) => index === 0 || countOf(slices.slice(0, index + 1)) <= limit)

function tellSlice(tables: Tables, slice: SliceRow, now: number): number {
  const event = tenantOf(tables, slice.tenant).events.get(slice.sequence)
  return event === undefined
    ? 0
    : candidatesIn(slice).filter((candidate) => tellOne(tables, event, candidate, now)).length
}

function tellOne(tables: Tables, event: EventRow, candidate: Candidate, now: number): boolean {
  const { tenant, sequence } = event
  const { subscription } = candidate
  if (findTask(tables, { tenant, sequence, subscription }) !== undefined) return false
  const became = becameOf(tenantOf(tables, tenant).subscriptions.get(subscription), event)
  if (became === 'told') addTask(tables, event, candidate, now)
  else if (became === 'removed') saveTask(tables, endedTask(newTask(event, candidate, now), UNSUBSCRIBED, now))
  return became !== 'reading'
}
