import type { InboxCounts, InboxStore } from '../port.js'
import { INBOX } from '../sql/shapes.js'
import { where } from './query.js'
import type { Session } from './session.js'
import type { Sync } from './sync.js'

/** Who writes holds the file until it commits, so numbers rise in the order of commits. */
const PENDING = `SELECT ${INBOX.columns} FROM inbox INDEXED BY inbox_pending
  WHERE state = 'pending' AND number > ? ORDER BY number LIMIT ?`
const GET = `SELECT ${INBOX.columns} FROM inbox WHERE number = ? AND tenant = ?`
const REFUSE = `UPDATE inbox SET state = 'refused', code = ?, message = ?, refused_at = ?
  WHERE number = ? AND tenant = ? AND state = 'pending'`
const RETRY = `UPDATE inbox SET state = 'pending', code = NULL, message = NULL, refused_at = NULL
  WHERE number = ? AND tenant = ? AND state = 'refused'`
const PRUNE = 'DELETE FROM inbox WHERE number IN (SELECT number FROM inbox WHERE refused_at < ? LIMIT ?)'

export const sqliteInbox = (session: Session): Sync<InboxStore> => ({
  pending: (after, limit) => session.all(PENDING, after, limit).map((row) => INBOX.read(row)),
  get: (tenant, number) => {
    const row = session.get(GET, number, tenant)
    return row === undefined ? null : INBOX.read(row)
  },
  list: ({ tenant, states }, { after, limit }) => {
    const condition = where(['tenant = ?', tenant])
      .andIn('state', states)
      .and(after !== null, 'number > ?', after)
    const sql = `SELECT ${INBOX.columns} FROM inbox WHERE ${condition.sql} ORDER BY number LIMIT ?`
    return session.all(sql, ...condition.values, limit).map((row) => INBOX.read(row))
  },
  counts: (tenant) => counts(session, tenant),
  refuse: (tenant, number, { code, message, at }) => session.run(REFUSE, code, message, at, number, tenant) === 1,
  retry: (tenant, number) => session.run(RETRY, number, tenant) === 1,
  remove: (tenant, number) => session.run('DELETE FROM inbox WHERE number = ? AND tenant = ?', number, tenant) === 1,
  prune: (before, limit) => session.run(PRUNE, before, limit),
})

function counts(session: Session, tenant: string | null): InboxCounts {
  const condition = where(['1']).and(tenant !== null, 'tenant = ?', tenant)
  const sql = `SELECT state, COUNT(*), MIN(received_at) FROM inbox WHERE ${condition.sql} GROUP BY state`
  const rows = new Map(session.all(sql, ...condition.values).map(([state, ...row]) => [state, row]))
  const [pending = 0, oldest = null] = rows.get('pending') ?? []
  const [refused = 0] = rows.get('refused') ?? []
  return { pending: Number(pending), refused: Number(refused), oldest: oldest === null ? null : Number(oldest) }
}

export const isPending = (session: Session, number: number): boolean =>
  session.get("SELECT 1 FROM inbox WHERE number = ? AND state = 'pending'", number) !== undefined
