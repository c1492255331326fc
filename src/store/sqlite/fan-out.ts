/**
 * Tells those who are still to be told of an event, a slice a transaction.
 */
import type { Candidate, SliceStore, Told } from '../port.js'
import type { EventRow, SliceRow, SubscriptionState } from '../rows.js'
import { type Became, becameOf, candidatesIn, type Subscriber, toldOf } from '../slice-rules.js'
import { SLICE } from '../sql/shapes.js'
import { endedTask, newTask, RANKS, UNSUBSCRIBED } from '../task-rules.js'
import { addTask } from './admit.js'
import { insertTask } from './groups.js'
import { findEvent } from './log.js'
import type { Session } from './session.js'
import type { Sync } from './sync.js'

export const sqliteSlices = (session: Session): Sync<SliceStore> => ({
  tell: (request) => tellSlices(session, request),
  left: (tenant) => (session.slices === 0 ? 0 : Number(session.get(LEFT, tenant)?.[0])),
})

const LEFT = 'SELECT COALESCE(SUM(count), 0) FROM slices WHERE ?1 IS NULL OR tenant = ?1'
const NEXT_TENANT = 'SELECT tenant FROM slices WHERE tenant > ? ORDER BY tenant LIMIT 1'
/** The first, and as many as ?2 subscriptions are in. */
const FIRST = `SELECT ${SLICE.of('s')} FROM (
    SELECT tenant, sequence, number, count, SUM(count) OVER (ORDER BY sequence, number) AS reached FROM slices
    WHERE tenant = ?1 ORDER BY sequence, number LIMIT ?2) AS n
  JOIN slices AS s ON s.tenant = n.tenant AND s.sequence = n.sequence AND s.number = n.number
  WHERE n.reached <= ?2 OR n.reached = n.count ORDER BY s.sequence, s.number`
const DROP = 'DELETE FROM slices WHERE tenant = ? AND sequence = ? AND number = ?'

function tellSlices(session: Session, { after, limit, now }: Parameters<SliceStore['tell']>[0]): Told | null {
  if (session.slices === 0) return null
  const [tenant] = session.get(NEXT_TENANT, after ?? '') ?? session.get(NEXT_TENANT, '') ?? []
  const slices = session.all(FIRST, String(tenant), limit).map((row) => SLICE.read(row))
  // An ended task may be written of an event that retention has looked through.
  session.sweptTo = 0
  const became = slices.flatMap((slice) => tellSlice(session, slice, now))
  session.slices -= slices.length
  return toldOf(String(tenant), became)
}

function tellSlice(session: Session, slice: SliceRow, now: number): readonly Became[] {
  const { tenant, sequence, number } = slice
  session.run(DROP, tenant, sequence, number)
  const event = findEvent(session, tenant, sequence)
  if (event === undefined) return []
  const candidates = candidatesIn(slice)
  const ids = JSON.stringify(candidates.map(({ subscription }) => subscription))
  const had = new Set(session.all(HAD, tenant, sequence, ids).map(([id]) => id))
  const subscribers = subscribersIn(session, tenant, ids)
  return candidates
    .filter(({ subscription }) => !had.has(subscription))
    .map((candidate) => tellOne(session, event, candidate, subscribers.get(candidate.subscription), now))
}

/** Who has been told by a replay meanwhile. */
const HAD = `SELECT t.subscription FROM json_each(?3) AS v CROSS JOIN tasks AS t
  ON t.tenant = ?1 AND t.sequence = ?2 AND t.subscription = v.value`
const SUBSCRIBERS = `SELECT s.id, s.state, s.start_sequence, s.pulled FROM json_each(?2) AS v CROSS JOIN subscriptions AS s
  ON s.tenant = ?1 AND s.id = v.value`

const subscribersIn = (session: Session, tenant: string, ids: string): ReadonlyMap<string, Subscriber> =>
  new Map(
    session.all(SUBSCRIBERS, tenant, ids).map(([id, state, start, pulled]) => {
      const known = { state: state as SubscriptionState, startSequence: Number(start), pulled: pulled === 1 }
      return [String(id), known]
    }),
  )

function tellOne(
  session: Session,
  event: EventRow,
  candidate: Candidate,
  subscriber: Subscriber | undefined,
  now: number,
): Became {
  const became = becameOf(subscriber, event)
  if (became === 'called' || became === 'pulled') addTask(session, event, candidate, now)
  else if (became === 'ended') {
    const ended = endedTask(newTask(event, candidate, now), UNSUBSCRIBED, now)
    insertTask(session, ended, RANKS[ended.priority])
  }
  return became
}
