/**
 * Tasks that are leased already and begin when there is room: so a quick lane never waits for the store, and what it ends
 * is settled by the hundred.
 */
import type { Lane, LeasedTask, TaskKey } from '../store/port.js'
import { keyOfLane } from './lanes.js'

interface Waiting {
  readonly lane: Lane
  /** In the order of their leases. */
  readonly tasks: LeasedTask[]
  /** When the first of them came to wait. */
  since: number
  /** Further ones that a settlement under way may bring. */
  promised: number
}

export class Ahead {
  /** Lanes take turns: who was served last is the last. */
  readonly #lanes = new Map<string, Waiting>()

  /** Those that wait and those that are promised. */
  count(lane: Lane): number {
    const waiting = this.#lanes.get(keyOfLane(lane))
    return waiting === undefined ? 0 : waiting.tasks.length + waiting.promised
  }

  get size(): number {
    let size = 0
    for (const { tasks } of this.#lanes.values()) size += tasks.length
    return size
  }

  get isEmpty(): boolean {
    return this.size === 0
  }

  promise(lane: Lane, more: 1 | -1, now: number): void {
    const key = keyOfLane(lane)
    const waiting = this.#waiting(key, lane, now)
    waiting.promised += more
    this.#forgetIdle(key, waiting)
  }

  add(leased: LeasedTask, now: number): void {
    this.#waiting(keyOfLane(leased.task), leased.task, now).tasks.push(leased)
  }

  /** The next of a lane that may begin one, and of those that is so: of another only if there is none. */
  take(mayBegin: (lane: Lane) => boolean, now: number, isFirst: (lane: Lane) => boolean): LeasedTask | null {
    let other: string | null = null
    for (const [key, { tasks, lane }] of this.#lanes) {
      if (tasks.length === 0 || !mayBegin(lane)) continue
      if (isFirst(lane)) return this.#takeOf(key, now)
      other ??= key
    }
    return other === null ? null : this.#takeOf(other, now)
  }

  #takeOf(key: string, now: number): LeasedTask | null {
    const waiting = this.#lanes.get(key)
    const leased = waiting?.tasks.shift() ?? null
    if (waiting === undefined) return null
    waiting.since = now
    this.#served(key, waiting)
    return leased
  }

  /** It is the last now, or gone if nothing of it is left. */
  #served(key: string, waiting: Waiting): void {
    const isIdle = waiting.tasks.length === 0 && waiting.promised === 0
    if (!isIdle && this.#lanes.size === 1) return
    this.#lanes.delete(key)
    if (!isIdle) this.#lanes.set(key, waiting)
  }

  /** Its lease is lost. */
  drop(key: TaskKey): void {
    const waiting = this.#lanes.get(keyOfLane(key))
    const at = waiting?.tasks.findIndex(({ task }) => task.sequence === key.sequence) ?? -1
    if (at >= 0) waiting?.tasks.splice(at, 1)
  }

  /** Takes all away from the lanes of which that is so. */
  clear(isOver: (lane: Lane, since: number) => boolean): readonly LeasedTask[] {
    return [...this.#lanes.values()]
      .filter(({ lane, since }) => isOver(lane, since))
      .flatMap(({ tasks }) => tasks.splice(0))
  }

  all(): readonly LeasedTask[] {
    return [...this.#lanes.values()].flatMap(({ tasks }) => tasks)
  }

  #waiting(key: string, { tenant, subscription }: Lane, now: number): Waiting {
    const known = this.#lanes.get(key)
    if (known !== undefined) {
      if (known.tasks.length === 0) known.since = now
      return known
    }
    const waiting = { lane: { tenant, subscription }, tasks: [], since: now, promised: 0 }
    this.#lanes.set(key, waiting)
    return waiting
  }

  #forgetIdle(key: string, { tasks, promised }: Waiting): void {
    if (tasks.length === 0 && promised === 0) this.#lanes.delete(key)
  }
}
