import {
  type AwaitedLink,
  added,
  type ImportAnswer,
  type ImportBatch,
  type ImportRow,
  type ImportStore,
  NOTHING_DONE,
} from '../../registry/import-store.js'
import { alsoEnded, type Ended, endedPart, NOTHING_ENDED } from '../ending-rules.js'
import { beginning, type ImportPlan, type Known, movedOn, planImport, usedAgain } from '../import-rules.js'
import type { LinkRow, ResourceRow } from '../rows.js'
import { AWAITED, IMPORT, LINK, RESOURCE } from '../sql/shapes.js'
import { arraysOf } from './arrays.js'
import { brief } from './brief.js'
import type { Asked } from './conversation.js'
import type { Database } from './database.js'
import { endSubscriptions } from './ending.js'
import { codeOf, linkKey, own } from './registry.js'
import type { Session } from './session.js'
import { statement } from './statement.js'
import { GONE_IMPORT_LINKS, IMPORT_IDS, IMPORT_LINKS, IMPORTS, LINKS, OWNERS, RESOURCES, type Tuple } from './tables.js'

export const postgresImports = ({ read, write }: Database): ImportStore => ({
  get: (tenant, id) => find(read, tenant, id),
  take: (batch) => write((session) => take(session, batch)),
  awaited: (tenant, id, limit) => awaited(read, tenant, id, limit),
  settle: (key, links, options) => write((session) => settle(session, key, links, options)),
  finish: (tenant, id, at) => write((session) => finish(session, tenant, id, at)),
})

const FIND = statement(`SELECT ${IMPORT.columns} FROM imports WHERE tenant = ? AND id = ?`)

async function find(asked: Asked, tenant: string, id: string): Promise<ImportRow | null> {
  const row = await asked.get(FIND, tenant, id)
  return row === undefined ? null : IMPORT.read(row)
}

async function take(session: Session, batch: ImportBatch): Promise<ImportAnswer | null> {
  const { tenant, id } = batch
  const [present, known, head] = await Promise.all([
    find(session, tenant, id),
    knownOf(session, tenant, batch.resources),
    session.head(tenant),
  ])
  const begun = beginning(present, batch)
  if (begun === null) return null
  const plan = planImport(batch, known, head.head + 1)
  let ended = NOTHING_ENDED
  if (batch.dryRun) await keepIds(session, batch)
  else ended = await keep(session, batch, plan)
  await keepAwaited(session, tenant, id, [...batch.awaited, ...plan.awaited])
  const row = movedOn(begun, batch, plan.tally)
  await session.write(IMPORTS, [IMPORT.pack(row)])
  return { row, otherType: plan.otherType, ...endedPart(ended) }
}

const KEPT = statement(`SELECT ${RESOURCE.of('r')} FROM unnest(?::text[], ?::text[]) AS v (tenant, key)
  JOIN resources AS r ON r.tenant = v.tenant AND r.key = v.key`)
const HELD = statement(`SELECT l.from_id, l.relation, l.to_id FROM unnest(?::text[], ?::text[]) AS v (tenant, key)
  JOIN links AS l ON l.tenant = v.tenant AND l.key = v.key WHERE l.until_sequence IS NULL`)

/** Everything a batch may ask, in two questions. */
async function knownOf(
  session: Asked,
  tenant: string,
  resources: readonly { readonly id: string; readonly links: readonly Pick<AwaitedLink, 'relation' | 'to'>[] }[],
): Promise<Known> {
  const ids = new Set(resources.flatMap(({ id, links }) => [id, ...links.map(({ to }) => to)]))
  const linkKeys = new Set(
    resources.flatMap(({ id, links }) => links.map(({ relation, to }) => linkKey({ from: id, relation, to }))),
  )
  const [rows, held] = await Promise.all([
    kept(session, tenant, [...ids]),
    askedBy(session, HELD, tenant, [...linkKeys]),
  ])
  const byId = new Map(rows.map((row) => [row.id, row]))
  const links = new Set(held.map(([from, relation, to]) => JSON.stringify([from, relation, to])))
  return {
    resource: (id) => byId.get(id),
    isThere: (id) => byId.get(id)?.removedAt === null,
    isLinked: (from, relation, to) => links.has(JSON.stringify([from, relation, to])),
  }
}

const askedBy = (asked: Asked, sql: typeof KEPT, tenant: string, keys: readonly string[]) =>
  keys.length === 0
    ? Promise.resolve([])
    : asked.all(
        sql,
        ...arraysOf(
          ['text', 'text'],
          keys.map((key) => [tenant, key]),
        ),
      )

const kept = async (asked: Asked, tenant: string, ids: readonly string[]): Promise<readonly ResourceRow[]> =>
  (await askedBy(asked, KEPT, tenant, ids.map(brief))).map((row) => RESOURCE.read(row))

