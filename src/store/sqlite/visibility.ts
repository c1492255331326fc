/**
 * Who may see an event, on the graph as it is or was. What concerns its subject is read once, however many look at it, and
 * where many look, their owners are read together.
 */
import type { GraphFacts } from '../../registry/graph.js'
import { visibleBecause } from '../../registry/visibility.js'
import type { Candidate } from '../port.js'
import type { Session } from './session.js'

/** ?1 is the moment; null: now. */
export const HOLDS =
  '(CASE WHEN ?1 IS NULL THEN until_sequence IS NULL ELSE from_sequence <= ?1 AND (until_sequence IS NULL OR until_sequence > ?1) END)'

/** Named: left to itself SQLite walks through all links of the tenant. */
export const BY_END = 'links INDEXED BY links_by_end'

interface Moment {
  readonly session: Session
  readonly tenant: string
  /** Null: now. */
  readonly at: number | null
}

type IsLinked = (other: string) => boolean

interface Source {
  readonly id: string
  readonly owner: string | null
  readonly isLinked: IsLinked
  readonly isOwnerLinked: IsLinked
}

/** The candidates that see events about `subject`, by their subscriptions. */
export function seers(
  session: Session,
  tenant: string,
  candidates: readonly Pick<Candidate, 'subscription' | 'scope'>[],
  subject: string | null,
  at: number | null,
): readonly string[] {
  const looking = new Set(candidates.flatMap(({ scope }) => (scope === 'tenant' ? [] : [scope.resource])))
  const seeing = subject === null ? NOBODY : seersAmong({ session, tenant, at }, looking, subject)
  return candidates
    .filter(({ scope }) => scope === 'tenant' || seeing.has(scope.resource))
    .map(({ subscription }) => subscription)
}

const NOBODY: ReadonlySet<string> = new Set()

function seersAmong(moment: Moment, looking: ReadonlySet<string>, subject: string): ReadonlySet<string> {
  if (looking.size === 0) return NOBODY
  const source = sourceOf(moment, subject, looking)
  const owner = ownersOf(moment, looking)
  return new Set([...looking].filter((resource) => visibleBecause(factsOf(resource, owner(resource), source)) !== null))
}

/** The same of one. */
export const sees = (
  session: Session,
  tenant: string,
  scope: Candidate['scope'],
  subject: string | null,
  at: number | null,
): boolean => seers(session, tenant, [{ subscription: '', scope }], subject, at).length > 0

export const factsAt = (
  session: Session,
  tenant: string,
  subscriber: string,
  source: string,
  at: number | null,
): GraphFacts => {
  const moment = { session, tenant, at }
  return factsOf(subscriber, ownerOf(moment, subscriber, null), sourceOf(moment, source, new Set([subscriber])))
}

const factsOf = (subscriber: string, subscriberOwner: string | null, source: Source): GraphFacts => ({
  subscriberOwner,
  sourceOwner: source.owner,
  same: subscriber === source.id,
  linked: source.isLinked(subscriber),
  ownerLinked: source.isOwnerLinked(subscriber),
})

/** A removed source's now is its last graph: the owner it had, and the links that ended with it. */
function sourceOf(moment: Moment, id: string, lookers: ReadonlySet<string>): Source {
  const removed = moment.at === null ? removedAt(moment, id) : null
  const owner = ownerOf(moment, id, removed)
  return {
    id,
    owner,
    isLinked: linksOf(moment, id, removed, lookers),
    isOwnerLinked: owner === null ? () => false : linksOf(moment, owner, null, lookers),
  }
}

function removedAt({ session, tenant }: Moment, id: string): number | null {
  const row = session.get('SELECT removed_sequence FROM resources WHERE tenant = ? AND id = ?', tenant, id)
  return row?.[0] === null || row === undefined ? null : Number(row[0])
}

/** ?2 is the sequence at which the source was removed, if that counts. */
const HELD = `(${HOLDS} OR (?2 IS NOT NULL AND until_sequence = ?2))`
const OWNER = `SELECT owner FROM owners WHERE ${HELD} AND tenant = ?3 AND resource = ?4 ORDER BY from_sequence LIMIT 1`

function ownerOf({ session, tenant, at }: Moment, id: string, removed: number | null): string | null {
  const row = session.get(OWNER, at, removed, tenant, id)
  return row === undefined ? null : String(row[0])
}

const OWNERS = `SELECT resource, owner FROM json_each(?3) AS v CROSS JOIN owners
  ON tenant = ?2 AND resource = v.value WHERE ${HOLDS}`

function ownersOf(moment: Moment, resources: ReadonlySet<string>): (resource: string) => string | null {
  if (resources.size < MANY) return (resource) => ownerOf(moment, resource, null)
  const { session, tenant, at } = moment
  const rows = session.all(OWNERS, at, tenant, JSON.stringify([...resources]))
  const owners = new Map(rows.map(([resource, owner]) => [resource, String(owner)]))
  return (resource) => owners.get(resource) ?? null
}

// -------------------------------------------------------------------------------------------- links

/** From so many on, what concerns all of them is read rather than one looked for after another. */
const MANY = 4

function linksOf(moment: Moment, id: string, removed: number | null, lookers: ReadonlySet<string>): IsLinked {
  if (lookers.size < MANY) return (other) => areLinked(moment, other, id, removed)
  const ends = endsOf(moment, id, removed, lookers.size) ?? endsAmong(moment, id, removed, lookers)
  return (other) => ends.has(other)
}

const ENDS = `SELECT to_id, ${HELD} FROM (SELECT * FROM links WHERE tenant = ?3 AND from_id = ?4 LIMIT ?5)
  UNION ALL SELECT from_id, ${HELD} FROM (SELECT * FROM ${BY_END} WHERE tenant = ?3 AND to_id = ?4 LIMIT ?5)`

/** The other ends of all its links; null if it has, or had, `most` or more: then it is cheaper to look for each who looks. */
function endsOf(
  { session, tenant, at }: Moment,
  id: string,
  removed: number | null,
  most: number,
): ReadonlySet<string> | null {
  const rows = session.all(ENDS, at, removed, tenant, id, most)
  if (rows.length >= most) return null
  return new Set(rows.flatMap(([end, isHeld]) => (isHeld === 1 ? [String(end)] : [])))
}

const ENDS_AMONG = `SELECT v.value FROM json_each(?5) AS v
  WHERE EXISTS (SELECT 1 FROM links WHERE ${HELD} AND tenant = ?3 AND from_id = ?4 AND to_id = v.value)
    OR EXISTS (SELECT 1 FROM links WHERE ${HELD} AND tenant = ?3 AND from_id = v.value AND to_id = ?4)`

/** Those who look that are an end of one of its links. */
function endsAmong(
  { session, tenant, at }: Moment,
  id: string,
  removed: number | null,
  lookers: ReadonlySet<string>,
): ReadonlySet<string> {
  const rows = session.all(ENDS_AMONG, at, removed, tenant, id, JSON.stringify([...lookers]))
  return new Set(rows.map(([end]) => String(end)))
}

const LINKED = `SELECT 1 FROM links WHERE ${HELD} AND tenant = ?3 AND from_id = ?4 AND to_id = ?5 LIMIT 1`

function areLinked({ session, tenant, at }: Moment, a: string, b: string, removed: number | null): boolean {
  const leads = (from: string, to: string) => session.get(LINKED, at, removed, tenant, from, to) !== undefined
  return leads(a, b) || leads(b, a)
}
