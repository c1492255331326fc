import type { GraphChange, GraphStep } from '../../registry/graph.js'
import { comparePlaces, type LinkEnds, type LinkPlace, placeOf } from '../../registry/link-place.js'
import { alsoEnded, type Ended, NOTHING_ENDED } from '../ending-rules.js'
import type { RegistryStore } from '../port.js'
import { type ChangeMoment, linkFrom, presentRevision, resourceAfter, type Unexpected } from '../registry-rules.js'
import type { LinkRow, ResourceRow } from '../rows.js'
import { LINK, RESOURCE } from '../sql/shapes.js'
import { brief } from './brief.js'
import type { Asked } from './conversation.js'
import { endKeys, endSubscriptions } from './ending.js'
import { sameName, where } from './query.js'
import type { Session } from './session.js'
import { statement } from './statement.js'
import { LINKS, RESOURCES } from './tables.js'
import { factsAt, HOLDS } from './visibility.js'

export const postgresRegistry = (asked: Asked): RegistryStore => ({
  get: async (tenant, id) => (await findResource(asked, tenant, id))?.row ?? null,
  list: (filter, page) => listResources(asked, filter, page),
  links: (tenant, id, at) => linksOf(asked, tenant, id, at),
  linkPage: (filter, page) => linkPage(asked, filter, page),
  link: (tenant, ends) => heldLink(asked, tenant, ends),
  facts: (tenant, subscriber, resource, at) => factsAt(asked, tenant, subscriber, resource, at),
  byCode: (tenant, type, code) => byCode(asked, tenant, type, code),
})

interface Kept {
  readonly row: ResourceRow
  readonly removedSequence: number | null
}

const FIND = statement(`SELECT ${RESOURCE.columns}, removed_sequence FROM resources WHERE tenant = ? AND key = ?`)

async function findResource(asked: Asked, tenant: string, id: string): Promise<Kept | undefined> {
  const row = await asked.get(FIND, tenant, brief(id))
  const removed = row?.[RESOURCE.width] ?? null
  return row && { row: RESOURCE.read(row), removedSequence: removed === null ? null : Number(removed) }
}

/** By id; long ones by their digest. */
async function listResources(
  asked: Asked,
  filter: { tenant: string; types?: readonly string[]; owner?: string },
  { after, limit }: { after: string | null; limit: number },
): Promise<readonly ResourceRow[]> {
  const [only] = filter.types ?? []
  const isNarrow = filter.owner !== undefined || filter.types?.length === 1
  const tenant = isNarrow ? "(tenant || '')" : 'tenant'
  const condition = where([`${tenant} = ?`, filter.tenant], ['removed_at IS NULL'])
    .and(filter.owner !== undefined, 'owner IS NOT NULL')
    .andName('owner', filter.owner)
    .andName('type', filter.types?.length === 1 ? only : undefined)
    .andIn('type', filter.types)
    .and(after !== null, 'key > ?', after === null ? null : brief(after))
  const sql = `SELECT ${RESOURCE.columns} FROM resources WHERE ${condition.sql} ORDER BY key LIMIT ${Number(limit)}`
  return (await asked.all(sql, ...condition.values)).map((row) => RESOURCE.read(row))
}

const BY_CODE = statement(`SELECT ${RESOURCE.columns} FROM resources
  WHERE (tenant || '') = ?1 AND left(code, 200) = left(?2, 200) AND code = ?2 AND code IS NOT NULL AND removed_at IS NULL
  AND (?3::text IS NULL OR type = ?3) ORDER BY key LIMIT 1`)

async function byCode(asked: Asked, tenant: string, type: string | null, code: string): Promise<ResourceRow | null> {
  const row = await asked.get(BY_CODE, tenant, code, type)
  return row === undefined ? null : RESOURCE.read(row)
}

/** The tenant, written as the index of that end has it. */
const TENANT_OF = { from_id: "(tenant || '')", to_id: 'left(tenant, 200)' } as const
const linksAt = (column: 'from_id' | 'to_id'): string => `SELECT ${LINK.columns} FROM links
  WHERE ${TENANT_OF[column]} = ?2 AND left(${column}, 200) = left(?3, 200) AND ${column} = ?3 AND ${HOLDS}`
