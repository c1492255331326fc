import type { SpentNonce } from '../../access/signed-calls.js'
import type { AccessStore } from '../port.js'
import type { KeyRow, TenantRow } from '../rows.js'
import { KEY, TENANT } from '../sql/shapes.js'
import { where } from './query.js'
import type { Session } from './session.js'
import type { Sync } from './sync.js'

export const sqliteAccess = (session: Session): Sync<AccessStore> => ({
  getKey: (id) => getKey(session, id),
  listKeys: (tenant, page) => listKeys(session, tenant, page),
  putKey: (row) => {
    session.insert(KEY, row)
  },
  revokeKey: (tenant, id, now) => revokeKey(session, tenant, id, now),
  spendNonce: (nonce, oldest) => spendNonce(session, nonce, oldest),
  getTenant: (id) => getTenant(session, id),
  listTenants: (page) => listTenants(session, page),
  putTenant: (row) => {
    session.insert(TENANT, row)
  },
})

interface Page {
  readonly after: string | null
  readonly limit: number
}

function getKey(session: Session, id: string): KeyRow | null {
  const row = session.get(`SELECT ${KEY.columns} FROM keys WHERE id = ?`, id)
  return row === undefined ? null : KEY.read(row)
}

function listKeys(session: Session, tenant: string, { after, limit }: Page): readonly KeyRow[] {
  const condition = where(['tenant = ?', tenant]).and(after !== null, 'id > ?', after)
  const sql = `SELECT ${KEY.columns} FROM keys WHERE ${condition.sql} ORDER BY id LIMIT ?`
  return session.all(sql, ...condition.values, limit).map((row) => KEY.read(row))
}

/** The first revocation counts. */
const revokeKey = (session: Session, tenant: string, id: string, now: number): boolean =>
  session.run('UPDATE keys SET revoked_at = ? WHERE tenant = ? AND id = ? AND revoked_at IS NULL', now, tenant, id) ===
  1

function spendNonce(session: Session, { consumer, timestamp, nonce }: SpentNonce, oldest: number): boolean {
  session.run('DELETE FROM nonces WHERE timestamp < ?', oldest)
  const sql = 'INSERT INTO nonces (timestamp, consumer, nonce) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
  return session.run(sql, timestamp, consumer, nonce) === 1
}

function getTenant(session: Session, id: string): TenantRow | null {
  const row = session.get(`SELECT ${TENANT.columns} FROM tenants WHERE id = ?`, id)
  return row === undefined ? null : TENANT.read(row)
}

function listTenants(session: Session, { after, limit }: Page): readonly TenantRow[] {
  const condition = where(['1']).and(after !== null, 'id > ?', after)
  const sql = `SELECT ${TENANT.columns} FROM tenants WHERE ${condition.sql} ORDER BY id LIMIT ?`
  return session.all(sql, ...condition.values, limit).map((row) => TENANT.read(row))
}
