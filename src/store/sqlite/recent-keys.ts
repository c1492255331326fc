/**
 * Keys of the latest events, which are not in their table yet: each would write a page of its own there, as ids lie anywhere.
 * They are written many at a time, in order. Until then the events themselves tell them, so none is lost.
 */
import { childOf } from '../child-of.js'
import type { EventRow } from '../rows.js'
import type { Session } from './session.js'

type Key = Pick<EventRow, 'id' | 'source' | 'sequence'>

export class RecentKeys {
  readonly #tenants = new Map<string, Map<string, readonly Key[]>>()
  size = 0

  add(tenant: string, key: Key): void {
    const keys = childOf(this.#tenants, tenant, () => new Map<string, readonly Key[]>())
    const known = keys.get(key.id)
    keys.set(key.id, known === undefined ? [key] : [...known, key])
    this.size += 1
  }

  delete(tenant: string, id: string, source: string): void {
    const left = this.find(tenant, id).filter((key) => key.source !== source)
    this.size -= this.find(tenant, id).length - left.length
    this.#tenants.get(tenant)?.set(id, left)
  }

  /** Several if several sources used it. */
  find(tenant: string, id: string): readonly Key[] {
    return this.#tenants.get(tenant)?.get(id) ?? []
  }

  clear(): void {
    this.#tenants.clear()
    this.size = 0
  }

  tenants(): readonly string[] {
    return [...this.#tenants.keys()]
  }
}

const RECENT = `SELECT e.tenant, e.id, e.source, e.sequence FROM tenant_heads AS h
  CROSS JOIN events AS e ON e.tenant = h.tenant AND e.sequence > h.keyed`

export function loadRecentKeys(session: Session): RecentKeys {
  const keys = new RecentKeys()
  for (const [tenant, id, source, sequence] of session.all(RECENT))
    keys.add(String(tenant), { id: String(id), source: String(source), sequence: Number(sequence) })
  return keys
}

const WRITE = `INSERT OR IGNORE INTO event_keys (tenant, id, source, sequence)
  SELECT tenant, id, source, sequence FROM events
  WHERE tenant = ? AND sequence > (SELECT keyed FROM tenant_heads WHERE tenant = ?1) ORDER BY id, source`
const WRITTEN = 'UPDATE tenant_heads SET keyed = head WHERE tenant = ?'

/** In a transaction, when all events have been written. */
export function writeKeys(session: Session, keys: RecentKeys): void {
  for (const tenant of keys.tenants()) {
    session.run(WRITE, tenant)
    session.run(WRITTEN, tenant)
  }
  keys.clear()
}