const LINKS_OF = statement(`${linksAt('from_id')} UNION ${linksAt('to_id')}
  ORDER BY from_sequence, from_id, relation, to_id`)

async function linksOf(asked: Asked, tenant: string, id: string, at: number | null): Promise<readonly LinkRow[]> {
  return (await asked.all(LINKS_OF, at, tenant, id)).map((row) => LINK.read(row))
}

const heldLinks = (column: 'from_id' | 'to_id'): string =>
  `SELECT ${LINK.columns} FROM links WHERE until_sequence IS NULL AND ${TENANT_OF[column]} = ?1
  AND left(${column}, 200) = left(?2, 200) AND ${column} = ?2`

/** What leads to the resource is sorted for each page: an index that had it in order would cost more with every link. */
const pageOfLinks = (end: 'from' | 'to', other: 'from_id' | 'to_id'): string => `(${heldLinks(`${end}_id`)}
  AND (?3::text IS NULL OR relation = ?3) AND left(${other}, 200) >= left(?4, 200)
  AND (${other}, '${end}', relation) > (?4 COLLATE "C", ?5 COLLATE "C", ?6 COLLATE "C")
  ORDER BY left(${other}, 200), ${other}, relation LIMIT `

async function linkPage(
  asked: Asked,
  { tenant, id, relation }: { tenant: string; id: string; relation?: string },
  { after, limit }: { after: LinkPlace | null; limit: number },
): Promise<readonly LinkRow[]> {
  const { other, end, relation: last } = after ?? { other: '', end: '', relation: '' }
  const both = [pageOfLinks('from', 'to_id'), pageOfLinks('to', 'from_id')].map((sql) => `${sql}${Number(limit)})`)
  const rows = await asked.all(both.join(' UNION ALL '), tenant, id, relation ?? null, other, end, last)
  return rows
    .map((row) => LINK.read(row))
    .sort((a, b) => comparePlaces(placeOf(id, a), placeOf(id, b)))
    .slice(0, limit)
}

const HELD = statement(
  `${heldLinks('from_id')} AND left(to_id, 200) = left(?3, 200) AND to_id = ?3 AND relation = ?4 LIMIT 1`,
)

async function heldLink(asked: Asked, tenant: string, { from, relation, to }: LinkEnds): Promise<LinkRow | null> {
  const row = await asked.get(HELD, tenant, from, to, relation)
  return row === undefined ? null : LINK.read(row)
}

// -------------------------------------------------------------------------------------------- changes

/** The first expected revision that is not the present one, or null. */
export async function unexpected(
  session: Session,
  tenant: string,
  change: GraphChange | null,
): Promise<Unexpected | null> {
  for (const { id, revision } of change?.expect ?? []) {
    const row = (await findResource(session, tenant, id))?.row
    const present = presentRevision(row)
    if (present !== revision) return { resource: id, revision: present }
  }
  return null
}

/** Answers what ended with it. */
export async function applyChange(session: Session, change: GraphChange | null, moment: ChangeMoment): Promise<Ended> {
  let ended = NOTHING_ENDED
  for (const step of change?.steps ?? []) ended = alsoEnded(ended, await applyStep(session, step, moment))
  return ended
}

async function applyStep(session: Session, step: GraphStep, moment: ChangeMoment): Promise<Ended> {
  if (step.do === 'put') return putResource(session, step, moment)
  if (step.do === 'remove') return removeResource(session, step.id, moment)
  await (step.do === 'link' ? link(session, step, moment) : unlink(session, step, moment))
  return NOTHING_ENDED
}

async function putResource(
  session: Session,
  step: Extract<GraphStep, { do: 'put' }>,
  moment: ChangeMoment,
): Promise<Ended> {
  const kept = await findResource(session, moment.tenant, step.id)
  const before = kept?.removedSequence === null ? kept.row : undefined
  const row = resourceAfter(step, kept?.row, moment)
  await session.write(RESOURCES, [[...RESOURCE.pack(row), null, brief(row.id), codeOf(step.properties)]])
  if ((before?.owner ?? null) !== step.owner) await own(session, step.id, step.owner, moment)
  return kept && before === undefined ? endSubscriptions(session, { ...moment, resource: step.id }) : NOTHING_ENDED
}

