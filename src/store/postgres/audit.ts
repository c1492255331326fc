import type { AuditStore } from '../port.js'
import type { AuditRow } from '../rows.js'
import { AUDIT } from '../sql/shapes.js'
import type { Asked } from './conversation.js'
import type { Database } from './database.js'
import { where } from './query.js'
import type { Session } from './session.js'
import { statement } from './statement.js'
import { AUDIT_ROWS } from './tables.js'

export const postgresAudit = ({ read, write }: Database): AuditStore => ({
  append: (row) => write((session) => append(session, row)),
  list: (tenant, page) => list(read, tenant, page),
})

const LAST = statement('SELECT max(number) FROM audit WHERE tenant = ?')

export async function append(session: Session, row: Omit<AuditRow, 'number'>): Promise<void> {
  const last = await session.get(LAST, row.tenant)
  await session.write(AUDIT_ROWS, [AUDIT.pack({ ...row, number: Number(last?.[0] ?? 0) + 1 })])
}

async function list(
  asked: Asked,
  tenant: string,
  { after, limit }: { after: number | null; limit: number },
): Promise<readonly AuditRow[]> {
  const condition = where(['tenant = ?', tenant]).and(after !== null, 'number < ?', after)
  const sql = `SELECT ${AUDIT.columns} FROM audit WHERE ${condition.sql} ORDER BY number DESC LIMIT ${Number(limit)}`
  return (await asked.all(sql, ...condition.values)).map((row) => AUDIT.read(row))
}
