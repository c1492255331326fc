/**
 * What a change makes of the rows of the registry. Pure, and the same for every store.
 */
import type { GraphStep } from '../registry/graph.js'
import type { LinkRow, ResourceRow } from './rows.js'

/** Under which tenant, sequence and time a change is written, and by whom. */
export interface ChangeMoment {
  readonly tenant: string
  readonly sequence: number
  readonly at: number
  /** The principal whose operation it is. */
  readonly actor: string
}

/** A resource that has another revision than the change expected; null: it is not there. */
export interface Unexpected {
  readonly resource: string
  readonly revision: number | null
}

export const presentRevision = (row: ResourceRow | undefined): number | null =>
  row === undefined || row.removedAt !== null ? null : row.revision

/** @param kept what had the id last, removed or not. An id that is used again goes on counting: what was seen of the one before it is outdated. */
export const resourceAfter = (
  step: Extract<GraphStep, { do: 'put' }>,
  kept: ResourceRow | undefined,
  { tenant, at }: ChangeMoment,
): ResourceRow => ({
  tenant,
  id: step.id,
  type: step.type,
  owner: step.owner,
  status: step.status,
  revision: (kept?.revision ?? 0) + 1,
  properties: step.properties,
  createdAt: kept?.removedAt === null ? kept.createdAt : at,
  updatedAt: at,
  removedAt: null,
})

export const linkFrom = (
  { from, relation, to, strong }: Extract<GraphStep, { do: 'link' }>,
  { tenant, sequence: fromSequence }: ChangeMoment,
): LinkRow => ({ tenant, from, relation, to, strong, fromSequence, untilSequence: null })