/** A number is found by its text. */
export function codeOf(properties: string): string | null {
  const parsed: unknown = JSON.parse(properties)
  const code = typeof parsed === 'object' && parsed !== null && 'code' in parsed ? parsed.code : null
  if (typeof code === 'number') return String(code)
  return typeof code === 'string' && !code.includes('\0') ? code : null
}

const FORGET_SPAN = statement('DELETE FROM owners WHERE tenant = ? AND resource = ? AND from_sequence = ?')
const END_SPAN = statement(
  'UPDATE owners SET until_sequence = ? WHERE tenant = ? AND resource = ? AND until_sequence IS NULL',
)
const BEGIN_SPAN = statement('INSERT INTO owners (tenant, resource, from_sequence, owner) VALUES (?, ?, ?, ?)')

/** Owner history from the moment on; a span that would be empty is not kept. */
export async function own(
  session: Session,
  id: string,
  owner: string | null,
  { tenant, sequence }: Pick<ChangeMoment, 'tenant' | 'sequence'>,
): Promise<void> {
  const key = brief(id)
  await session.run(FORGET_SPAN, tenant, key, sequence)
  await session.run(END_SPAN, sequence, tenant, key)
  if (owner !== null) await session.run(BEGIN_SPAN, tenant, key, sequence, owner)
}

const REMOVE = statement(`UPDATE resources SET removed_at = ?1, updated_at = ?1, removed_sequence = ?2
  WHERE tenant = ?3 AND key = ?4 AND removed_at IS NULL`)

async function removeResource(session: Session, id: string, moment: ChangeMoment): Promise<Ended> {
  const { tenant, sequence, at } = moment
  if ((await session.run(REMOVE, at, sequence, tenant, brief(id))) === 0) return NOTHING_ENDED
  await own(session, id, null, moment)
  for (const end of ['from_id', 'to_id'] as const)
    await endLinks(session, sequence, tenant, `${TENANT_OF[end]} = ? AND ${sameName(end)}`, id, id)
  return endKeys(session, { ...moment, resource: id })
}

/** A link that began with this very operation leaves no trace. */
async function endLinks(
  session: Session,
  sequence: number,
  tenant: string,
  which: string,
  ...values: string[]
): Promise<number> {
  const gone = `DELETE FROM links WHERE from_sequence = ? AND ${which}`
  const ended = `UPDATE links SET until_sequence = ? WHERE until_sequence IS NULL AND ${which}`
  const removed = await session.run(gone, sequence, tenant, ...values)
  return removed + (await session.run(ended, sequence, tenant, ...values))
}

export const linkKey = ({ from, relation, to }: { from: string; relation: string; to: string }): string =>
  brief(JSON.stringify([from, relation, to]))

const IS_LINKED = statement('SELECT 1 FROM links WHERE tenant = ? AND key = ? AND until_sequence IS NULL LIMIT 1')

async function link(session: Session, step: Extract<GraphStep, { do: 'link' }>, moment: ChangeMoment): Promise<void> {
  if ((await session.get(IS_LINKED, moment.tenant, linkKey(step))) !== undefined) return
  const row = linkFrom(step, moment)
  await session.write(LINKS, [[...LINK.pack(row), linkKey(step)]])
  await raiseRevision(session, step.from, moment)
}

async function unlink(
  session: Session,
  step: Extract<GraphStep, { do: 'unlink' }>,
  moment: ChangeMoment,
): Promise<void> {
  const ended = await endLinks(session, moment.sequence, moment.tenant, 'tenant = ? AND key = ?', linkKey(step))
  if (ended > 0) await raiseRevision(session, step.from, moment)
}

const RAISE = statement(`UPDATE resources SET revision = revision + 1, updated_at = ?
  WHERE tenant = ? AND key = ? AND removed_at IS NULL`)

const raiseRevision = (session: Session, id: string, { tenant, at }: ChangeMoment): Promise<number> =>
  session.run(RAISE, at, tenant, brief(id))
