import {
  added,
  type ImportAnswer,
  type ImportBatch,
  type ImportRow,
  type ImportStore,
  NOTHING_DONE,
} from '../../registry/import-store.js'
import { childOf } from '../child-of.js'
import { alsoEnded, endedPart, NOTHING_ENDED } from '../ending-rules.js'
import { beginning, linkKey, movedOn, planImport, usedAgain } from '../import-rules.js'
import { endSubscriptions } from './ending.js'
import { applyChange, holdsLink, keepResource } from './registry.js'
import type { Import, Tables, TenantTables } from './tables.js'
import { tenantOf } from './tables.js'

export const memoryImports = (tables: Tables): ImportStore => ({
  get: async (tenant, id) => tenantOf(tables, tenant).imports.get(id)?.row ?? null,
  take: async (batch) => take(tables, batch),
  awaited: async (tenant, id, limit) => awaited(tenantOf(tables, tenant), id, limit),
  settle: async ({ tenant, id, at }, links, options) => settle(tables, { tenant, id, at }, links, options),
  finish: async (tenant, id, at) => finish(tenantOf(tables, tenant), id, at),
})

const isThere = (tenant: TenantTables, id: string): boolean => tenant.resources.get(id)?.removedSequence === null

function take(tables: Tables, batch: ImportBatch): ImportAnswer | null {
  const tenant = tenantOf(tables, batch.tenant)
  const begun = beginning(tenant.imports.get(batch.id)?.row ?? null, batch)
  if (begun === null) return null
  const known = {
    resource: (id: string) => tenant.resources.get(id)?.row,
    isThere: (id: string) => isThere(tenant, id),
    isLinked: (from: string, relation: string, to: string) => holdsLink(tenant, { from, relation, to }),
  }
  const plan = planImport(batch, known, tenant.head + 1)
  let ended = NOTHING_ENDED
  const kept: Import = tenant.imports.get(batch.id) ?? { row: begun, awaited: [], ids: new Set() }
  if (batch.dryRun) for (const { id } of batch.resources) kept.ids.add(id)
  else if (plan.resources.length + plan.links.length > 0) {
    tenant.head += 1
    for (const { row } of plan.resources) keepResource(tenant, row, tenant.head)
    for (const resource of usedAgain(plan)) ended = alsoEnded(ended, endSubscriptions(tables, { ...batch, resource }))
    for (const row of plan.links) {
      const entry = { row }
      for (const end of [row.from, row.to]) childOf(tenant.links, end, () => new Set<typeof entry>()).add(entry)
    }
  }
  const row = movedOn(begun, batch, plan.tally)
  tenant.imports.set(batch.id, { ...kept, row, awaited: [...kept.awaited, ...batch.awaited, ...plan.awaited] })
  return { row, otherType: plan.otherType, ...endedPart(ended) }
}

const awaited = (tenant: TenantTables, id: string, limit: number) => {
  const kept = tenant.imports.get(id)
  const first = [...(kept?.awaited ?? [])].sort((a, b) => a.line - b.line || a.place - b.place).slice(0, limit)
  return first.map((link) => ({ ...link, isThere: isThere(tenant, link.to) || (kept?.ids.has(link.to) ?? false) }))
}

function settle(
  tables: Tables,
  { tenant: name, id, at }: Parameters<ImportStore['settle']>[0],
  links: Parameters<ImportStore['settle']>[1],
  { write, done }: Parameters<ImportStore['settle']>[2],
): ImportRow | null {
  const tenant = tenantOf(tables, name)
  const kept = tenant.imports.get(id)
  if (kept === undefined) return null
  const settled = new Set(links.map(({ line, place }) => linkKey(String(line), String(place), '')))
  const begun = write
    ? links.filter((link) => isThere(tenant, link.from) && isThere(tenant, link.to) && !holdsLink(tenant, link))
    : []
  if (begun.length > 0) tenant.head += 1
  const steps = begun.map(({ from, relation, to, strong }) => ({ do: 'link', from, relation, to, strong }) as const)
  applyChange(tables, { expect: [], steps }, { tenant: name, sequence: tenant.head, at, actor: '' })
  const row = { ...kept.row, ...added(kept.row, added(done, { ...NOTHING_DONE, links: begun.length })), updatedAt: at }
  const left = kept.awaited.filter(({ line, place }) => !settled.has(linkKey(String(line), String(place), '')))
  tenant.imports.set(id, { ...kept, row, awaited: left })
  return row
}

function finish(tenant: TenantTables, id: string, at: number): ImportRow | null {
  const kept = tenant.imports.get(id)
  if (kept === undefined) return null
  const row: ImportRow = { ...kept.row, state: 'done', updatedAt: at }
  tenant.imports.set(id, { row, awaited: [], ids: new Set() })
  return row
}
