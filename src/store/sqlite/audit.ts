import type { AuditStore } from '../port.js'
import type { AuditRow } from '../rows.js'
import { AUDIT } from '../sql/shapes.js'
import { where } from './query.js'
import type { Session } from './session.js'
import type { Sync } from './sync.js'

export const sqliteAudit = (session: Session): Sync<AuditStore> => ({
  append: (row) => append(session, row),
  list: (tenant, { after, limit }) => {
    const condition = where(['tenant = ?', tenant]).and(after !== null, 'number < ?', after)
    const sql = `SELECT ${AUDIT.columns} FROM audit WHERE ${condition.sql} ORDER BY number DESC LIMIT ?`
    return session.all(sql, ...condition.values, limit).map((row) => AUDIT.read(row))
  },
})

export function append(session: Session, row: Omit<AuditRow, 'number'>): void {
  const last = session.get('SELECT MAX(number) FROM audit WHERE tenant = ?', row.tenant)
  session.insert(AUDIT, { ...row, number: Number(last?.[0] ?? 0) + 1 })
}
