import type { GraphChange, GraphStep } from '../../registry/graph.js'
import { comparePlaces, type LinkEnds, type LinkPlace, placeOf } from '../../registry/link-place.js'
import { alsoEnded, type Ended, NOTHING_ENDED } from '../ending-rules.js'
import type { RegistryStore } from '../port.js'
import { type ChangeMoment, linkFrom, presentRevision, resourceAfter, type Unexpected } from '../registry-rules.js'
import type { LinkRow, ResourceRow } from '../rows.js'
import { merged } from '../sql/merged.js'
import { LINK, RESOURCE } from '../sql/shapes.js'
import { endKeys, endSubscriptions } from './ending.js'
import { where } from './query.js'
import type { Session } from './session.js'
import type { Sync } from './sync.js'
import { BY_END, factsAt, HOLDS } from './visibility.js'

export const sqliteRegistry = (session: Session): Sync<RegistryStore> => ({
  get: (tenant, id) => findResource(session, tenant, id)?.row ?? null,
  list: (filter, page) => listResources(session, filter, page),
  links: (tenant, id, at) => linksOf(session, tenant, id, at),
  linkPage: (filter, page) => linkPage(session, filter, page),
  link: (tenant, ends) => heldLink(session, tenant, ends),
  facts: (tenant, subscriber, resource, at) => factsAt(session, tenant, subscriber, resource, at),
  byCode: (tenant, type, code) => byCode(session, tenant, type, code),
})

export interface Kept {
  readonly row: ResourceRow
  readonly removedSequence: number | null
}

export function findResource(session: Session, tenant: string, id: string): Kept | undefined {
  const sql = `SELECT ${RESOURCE.columns}, removed_sequence FROM resources WHERE tenant = ? AND id = ?`
  const row = session.get(sql, tenant, id)
  const removed = row?.[RESOURCE.width] ?? null
  return row && { row: RESOURCE.read(row), removedSequence: removed === null ? null : Number(removed) }
}

/** One search for each type, each by an index that is already in order, then the first of all. */
function listResources(
  session: Session,
  filter: { tenant: string; types?: readonly string[]; owner?: string },
  { after, limit }: { after: string | null; limit: number },
): readonly ResourceRow[] {
  const types = filter.owner === undefined ? (filter.types ?? [undefined]) : [undefined]
  const pages = types.map((type) => {
    const condition = where(['tenant = ?', filter.tenant], ['removed_at IS NULL'])
      .and(filter.owner !== undefined, 'owner = ?', filter.owner)
      .and(type !== undefined, 'type = ?', type)
      .andIn('type', filter.types)
      .and(after !== null, 'id > ?', after)
    const sql = `SELECT ${RESOURCE.columns} FROM resources WHERE ${condition.sql} ORDER BY id LIMIT ?`
    return session.all(sql, ...condition.values, limit)
  })
  return merged(pages, 1, 'up', limit).map((row) => RESOURCE.read(row))
}

const BY_CODE = `SELECT ${RESOURCE.columns} FROM resources INDEXED BY resources_by_code
  WHERE tenant = ?1 AND json_extract(properties, '$.code') = ?2 AND json_extract(properties, '$.code') IS NOT NULL
  AND json_type(properties, '$.code') IN ('text', 'integer', 'real')
  AND removed_at IS NULL AND (?3 IS NULL OR type = ?3) ORDER BY id LIMIT 1`

/** A number is found by its text. One search for each, by an index that is already in order, then the first of both. */
function byCode(session: Session, tenant: string, type: string | null, code: string): ResourceRow | null {
  const codes = String(Number(code)) === code && Number.isFinite(Number(code)) ? [code, Number(code)] : [code]
  const pages = codes.map((each) => session.all(BY_CODE, tenant, each, type))
  const [row] = merged(pages, RESOURCE.names.indexOf('id'), 'up', 1)
  return row === undefined ? null : RESOURCE.read(row)
}

const LINKS = `SELECT ${LINK.columns} FROM links WHERE tenant = ?2 AND from_id = ?3 AND ${HOLDS}
  UNION SELECT ${LINK.columns} FROM ${BY_END} WHERE tenant = ?2 AND to_id = ?3 AND ${HOLDS}
  ORDER BY from_sequence, from_id, relation, to_id`

function linksOf(session: Session, tenant: string, id: string, at: number | null): readonly LinkRow[] {
  return session.all(LINKS, at, tenant, id).map((row) => LINK.read(row))
}

/** One search for each end, each by an index that is in order already. */
const LINK_PAGES = (
  [
    ['from', 'to_id', 'links'],
    ['to', 'from_id', BY_END],
  ] as const
).map(
  ([end, other, links]) => `SELECT ${LINK.columns} FROM ${links}
  WHERE tenant = ?1 AND ${end}_id = ?2 AND until_sequence IS NULL AND (?3 IS NULL OR relation = ?3)
  AND ${other} >= ?4 AND (${other}, '${end}', relation) > (?4, ?5, ?6) ORDER BY ${other}, relation LIMIT ?7`,
)

function linkPage(
  session: Session,
  { tenant, id, relation }: { tenant: string; id: string; relation?: string },
  { after, limit }: { after: LinkPlace | null; limit: number },
): readonly LinkRow[] {
  const { other, end, relation: last } = after ?? { other: '', end: '', relation: '' }
  return LINK_PAGES.flatMap((sql) => session.all(sql, tenant, id, relation ?? null, other, end, last, limit))
    .map((row) => LINK.read(row))
    .sort((a, b) => comparePlaces(placeOf(id, a), placeOf(id, b)))
    .slice(0, limit)
}

