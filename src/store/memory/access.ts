import type { SpentNonce } from '../../access/signed-calls.js'
import type { AccessStore } from '../port.js'
import type { Tables } from './tables.js'
import { pageById } from './tables.js'

export const memoryAccess = (tables: Tables): AccessStore => ({
  getKey: async (id) => tables.keys.get(id) ?? null,
  listKeys: async (tenant, page) =>
    pageById(
      tables.keys.values(),
      (row) => row.id,
      page,
      (row) => row.tenant === tenant,
    ),
  putKey: async (row) => void tables.keys.set(row.id, { ...row }),
  revokeKey: async (tenant, id, now) => revokeKey(tables, tenant, id, now),
  spendNonce: async (nonce, oldest) => spendNonce(tables, nonce, oldest),
  getTenant: async (id) => tables.tenantRows.get(id) ?? null,
  listTenants: async (page) => pageById(tables.tenantRows.values(), (row) => row.id, page),
  putTenant: async (row) => void tables.tenantRows.set(row.id, { ...row }),
})

/** The first revocation counts. */
function revokeKey(tables: Tables, tenant: string, id: string, now: number): boolean {
  const row = tables.keys.get(id)
  if (row?.tenant !== tenant || row.revokedAt !== null) return false
  tables.keys.set(id, { ...row, revokedAt: now })
  return true
}

function spendNonce({ nonces }: Tables, { consumer, timestamp, nonce }: SpentNonce, oldest: number): boolean {
  for (const [spent, at] of nonces) if (at < oldest) nonces.delete(spent)
  const key = JSON.stringify([consumer, timestamp, nonce])
  if (nonces.has(key)) return false
  nonces.set(key, timestamp)
  return true
}
