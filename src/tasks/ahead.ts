/**
 * Tasks that are leased already and begin when there is room: so a quick lane never waits for the store, and what it ends
 * is settled by the hundred.
 */
import { childOf } from '../store/child-of.js'
import type { Lane, LeasedTask } from '../store/port.js'

interface Waiting {
  readonly lane: Lane
  /** In the order of their leases. */
  readonly tasks: LeasedTask[]
  /** By the one of their run that is to end first, whether it waits or is under way: those behind it. */
  readonly behind: Map<LeasedTask, readonly LeasedTask[]>
  /** When the first of them came to wait. */
  since: number
  /** Further ones that a settlement under way may bring. */
  promised: number
}

interface Tenant {
  /** By subscription. They take turns: who was served last is the last. */
  readonly lanes: Map<string, Waiting>
  /** Tasks that are left of its turn; 0: it has not begun. */
  left: number
}

export interface Choice {
  /** Whether the next of a lane may begin; of those that may, who is `other` only if nobody is `first`. */
  place(lane: Lane): 'first' | 'other' | 'none'
  /** Tasks in a turn of the tenant, while others wait. */
  weight(tenant: string): number
}

export class Ahead {
  /** They take turns: whose turn is over is the last. */
  readonly #tenants = new Map<string, Tenant>()

  /** Those that wait for room, and those that are promised. */
  count(lane: Lane): number {
    const waiting = this.#find(lane)
    return waiting === undefined ? 0 : waiting.tasks.length + waiting.promised
  }

  /** Those that wait for others of their run, and will have the room of these. */
  countBehind(lane: Lane): number {
    let count = 0
    for (const behind of this.#find(lane)?.behind.values() ?? []) count += behind.length
    return count
  }

  /** All that wait for room. */
  size(isCounted: (lane: Lane) => boolean = () => true): number {
    let size = 0
    for (const { lane, tasks } of this.#all()) if (isCounted(lane)) size += tasks.length
    return size
  }

  /** Asked for each task that ends: without a generator. */
  get isEmpty(): boolean {
    for (const { lanes } of this.#tenants.values()) {
      for (const { tasks } of lanes.values()) if (tasks.length > 0) return false
    }
    return true
  }

  promise(lane: Lane, more: 1 | -1, now: number): void {
    const waiting = this.#waiting(lane, now)
    waiting.promised += more
    this.#forgetIdle(waiting)
  }

  add(leased: LeasedTask, now: number, behind: readonly LeasedTask[] = []): void {
    const waiting = this.#waiting(leased.task, now)
    waiting.tasks.push(leased)
    if (behind.length > 0) waiting.behind.set(leased, behind)
  }

  /** Whether others of its run wait for its end. */
  isFollowed(leased: LeasedTask): boolean {
    return this.#find(leased.task)?.behind.has(leased) ?? false
  }

  /** It has ended: the next of its run waits for room only. */
  follow(leased: LeasedTask, now: number): void {
    const [next, ...behind] = this.takeBehind(leased)
    if (next !== undefined) this.add(next, now, behind)
  }

  /** Takes those away that wait for its end. */
  takeBehind(leased: LeasedTask): readonly LeasedTask[] {
    const waiting = this.#find(leased.task)
    if (waiting === undefined) return []
    const behind = waiting.behind.get(leased) ?? []
    waiting.behind.delete(leased)
    this.#forgetIdle(waiting)
    return behind
  }

  /** The next that may begin: of the tenant whose turn it is the lane whose turn it is. */
  take({ place, weight }: Choice, now: number): LeasedTask | null {
    let other: Waiting | null = null
    for (const { lanes } of this.#tenants.values()) {
      for (const waiting of lanes.values()) {
        const placed = waiting.tasks.length === 0 ? 'none' : place(waiting.lane)
        if (placed === 'first') return this.#takeOf(waiting, weight, now)
        if (placed === 'other') other ??= waiting
      }
    }
    return other === null ? null : this.#takeOf(other, weight, now)
  }

  #takeOf(waiting: Waiting, weight: Choice['weight'], now: number): LeasedTask | null {
    const leased = waiting.tasks.shift() ?? null
    waiting.since = now
    const { tenant: name, subscription } = waiting.lane
    const tenant = this.#tenants.get(name)
    if (tenant === undefined) return leased
    tenant.left = (tenant.left || weight(name)) - 1
    toTheEnd(tenant.lanes, subscription, waiting)
    if (tenant.left === 0) toTheEnd(this.#tenants, name, tenant)
    this.#forgetIdle(waiting)
    return leased
  }

  /** The lease of those that are meant in a lane is lost. */
  drop(lane: Lane, isMeant: (leased: LeasedTask) => boolean): void {
    const waiting = this.#find(lane)
    if (waiting === undefined) return
    const isOther = (leased: LeasedTask) => !isMeant(leased)
    for (const [first, behind] of waiting.behind) waiting.behind.set(first, behind.filter(isOther))
    const at = waiting.tasks.findIndex((leased) => !isOther(leased))
    const [dropped] = at < 0 ? [] : waiting.tasks.splice(at, 1)
    if (dropped !== undefined) this.follow(dropped, waiting.since)
  }

  /** Takes all away from the lanes of which that is so; of a run the last first, as the first goes before it. */
  clear(isOver: (lane: Lane, since: number) => boolean): readonly LeasedTask[] {
    return [...this.#all()]
      .filter(({ lane, since }) => isOver(lane, since))
      .flatMap((waiting) => {
        const all = allOf(waiting)
        waiting.tasks.length = 0
        waiting.behind.clear()
        this.#forgetIdle(waiting)
        return all.reverse()
      })
  }

  all(): readonly LeasedTask[] {
    return [...this.#all()].flatMap(allOf)
  }

  *#all(): Generator<Waiting> {
    for (const { lanes } of this.#tenants.values()) yield* lanes.values()
  }

  #find({ tenant, subscription }: Lane): Waiting | undefined {
    return this.#tenants.get(tenant)?.lanes.get(subscription)
  }

  #waiting({ tenant, subscription }: Lane, now: number): Waiting {
    const { lanes } = childOf(this.#tenants, tenant, () => ({ lanes: new Map(), left: 0 }))
    const known = lanes.get(subscription)
    if (known !== undefined) {
      if (known.tasks.length === 0) known.since = now
      return known
    }
    const waiting = { lane: { tenant, subscription }, tasks: [], behind: new Map(), since: now, promised: 0 }
    lanes.set(subscription, waiting)
    return waiting
  }

  #forgetIdle(waiting: Waiting): void {
    if (!isIdle(waiting)) return
    const { tenant, subscription } = waiting.lane
    const lanes = this.#tenants.get(tenant)?.lanes
    lanes?.delete(subscription)
    if (lanes?.size === 0) this.#tenants.delete(tenant)
  }
}

function toTheEnd<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (map.size === 1) return
  map.delete(key)
  map.set(key, value)
}

const isIdle = ({ tasks, behind, promised }: Waiting): boolean =>
  tasks.length === 0 && behind.size === 0 && promised === 0

const allOf = ({ tasks, behind }: Pick<Waiting, 'tasks' | 'behind'>): LeasedTask[] => [
  ...tasks,
  ...[...behind.values()].flat(),
]
