import type { AccessStore } from '../port.js'
import type { KeyRow, TenantRow } from '../rows.js'
import { KEY, TENANT } from '../sql/shapes.js'
import type { Asked } from './conversation.js'
import type { Database } from './database.js'
import { where } from './query.js'
import { statement } from './statement.js'
import { ACCESS_KEYS, TENANTS } from './tables.js'

const REVOKE = statement('UPDATE keys SET revoked_at = ? WHERE tenant = ? AND id = ? AND revoked_at IS NULL')

const FORGET = statement('DELETE FROM nonces WHERE timestamp < ?')
const SPEND = statement('INSERT INTO nonces (timestamp, consumer, nonce) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')

export const postgresAccess = ({ read, write }: Database): AccessStore => ({
  getKey: (id) => getKey(read, id),
  listKeys: (tenant, page) => listKeys(read, tenant, page),
  putKey: (row) => write((session) => session.write(ACCESS_KEYS, [KEY.pack(row)])),
  // The first revocation counts.
  revokeKey: (tenant, id, now) => write(async (session) => (await session.run(REVOKE, now, tenant, id)) === 1),
  spendNonce: ({ consumer, timestamp, nonce }, oldest) =>
    write(async (session) => {
      await session.run(FORGET, oldest)
      return (await session.run(SPEND, timestamp, consumer, nonce)) === 1
    }),
  getTenant: (id) => getTenant(read, id),
  listTenants: (page) => listTenants(read, page),
  putTenant: (row) => write((session) => session.write(TENANTS, [TENANT.pack(row)])),
})

interface Page {
  readonly after: string | null
  readonly limit: number
}

const FIND_KEY = statement(`SELECT ${KEY.columns} FROM keys WHERE id = ?`)

async function getKey(asked: Asked, id: string): Promise<KeyRow | null> {
  const row = await asked.get(FIND_KEY, id)
  return row === undefined ? null : KEY.read(row)
}

async function listKeys(asked: Asked, tenant: string, { after, limit }: Page): Promise<readonly KeyRow[]> {
  const condition = where(['tenant = ?', tenant]).and(after !== null, 'id > ?', after)
  const sql = `SELECT ${KEY.columns} FROM keys WHERE ${condition.sql} ORDER BY id LIMIT ${Number(limit)}`
  return (await asked.all(sql, ...condition.values)).map((row) => KEY.read(row))
}

const FIND_TENANT = statement(`SELECT ${TENANT.columns} FROM tenants WHERE id = ?`)

async function getTenant(asked: Asked, id: string): Promise<TenantRow | null> {
  const row = await asked.get(FIND_TENANT, id)
  return row === undefined ? null : TENANT.read(row)
}

async function listTenants(asked: Asked, { after, limit }: Page): Promise<readonly TenantRow[]> {
  const condition = where(['true']).and(after !== null, 'id > ?', after)
  const sql = `SELECT ${TENANT.columns} FROM tenants WHERE ${condition.sql} ORDER BY id LIMIT ${Number(limit)}`
  return (await asked.all(sql, ...condition.values)).map((row) => TENANT.read(row))
}
