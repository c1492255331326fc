/**
 * Tells those who are still to be told of an event, a slice a transaction.
 */
import type { Candidate, SliceStore, Told } from '../port.js'
import type { EventRow, SliceRow } from '../rows.js'
import { type Became, becameOf, candidatesIn, toldOf } from '../slice-rules.js'
import { endedTask, isPulled, newTask, UNSUBSCRIBED } from '../task-rules.js'
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
  return toldOf(
    name,
    slices.flatMap((slice) => tellSlice(tables, slice, now)),
  )
}

function nextTenant({ tenants }: Tables, after: string | null): string | undefined {
  const waiting = [...tenants].filter(([, { slices }]) => slices.length > 0).map(([name]) => name)
  const sorted = waiting.sort(compareText)
  return sorted.find((name) => after !== null && compareText(name, after) > 0) ?? sorted[0]
}

/** One, or as many as `limit` subscriptions are in. */
const firstOf = (slices: readonly SliceRow[], limit: number): readonly SliceRow[] =>
  slices.filter((_, index) => index === 0 || countOf(slices.slice(0, index + 1)) <= limit)

function tellSlice(tables: Tables, slice: SliceRow, now: number): readonly Became[] {
  const event = tenantOf(tables, slice.tenant).events.get(slice.sequence)
  if (event === undefined) return []
  const isNew = ({ subscription }: Candidate) => findTask(tables, { ...event, subscription }) === undefined
  return candidatesIn(slice)
    .filter(isNew)
    .map((candidate) => tellOne(tables, event, candidate, now))
}

function tellOne(tables: Tables, event: EventRow, candidate: Candidate, now: number): Became {
  const row = tenantOf(tables, event.tenant).subscriptions.get(candidate.subscription)
  const became = becameOf(row && { ...row, pulled: isPulled(row.spec) }, event)
  if (became === 'called' || became === 'pulled') addTask(tables, event, candidate, now)
  else if (became === 'ended') saveTask(tables, endedTask(newTask(event, candidate, now), UNSUBSCRIBED, now))
  return became
}
