/**
 * What a transaction knows of how tasks stand to each other: who leads a group, who waits behind, and which tasks are alike.
 * It has been read, or follows from what was written since; what is not known here is asked.
 */
import { isCompared } from '../duplicate-rules.js'
import type { TaskRow } from '../rows.js'
import { isBehind, NORMAL_RANK, RANKS } from '../task-rules.js'
import { type Group, keyOf } from './changes.js'

/** What tells a task's place. */
export type Member = Pick<TaskRow, 'tenant' | 'sequence' | 'subscription' | 'groupKey' | 'priority'>

type Grouped = Pick<Member, 'tenant' | 'subscription' | 'groupKey'>
type Likened = Pick<TaskRow, 'tenant' | 'subscription' | 'likeness'>

/** Who waits behind the head of a group: the first, and the best rank of all. */
export interface Behind {
  readonly next: number | null
  readonly rank: number
}

export class Standing {
  readonly #groups = new Map<string, Group | null>()
  readonly #behind = new Map<string, Behind>()
  /** All that wait behind the head, of groups where that was asked. */
  readonly #members = new Map<string, Map<number, TaskRow>>()
  readonly #toRank = new Map<string, Member>()
  readonly #likes = new Map<string, Map<number, TaskRow>>()

  /** A task was written. `before` is what it was; null: it is new. */
  wrote(before: TaskRow | null, task: TaskRow): void {
    if (before === null) this.#joined(task)
    else if (isBehind(before) || isBehind(task)) this.#behind.delete(groupKey(task))
    const members = this.#members.size === 0 ? undefined : this.#members.get(groupKey(task))
    if (isBehind(task)) members?.set(task.sequence, task)
    else members?.delete(task.sequence)
    if (task.likeness !== null) this.#compare(task)
  }

  #joined(task: TaskRow): void {
    const known = isBehind(task) ? this.#behind.get(groupKey(task)) : undefined
    if (known !== undefined) this.#behind.set(groupKey(task), withOne(known, task))
  }

  #compare(task: TaskRow): void {
    const likes = this.#likes.get(likenessKey(task))
    if (isCompared(task) && (task.state === 'due' || task.state === 'waiting')) likes?.set(task.sequence, task)
    else likes?.delete(task.sequence)
  }

  /** A task is no more. */
  dropped(task: TaskRow): void {
    if (isBehind(task)) this.#behind.delete(groupKey(task))
    this.#members.get(groupKey(task))?.delete(task.sequence)
    this.#likes.get(likenessKey(task))?.delete(task.sequence)
  }

  forget(): void {
    for (const map of [this.#groups, this.#behind, this.#members, this.#likes]) map.clear()
  }

  // ------------------------------------------------------------------------------------------ groups

  /** Null: there is none. */
  group(member: Grouped): Group | null | undefined {
    return this.#groups.get(groupKey(member))
  }

  learnGroup(member: Grouped, group: Group | null): void {
    this.#groups.set(groupKey(member), group)
  }

  /** As it was read, and is as long as nobody leaves from there. */
  behind(member: Grouped): Behind | undefined {
    const members = this.#members.get(groupKey(member))
    return members === undefined ? this.#behind.get(groupKey(member)) : [...members.values()].reduce(withOne, NOBODY)
  }

  learnBehind(member: Grouped, behind: Behind): void {
    this.#behind.set(groupKey(member), behind)
  }

  /** All that wait behind the head of a group, by sequence. */
  members(member: Grouped): readonly TaskRow[] | undefined {
    return bySequence(this.#members.get(groupKey(member)))
  }

  learnMembers(member: Grouped, tasks: readonly TaskRow[]): void {
    this.#members.set(groupKey(member), new Map(tasks.map((task) => [task.sequence, task])))
  }

  /** Its group's rank is to be found out again before anybody asks for ranks; until then it may be too good. */
  rankLater(member: Member): void {
    if (member.groupKey !== null) this.#toRank.set(groupKey(member), member)
  }

  takeToRank(): readonly Member[] {
    const members = [...this.#toRank.values()]
    this.#toRank.clear()
    return members
  }

  // ------------------------------------------------------------------------------------------ likes

  /** Those with the same likeness that may be compared, by sequence. */
  likes(task: Likened): readonly TaskRow[] | undefined {
    return bySequence(this.#likes.get(likenessKey(task)))
  }

  learnLikes(task: Likened, likes: readonly TaskRow[]): void {
    this.#likes.set(likenessKey(task), new Map(likes.map((like) => [like.sequence, like])))
  }
}

const NOBODY: Behind = { next: null, rank: NORMAL_RANK }

const withOne = ({ next, rank }: Behind, { sequence, priority }: TaskRow): Behind => ({
  next: Math.min(next ?? sequence, sequence),
  rank: Math.min(rank, RANKS[priority]),
})

const bySequence = (tasks: ReadonlyMap<number, TaskRow> | undefined): readonly TaskRow[] | undefined =>
  tasks === undefined ? undefined : [...tasks.values()].sort((a, b) => a.sequence - b.sequence)

const groupKey = ({ tenant, subscription, groupKey: key }: Grouped): string => keyOf(tenant, subscription, key)

const likenessKey = ({ tenant, subscription, likeness }: Likened): string => keyOf(tenant, subscription, likeness)