const HELD = `SELECT ${LINK.columns} FROM links
  WHERE tenant = ? AND from_id = ? AND to_id = ? AND relation = ? AND until_sequence IS NULL`

function heldLink(session: Session, tenant: string, { from, relation, to }: LinkEnds): LinkRow | null {
  const row = session.get(HELD, tenant, from, to, relation)
  return row === undefined ? null : LINK.read(row)
}

// -------------------------------------------------------------------------------------------- changes

/** The first expected revision that is not the present one, or null. */
export function unexpected(session: Session, tenant: string, change: GraphChange | null): Unexpected | null {
  for (const { id, revision } of change?.expect ?? []) {
    const row = findResource(session, tenant, id)?.row
    const present = presentRevision(row)
    if (present !== revision) return { resource: id, revision: present }
  }
  return null
}

/** Answers what ended with it. */
export function applyChange(session: Session, change: GraphChange | null, moment: ChangeMoment): Ended {
  let ended = NOTHING_ENDED
  for (const step of change?.steps ?? []) ended = alsoEnded(ended, applyStep(session, step, moment))
  return ended
}

function applyStep(session: Session, step: GraphStep, moment: ChangeMoment): Ended {
  if (step.do === 'put') return putResource(session, step, moment)
  if (step.do === 'remove') return removeResource(session, step.id, moment)
  if (step.do === 'link') link(session, step, moment)
  else unlink(session, step, moment)
  return NOTHING_ENDED
}

function putResource(session: Session, step: Extract<GraphStep, { do: 'put' }>, moment: ChangeMoment): Ended {
  const kept = findResource(session, moment.tenant, step.id)
  const before = kept?.removedSequence === null ? kept.row : undefined
  const row = resourceAfter(step, kept?.row, moment)
  session.insert(RESOURCE, row)
  if ((before?.owner ?? null) !== step.owner) own(session, step.id, step.owner, moment)
  return kept && before === undefined ? endSubscriptions(session, { ...moment, resource: step.id }) : NOTHING_ENDED
}

/** Owner history from the moment on; a span that would be empty is not kept. */
export function own(
  session: Session,
  id: string,
  owner: string | null,
  { tenant, sequence }: Pick<ChangeMoment, 'tenant' | 'sequence'>,
): void {
  session.run('DELETE FROM owners WHERE tenant = ? AND resource = ? AND from_sequence = ?', tenant, id, sequence)
  session.run(
    'UPDATE owners SET until_sequence = ? WHERE tenant = ? AND resource = ? AND until_sequence IS NULL',
    sequence,
    tenant,
    id,
  )
  if (owner !== null) beginSpan(session, tenant, id, sequence, owner)
}

const SPAN = 'INSERT INTO owners (tenant, resource, from_sequence, owner) VALUES (?, ?, ?, ?)'

export const beginSpan = (session: Session, tenant: string, id: string, sequence: number, owner: string): number =>
  session.run(SPAN, tenant, id, sequence, owner)

function removeResource(session: Session, id: string, moment: ChangeMoment): Ended {
  const { tenant, sequence, at } = moment
  const removed = session.run(
    `UPDATE resources SET removed_at = ?1, updated_at = ?1, removed_sequence = ?2
     WHERE tenant = ?3 AND id = ?4 AND removed_at IS NULL`,
    at,
    sequence,
    tenant,
    id,
  )
  if (removed === 0) return NOTHING_ENDED
  own(session, id, null, moment)
  endLinks(session, sequence, { links: 'links', which: 'tenant = ?2 AND from_id = ?3' }, tenant, id)
  endLinks(session, sequence, { links: BY_END, which: 'tenant = ?2 AND to_id = ?3' }, tenant, id)
  return endKeys(session, { ...moment, resource: id })
}

interface Ending {
  readonly links: string
  readonly which: string
}

/** A link that began with this very operation leaves no trace. */
function endLinks(session: Session, sequence: number, { links, which }: Ending, ...values: string[]): number {
  const gone = session.run(`DELETE FROM ${links} WHERE from_sequence = ?1 AND ${which}`, sequence, ...values)
  const sql = `UPDATE ${links} SET until_sequence = ?1 WHERE until_sequence IS NULL AND ${which}`
  return gone + session.run(sql, sequence, ...values)
}

const ONE_LINK = 'tenant = ?2 AND from_id = ?3 AND to_id = ?4 AND relation = ?5'

export const isLinked = (session: Session, tenant: string, from: string, relation: string, to: string): boolean =>
  heldLink(session, tenant, { from, relation, to }) !== null

function link(session: Session, step: Extract<GraphStep, { do: 'link' }>, moment: ChangeMoment): void {
  const { from, relation, to } = step
  if (isLinked(session, moment.tenant, from, relation, to)) return
  const row = linkFrom(step, moment)
  session.insert(LINK, row)
  raiseRevision(session, from, moment)
}

function unlink(session: Session, step: Extract<GraphStep, { do: 'unlink' }>, moment: ChangeMoment): void {
  const one = { links: 'links', which: ONE_LINK }
  const ended = endLinks(session, moment.sequence, one, moment.tenant, step.from, step.to, step.relation)
  if (ended > 0) raiseRevision(session, step.from, moment)
}

const raiseRevision = (session: Session, id: string, { tenant, at }: ChangeMoment): number =>
  session.run(
    'UPDATE resources SET revision = revision + 1, updated_at = ? WHERE tenant = ? AND id = ? AND removed_at IS NULL',
    at,
    tenant,
    id,
  )
