import type { GraphChange, GraphFacts, GraphStep } from '../../registry/graph.js'
import { comparePlaces, placeOf } from '../../registry/link-place.js'
import { visibleBecause } from '../../registry/visibility.js'
import { childOf } from '../child-of.js'
import { alsoEnded, type Ended, NOTHING_ENDED } from '../ending-rules.js'
import type { Candidate, RegistryStore } from '../port.js'
import { type ChangeMoment, linkFrom, presentRevision, resourceAfter, type Unexpected } from '../registry-rules.js'
import type { LinkRow, ResourceRow } from '../rows.js'
import { endKeys, endSubscriptions } from './ending.js'
import type { KeptResource, LinkEntry, OwnerSpan, Tables, TenantTables } from './tables.js'
import { pageById, tenantOf } from './tables.js'

export const memoryRegistry = (tables: Tables): RegistryStore => ({
  get: async (tenant, id) => tenantOf(tables, tenant).resources.get(id)?.row ?? null,
  list: async (filter, page) =>
    pageById(
      [...tenantOf(tables, filter.tenant).resources.values()].map((kept) => kept.row),
      (row) => row.id,
      page,
      (row) => isListed(row, filter),
    ),
  links: async (tenant, id, at) => linksOf(tenantOf(tables, tenant), id, at),
  linkPage: async ({ tenant, id, relation }, { after, limit }) =>
    linksOf(tenantOf(tables, tenant), id, null)
      .filter((row) => relation === undefined || row.relation === relation)
      .sort((a, b) => comparePlaces(placeOf(id, a), placeOf(id, b)))
      .filter((row) => after === null || comparePlaces(placeOf(id, row), after) > 0)
      .slice(0, limit),
  link: async (tenant, { from, relation, to }) =>
    linksOf(tenantOf(tables, tenant), from, null).find(
      (row) => row.from === from && row.relation === relation && row.to === to,
    ) ?? null,
  facts: async (tenant, subscriber, resource, at) => factsAt(tenantOf(tables, tenant), subscriber, resource, at),
  byCode: async (tenant, type, code) => byCode(tenantOf(tables, tenant), type, code),
})

const isListed = (row: ResourceRow, filter: { types?: readonly string[]; owner?: string }): boolean =>
  row.removedAt === null &&
  (filter.types?.includes(row.type) ?? true) &&
  (filter.owner === undefined || row.owner === filter.owner)

function byCode(tenant: TenantTables, type: string | null, code: string): ResourceRow | null {
  const rows = [...tenant.resources.values()].map((kept) => kept.row)
  const isIt = (row: ResourceRow) => (type === null || row.type === type) && codeOf(row.properties) === code
  const page = { after: null, limit: 1 }
  return (
    pageById(
      rows,
      ({ id }) => id,
      page,
      (row) => row.removedAt === null && isIt(row),
    )[0] ?? null
  )
}

/** A number is found by its text. */
function codeOf(properties: string): unknown {
  const { code } = JSON.parse(properties) as { readonly code?: unknown }
  return typeof code === 'number' ? String(code) : code
}

const holdsAt = (from: number, until: number | null, at: number | null): boolean =>
  at === null ? until === null : from <= at && (until === null || until > at)

function linksOf(tenant: TenantTables, id: string, at: number | null): LinkRow[] {
  const rows = [...(tenant.links.get(id) ?? [])].map((entry) => entry.row)
  return rows.filter((row) => holdsAt(row.fromSequence, row.untilSequence, at)).sort(byLink)
}

const byLink = (a: LinkRow, b: LinkRow): number =>
  a.fromSequence - b.fromSequence || (linkText(a) < linkText(b) ? -1 : 1)
const linkText = (row: LinkRow): string => JSON.stringify([row.from, row.relation, row.to])

// -------------------------------------------------------------------------------------------- visibility

/** A removed source's now is its last graph: the owner it had, and the links that ended with it. */
export function factsAt(tenant: TenantTables, subscriber: string, source: string, at: number | null): GraphFacts {
  const removed = at === null ? (tenant.resources.get(source)?.removedSequence ?? null) : null
  const sourceOwner = ownerAt(tenant, source, at, removed)
  return {
    subscriberOwner: ownerAt(tenant, subscriber, at, null),
    sourceOwner,
    same: subscriber === source,
    linked: linkedAt(tenant, subscriber, source, at, removed),
    ownerLinked: sourceOwner !== null && linkedAt(tenant, subscriber, sourceOwner, at, null),
  }
}

const ownerAt = (tenant: TenantTables, id: string, at: number | null, removed: number | null): string | null =>
  tenant.resources.get(id)?.owners.find((span) => holdsAt(span.from, span.until, at) || endsAt(span.until, removed))
    ?.owner ?? null

function linkedAt(tenant: TenantTables, a: string, b: string, at: number | null, removed: number | null): boolean {
  const [few, more] = [tenant.links.get(a), tenant.links.get(b)].sort((x, y) => (x?.size ?? 0) - (y?.size ?? 0))
  if (few === undefined || more === undefined) return false
  return [...few].some(
    ({ row }) =>
      joins(row, a, b) && (holdsAt(row.fromSequence, row.untilSequence, at) || endsAt(row.untilSequence, removed)),
  )
}

const joins = (row: LinkRow, a: string, b: string): boolean =>
  (row.from === a && row.to === b) || (row.from === b && row.to === a)

const endsAt = (until: number | null, removed: number | null): boolean => removed !== null && until === removed

