/**
 * Who may see an event, on the graph as it is or was: one question for all who look at it.
 */
import type { GraphFacts } from '../../registry/graph.js'
import { visibleBecause } from '../../registry/visibility.js'
import { childOf } from '../child-of.js'
import type { Admission, Candidate } from '../port.js'
import { arrayOf } from './arrays.js'
import { brief } from './brief.js'
import { keyOf } from './changes.js'
import type { Asked } from './conversation.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

/** ?1 is the moment; null: now. */
export const HOLDS = `(CASE WHEN ?1::bigint IS NULL THEN until_sequence IS NULL
  ELSE from_sequence <= ?1 AND (until_sequence IS NULL OR until_sequence > ?1) END)`

const ownerAt = (resource: string, removed: string): string => `(SELECT owner FROM owners
  WHERE (${HOLDS} OR until_sequence = ${removed}) AND tenant = ?5 AND resource = ${resource}
  ORDER BY from_sequence LIMIT 1)`
/** `OFFSET 0` keeps it a question for each: else all links of a tenant might be read first. */
const linkedAt = (a: string, b: string, removed: string): string => `EXISTS (SELECT 1 FROM links
  WHERE (${HOLDS} OR until_sequence = ${removed}) AND (tenant || '') = ?5
  AND left(from_id, 200) = left(${a}, 200) AND left(to_id, 200) = left(${b}, 200) AND from_id = ${a} AND to_id = ${b} OFFSET 0)`
const linkedEitherWay = (a: string, b: string, removed: string): string =>
  `(${linkedAt(a, b, removed)} OR ${linkedAt(b, a, removed)})`

/**
 * A removed source's now is its last graph: the owner it had, and the links that ended with it. ?2 are the subscribers and ?3
 * the source, ?4 and ?6 what stands for them in keys, ?5 the tenant.
 */
const FACTS = statement(`WITH source AS MATERIALIZED (
    SELECT CASE WHEN ?1::bigint IS NULL THEN (SELECT removed_sequence FROM resources WHERE tenant = ?5 AND key = ?6) END AS removed),
  owned AS MATERIALIZED (SELECT removed, ${ownerAt('?6', 'removed')} AS owner FROM source)
  SELECT v.id, ${ownerAt('v.key', 'NULL::bigint')}, owner, ${linkedEitherWay('v.id', '?3', 'removed')}::int,
    (owner IS NOT NULL AND ${linkedEitherWay('v.id', 'owner', 'NULL::bigint')})::int
  FROM owned CROSS JOIN (SELECT unnest(?2::text[]) AS id, unnest(?4::text[]) AS key) AS v`)

export async function factsAt(
  asked: Asked,
  tenant: string,
  subscriber: string,
  source: string,
  at: number | null,
): Promise<GraphFacts> {
  const [facts] = (await factsOfAll(asked, tenant, [subscriber], source, at)).values()
  if (facts === undefined) throw new TypeError('There was no answer.')
  return facts
}

async function factsOfAll(
  asked: Asked,
  tenant: string,
  subscribers: readonly string[],
  source: string,
  at: number | null,
): Promise<ReadonlyMap<string, GraphFacts>> {
  const [ids, keys] = [arrayOf('text', subscribers), arrayOf('text', subscribers.map(brief))]
  const rows = await asked.all(FACTS, at, ids, source, keys, tenant, brief(source))
  const textOf = (value: unknown) => (value === null ? null : String(value))
  return new Map(
    rows.map(([id, subscriberOwner, sourceOwner, linked, ownerLinked]) => [
      String(id),
      {
        subscriberOwner: textOf(subscriberOwner),
        sourceOwner: textOf(sourceOwner),
        same: id === source,
        linked: linked === 1,
        ownerLinked: ownerLinked === 1,
      },
    ]),
  )
}

type Looking = Pick<Candidate, 'subscription' | 'scope'>

const lookingIn = (candidates: readonly Looking[]): ReadonlySet<string> =>
  new Set(candidates.flatMap(({ scope }) => (scope === 'tenant' ? [] : [scope.resource])))

/** The candidates that see events about `subject`, by their subscriptions. */
export async function seers(
  asked: Asked,
  tenant: string,
  candidates: readonly Looking[],
  subject: string | null,
  at: number | null,
): Promise<readonly string[]> {
  const looking = lookingIn(candidates)
  const facts =
    subject === null || looking.size === 0 ? null : await factsOfAll(asked, tenant, [...looking], subject, at)
  return seeing(candidates, facts)
}

function seeing(candidates: readonly Looking[], facts: ReadonlyMap<string, GraphFacts> | null): readonly string[] {
  const sees = (resource: string): boolean => {
    const known = facts?.get(resource)
    return known !== undefined && visibleBecause(known) !== null
  }
  return candidates
    .filter(({ scope }) => scope === 'tenant' || sees(scope.resource))
    .map(({ subscription }) => subscription)
}

/** The same on the graph as it is, which the session may know already. */
export async function seersNow(
  session: Session,
  tenant: string,
  candidates: readonly Looking[],
  subject: string | null,
): Promise<readonly string[]> {
  const facts = subject === null ? undefined : session.sight(tenant, subject)
  const isKnown = facts !== undefined && [...lookingIn(candidates)].every((resource) => facts.has(resource))
  return isKnown ? seeing(candidates, facts) : seers(session, tenant, candidates, subject, null)
}

/** Asks of all of them together what each would ask alone, one after the other. */
export async function learnSight(session: Session, admissions: readonly Admission[]): Promise<void> {
  const sources = new Map<string, { readonly tenant: string; readonly source: string; readonly looking: Set<string> }>()
  for (const { tenant, events } of admissions)
    for (const { event, candidates } of events) {
      const looking = lookingIn(candidates)
      const { subject: source } = event
      if (source === null || looking.size === 0) continue
      const known = childOf(sources, keyOf(tenant, source), () => ({ tenant, source, looking: new Set() }))
      for (const resource of looking) known.looking.add(resource)
    }
  await Promise.all(
    [...sources.values()].map(async ({ tenant, source, looking }) =>
      session.learnSight(tenant, source, await factsOfAll(session, tenant, [...looking], source, null)),
    ),
  )
}

/** The same of one. */
export const sees = async (
  asked: Asked,
  tenant: string,
  scope: Candidate['scope'],
  subject: string | null,
  at: number | null,
): Promise<boolean> => (await seers(asked, tenant, [{ subscription: '', scope }], subject, at)).length > 0
