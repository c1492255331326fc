/**
 * What becomes of a batch of lines, given what is there: the rows to be written. Pure, and the same for every store.
 */
import { isDeepStrictEqual } from 'node:util'
import {
  type AwaitedLink,
  added,
  type ImportBatch,
  type ImportRow,
  NOTHING_DONE,
  type Tally,
} from '../registry/import-store.js'
import type { LinkRow, ResourceRow } from './rows.js'

/** What a store has read for a batch. */
export interface Known {
  /** As it is kept, removed ones too. */
  resource(id: string): ResourceRow | undefined
  /** Not removed. */
  isThere(id: string): boolean
  isLinked(from: string, relation: string, to: string): boolean
}

export interface ImportPlan {
  readonly resources: readonly {
    readonly row: ResourceRow
    /** What it replaces; undefined: the id is new. A removed one is replaced, and lives no more. */
    readonly kept: ResourceRow | undefined
  }[]
  readonly links: readonly LinkRow[]
  readonly awaited: readonly AwaitedLink[]
  readonly otherType: readonly { readonly line: number; readonly type: string }[]
  readonly tally: Tally
}

/** Of two lines with one id the later holds. */
export function planImport(batch: ImportBatch, known: Known, sequence: number): ImportPlan {
  const rows = new Map<string, ImportPlan['resources'][number]>()
  const begun = new Map<string, LinkRow>()
  const awaited: AwaitedLink[] = []
  const otherType: { line: number; type: string }[] = []
  const ids = new Set(batch.resources.map(({ id }) => id))
  const counts = { created: 0, changed: 0, unchanged: 0 }
  for (const resource of batch.resources) {
    const kept = known.resource(resource.id)
    const before = rows.get(resource.id)?.row ?? alive(kept)
    if (before !== undefined && before.type !== resource.type) {
      otherType.push({ line: resource.line, type: before.type })
      continue
    }
    const links =
      before === undefined || rows.has(resource.id) ? resource.links : without(resource.links, resource.id, known)
    const fresh: LinkRow[] = []
    for (const link of links) {
      const key = linkKey(resource.id, link.relation, link.to)
      if (begun.has(key)) continue
      if (!ids.has(link.to) && !known.isThere(link.to)) {
        awaited.push({ ...link, line: resource.line, from: resource.id })
        continue
      }
      const row = rowOf(batch.tenant, resource.id, link, sequence)
      begun.set(key, row)
      fresh.push(row)
    }
    const isSame = before !== undefined && fresh.length === 0 && saysTheSame(resource, before)
    if (before === undefined) counts.created += 1
    else if (isSame) counts.unchanged += 1
    else counts.changed += 1
    if (isSame) continue
    const revision = ((before ?? kept)?.revision ?? 0) + 1
    rows.set(resource.id, { row: rowAfter(batch, resource, before, revision), kept })
  }
  const tally = { ...NOTHING_DONE, ...counts, links: begun.size, refused: otherType.length }
  return { resources: [...rows.values()], links: [...begun.values()], awaited, otherType, tally }
}

const alive = (row: ResourceRow | undefined): ResourceRow | undefined => (row?.removedAt === null ? row : undefined)

const without = (links: ImportBatch['resources'][number]['links'], from: string, known: Known) =>
  links.filter(({ relation, to }) => !known.isLinked(from, relation, to))

export const linkKey = (from: string, relation: string, to: string): string => JSON.stringify([from, relation, to])

type Line = ImportBatch['resources'][number]

const saysTheSame = (line: Line, row: ResourceRow): boolean =>
  line.owner === row.owner && line.status === row.status && sameJson(line.properties, row.properties)

/** Most often the texts are the same already. */
const sameJson = (one: string, other: string): boolean =>
  one === other || isDeepStrictEqual(JSON.parse(one), JSON.parse(other))

const rowAfter = (
  { tenant, at }: ImportBatch,
  line: Line,
  before: ResourceRow | undefined,
  revision: number,
): ResourceRow => ({
  tenant,
  id: line.id,
  type: line.type,
  owner: line.owner,
  status: line.status,
  revision,
  properties: line.properties,
  createdAt: before?.createdAt ?? at,
  updatedAt: at,
  removedAt: null,
})

const rowOf = (
  tenant: string,
  from: string,
  { relation, to, strong }: Line['links'][number],
  fromSequence: number,
): LinkRow => ({ tenant, from, relation, to, strong, fromSequence, untilSequence: null })

/** Ids that a removed resource had before. */
export const usedAgain = ({ resources }: ImportPlan): readonly string[] =>
  resources.flatMap(({ row, kept }) => (kept && kept.removedAt !== null ? [row.id] : []))

/** Where the import stands when the batch begins; null if it does not stand there. */
export function beginning(row: ImportRow | null, batch: ImportBatch): ImportRow | null {
  const { tenant, id, dryRun, at } = batch
  const begun: ImportRow = row ?? {
    ...{ tenant, id, dryRun, ...NOTHING_DONE },
    ...{ state: 'open', line: 0, startedAt: at, updatedAt: at },
  }
  return begun.state === 'open' && begun.line === batch.after && begun.dryRun === dryRun ? begun : null
}

export const movedOn = (row: ImportRow, { line, at, done }: ImportBatch, tally: Tally): ImportRow => ({
  ...row,
  ...added(row, added(done, tally)),
  line,
  updatedAt: at,
})
