import {
  type AwaitedLink,
  added,
  type ImportAnswer,
  type ImportBatch,
  type ImportRow,
  type ImportStore,
  NOTHING_DONE,
} from '../../registry/import-store.js'
import { childOf } from '../child-of.js'
import { alsoEnded, type Ended, endedPart, NOTHING_ENDED } from '../ending-rules.js'
import { beginning, type ImportPlan, type Known, movedOn, planImport, usedAgain } from '../import-rules.js'
import { AWAITED, IMPORT, LINK, RESOURCE } from '../sql/shapes.js'
import { endSubscriptions } from './ending.js'
import { applyChange, beginSpan, findResource, isLinked, type Kept, own } from './registry.js'
import type { Session } from './session.js'
import type { Sync } from './sync.js'

export const sqliteImports = (session: Session): Sync<ImportStore> => ({
  get: (tenant, id) => find(session, tenant, id),
  take: (batch) => take(session, batch),
  awaited: (tenant, id, limit) => awaited(session, tenant, id, limit),
  settle: (key, links, options) => settle(session, key, links, options),
  finish: (tenant, id, at) => finish(session, tenant, id, at),
})

const FIND = `SELECT ${IMPORT.columns} FROM imports WHERE tenant = ? AND id = ?`

function find(session: Session, tenant: string, id: string): ImportRow | null {
  const row = session.get(FIND, tenant, id)
  return row === undefined ? null : IMPORT.read(row)
}

function take(session: Session, batch: ImportBatch): ImportAnswer | null {
  const { tenant } = batch
  const begun = beginning(find(session, tenant, batch.id), batch)
  if (begun === null) return null
  const plan = planImport(batch, knownOf(session, tenant), session.head(tenant).head + 1)
  let ended = NOTHING_ENDED
  if (batch.dryRun) keepIds(session, batch)
  else ended = write(session, batch, plan)
  for (const link of [...batch.awaited, ...plan.awaited]) session.insert(AWAITED, { ...link, tenant, import: batch.id })
  const row = movedOn(begun, batch, plan.tally)
  session.insert(IMPORT, row)
  return { row, otherType: plan.otherType, ...endedPart(ended) }
}

const IS_THERE = 'SELECT 1 FROM resources WHERE tenant = ? AND id = ? AND removed_at IS NULL'

const isThere = (session: Session, tenant: string, id: string): boolean =>
  session.get(IS_THERE, tenant, id) !== undefined

/** Many links lead to the same resource: each is looked for once. */
function knownOf(session: Session, tenant: string): Known {
  const kept = new Map<string, Kept | null>()
  const there = new Map<string, boolean>()
  return {
    resource: (id) => childOf(kept, id, () => findResource(session, tenant, id) ?? null)?.row,
    isThere: (id) => childOf(there, id, () => isThere(session, tenant, id)),
    isLinked: (from, relation, to) => isLinked(session, tenant, from, relation, to),
  }
}

function write(session: Session, batch: ImportBatch, plan: ImportPlan): Ended {
  const { tenant } = batch
  const { resources, links } = plan
  if (resources.length + links.length === 0) return NOTHING_ENDED
  const sequence = session.nextSequence(tenant)
  for (const { row, kept } of resources) {
    session.insert(RESOURCE, row)
    if (kept !== undefined) changeOwner(session, row, kept, sequence)
    else if (row.owner !== null) beginSpan(session, tenant, row.id, sequence, row.owner)
  }
  for (const link of links) session.insert(LINK, link)
  return usedAgain(plan)
    .map((resource) => endSubscriptions(session, { ...batch, resource }))
    .reduce(alsoEnded, NOTHING_ENDED)
}

function changeOwner(
  session: Session,
  { tenant, id, owner }: ImportPlan['resources'][number]['row'],
  kept: ImportPlan['resources'][number]['row'],
  sequence: number,
): void {
  const before = kept.removedAt === null ? kept.owner : null
  if (before !== owner) own(session, id, owner, { tenant, sequence })
}

function keepIds(session: Session, { tenant, id, resources }: ImportBatch): void {
  const sql = 'INSERT OR IGNORE INTO import_ids (tenant, import, id) VALUES (?, ?, ?)'
  for (const resource of resources) session.run(sql, tenant, id, resource.id)
}

const WAITING = `SELECT ${AWAITED.of('w')}, EXISTS (
    SELECT 1 FROM resources AS r WHERE r.tenant = w.tenant AND r.id = w.to_id AND r.removed_at IS NULL
  ) OR EXISTS (SELECT 1 FROM import_ids AS i WHERE i.tenant = w.tenant AND i.import = w.import AND i.id = w.to_id)
  FROM import_links AS w WHERE w.tenant = ? AND w.import = ? ORDER BY w.line, w.place LIMIT ?`

function awaited(session: Session, tenant: string, id: string, limit: number) {
  return session.all(WAITING, tenant, id, limit).map((values) => {
    const { tenant: _, import: __, ...link } = AWAITED.read(values)
    return { ...link, isThere: values[AWAITED.width] === 1 }
  })
}

const SETTLED = 'DELETE FROM import_links WHERE tenant = ? AND import = ? AND line = ? AND place = ?'

function settle(
  session: Session,
  { tenant, id, at }: Parameters<ImportStore['settle']>[0],
  links: readonly AwaitedLink[],
  { write: begins, done }: Parameters<ImportStore['settle']>[2],
): ImportRow | null {
  const row = find(session, tenant, id)
  if (row === null) return null
  const begun = begins ? links.filter((link) => canBegin(session, tenant, link)) : []
  if (begun.length > 0) {
    const steps = begun.map(({ from, relation, to, strong }) => ({ do: 'link', from, relation, to, strong }) as const)
    applyChange(session, { expect: [], steps }, { tenant, sequence: session.nextSequence(tenant), at, actor: '' })
  }
  for (const { line, place } of links) session.run(SETTLED, tenant, id, line, place)
  const after = { ...row, ...added(row, added(done, { ...NOTHING_DONE, links: begun.length })), updatedAt: at }
  session.insert(IMPORT, after)
  return after
}

const canBegin = (session: Session, tenant: string, { from, relation, to }: AwaitedLink): boolean =>
  isThere(session, tenant, from) && isThere(session, tenant, to) && !isLinked(session, tenant, from, relation, to)

function finish(session: Session, tenant: string, id: string, at: number): ImportRow | null {
  const row = find(session, tenant, id)
  if (row === null) return null
  for (const table of ['import_links', 'import_ids'])
    session.run(`DELETE FROM ${table} WHERE tenant = ? AND import = ?`, tenant, id)
  const finished: ImportRow = { ...row, state: 'done', updatedAt: at }
  session.insert(IMPORT, finished)
  return finished
}
