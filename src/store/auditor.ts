/**
 * Who changed what, as callers read it.
 */

import { numberKey, type Page, type PageRequest, paged } from '../access/page.js'
import { type Principal, requireScope } from '../access/principal.js'
import type { AuditStore } from './port.js'
import type { AuditRow } from './rows.js'

export interface AuditEntry extends Omit<AuditRow, 'number' | 'detail'> {
  /** Never a secret. */
  readonly detail: Readonly<Record<string, unknown>>
}

export interface AuditView extends Omit<AuditRow, 'at' | 'detail' | 'tenant'> {
  readonly at: string
  readonly detail: Readonly<Record<string, unknown>>
}

export class Auditor {
  readonly #store: AuditStore

  constructor(store: AuditStore) {
    this.#store = store
  }

  append({ detail, ...entry }: AuditEntry): Promise<void> {
    return this.#store.append({ ...entry, detail: JSON.stringify(detail) })
  }

  /** Newest first. */
  list(caller: Principal, page: PageRequest): Promise<Page<AuditView>> {
    requireScope(caller, 'audit:read')
    const read = (after: number | null, limit: number) => this.#store.list(caller.tenant, { after, limit })
    return paged(page, numberKey, read, (row) => String(row.number), viewOf)
  }
}

const viewOf = ({ tenant: _, at, detail, ...row }: AuditRow): AuditView => ({
  ...row,
  at: new Date(at).toISOString(),
  detail: JSON.parse(detail) as Record<string, unknown>,
})
