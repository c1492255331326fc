/**
 * Keys of the latest events, which are not in their table yet: each would write a page of its own there, as ids lie anywhere.
 * They are written when there are many, in order. Until then the events themselves tell them, so none is lost.
 */
import { childOf } from '../child-of.js'
import type { Session } from './session.js'

/** Keys that wait in memory before they are written. */
const MOST = 8_192
/** Those written in one transaction: for all together everybody would wait some ten milliseconds. */
const SLICE = 1_024

/** All keys there were when it began, on their way into the table. */
interface Round {
  /** Those that are not written yet, in the order of the table; they are taken from the end. */
  readonly keys: (readonly [tenant: string, id: string])[]
  /** Once all are written, every event up to these has its key in the table. */
  readonly heads: readonly (readonly [tenant: string, head: number])[]
}

export class RecentKeys {
  /** By id alone: the event itself tells its source. Seldom there are several. */
  readonly #tenants = new Map<string, Map<string, number | readonly number[]>>()
  size = 0
  round: Round | null = null

  get areDue(): boolean {
    return this.round !== null || this.size >= MOST
  }

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

  /** Takes those of an id away, as they are written. */
  take(tenant: string, id: string): readonly number[] {
    const found = this.find(tenant, id)
    this.size -= found.length
    const keys = this.#tenants.get(tenant)
    keys?.delete(id)
    if (keys?.size === 0) this.#tenants.delete(tenant)
    return found
  }

  tenants(): Iterable<string> {
    return this.#tenants.keys()
  }

  ids(tenant: string): Iterable<string> {
    return this.#tenants.get(tenant)?.keys() ?? NONE_AT_ALL
  }
}

const NONE: readonly number[] = []
const NONE_AT_ALL: readonly string[] = []

const listOf = (known: number | readonly number[]): readonly number[] => (typeof known === 'number' ? [known] : known)

const RECENT = `SELECT e.tenant, e.id, e.sequence FROM tenant_heads AS h
  CROSS JOIN events AS e ON e.tenant = h.tenant AND e.sequence > h.keyed`

export function loadRecentKeys(session: Session): RecentKeys {
  const keys = new RecentKeys()
  for (const [tenant, id, sequence] of session.all(RECENT)) keys.add(String(tenant), String(id), Number(sequence))
  return keys
}

const WRITE = `INSERT OR IGNORE INTO event_keys (tenant, id, source, sequence)
  SELECT e.tenant, e.id, e.source, e.sequence FROM json_each(?) AS given
  CROSS JOIN events AS e ON e.tenant = ? AND e.sequence = given.value`
const WRITTEN = 'UPDATE tenant_heads SET keyed = ? WHERE tenant = ?'

/** Writes the next of those that are due, in a transaction. */
export function writeKeys(session: Session): void {
  const { keys } = session
  const round = keys.round ?? beginRound(session)
  const slices = new Map<string, number[]>()
  for (const [tenant, id] of round.keys.splice(-SLICE)) {
    childOf(slices, tenant, () => []).push(...keys.take(tenant, id))
  }
  for (const [tenant, sequences] of slices) session.run(WRITE, JSON.stringify(sequences), tenant)
  if (round.keys.length > 0) return
  for (const [tenant, head] of round.heads) session.run(WRITTEN, head, tenant)
  keys.round = null
}

function beginRound(session: Session): Round {
  const { keys } = session
  const tenants = [...keys.tenants()].sort()
  keys.round = {
    keys: tenants.flatMap((tenant) => [...keys.ids(tenant)].sort().map((id) => [tenant, id] as const)),
    heads: tenants.map((tenant) => [tenant, session.head(tenant).head] as const),
  }
  return keys.round
}
