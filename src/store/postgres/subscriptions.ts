import type { SubscriptionStore, TurnOptions } from '../port.js'
import type { SubscriptionRow, SubscriptionState, TaskState } from '../rows.js'
import { SUBSCRIPTION } from '../sql/shapes.js'
import { isPulled, UNSUBSCRIBED } from '../task-rules.js'
import { arraysOf } from './arrays.js'
import type { Asked } from './conversation.js'
import type { Database } from './database.js'
import { isAtEnd } from './log.js'
import { where } from './query.js'
import type { Session } from './session.js'
import { statement } from './statement.js'
import { SUBSCRIPTIONS } from './tables.js'

export const postgresSubscriptions = ({ read, write, snapshot }: Database): SubscriptionStore => ({
  load: (tenant) => snapshot((asked) => load(asked, tenant)),
  get: async (tenant, id) => (await findSubscription(read, tenant, id)) ?? null,
  list: (tenant, page) => list(read, tenant, page),
  create: (row) => write((session) => create(session, row)),
  update: (row) => write((session) => update(session, row)),
  setState: (tenant, id, state, reason, now) =>
    write((session) => setState(session, { tenant, id, state, reason, now })),
  remove: async (tenant, id, now) => {
    while (await write((session) => endSome(session, tenant, id, now)));
    return write((session) => remove(session, tenant, id, now))
  },
})

const VERSION = statement('SELECT version FROM tenant_heads WHERE tenant = ?')

async function load(asked: Asked, tenant: string): ReturnType<SubscriptionStore['load']> {
  const row = await asked.get(VERSION, tenant)
  return { version: Number(row?.[0] ?? 0), rows: await list(asked, tenant, { after: null, limit: null }) }
}

const FIND = statement(`SELECT ${SUBSCRIPTION.columns} FROM subscriptions WHERE tenant = ? AND id = ?`)

export async function findSubscription(asked: Asked, tenant: string, id: string): Promise<SubscriptionRow | undefined> {
  const row = await asked.get(FIND, tenant, id)
  return row && SUBSCRIPTION.read(row)
}

async function list(
  asked: Asked,
  tenant: string,
  { after, limit, owner }: { after: string | null; limit: number | null; owner?: string },
): Promise<readonly SubscriptionRow[]> {
  const condition = where(['tenant = ?', tenant])
    .and(after !== null, 'id > ?', after)
    .and(owner !== undefined, 'owner = ?', owner)
  const page = limit === null ? '' : `LIMIT ${Number(limit)}`
  const sql = `SELECT ${SUBSCRIPTION.columns} FROM subscriptions WHERE ${condition.sql} ORDER BY id ${page}`
  return (await asked.all(sql, ...condition.values)).map((row) => SUBSCRIPTION.read(row))
}

export async function put(session: Session, row: SubscriptionRow): Promise<true> {
  await session.raiseVersion(row.tenant)
  await session.write(SUBSCRIPTIONS, [[...SUBSCRIPTION.pack(row), Number(isPulled(row.spec))]])
  session.forgetLane(row.tenant, row.id)
  return true
}

export async function create(session: Session, row: SubscriptionRow): Promise<boolean> {
  if ((await findSubscription(session, row.tenant, row.id)) !== undefined) return false
  const startSequence = row.startSequence === -1 ? (await session.head(row.tenant)).head : row.startSequence
  return put(session, { ...row, startSequence })
}

export const update = async (session: Session, row: SubscriptionRow): Promise<boolean> =>
  (await findSubscription(session, row.tenant, row.id))?.revision === row.revision - 1 && put(session, row)

async function setState(
  session: Session,
  change: { tenant: string; id: string; state: SubscriptionState; reason: string | null; now: number },
): Promise<boolean> {
  const before = await findSubscription(session, change.tenant, change.id)
  if (before === undefined) return false
  const { state, reason, now } = change
  return put(session, { ...before, state, reason, revision: before.revision + 1, updatedAt: now })
}

const MOVE_CURSOR = statement('UPDATE subscriptions SET cursor = ?, updated_at = ? WHERE tenant = ? AND id = ?')

/** The cursor of one that catches up moves; on the last page it becomes active in the same commit. */
export async function advance(
  session: Session,
  row: SubscriptionRow,
  cursor: number,
  { now, last }: TurnOptions,
): Promise<void> {
  if (last && row.state === 'catching-up' && (await isAtEnd(session, row.tenant, cursor))) {
    await put(session, { ...row, state: 'active', cursor: null, revision: row.revision + 1, updatedAt: now })
    return
  }
  await session.run(MOVE_CURSOR, cursor, now, row.tenant, row.id)
}

// -------------------------------------------------------------------------------------------- removal

/** So many tasks end in one transaction: others write in between. */
const SLICE = 1_000

/** Spelled like the index it is meant for (`migrations/001-begin.ts`). */
const OURS = `left(tenant, 200) = ?1 AND left(subscription, 200) = left(?2, 200) AND subscription = ?2 AND ended_at IS NULL`
const MORE = statement(`SELECT 1 FROM tasks WHERE ${OURS} ORDER BY sequence DESC OFFSET ${SLICE} LIMIT 1`)
/** The last first: whoever stops in between leaves every group with its head. */
const LAST = statement(`SELECT tenant, sequence, subscription, state FROM tasks WHERE ${OURS}
  ORDER BY sequence DESC LIMIT ${SLICE}`)
const END = statement(`UPDATE tasks AS t SET state = ?1, code = ?2, message = ?3, ended_at = ?4, wake_at = NULL,
    blocked_by = NULL, leased_by = NULL, leased_until = NULL
  FROM unnest(?5::text[], ?6::int8[], ?7::text[]) AS v (tenant, sequence, subscription)
  WHERE t.tenant = v.tenant AND t.sequence = v.sequence AND t.subscription = v.subscription AND t.ended_at IS NULL`)

/** Where there are many tasks. It is disabled first, and so it stays if it is not removed in the end. */
async function endSome(session: Session, tenant: string, id: string, now: number): Promise<boolean> {
  const row = await findSubscription(session, tenant, id)
  if (row === undefined || (await session.get(MORE, tenant, id)) === undefined) return false
  if (row.state !== 'disabled') {
    const change = { state: 'disabled', reason: 'It is being removed.', revision: row.revision + 1 } as const
    await put(session, { ...row, ...change, updatedAt: now })
  }
  await unsubscribe(session, tenant, id, now)
  return true
}

const REMOVE = statement('DELETE FROM subscriptions WHERE tenant = ? AND id = ?')
const DROP_GROUPS = statement('DELETE FROM groups WHERE tenant = ? AND subscription = ?')

export async function remove(session: Session, tenant: string, id: string, now: number): Promise<boolean> {
  if ((await session.run(REMOVE, tenant, id)) === 0) return false
  await session.raiseVersion(tenant)
  session.memory.credits.delete(JSON.stringify([tenant, id]))
  await session.run(DROP_GROUPS, tenant, id)
  while ((await unsubscribe(session, tenant, id, now)) === SLICE);
  return true
}

async function unsubscribe(session: Session, tenant: string, id: string, now: number): Promise<number> {
  const { state, code, message } = UNSUBSCRIBED
  const last = await session.all(LAST, tenant, id)
  const keys = last.map(([owner = null, sequence = null, subscription = null]) => [owner, sequence, subscription])
  await session.run(END, state, code, message, now, ...arraysOf(['text', 'int8', 'text'], keys))
  for (const [, , , from] of last) {
    session.count({ tenant, subscription: id }, from as TaskState, -1)
    session.count({ tenant, subscription: id }, state, 1)
  }
  session.forget()
  return last.length
}