/** Whether a candidate sees events about `subject`, on the graph as it is or was. */
export function sees(
  tenant: TenantTables,
  scope: Candidate['scope'],
  subject: string | null,
  at: number | null,
): boolean {
  if (scope === 'tenant') return true
  return subject !== null && visibleBecause(factsAt(tenant, scope.resource, subject, at)) !== null
}

// -------------------------------------------------------------------------------------------- changes

/** The first expected revision that is not the present one, or null. */
export function unexpected(tenant: TenantTables, change: GraphChange | null): Unexpected | null {
  for (const { id, revision } of change?.expect ?? []) {
    const row = tenant.resources.get(id)?.row
    const present = presentRevision(row)
    if (present !== revision) return { resource: id, revision: present }
  }
  return null
}

/** Answers what ended with it. */
export function applyChange(tables: Tables, change: GraphChange | null, moment: ChangeMoment): Ended {
  let ended = NOTHING_ENDED
  for (const step of change?.steps ?? []) ended = alsoEnded(ended, applyStep(tables, step, moment))
  return ended
}

function applyStep(tables: Tables, step: GraphStep, moment: ChangeMoment): Ended {
  const tenant = tenantOf(tables, moment.tenant)
  if (step.do === 'put') return putResource(tables, step, moment)
  if (step.do === 'remove') return removeResource(tables, step.id, moment)
  if (step.do === 'link') link(tenant, step, moment)
  else unlink(tenant, step, moment)
  return NOTHING_ENDED
}

function putResource(tables: Tables, step: Extract<GraphStep, { do: 'put' }>, moment: ChangeMoment): Ended {
  const tenant = tenantOf(tables, moment.tenant)
  const kept = tenant.resources.get(step.id)
  const before = kept?.removedSequence === null ? kept.row : undefined
  const row = resourceAfter(step, kept?.row, moment)
  keepResource(tenant, row, moment.sequence)
  return kept && before === undefined ? endSubscriptions(tables, { ...moment, resource: step.id }) : NOTHING_ENDED
}

/** The row as it is to be, and its owner from the sequence on. */
export function keepResource(tenant: TenantTables, row: ResourceRow, sequence: number): void {
  const owners = ownedFrom(tenant.resources.get(row.id)?.owners ?? [], row.owner, sequence)
  tenant.resources.set(row.id, { row, removedSequence: null, owners })
}

/** Owner history from `sequence` on; a span that would be empty is not kept. */
function ownedFrom(owners: readonly OwnerSpan[], owner: string | null, sequence: number): readonly OwnerSpan[] {
  const present = owners.find((span) => span.until === null)
  if ((present?.owner ?? null) === owner) return owners
  const ended = owners.map((span) => (span.until === null ? { ...span, until: sequence } : span))
  const held = ended.filter((span) => span.from !== span.until)
  return owner === null ? held : [...held, { owner, from: sequence, until: null }]
}

function removeResource(tables: Tables, id: string, moment: ChangeMoment): Ended {
  const tenant = tenantOf(tables, moment.tenant)
  const kept = tenant.resources.get(id)
  if (kept === undefined || kept.removedSequence !== null) return NOTHING_ENDED
  const removed: KeptResource = {
    row: { ...kept.row, updatedAt: moment.at, removedAt: moment.at },
    removedSequence: moment.sequence,
    owners: ownedFrom(kept.owners, null, moment.sequence),
  }
  tenant.resources.set(id, removed)
  for (const entry of [...(tenant.links.get(id) ?? [])]) endLink(tenant, entry, moment.sequence)
  return endKeys(tables, { ...moment, resource: id })
}

const heldLink = (tenant: TenantTables, step: { from: string; relation: string; to: string }): LinkEntry | undefined =>
  [...(tenant.links.get(step.from) ?? [])].find(
    ({ row }) =>
      row.from === step.from && row.relation === step.relation && row.to === step.to && row.untilSequence === null,
  )

export const holdsLink = (tenant: TenantTables, link: { from: string; relation: string; to: string }): boolean =>
  heldLink(tenant, link) !== undefined

function link(tenant: TenantTables, step: Extract<GraphStep, { do: 'link' }>, moment: ChangeMoment): void {
  if (heldLink(tenant, step) !== undefined) return
  const { from, to } = step
  const row = linkFrom(step, moment)
  const entry: LinkEntry = { row }
  for (const end of [from, to]) childOf(tenant.links, end, () => new Set<LinkEntry>()).add(entry)
  raiseRevision(tenant, from, moment)
}

function unlink(tenant: TenantTables, step: Extract<GraphStep, { do: 'unlink' }>, moment: ChangeMoment): void {
  const entry = heldLink(tenant, step)
  if (entry === undefined) return
  endLink(tenant, entry, moment.sequence)
  raiseRevision(tenant, step.from, moment)
}

function endLink(tenant: TenantTables, entry: LinkEntry, sequence: number): void {
  const { row } = entry
  if (row.untilSequence !== null) return
  if (row.fromSequence === sequence) for (const end of [row.from, row.to]) tenant.links.get(end)?.delete(entry)
  entry.row = { ...row, untilSequence: sequence }
}

function raiseRevision(tenant: TenantTables, id: string, moment: ChangeMoment): void {
  const kept = tenant.resources.get(id)
  if (kept === undefined || kept.removedSequence !== null) return
  const row = { ...kept.row, revision: kept.row.revision + 1, updatedAt: moment.at }
  tenant.resources.set(id, { ...kept, row })
}
