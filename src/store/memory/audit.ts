import type { AuditStore } from '../port.js'
import type { AuditRow } from '../rows.js'
import type { Tables } from './tables.js'
import { takePage, tenantOf } from './tables.js'

export const memoryAudit = (tables: Tables): AuditStore => ({
  append: async (row) => append(tables, row),
  list: async (tenant, { after, limit }) =>
    takePage(tenantOf(tables, tenant).audit.toReversed(), limit, (row) => after === null || row.number < after),
})

export function append(tables: Tables, row: Omit<AuditRow, 'number'>): void {
  const { audit } = tenantOf(tables, row.tenant)
  audit.push({ ...row, number: audit.length + 1 })
}
