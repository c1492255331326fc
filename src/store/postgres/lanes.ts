/**
 * Lanes that have something due, in turn. A recursion steps from lane to lane by one seek each, however deep they are.
 */
import type { Lane } from '../port.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

/** So many are looked up at once. */
const STEP = 32

const NEXT_LANES = statement(`WITH RECURSIVE lanes AS (
    (SELECT tenant, subscription, 1 AS nth FROM tasks WHERE state = 'due' AND ((tenant || ''), (subscription || '')) > (?1, ?2)
      ORDER BY (tenant || ''), (subscription || '') LIMIT 1)
    UNION ALL
    SELECT t.tenant, t.subscription, l.nth + 1 FROM lanes AS l CROSS JOIN LATERAL (
      SELECT tenant, subscription FROM tasks WHERE state = 'due' AND ((tenant || ''), (subscription || '')) > (l.tenant, l.subscription)
      ORDER BY (tenant || ''), (subscription || '') LIMIT 1) AS t
    WHERE l.nth < ${STEP})
  SELECT l.tenant, l.subscription, s.state, s.pulled FROM lanes AS l
  LEFT JOIN subscriptions AS s ON s.tenant = l.tenant AND s.id = l.subscription ORDER BY nth`)

const FIRST: Lane = { tenant: '', subscription: '' }

/** For who will walk from there, and around. */
export const expectLanes = (session: Session, after: Lane | null): Promise<unknown> =>
  Promise.all(
    [FIRST, ...(after === null ? [] : [after])].map(({ tenant, subscription }) =>
      session.expect(NEXT_LANES, tenant, subscription),
    ),
  )

interface Walk {
  /** Set by whoever walks: lanes have changed, so that those ahead must be looked up again. */
  isStale: boolean
}

/** Once around: those after `after`, then those from the beginning up to it. */
export async function* lanesFrom(session: Session, after: Lane | null, walk: Walk): AsyncGenerator<Lane> {
  yield* lanesAfter(session, after ?? FIRST, walk)
  if (after === null) return
  for await (const lane of lanesAfter(session, FIRST, walk)) {
    if (compare(lane, after) > 0) return
    yield lane
  }
}

async function* lanesAfter(session: Session, after: Lane, walk: Walk): AsyncGenerator<Lane> {
  let { ahead, isAll } = await nextLanes(session, after)
  while (ahead[0] !== undefined) {
    const [lane, ...rest] = ahead
    yield lane
    const isOver = rest.length === 0 && !isAll
    if (isOver || walk.isStale) ({ ahead, isAll } = await nextLanes(session, lane))
    else ahead = rest
    walk.isStale = false
  }
}

interface Ahead {
  readonly ahead: readonly Lane[]
  /** There are no more. */
  readonly isAll: boolean
}

async function nextLanes(session: Session, { tenant, subscription }: Lane): Promise<Ahead> {
  const rows = await session.all(NEXT_LANES, tenant, subscription)
  const ahead = rows.map((row) => ({ tenant: String(row[0]), subscription: String(row[1]) }))
  for (const [index, [, , state, pulled]] of rows.entries()) session.learnLane(ahead[index] as Lane, state, pulled)
  return { ahead, isAll: ahead.length < STEP }
}

/** By bytes, as PostgreSQL orders them. */
function compare(a: Lane, b: Lane): number {
  const byTenant = Buffer.compare(Buffer.from(a.tenant), Buffer.from(b.tenant))
  return byTenant !== 0 ? byTenant : Buffer.compare(Buffer.from(a.subscription), Buffer.from(b.subscription))
}
