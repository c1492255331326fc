/**
 * Tells those who are still to be told of an event, a slice a transaction.
 */
import type { Candidate, SliceStore, Told } from '../port.js'
import type { EventRow, SliceRow, SubscriptionRow, SubscriptionState } from '../rows.js'
import { becameOf, candidatesIn } from '../slice-rules.js'
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
  const tasks = slices.reduce((sum, slice) => sum + tellSlice(session, slice, now), 0)
  session.slices -= slices.length
  return { tenant: String(tenant), tasks }
}

function tellSlice(session: Session, slice: SliceRow, now: number): number {
  const { tenant, sequence, number } = slice
  session.run(DROP, tenant, sequence, number)
  const event = findEvent(session, tenant, sequence)
  if (event === undefined) return 0
  const candidates = candidatesIn(slice)
  const ids = JSON.stringify(candidates.map(({ subscription }) => subscription))
  const had = new Set(session.all(HAD, tenant, sequence, ids).map(([id]) => id))
  const subscribers = subscribersIn(session, tenant, ids)
  const told = candidates.filter(
    (candidate) =>
      !had.has(candidate.subscription) &&
      tellOne(session, event, candidate, subscribers.get(candidate.subscription), now),
  )
  return told.length
}

/** Who has been told by a replay meanwhile. */
const HAD = `SELECT t.subscription FROM json_each(?3) AS v CROSS JOIN tasks AS t
  ON t.tenant = ?1 AND t.sequence = ?2 AND t.subscription = v.value`
const SUBSCRIBERS = `SELECT s.id, s.state, s.start_sequence FROM json_each(?2) AS v CROSS JOIN subscriptions AS s
  ON s.tenant = ?1 AND s.id = v.value`

type Subscriber = Pick<SubscriptionRow, 'state' | 'startSequence'>

const subscribersIn = (session: Session, tenant: string, ids: string): ReadonlyMap<string, Subscriber> =>
  new Map(
    session
      .all(SUBSCRIBERS, tenant, ids)
      .map(([id, state, start]) => [String(id), { state: state as SubscriptionState, startSequence: Number(start) }]),
  )

function tellOne(
  session: Session,
  event: EventRow,
  candidate: Candidate,
  subscriber: Subscriber | undefined,
  now: number,
): boolean {
  const became = becameOf(subscriber, event)
  if (became === 'told') addTask(session, event, candidate, now)
  else if (became === 'removed') {
    const ended = endedTask(newTask(event, candidate, now), UNSUBSCRIBED, now)
    insertTask(session, ended, RANKS[ended.priority])
  }
  return became !== 'reading'
}
