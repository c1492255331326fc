/**
 * How unfinished tasks stand to each other: behind the head of their group, beside their likes. One process owns the file, so
 * memory is enough: on the disk each task would write pages of its own for it, as keys of groups and likenesses lie anywhere.
 * Read from the tasks (`load-standing.ts`) when the file is opened and after a rollback.
 */
import { childOf } from '../child-of.js'
import { isCompared } from '../duplicate-rules.js'
import type { Lane } from '../port.js'
import type { TaskRow } from '../rows.js'
import { isBehind, NORMAL_RANK, RANKS } from '../task-rules.js'
import { Ascending } from './ascending.js'

/** What tells a task's place. */
export type Member = Pick<TaskRow, 'tenant' | 'sequence' | 'subscription' | 'groupKey' | 'priority'>

/** A group that is not empty. */
export interface Group {
  head: number
  /** The best of its head and of all that wait behind it. */
  rank: number
  /** How many are leased as a run; while there are any, nobody leads, and `head` is who did. 0: only the head may be leased. */
  run: number
}

interface Queue extends Group {
  /** Most groups have one member only. */
  behind: Ascending | null
  /** How many of those behind are above NORMAL. */
  immediate: number
  high: number
}

interface LaneStanding {
  readonly groups: Map<string, Queue>
  /** Sequences by likeness; seldom there are several. */
  readonly alike: Map<string, number | readonly number[]>
}

const isAlike = (task: TaskRow): boolean => isCompared(task) && (task.state === 'due' || task.state === 'waiting')

export class Standing {
  readonly #tenants = new Map<string, Map<string, LaneStanding>>()

  /** A task is written: it stands as `after` says, and no longer as `before` did. */
  move(before: TaskRow | null, after: TaskRow | null): void {
    const was = before !== null && isBehind(before)
    const is = after !== null && isBehind(after)
    if (was && !(is && before.priority === after.priority)) this.#leaveBehind(before)
    if (is) this.#joinBehind(after)
    if (before?.likeness !== null && before !== null && isAlike(before)) this.#leaveAlike(before)
    if (after?.likeness !== null && after !== null && isAlike(after)) this.#joinAlike(after)
  }

  /** Its subscription is gone. */
  forget({ tenant, subscription }: Lane): void {
    this.#tenants.get(tenant)?.delete(subscription)
  }

  // ------------------------------------------------------------------------------------------ groups

  group(member: Member): Group | undefined {
    return this.#queue(member)
  }

  /** Answers false if the group is there already. */
  found(member: Member): boolean {
    const { groups } = this.#lane(member)
    const key = member.groupKey ?? ''
    if (groups.has(key)) return false
    groups.set(key, {
      head: member.sequence,
      rank: RANKS[member.priority],
      run: 0,
      behind: null,
      immediate: 0,
      high: 0,
    })
    return true
  }

  drop(member: Member): void {
    if (member.groupKey !== null) this.#lane(member).groups.delete(member.groupKey)
  }

  /** The first that waits behind the head. */
  next(member: Member): number | undefined {
    return this.#queue(member)?.behind?.first()
  }

  /** The first of those behind the head. */
  behind(member: Member, most?: number): readonly number[] {
    return this.#queue(member)?.behind?.values(most) ?? []
  }

  bestRankBehind(member: Member): number {
    const queue = this.#queue(member)
    if (queue === undefined) return NORMAL_RANK
    return queue.immediate > 0 ? RANKS.immediate : queue.high > 0 ? RANKS.high : NORMAL_RANK
  }

  #queue(member: Member): Queue | undefined {
    return member.groupKey === null ? undefined : this.#lane(member).groups.get(member.groupKey)
  }

  #joinBehind(task: TaskRow): void {
    const queue = this.#queue(task)
    if (queue === undefined) throw new TypeError(`Nobody leads the group that ${task.sequence} waits in.`)
    queue.behind ??= new Ascending()
    if (queue.behind.add(task.sequence)) count(queue, task, 1)
  }

  #leaveBehind(task: TaskRow): void {
    const queue = this.#queue(task)
    if (queue?.behind?.delete(task.sequence)) count(queue, task, -1)
  }

  // ------------------------------------------------------------------------------------------ likes

  /** In order. */
  likes(task: TaskRow): readonly number[] {
    const likes = this.#lane(task).alike.get(task.likeness ?? '')
    return likes === undefined ? [] : listOf(likes)
  }

  #joinAlike(task: TaskRow): void {
    const { alike } = this.#lane(task)
    const likes = alike.get(task.likeness ?? '')
    alike.set(task.likeness ?? '', likes === undefined ? task.sequence : joined(listOf(likes), task.sequence))
  }

  #leaveAlike(task: TaskRow): void {
    const { alike } = this.#lane(task)
    const likes = alike.get(task.likeness ?? '')
    if (likes === undefined) return
    const left = listOf(likes).filter((sequence) => sequence !== task.sequence)
    if (left.length === 0) alike.delete(task.likeness ?? '')
    else alike.set(task.likeness ?? '', left)
  }

  #lane({ tenant, subscription }: Lane): LaneStanding {
    const lanes = childOf(this.#tenants, tenant, () => new Map<string, LaneStanding>())
    return childOf(lanes, subscription, () => ({ groups: new Map(), alike: new Map() }))
  }
}

const listOf = (likes: number | readonly number[]): readonly number[] => (typeof likes === 'number' ? [likes] : likes)

const joined = (likes: readonly number[], sequence: number): readonly number[] =>
  likes.includes(sequence) ? likes : [...likes, sequence].sort((a, b) => a - b)

function count(queue: Queue, { priority }: TaskRow, change: 1 | -1): void {
  if (priority === 'immediate') queue.immediate += change
  if (priority === 'high') queue.high += change
}
