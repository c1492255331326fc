/**
 * Keys of the latest events, which are not in their table yet: each would write a page of its own there, as ids lie anywhere.
 * They are written many at a time, in order. Until then the events themselves tell them, so none is lost.
 */
import { childOf } from '../child-of.js'
import type { Session } from './session.js'

export class RecentKeys {
  /** By id alone: the event itself tells its source. Seldom there are several. */
  readonly #tenants = new Map<string, Map<string, number | readonly number[]>>()
  size = 0

  add(tenant: string, id: string, sequence: number): void {
    const keys = childOf(this.#tenants, tenant, () => new Map<string, number | readonly number[]>())
    const known = keys.get(id)
    keys.set(id, known === undefined ? sequence : [...listOf(known), sequence])
    this.size += 1
  }

  delete(tenant: string, id: string, sequence: number): void {
    const known = this.find(tenant, id)
    const left = known.filter((each) => each !== sequence)
    this.size -= known.length - left.length
    if (left.length > 0) this.#tenants.get(tenant)?.set(id, left)
    else this.#tenants.get(tenant)?.delete(id)
  }

  /** Of whatever source. */
  find(tenant: string, id: string): readonly number[] {
    const known = this.#tenants.get(tenant)?.get(id)
    return known === undefined ? NONE : listOf(known)
  }

  clear(): void {
    this.#tenants.clear()
    this.size = 0
  }

  tenants(): readonly string[] {
    return [...this.#tenants.keys()]
  }
}

const NONE: readonly number[] = []

const listOf = (known: number | readonly number[]): readonly number[] => (typeof known === 'number' ? [known] : known)

const RECENT = `SELECT e.tenant, e.id, e.sequence FROM tenant_heads AS h
  CROSS JOIN events AS e ON e.tenant = h.tenant AND e.sequence > h.keyed`

export function loadRecentKeys(session: Session): RecentKeys {
  const keys = new RecentKeys()
  for (const [tenant, id, sequence] of session.all(RECENT)) keys.add(String(tenant), String(id), Number(sequence))
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
