/**
 * Tasks that are leased already and begin when there is room: so a quick lane never waits for the store, and what it ends
 * is settled by the hundred.
 */
import type { Lane, LeasedTask } from '../store/port.js'
import { keyOfLane } from './lanes.js'

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

export class Ahead {
  /** Lanes take turns: who was served last is the last. */
  readonly #lanes = new Map<string, Waiting>()

  /** Those that wait for room, and those that are promised. */
  count(lane: Lane): number {
    const waiting = this.#lanes.get(keyOfLane(lane))
    return waiting === undefined ? 0 : waiting.tasks.length + waiting.promised
  }

  /** Those that wait for others of their run, and will have the room of these. */
  countBehind(lane: Lane): number {
    let count = 0
    for (const behind of this.#lanes.get(keyOfLane(lane))?.behind.values() ?? []) count += behind.length
    return count
  }

  /** All that wait for room. */
  size(isCounted: (lane: Lane) => boolean = () => true): number {
    let size = 0
    for (const { lane, tasks } of this.#lanes.values()) if (isCounted(lane)) size += tasks.length
    return size
  }

  get isEmpty(): boolean {
    return this.size() === 0
  }

  promise(lane: Lane, more: 1 | -1, now: number): void {
    const key = keyOfLane(lane)
    const waiting = this.#waiting(key, lane, now)
    waiting.promised += more
    this.#forgetIdle(key, waiting)
  }

  add(leased: LeasedTask, now: number, behind: readonly LeasedTask[] = []): void {
    const waiting = this.#waiting(keyOfLane(leased.task), leased.task, now)
    waiting.tasks.push(leased)
    if (behind.length > 0) waiting.behind.set(leased, behind)
  }

  /** Whether others of its run wait for its end. */
  isFollowed(leased: LeasedTask): boolean {
    return this.#lanes.get(keyOfLane(leased.task))?.behind.has(leased) ?? false
  }

  /** It has ended: the next of its run waits for room only. */
  follow(leased: LeasedTask, now: number): void {
    const [next, ...behind] = this.takeBehind(leased)
    if (next !== undefined) this.add(next, now, behind)
  }

  /** Takes those away that wait for its end. */
  takeBehind(leased: LeasedTask): readonly LeasedTask[] {
    const key = keyOfLane(leased.task)
    const waiting = this.#lanes.get(key)
    if (waiting === undefined) return []
    const behind = waiting.behind.get(leased) ?? []
    waiting.behind.delete(leased)
    this.#forgetIdle(key, waiting)
    return behind
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
    const isLeft = !isIdle(waiting)
    if (isLeft && this.#lanes.size === 1) return
    this.#lanes.delete(key)
    if (isLeft) this.#lanes.set(key, waiting)
  }

  /** The lease of those that are meant in a lane is lost. */
  drop(lane: Lane, isMeant: (leased: LeasedTask) => boolean): void {
    const waiting = this.#lanes.get(keyOfLane(lane))
    if (waiting === undefined) return
    const isOther = (leased: LeasedTask) => !isMeant(leased)
    for (const [first, behind] of waiting.behind) waiting.behind.set(first, behind.filter(isOther))
    const at = waiting.tasks.findIndex((leased) => !isOther(leased))
    const [dropped] = at < 0 ? [] : waiting.tasks.splice(at, 1)
    if (dropped !== undefined) this.follow(dropped, waiting.since)
  }

  /** Takes all away from the lanes of which that is so; of a run the last first, as the first goes before it. */
  clear(isOver: (lane: Lane, since: number) => boolean): readonly LeasedTask[] {
    return [...this.#lanes]
      .filter(([, { lane, since }]) => isOver(lane, since))
      .flatMap(([key, waiting]) => {
        const all = allOf(waiting)
        waiting.tasks.length = 0
        waiting.behind.clear()
        this.#forgetIdle(key, waiting)
        return all.reverse()
      })
  }

  all(): readonly LeasedTask[] {
    return [...this.#lanes.values()].flatMap(allOf)
  }

  #waiting(key: string, { tenant, subscription }: Lane, now: number): Waiting {
    const known = this.#lanes.get(key)
    if (known !== undefined) {
      if (known.tasks.length === 0) known.since = now
      return known
    }
    const waiting = { lane: { tenant, subscription }, tasks: [], behind: new Map(), since: now, promised: 0 }
    this.#lanes.set(key, waiting)
    return waiting
  }

  #forgetIdle(key: string, waiting: Waiting): void {
    if (isIdle(waiting)) this.#lanes.delete(key)
  }
}

const isIdle = ({ tasks, behind, promised }: Waiting): boolean =>
  tasks.length === 0 && behind.size === 0 && promised === 0

const allOf = ({ tasks, behind }: Pick<Waiting, 'tasks' | 'behind'>): LeasedTask[] => [
  ...tasks,
  ...[...behind.values()].flat(),
]
