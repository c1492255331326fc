/**
 * How far a subscription is behind: what it has not been told yet.
 */
import { type Principal, requireScope } from '../access/principal.js'
import { NotFound } from '../errors.js'
import type { Store } from '../store/port.js'
import { UNFINISHED_STATES } from '../store/rows.js'
import { maySee } from '../subscriptions/ownership.js'
import { fromRow, readsLog, type Subscription } from '../subscriptions/subscription.js'

export interface Lag {
  /** Tasks that are not finished; of one that reads the log, or is catching up, also events it has not come to. */
  readonly waiting: number
  /** When the oldest of them was received, RFC 3339; null: there is none. */
  readonly since: string | null
}

type Reads = Pick<Store, 'subscriptions' | 'tasks' | 'log'>

/** @throws NotFound also for what the caller may not see */
export async function lagOf(store: Reads, caller: Principal, id: string): Promise<Lag> {
  requireScope(caller, 'tasks:read')
  const row = await store.subscriptions.get(caller.tenant, id)
  if (!row || !maySee(caller, row)) throw new NotFound('subscription', id)
  const subscription = fromRow(row)
  const [tasks, events] = await Promise.all([tasksOf(store, subscription), eventsOf(store, subscription)])
  const times = [tasks.since, events.since].filter((time) => time !== null)
  return {
    waiting: tasks.waiting + events.waiting,
    since: times.length === 0 ? null : new Date(Math.min(...times)).toISOString(),
  }
}

interface Behind {
  readonly waiting: number
  readonly since: number | null
}

async function tasksOf({ tasks }: Reads, { tenant, id }: Subscription): Promise<Behind> {
  const filter = { tenant, subscription: id, states: UNFINISHED_STATES }
  const [counts, [oldest]] = await Promise.all([
    tasks.countsBy(filter),
    tasks.list(filter, { after: null, limit: 1, order: 'oldest' }),
  ])
  return { waiting: Object.values(counts).reduce((sum, count) => sum + count, 0), since: oldest?.createdAt ?? null }
}

/** Of the whole tenant: which of them it will be told is only found when it comes to them. */
async function eventsOf({ log }: Reads, subscription: Subscription): Promise<Behind> {
  const { tenant, cursor, startSequence } = subscription
  if (subscription.state !== 'catching-up' && !readsLog(subscription)) return { waiting: 0, since: null }
  const after = cursor ?? startSequence
  const [head, [next]] = await Promise.all([
    log.head(tenant),
    log.list({ tenant, from: after + 1 }, { after: null, limit: 1, order: 'oldest' }),
  ])
  return { waiting: Math.max(0, head - after), since: next?.receivedAt ?? null }
}