async function keep(session: Session, batch: ImportBatch, plan: ImportPlan): Promise<Ended> {
  const { tenant } = batch
  const { resources, links } = plan
  if (resources.length + links.length === 0) return NOTHING_ENDED
  const sequence = await session.nextSequence(tenant)
  const rows = resources.map(({ row }) => [...RESOURCE.pack(row), null, brief(row.id), codeOf(row.properties)])
  if (rows.length > 0) await session.write(RESOURCES, rows)
  const spans: Tuple[] = []
  for (const { row, kept: old } of resources) {
    if (old === undefined && row.owner !== null) spans.push([tenant, brief(row.id), sequence, row.owner])
    if (old === undefined) continue
    const before = old.removedAt === null ? old.owner : null
    if (before !== row.owner) await own(session, row.id, row.owner, { tenant, sequence })
  }
  if (spans.length > 0) await session.write(OWNERS, spans)
  if (links.length > 0) await session.write(LINKS, links.map(linkTuple))
  let ended = NOTHING_ENDED
  for (const resource of usedAgain(plan))
    ended = alsoEnded(ended, await endSubscriptions(session, { ...batch, resource }))
  return ended
}

const linkTuple = (row: LinkRow): Tuple => [...LINK.pack(row), linkKey(row)]

async function keepIds(session: Session, { tenant, id, resources }: ImportBatch): Promise<void> {
  const keys = resources.map((resource) => [tenant, id, brief(resource.id)])
  if (keys.length > 0) await session.write(IMPORT_IDS, keys)
}

async function keepAwaited(session: Session, tenant: string, id: string, links: readonly AwaitedLink[]): Promise<void> {
  const rows = links.map((link) => AWAITED.pack({ ...link, tenant, import: id }))
  if (rows.length > 0) await session.write(IMPORT_LINKS, rows)
}

const WAITING = statement(`SELECT ${AWAITED.columns} FROM import_links WHERE tenant = ? AND import = ?
  ORDER BY line, place LIMIT ?`)
const COMING = statement(`SELECT i.key FROM unnest(?::text[], ?::text[], ?::text[]) AS v (tenant, import, key)
  JOIN import_ids AS i ON i.tenant = v.tenant AND i.import = v.import AND i.key = v.key`)

async function awaited(asked: Asked, tenant: string, id: string, limit: number) {
  const links = (await asked.all(WAITING, tenant, id, limit)).map((values) => {
    const { tenant: _, import: __, ...link } = AWAITED.read(values)
    return link
  })
  const ends = [...new Set(links.map(({ to }) => to))]
  const keys = ends.map((end) => [tenant, id, brief(end)])
  const [rows, coming] = await Promise.all([
    kept(asked, tenant, ends),
    keys.length === 0 ? [] : asked.all(COMING, ...arraysOf(['text', 'text', 'text'], keys)),
  ])
  const there = new Set(rows.flatMap((row) => (row.removedAt === null ? [brief(row.id)] : [])))
  for (const [key] of coming) there.add(String(key))
  return links.map((link) => ({ ...link, isThere: there.has(brief(link.to)) }))
}

async function settle(
  session: Session,
  { tenant, id, at }: Parameters<ImportStore['settle']>[0],
  links: readonly AwaitedLink[],
  { write: begins, done }: Parameters<ImportStore['settle']>[2],
): Promise<ImportRow | null> {
  const row = await find(session, tenant, id)
  if (row === null) return null
  const begun = begins ? await begin(session, tenant, links, at) : 0
  if (links.length > 0)
    await session.write(
      GONE_IMPORT_LINKS,
      links.map(({ line, place }) => [tenant, id, line, place]),
    )
  const after = { ...row, ...added(row, added(done, { ...NOTHING_DONE, links: begun })), updatedAt: at }
  await session.write(IMPORTS, [IMPORT.pack(after)])
  return after
}

const RAISE_ALL = statement(`UPDATE resources AS r SET revision = revision + v.by, updated_at = ?1
  FROM unnest(?2::text[], ?3::text[], ?4::int8[]) AS v (tenant, key, by) WHERE r.tenant = v.tenant AND r.key = v.key
  AND r.removed_at IS NULL`)

/** Those whose ends are both there; answers how many. */
async function begin(session: Session, tenant: string, links: readonly AwaitedLink[], at: number): Promise<number> {
  const known = await knownOf(
    session,
    tenant,
    links.map((link) => ({ id: link.from, links: [link] })),
  )
  const byKey = new Map(links.map((link) => [linkKey(link), link]))
  const begun = [...byKey.values()].filter(
    ({ from, relation, to }) => known.isThere(from) && known.isThere(to) && !known.isLinked(from, relation, to),
  )
  if (begun.length === 0) return 0
  const fromSequence = await session.nextSequence(tenant)
  const rows = begun.map(({ from, relation, to, strong }) =>
    linkTuple({ tenant, from, relation, to, strong, fromSequence, untilSequence: null }),
  )
  await session.write(LINKS, rows)
  const raised = new Map<string, number>()
  for (const { from } of begun) raised.set(brief(from), (raised.get(brief(from)) ?? 0) + 1)
  const values = [...raised].map(([key, by]) => [tenant, key, by])
  await session.run(RAISE_ALL, at, ...arraysOf(['text', 'text', 'int8'], values))
  return begun.length
}

async function finish(session: Session, tenant: string, id: string, at: number): Promise<ImportRow | null> {
  const row = await find(session, tenant, id)
  if (row === null) return null
  for (const table of ['import_links', 'import_ids'])
    await session.run(`DELETE FROM ${table} WHERE tenant = ? AND import = ?`, tenant, id)
  const finished: ImportRow = { ...row, state: 'done', updatedAt: at }
  await session.write(IMPORTS, [IMPORT.pack(finished)])
  return finished
}
