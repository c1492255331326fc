/**
 * Whose turn it is: tenants that have something due come in turn, each for as many tasks as its weight, and of a tenant
 * its lanes come in turn. Known to one process only, and worth nothing after a restart, so never written.
 */
import type { LeasedTask } from './port.js'

export interface Turn {
  readonly leased: readonly LeasedTask[]
  /** So many waited for a lock that not all could be looked at, or one may go that was passed by. */
  readonly more: boolean
}

export interface WaitingTenant {
  readonly tenant: string
  /** Tasks in a turn, while others wait. */
  readonly weight: number
}

/** So many tenants, at most, share the room of one look. */
export const TENANTS_AT_ONCE = 32

/** Tenants of which the lane is remembered that gave last. */
const MOST_TENANTS = 10_000

export class TenantTurns {
  /** Who gave last. */
  tenant = ''
  /** Tasks that are left of its turn. */
  left = 0
  readonly #lanes = new Map<string, string>()

  /** The subscription whose lane gave last; '' before the first. */
  lastLane(tenant: string): string {
    return this.#lanes.get(tenant) ?? ''
  }

  gaveFrom(tenant: string, subscription: string): void {
    if (this.#lanes.size >= MOST_TENANTS) this.#lanes.clear()
    this.#lanes.set(tenant, subscription)
  }

  gave({ tenant, weight }: WaitingTenant, tasks: number): void {
    if (tasks === 0) return
    this.tenant = tenant
    this.left = Math.max(0, weight - tasks)
  }
}

/** The next tenant in order that has something due: after this one, or with it. */
type Next = (tenant: string, isIncluded: boolean) => WaitingTenant | undefined

/** Once around: who has some of its turn left goes on, who has not is the last. */
function* roundOf({ tenant: own, left }: TenantTurns, next: Next): Generator<WaitingTenant> {
  for (let each = next(own, left > 0); each !== undefined; each = next(each.tenant, false)) {
    yield each.tenant === own ? { ...each, weight: left } : each
  }
  for (let each = next('', false); each !== undefined; each = next(each.tenant, false)) {
    if (each.tenant > own || (each.tenant === own && left > 0)) return
    yield each
  }
}

/** What the first of those that wait may take, who share the room by their weights; what it leaves is for those behind it. */
export function shareOf(waiting: readonly WaitingTenant[], room: number): number {
  const first = waiting[0]?.weight ?? 0
  const weights = waiting.reduce((sum, { weight }) => sum + weight, 0)
  return weights > room ? Math.min(first, room) : Math.floor((room * first) / weights)
}

/** One look: so many tasks of those that wait, each tenant asked for its share. */
export function leaseByTurns(
  turns: TenantTurns,
  limit: number,
  next: Next,
  lease: (tenant: string, share: number) => Turn,
): Turn {
  const leased: Turn[] = []
  let room = limit
  for (const waiting of inBatches(roundOf(turns, next), Math.min(TENANTS_AT_ONCE, limit))) {
    for (const [nth, tenant] of waiting.entries()) {
      if (room === 0) return together(leased)
      const turn = lease(tenant.tenant, shareOf(waiting.slice(nth), room))
      leased.push(turn)
      room -= turn.leased.length
      turns.gave(tenant, turn.leased.length)
    }
  }
  return together(leased)
}

export const together = (turns: readonly Turn[]): Turn => ({
  leased: turns.flatMap(({ leased }) => leased),
  more: turns.some(({ more }) => more),
})

function* inBatches<Item>(items: Iterable<Item>, size: number): Generator<readonly Item[]> {
  let batch: Item[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
