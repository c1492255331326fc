import type { SubscriptionStore, TurnOptions } from '../port.js'
import type { SubscriptionRow, SubscriptionState, TaskState } from '../rows.js'
import { SUBSCRIPTION } from '../sql/shapes.js'
import { isPulled, UNSUBSCRIBED } from '../task-rules.js'
import { isAtEnd } from './log.js'
import { where } from './query.js'
import type { Session } from './session.js'
import type { Sync } from './sync.js'

export const sqliteSubscriptions = (session: Session): Sync<SubscriptionStore> => ({
  load: (tenant) => ({
    version: session.head(tenant).version,
    rows: list(session, tenant, { after: null, limit: -1 }),
  }),
  get: (tenant, id) => findSubscription(session, tenant, id) ?? null,
  list: (tenant, page) => list(session, tenant, page),
  create: (row) => create(session, row),
  update: (row) => update(session, row),
  setState: (tenant, id, state, reason, now) => setState(session, { tenant, id, state, reason, now }),
  remove: (tenant, id, now) => remove(session, tenant, id, now),
})

export function findSubscription(session: Session, tenant: string, id: string): SubscriptionRow | undefined {
  const sql = `SELECT ${SUBSCRIPTION.columns} FROM subscriptions WHERE tenant = ? AND id = ?`
  const row = session.get(sql, tenant, id)
  return row === undefined ? undefined : SUBSCRIPTION.read(row)
}

/** A negative limit is none, as SQLite has it. */
function list(
  session: Session,
  tenant: string,
  { after, limit, owner }: { after: string | null; limit: number; owner?: string },
): readonly SubscriptionRow[] {
  const condition = where(['tenant = ?', tenant])
    .and(after !== null, 'id > ?', after)
    .and(owner !== undefined, 'owner = ?', owner)
  const sql = `SELECT ${SUBSCRIPTION.columns} FROM subscriptions WHERE ${condition.sql} ORDER BY id LIMIT ?`
  return session.all(sql, ...condition.values, limit).map((row) => SUBSCRIPTION.read(row))
}

export function put(session: Session, row: SubscriptionRow): boolean {
  session.insert(SUBSCRIPTION, row, Number(isPulled(row.spec)))
  session.raiseVersion(row.tenant)
  return true
}

function create(session: Session, row: SubscriptionRow): boolean {
  if (findSubscription(session, row.tenant, row.id) !== undefined) return false
  const startSequence = row.startSequence === -1 ? session.head(row.tenant).head : row.startSequence
  return put(session, { ...row, startSequence })
}

const update = (session: Session, row: SubscriptionRow): boolean =>
  findSubscription(session, row.tenant, row.id)?.revision === row.revision - 1 && put(session, row)

function setState(
  session: Session,
  change: { tenant: string; id: string; state: SubscriptionState; reason: string | null; now: number },
): boolean {
  const before = findSubscription(session, change.tenant, change.id)
  if (before === undefined) return false
  const { state, reason, now } = change
  return put(session, { ...before, state, reason, revision: before.revision + 1, updatedAt: now })
}

/** The cursor of one that catches up moves; on the last page it becomes active in the same commit. */
export function advance(session: Session, row: SubscriptionRow, cursor: number, { now, last }: TurnOptions): void {
  if (last && row.state === 'catching-up' && isAtEnd(session, row.tenant, cursor)) {
    put(session, { ...row, state: 'active', cursor: null, revision: row.revision + 1, updatedAt: now })
    return
  }
  session.run(
    'UPDATE subscriptions SET cursor = ?, updated_at = ? WHERE tenant = ? AND id = ?',
    cursor,
    now,
    row.tenant,
    row.id,
  )
}

const UNFINISHED: readonly TaskState[] = ['due', 'waiting', 'leased']

function remove(session: Session, tenant: string, id: string, now: number): boolean {
  if (session.run('DELETE FROM subscriptions WHERE tenant = ? AND id = ?', tenant, id) === 0) return false
  session.raiseVersion(tenant)
  session.credits.delete(JSON.stringify([tenant, id]))
  session.standing.forget({ tenant, subscription: id })
  for (const state of UNFINISHED) unsubscribe(session, tenant, id, state, now)
  return true
}

function unsubscribe(session: Session, tenant: string, id: string, from: TaskState, now: number): void {
  const { state, code, message } = UNSUBSCRIBED
  const ended = session.run(
    `UPDATE tasks SET state = ?, code = ?, message = ?, ended_at = ?, wake_at = NULL, leased_by = NULL,
     leased_until = NULL WHERE tenant = ? AND subscription = ? AND state = ?`,
    state,
    code,
    message,
    now,
    tenant,
    id,
    from,
  )
  if (ended === 0) return
  session.tally(tenant, id, from, -ended)
  session.tally(tenant, id, state, ended)
}
