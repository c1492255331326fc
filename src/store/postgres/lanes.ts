/**
 * Tenants that have something due, and their lanes, in turn. A recursion steps from one to the next by one seek each,
 * however deep they are.
 */
import type { Lane } from '../port.js'
import type { WaitingTenant } from '../turn-rules.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

/** So many are looked up at once. */
const STEP = 32

const TENANTS = (is: '>' | '>='): string => `WITH RECURSIVE waiting AS (
    (SELECT tenant, 1 AS nth FROM tasks WHERE state = 'due' AND (tenant || '') ${is} ?1
      ORDER BY (tenant || ''), (subscription || '') LIMIT 1)
    UNION ALL
    SELECT t.tenant, w.nth + 1 FROM waiting AS w CROSS JOIN LATERAL (
      SELECT tenant FROM tasks WHERE state = 'due' AND (tenant || '') > w.tenant
      ORDER BY (tenant || ''), (subscription || '') LIMIT 1) AS t
    WHERE w.nth < ${STEP})
  SELECT w.tenant, coalesce(t.weight, 1) FROM waiting AS w LEFT JOIN tenants AS t ON t.id = w.tenant ORDER BY nth`
const TENANTS_FROM = statement(TENANTS('>='))
const TENANTS_AFTER = statement(TENANTS('>'))

const LANES = statement(`WITH RECURSIVE lanes AS (
    (SELECT subscription, 1 AS nth FROM tasks WHERE state = 'due' AND (tenant || '') = ?1 AND (subscription || '') > ?2
      ORDER BY (subscription || '') LIMIT 1)
    UNION ALL
    SELECT t.subscription, l.nth + 1 FROM lanes AS l CROSS JOIN LATERAL (
      SELECT subscription FROM tasks WHERE state = 'due' AND (tenant || '') = ?1 AND (subscription || '') > l.subscription
      ORDER BY (subscription || '') LIMIT 1) AS t
    WHERE l.nth < ${STEP})
  SELECT l.subscription, s.state, s.pulled FROM lanes AS l
  LEFT JOIN subscriptions AS s ON s.tenant = ?1 AND s.id = l.subscription ORDER BY nth`)

/** For who will walk from there, and around. */
export function expectTurn(session: Session): Promise<unknown> {
  const { tenant, left } = session.memory.turns
  const lanes = tenant === '' ? [] : [...new Set([session.memory.turns.lastLane(tenant), ''])]
  return Promise.all([
    session.expect(left > 0 ? TENANTS_FROM : TENANTS_AFTER, tenant),
    ...(tenant === '' ? [] : [session.expect(TENANTS_AFTER, '')]),
    ...lanes.map((subscription) => session.expect(LANES, tenant, subscription)),
  ])
}

/** As `roundOf`. */
export async function* tenantsInTurn(session: Session): AsyncGenerator<WaitingTenant> {
  const { tenant: own, left } = session.memory.turns
  for await (const each of tenantsAfter(session, own, left > 0)) {
    yield each.tenant === own ? { ...each, weight: left } : each
  }
  for await (const each of tenantsAfter(session, '', false)) {
    if (each.tenant > own || (each.tenant === own && left > 0)) return
    yield each
  }
}

async function* tenantsAfter(session: Session, tenant: string, isIncluded: boolean): AsyncGenerator<WaitingTenant> {
  const rows = await session.all(isIncluded ? TENANTS_FROM : TENANTS_AFTER, tenant)
  const found = rows.map((row) => ({ tenant: String(row[0]), weight: Number(row[1]) }))
  yield* found
  const last = found[STEP - 1]
  if (last !== undefined) yield* tenantsAfter(session, last.tenant, false)
}

interface Walk {
  /** Set by whoever walks: lanes have changed, so that those ahead must be looked up again. */
  isStale: boolean
}

/** Once around: those after the one that gave last, then those up to it. */
export async function* lanesOf(session: Session, tenant: string, walk: Walk): AsyncGenerator<string> {
  const last = session.memory.turns.lastLane(tenant)
  yield* lanesAfter(session, { tenant, subscription: last }, walk)
  if (last === '') return
  for await (const subscription of lanesAfter(session, { tenant, subscription: '' }, walk)) {
    if (Buffer.compare(Buffer.from(subscription), Buffer.from(last)) > 0) return
    yield subscription
  }
}

async function* lanesAfter(session: Session, after: Lane, walk: Walk): AsyncGenerator<string> {
  let { ahead, isAll } = await nextLanes(session, after)
  while (ahead[0] !== undefined) {
    const [subscription, ...rest] = ahead
    yield subscription
    const isOver = rest.length === 0 && !isAll
    if (isOver || walk.isStale) ({ ahead, isAll } = await nextLanes(session, { ...after, subscription }))
    else ahead = rest
    walk.isStale = false
  }
}

interface Ahead {
  readonly ahead: readonly string[]
  /** There are no more. */
  readonly isAll: boolean
}

async function nextLanes(session: Session, { tenant, subscription }: Lane): Promise<Ahead> {
  const rows = await session.all(LANES, tenant, subscription)
  const ahead = rows.map((row) => String(row[0]))
  for (const [index, [, state, pulled]] of rows.entries())
    session.learnLane({ tenant, subscription: ahead[index] ?? '' }, state, pulled)
  return { ahead, isAll: ahead.length < STEP }
}
