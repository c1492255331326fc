import type { Admission, InboxCounts, InboxStore } from '../port.js'
import { INBOX } from '../sql/shapes.js'
import { arrayOf } from './arrays.js'
import type { Asked } from './conversation.js'
import type { Database } from './database.js'
import { where } from './query.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

const GET = statement(`SELECT ${INBOX.columns} FROM inbox WHERE number = ? AND tenant = ?`)
const REFUSE = statement(`UPDATE inbox SET state = 'refused', code = ?, message = ?, refused_at = ?
  WHERE number = ? AND tenant = ? AND state = 'pending'`)
const RETRY = statement(`UPDATE inbox SET state = 'pending', code = NULL, message = NULL, refused_at = NULL
  WHERE number = ? AND tenant = ? AND state = 'refused'`)
const REMOVE = statement('DELETE FROM inbox WHERE number = ? AND tenant = ?')

/**
 * Numbers rise in the order of writing, which is not that of commits. So nobody remembers how far it has read: who has been
 * admitted is gone, and whoever is left is pending, whatever its number.
 */
export const postgresInbox = ({ read, write }: Database): InboxStore => ({
  pending: async (after, limit) => {
    const sql = `SELECT ${INBOX.columns} FROM inbox WHERE state = 'pending' AND number > ?
      ORDER BY number LIMIT ${Number(limit)}`
    return (await read.all(sql, after)).map((row) => INBOX.read(row))
  },
  get: async (tenant, number) => {
    const row = await read.get(GET, number, tenant)
    return row === undefined ? null : INBOX.read(row)
  },
  list: async ({ tenant, states }, { after, limit }) => {
    const condition = where(['tenant = ?', tenant])
      .andIn('state', states)
      .and(after !== null, 'number > ?', after)
    const sql = `SELECT ${INBOX.columns} FROM inbox WHERE ${condition.sql} ORDER BY number LIMIT ${Number(limit)}`
    return (await read.all(sql, ...condition.values)).map((row) => INBOX.read(row))
  },
  counts: (tenant) => counts(read, tenant),
  refuse: (tenant, number, { code, message, at }) =>
    write(async (session) => (await session.run(REFUSE, code, message, at, number, tenant)) === 1),
  retry: (tenant, number) => write(async (session) => (await session.run(RETRY, number, tenant)) === 1),
  remove: (tenant, number) => write(async (session) => (await session.run(REMOVE, number, tenant)) === 1),
  prune: (before, limit) => write((session) => prune(session, before, limit)),
})

async function counts(asked: Asked, tenant: string | null): Promise<InboxCounts> {
  const condition = where(['true']).and(tenant !== null, 'tenant = ?', tenant)
  const sql = `SELECT state, count(*), min(received_at) FROM inbox WHERE ${condition.sql} GROUP BY state`
  const rows = new Map((await asked.all(sql, ...condition.values)).map(([state, ...row]) => [state, row]))
  const [pending = 0, oldest = null] = rows.get('pending') ?? []
  const [refused = 0] = rows.get('refused') ?? []
  return { pending: Number(pending), refused: Number(refused), oldest: oldest === null ? null : Number(oldest) }
}

const prune = (session: Session, before: number, limit: number): Promise<number> =>
  session.run(
    `DELETE FROM inbox WHERE number IN (SELECT number FROM inbox WHERE refused_at < ? LIMIT ${Number(limit)})`,
    before,
  )

const TAKE = statement(
  "SELECT number FROM inbox WHERE number = ANY (?::int8[]) AND state = 'pending' ORDER BY number FOR UPDATE",
)
const DROP = statement('DELETE FROM inbox WHERE number = ANY (?::int8[])')

/** Those that the admissions come from and that are still pending; nobody else takes them until the end. */
export async function takePending(session: Session, admissions: readonly Admission[]): Promise<Set<number>> {
  const numbers = admissions.flatMap(({ inbox }) => (inbox === undefined ? [] : [inbox]))
  if (numbers.length === 0) return new Set()
  const rows = await session.all(TAKE, arrayOf('int8', numbers))
  return new Set(rows.map(([number]) => Number(number)))
}

export async function dropFromInbox(session: Session, numbers: readonly number[]): Promise<void> {
  if (numbers.length > 0) await session.run(DROP, arrayOf('int8', numbers))
}
