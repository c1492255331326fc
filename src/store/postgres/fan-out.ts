/**
 * Tells those who are still to be told of an event, a slice a transaction.
 */
import type { Candidate, SliceStore, Told } from '../port.js'
import type { EventRow, SliceRow, SubscriptionState } from '../rows.js'
import { type Became, becameOf, candidatesIn, type Subscriber, toldOf } from '../slice-rules.js'
import type { SqlRow } from '../sql/row.js'
import { SLICE } from '../sql/shapes.js'
import { endedTask, newTask, RANKS, UNSUBSCRIBED } from '../task-rules.js'
import { addTask } from './admit.js'
import { arrayOf } from './arrays.js'
import type { Database } from './database.js'
import { sweepAgain } from './memory.js'
import { prefetchTold } from './prefetch.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

export const postgresSlices = ({ read, write }: Database): SliceStore => ({
  tell: async (request) =>
    (await read.get(ANY)) === undefined ? null : write((session) => tellSlices(session, request)),
  left: async (tenant) => Number((await read.get(LEFT, tenant))?.[0]),
})

const ANY = statement('SELECT 1 FROM slices LIMIT 1')
const LEFT = statement('SELECT coalesce(sum(count), 0)::bigint FROM slices WHERE ?1::text IS NULL OR tenant = ?1')
const NEXT_TENANT = statement('SELECT tenant FROM slices WHERE tenant > ? ORDER BY tenant LIMIT 1')
/** The first, and as many as ?2 subscriptions are in. */
const FIRST = statement(`SELECT ${SLICE.of('s')} FROM (
    SELECT tenant, sequence, number, count, sum(count) OVER (ORDER BY sequence, number) AS reached FROM slices
    WHERE tenant = ?1 ORDER BY sequence, number LIMIT ?2::bigint) AS n
  JOIN slices AS s ON s.tenant = n.tenant AND s.sequence = n.sequence AND s.number = n.number
  WHERE n.reached <= ?2::bigint OR n.reached = n.count ORDER BY s.sequence, s.number`)
const DROP = statement('DELETE FROM slices WHERE tenant = ? AND sequence = ? AND number = ?')

/** Whoever tells has the lock of the schema, as whoever admits: no other node tells the same. */
async function tellSlices(
  session: Session,
  { after, limit, now }: Parameters<SliceStore['tell']>[0],
): Promise<Told | null> {
  const [tenant] = (await session.get(NEXT_TENANT, after ?? '')) ?? (await session.get(NEXT_TENANT, '')) ?? []
  if (tenant === undefined) return null
  const slices = await session.all(FIRST, tenant, limit)
  // An ended task may be written of an event that retention has looked through.
  sweepAgain(session.memory)
  const became: Became[] = []
  for (const slice of slices) became.push(...(await tellSlice(session, SLICE.read(slice), now)))
  return toldOf(String(tenant), became)
}

async function tellSlice(session: Session, slice: SliceRow, now: number): Promise<readonly Became[]> {
  const { tenant, sequence, number } = slice
  await session.run(DROP, tenant, sequence, number)
  const event = await session.event(tenant, sequence)
  if (event === undefined) return []
  const candidates = candidatesIn(slice)
  const ids = arrayOf(
    'text',
    candidates.map(({ subscription }) => subscription),
  )
  const [had, subscribers] = await Promise.all([
    session.all(HAD, tenant, sequence, ids),
    session.all(SUBSCRIBERS, tenant, ids),
    prefetchTold(session, { tenant, events: [{ event, candidates }] }),
  ])
  const told = new Set(had.map(([id]) => id))
  const known = new Map(subscribers.map(([id, ...row]) => [id, subscriberOf(row)]))
  const became: Became[] = []
  for (const candidate of candidates) {
    const { subscription } = candidate
    if (!told.has(subscription)) became.push(await tellOne(session, event, candidate, known.get(subscription), now))
  }
  return became
}

/** Who has been told by a replay meanwhile. */
const HAD = statement(
  'SELECT subscription FROM tasks WHERE tenant = ? AND sequence = ? AND subscription = ANY (?::text[])',
)
const SUBSCRIBERS = statement(
  'SELECT id, state, start_sequence, pulled FROM subscriptions WHERE tenant = ? AND id = ANY (?::text[])',
)

const subscriberOf = ([state, start, pulled]: SqlRow): Subscriber => ({
  state: state as SubscriptionState,
  startSequence: Number(start),
  pulled: pulled === 1,
})

async function tellOne(
  session: Session,
  event: EventRow,
  candidate: Candidate,
  subscriber: Subscriber | undefined,
  now: number,
): Promise<Became> {
  const became = becameOf(subscriber, event)
  if (became === 'called' || became === 'pulled') await addTask(session, event, candidate, now)
  else if (became === 'ended') {
    const ended = endedTask(newTask(event, candidate, now), UNSUBSCRIBED, now)
    session.addTask(ended, RANKS[ended.priority])
  }
  return became
}
