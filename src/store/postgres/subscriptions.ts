import type { SubscriptionStore, TurnOptions } from '../port.js'
import type { SubscriptionRow, SubscriptionState, TaskState } from '../rows.js'
import { SUBSCRIPTION } from '../sql/shapes.js'
import { isPulled, UNSUBSCRIBED } from '../task-rules.js'
import type { Database } from './database.js'
import { isAtEnd } from './log.js'
import { where } from './query.js'
import type { Asked, Session } from './session.js'
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
  remove: (tenant, id, now) => write((session) => remove(session, tenant, id, now)),
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

async function put(session: Session, row: SubscriptionRow): Promise<true> {
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

const REMOVE = statement('DELETE FROM subscriptions WHERE tenant = ? AND id = ?')
const DROP_GROUPS = statement('DELETE FROM groups WHERE tenant = ? AND subscription = ?')
const UNFINISHED: readonly TaskState[] = ['due', 'waiting', 'leased']

export async function remove(session: Session, tenant: string, id: string, now: number): Promise<boolean> {
  if ((await session.run(REMOVE, tenant, id)) === 0) return false
  await session.raiseVersion(tenant)
  session.memory.credits.delete(JSON.stringify([tenant, id]))
  await session.run(DROP_GROUPS, tenant, id)
  for (const state of UNFINISHED) await unsubscribe(session, tenant, id, state, now)
  session.forget()
  return true
}

const END_ALL = statement(`UPDATE tasks SET state = ?, code = ?, message = ?, ended_at = ?, wake_at = NULL,
  leased_by = NULL, leased_until = NULL WHERE tenant = ? AND subscription = ? AND state = ?`)

async function unsubscribe(session: Session, tenant: string, id: string, from: TaskState, now: number): Promise<void> {
  const { state, code, message } = UNSUBSCRIBED
  const ended = await session.run(END_ALL, state, code, message, now, tenant, id, from)
  if (ended === 0) return
  session.count({ tenant, subscription: id }, from, -ended)
  session.count({ tenant, subscription: id }, state, ended)
}
