/**
 * One unit of work: a transaction, the rows it has read, and what it is about to write.
 */

import { isCompared } from '../duplicate-rules.js'
import { HeldLocks, type Locking, locksOf } from '../held-locks.js'
import type { Lane, TaskKey } from '../port.js'
import type { AttemptRow, EventRow, ResultRow, SliceRow, SubscriptionState, TaskRow } from '../rows.js'
import type { SqlRow, SqlValue } from '../sql/row.js'
import { EVENT, TASK } from '../sql/shapes.js'
import { isBehind, isLocalLane, lets, NORMAL_RANK, RANKS } from '../task-rules.js'
import { brief } from './brief.js'
import { Changes, type Group, type Head, keyOf, taskKey } from './changes.js'
import { Conversation } from './conversation.js'
import type { Flights, Value } from './flight.js'
import { IS_BEHIND } from './is-behind.js'
import type { Memory } from './memory.js'
import { type Statement, statement } from './statement.js'
import type { Bulk, Tuple } from './tables.js'

export interface LaneState {
  /** Nobody else's lane than ours has no subscription. */
  readonly isSubscribed: boolean
  readonly active: boolean
  readonly pulled: boolean
}

/** What tells a task's place. */
export type Member = Pick<TaskRow, 'tenant' | 'sequence' | 'subscription' | 'groupKey' | 'priority'>

type Likened = Pick<TaskRow, 'tenant' | 'subscription' | 'likeness'>
type Grouped = Pick<Member, 'tenant' | 'subscription' | 'groupKey'>

/** Who waits behind the head of a group: the first, and the best rank of all. */
export interface Behind {
  readonly next: number | null
  readonly rank: number
}

const FIND_TASK = statement(`SELECT ${TASK.columns} FROM tasks WHERE tenant = ? AND sequence = ? AND subscription = ?`)
const FIND_EVENT = statement(`SELECT ${EVENT.columns} FROM events WHERE tenant = ? AND sequence = ?`)
const FIND_CHILD = statement(`SELECT 1 FROM events AS c WHERE ${isChildOf('?1', '?2')} LIMIT 1`)
const FIND_KEY = statement('SELECT sequence FROM event_keys WHERE tenant = ? AND id = ? AND source = ?')
const FIND_GROUP = statement('SELECT head, rank, run FROM groups WHERE tenant = ? AND subscription = ? AND key = ?')
const FIND_HEAD = statement(`SELECT head, version, EXISTS (SELECT 1 FROM slices WHERE tenant = ?1)::int
  FROM tenant_heads WHERE tenant = ?1`)
const FIND_SLICE = statement('SELECT 1 FROM slices WHERE tenant = ? AND key = ? LIMIT 1')
const FIND_LANE = statement('SELECT state, pulled FROM subscriptions WHERE tenant = ? AND id = ?')
/** Hundreds may be leased, and each transaction asks: no more of them than tells their locks. */
const HOLDING = statement(`SELECT sequence, subscription, subject, super_owner, lock_owner FROM tasks
  WHERE (tenant || '') = ? AND state = 'leased' AND lock_owner IS NOT NULL`)
/** The condition is that of the index. */
export const ARE_COMPARED = `likeness IS NOT NULL AND state IN ('due', 'waiting') AND (wake_at IS NULL OR attempts > 0)`
const FIND_LIKES = statement(`SELECT ${TASK.columns} FROM tasks WHERE (tenant || '') = ?1 AND (subscription || '') = ?2
  AND left(likeness, 200) = left(?3, 200) AND likeness = ?3 AND ${ARE_COMPARED}`)
const FIND_MEMBERS = statement(`SELECT ${TASK.columns} FROM tasks WHERE ${IS_BEHIND} ORDER BY sequence`)
const IS_AWAITED = statement(`SELECT EXISTS (SELECT 1 FROM tasks
  WHERE (tenant || '') = ?1 AND left(blocked_by, 200) = left(?2, 200) AND blocked_by = ?2 AND blocked_by IS NOT NULL
    AND ended_at IS NULL)::int`)

const IS_REMOVED = statement('SELECT 1 FROM resources WHERE tenant = ? AND key = ? AND removed_sequence > ?')

/** An event `c` names as its parent the event of that tenant that has that id. */
export function isChildOf(tenant: string, id: string): string {
  return `(c.tenant || '') = ${tenant} AND left(c.parent_id, 200) = left(${id}, 200) AND c.parent_id = ${id} AND c.parent_id IS NOT NULL`
}

export class Session extends Conversation {
  readonly memory: Memory
  readonly #changes: Changes
  readonly #tasks = new Map<string, TaskRow | null>()
  readonly #events = new Map<string, EventRow | null>()
  readonly #keys = new Map<string, number | null>()
  /** Ids of events that have child events, or have none. */
  readonly #parents = new Map<string, boolean>()
  /** Ids of events that were not read. */
  readonly #ids = new Map<string, string>()
  readonly #groups = new Map<string, Group | null>()
  readonly #behind = new Map<string, Behind>()
  /** All that wait behind the head, of groups where that was asked. */
  readonly #members = new Map<string, Map<number, TaskRow>>()
  readonly #toRank = new Map<string, Member>()
  readonly #likes = new Map<string, Map<number, TaskRow>>()
  readonly #heads = new Map<string, Head>()
  /** Tenants that had slices when their heads were read. */
  readonly #sliced = new Set<string>()
  /** Partition keys of slices that were added since. */
  readonly #heldUp = new Set<string>()
  readonly #lanes = new Map<string, LaneState>()
  readonly #locks = new Map<string, HeldLocks>()
  readonly #awaited = new Map<string, boolean>()
  /** Tasks whose subject has been removed since, or has not. */
  readonly #removed = new Map<string, boolean>()

  constructor(flights: Flights, memory: Memory, slot: number) {
    const changes = new Changes(slot)
    super(flights, () => changes.take())
    this.#changes = changes
    this.memory = memory
  }

  override run(sql: Statement | string, ...values: Value[]): Promise<number> {
    this.#removed.clear()
    this.#parents.clear()
    return super.run(sql, ...values)
  }

  override write(bulk: Bulk, rows: readonly Tuple[]): Promise<void> {
    this.#removed.clear()
    return super.write(bulk, rows)
  }

  // ------------------------------------------------------------------------------------------ events

  async event(tenant: string, sequence: number): Promise<EventRow | undefined> {
    const key = keyOf(tenant, sequence)
    const known = this.#events.get(key)
    if (known !== undefined) return known ?? undefined
    const row = await this.get(FIND_EVENT, tenant, sequence)
    return this.#keepEvent(key, row && EVENT.read(row))
  }

  #keepEvent(key: string, event: EventRow | undefined): EventRow | undefined {
    this.#events.set(key, event ?? null)
    return event
  }

  learnEvent(event: EventRow): void {
    this.#events.set(keyOf(event.tenant, event.sequence), event)
  }

  addEvent(event: EventRow): void {
    this.learnEvent(event)
    if (event.parentId !== null) this.#parents.set(keyOf(event.tenant, event.parentId), true)
    this.#changes.addEvent(event)
    this.touch()
  }

  /** It was changed in SQL. */
  forgetEvent(tenant: string, sequence: number): void {
    this.#events.delete(keyOf(tenant, sequence))
  }

  async hasChildren({ tenant, sequence }: Pick<TaskRow, 'tenant' | 'sequence'>): Promise<boolean> {
    const id = this.#ids.get(keyOf(tenant, sequence)) ?? (await this.event(tenant, sequence))?.id
    if (id === undefined) return false
    const known = this.#parents.get(keyOf(tenant, id)) ?? (await this.get(FIND_CHILD, tenant, id)) !== undefined
    this.#parents.set(keyOf(tenant, id), known)
    return known
  }

  learnId(tenant: string, sequence: number, id: string): void {
    this.#ids.set(keyOf(tenant, sequence), id)
  }

  learnParent(tenant: string, id: string, hasChildren: boolean): void {
    this.#parents.set(keyOf(tenant, id), hasChildren)
  }

  /** The event that has this key, or null. */
  async sequenceOf(tenant: string, id: string, source: string): Promise<number | null> {
    const key = keyOf(tenant, brief(id), brief(source))
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    const row = await this.get(FIND_KEY, tenant, brief(id), brief(source))
    const sequence = row === undefined ? null : Number(row[0])
    this.#keys.set(key, sequence)
    return sequence
  }

  /** `id` and `source` are brief. */
  learnKey(tenant: string, id: string, source: string, sequence: number | null): void {
    this.#keys.set(keyOf(tenant, id, source), sequence)
  }

  addKey(tenant: string, id: string, source: string, sequence: number): void {
    this.learnKey(tenant, brief(id), brief(source), sequence)
    this.#changes.addKey(tenant, brief(id), brief(source), sequence)
    this.touch()
  }

  putResult(row: ResultRow): void {
    this.#changes.putResult(row)
    this.touch()
  }

  /** These take the place of whatever the processor answered before. */
  replaceResults(rows: readonly [ResultRow, ...ResultRow[]]): void {
    this.#changes.replaceResults(rows)
    this.touch()
  }

  /** What is shown as running has ended with its task, and nobody can say how. */
  endRunning(
    task: Pick<TaskRow, 'tenant' | 'sequence' | 'code' | 'message' | 'endedAt'>,
    kind: ResultRow['kind'],
  ): void {
    this.#changes.endRunning(task, kind)
    this.touch()
  }

  putAttempt(row: AttemptRow): void {
    this.#changes.putAttempt(row)
    this.touch()
  }

  // ------------------------------------------------------------------------------------------ tasks

  async task(key: TaskKey): Promise<TaskRow | undefined> {
    const known = this.#tasks.get(taskKey(key))
    if (known !== undefined) return known ?? undefined
    const row = await this.get(FIND_TASK, key.tenant, key.sequence, key.subscription)
    const task = row && TASK.read(row)
    this.#tasks.set(taskKey(key), task ?? null)
    return task
  }

  /** It is not there. */
  learnAbsent(key: TaskKey): void {
    this.#tasks.set(taskKey(key), null)
  }

  /** A row as SQL answered it. */
  readTask(row: SqlRow, offset = 0): TaskRow {
    const task = TASK.read(row, offset)
    this.#tasks.set(taskKey(task), task)
    return task
  }

  addTask(task: TaskRow, rank: number): void {
    const event = this.#events.get(keyOf(task.tenant, task.sequence))
    this.#changes.addTask(task, rank, event?.receivedAt ?? null)
    if (isBehind(task)) this.#oneMoreBehind(task)
    this.#wrote(task)
  }

  #oneMoreBehind(task: TaskRow): void {
    const key = groupKey(task)
    const known = this.#behind.get(key)
    if (known === undefined) return
    const next = Math.min(known.next ?? task.sequence, task.sequence)
    this.#behind.set(key, { next, rank: Math.min(known.rank, RANKS[task.priority]) })
  }

  changeTask(before: TaskRow, task: TaskRow, rank: number): void {
    this.#changes.changeTask(before, task, rank)
    if (isBehind(before) || isBehind(task)) this.#behind.delete(groupKey(task))
    this.#wrote(task)
  }

  /** It stays as it is, but for the rank at which it leaves. */
  rankTask(key: TaskKey, rank: number): void {
    const known = this.#tasks.get(taskKey(key))
    if (known) this.#changes.changeTask(known, known, rank)
    else this.#changes.rankTask(key, rank)
    this.touch()
  }

  dropTask(task: TaskRow): void {
    this.#changes.dropTask(task)
    this.#tasks.set(taskKey(task), null)
    if (isBehind(task)) this.#behind.delete(groupKey(task))
    this.#members.get(groupKey(task))?.delete(task.sequence)
    this.#likes.get(likenessKey(task))?.delete(task.sequence)
    this.touch()
  }

  #wrote(task: TaskRow): void {
    this.#tasks.set(taskKey(task), task)
    if (this.#members.size > 0) this.#stand(task)
    if (task.likeness !== null) this.#compare(task)
    if (task.blockedBy !== null) this.#awaited.set(keyOf(task.tenant, task.blockedBy), true)
    this.touch()
  }

  #stand(task: TaskRow): void {
    const members = this.#members.get(groupKey(task))
    if (isBehind(task)) members?.set(task.sequence, task)
    else members?.delete(task.sequence)
  }

  #compare(task: TaskRow): void {
    const likes = this.#likes.get(likenessKey(task))
    if (isCompared(task) && (task.state === 'due' || task.state === 'waiting')) likes?.set(task.sequence, task)
    else likes?.delete(task.sequence)
  }

  /** Those with the same likeness that may be compared, by sequence. */
  async likes(task: Likened): Promise<readonly TaskRow[]> {
    const key = likenessKey(task)
    if (!this.#likes.has(key)) {
      const rows = await this.all(FIND_LIKES, task.tenant, task.subscription, task.likeness)
      this.learnLikes(
        task,
        rows.map((row) => this.readTask(row)),
      )
    }
    return [...(this.#likes.get(key)?.values() ?? [])].sort((a, b) => a.sequence - b.sequence)
  }

  learnLikes(task: Likened, likes: readonly TaskRow[]): void {
    this.#likes.set(likenessKey(task), new Map(likes.map((like) => [like.sequence, like])))
  }

  /** A lease was prolonged in SQL. */
  prolonged(key: string, until: number): void {
    const task = this.#tasks.get(key)
    if (task !== undefined && task !== null) this.#tasks.set(key, { ...task, leasedUntil: until })
  }

  /** Many rows were changed in SQL. */
  forget(): void {
    this.changed()
    this.#events.clear()
    this.#keys.clear()
    this.#parents.clear()
    this.#ids.clear()
    this.#tasks.clear()
    this.#behind.clear()
    this.#members.clear()
    this.#likes.clear()
    this.#groups.clear()
    this.#locks.clear()
  }

  count(lane: Lane, state: TaskRow['state'], change: number): void {
    this.#changes.count(lane, state, change)
    this.touch()
  }

  // ------------------------------------------------------------------------------------------ groups

  async group(member: Member): Promise<Group | undefined> {
    if (member.groupKey === null) return undefined
    const known = this.#groups.get(groupKey(member))
    if (known !== undefined) return known ?? undefined
    const row = await this.get(FIND_GROUP, member.tenant, member.subscription, brief(member.groupKey))
    const group = row && { head: Number(row[0]), rank: Number(row[1]), run: Number(row[2]) }
    this.#groups.set(groupKey(member), group ?? null)
    return group
  }

  knowsGroup(member: Member): boolean {
    return this.#groups.has(groupKey(member))
  }

  learnGroup(member: Member, group: Group | null): void {
    this.#groups.set(groupKey(member), group)
  }

  /** Null: nobody is left in it. */
  putGroup(member: Member, group: Group | null): void {
    if (member.groupKey === null) return
    this.#groups.set(groupKey(member), group)
    this.#changes.putGroup(member.tenant, member.subscription, brief(member.groupKey), group)
    this.touch()
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

  learnBehind(member: Grouped, behind: Behind): void {
    this.#behind.set(groupKey(member), behind)
  }

  /** As it was read, and is as long as nobody leaves from there. */
  knownBehind(member: Grouped): Behind | undefined {
    const members = this.#members.get(groupKey(member))
    return members === undefined ? this.#behind.get(groupKey(member)) : behindIn([...members.values()])
  }

  /** All that wait behind the head of a group, by sequence. */
  async members(member: Grouped): Promise<readonly TaskRow[]> {
    if (!this.#members.has(groupKey(member))) {
      const rows = await this.all(FIND_MEMBERS, member.tenant, member.subscription, member.groupKey)
      this.learnMembers(
        member,
        rows.map((row) => this.readTask(row)),
      )
    }
    return [...(this.#members.get(groupKey(member))?.values() ?? [])].sort((a, b) => a.sequence - b.sequence)
  }

  learnMembers(member: Grouped, tasks: readonly TaskRow[]): void {
    this.#members.set(groupKey(member), new Map(tasks.map((task) => [task.sequence, task])))
  }

  // ------------------------------------------------------------------------------------------ heads

  async head(tenant: string): Promise<Head> {
    const known = this.#heads.get(tenant)
    if (known !== undefined) return known
    const row = await this.get(FIND_HEAD, tenant)
    const head = { head: Number(row?.[0] ?? 0), version: Number(row?.[1] ?? 0) }
    this.#heads.set(tenant, head)
    if (row?.[2] === 1) this.#sliced.add(tenant)
    return head
  }

  async nextSequence(tenant: string): Promise<number> {
    const { head, version } = await this.head(tenant)
    this.#putHead(tenant, { head: head + 1, version })
    return head + 1
  }

  async raiseVersion(tenant: string): Promise<void> {
    const { head, version } = await this.head(tenant)
    this.#putHead(tenant, { head, version: version + 1 })
  }

  #putHead(tenant: string, head: Head): void {
    this.#heads.set(tenant, head)
    this.#changes.putHead(tenant, head)
    this.touch()
  }

  // ------------------------------------------------------------------------------------------ slices

  addSlice(slice: SliceRow): void {
    this.#heldUp.add(keyOf(slice.tenant, slice.partitionKey))
    this.#changes.addSlice(slice)
    this.touch()
  }

  /** Events of that key are still to be told, or were when it was first asked: others of it come after them. */
  async isHeldUp({ tenant, partitionKey }: EventRow): Promise<boolean> {
    if (this.#heldUp.has(keyOf(tenant, partitionKey))) return true
    await this.head(tenant)
    return this.#sliced.has(tenant) && (await this.get(FIND_SLICE, tenant, brief(partitionKey))) !== undefined
  }

  // ------------------------------------------------------------------------------------------ locks

  /** What leased tasks of the tenant hold. */
  async locks(tenant: string): Promise<HeldLocks> {
    const known = this.#locks.get(tenant)
    if (known !== undefined) return known
    const rows = await this.all(HOLDING, tenant)
    const locks = new HeldLocks()
    for (const row of rows) locks.take(lockingOf(tenant, row))
    this.#locks.set(tenant, locks)
    return locks
  }

  /** The first of its resources that is held in another name, or null: then it may be leased. */
  async busy(task: Locking, run: readonly Locking[] = []): Promise<string | null> {
    return task.lockOwner === null ? null : (await this.locks(task.tenant)).busy(task, run)
  }

  async takeLocks(task: Locking): Promise<void> {
    if (task.lockOwner !== null) (await this.locks(task.tenant)).take(task)
  }

  async freeLocks(task: Locking): Promise<void> {
    if (locksOf(task).length > 0) (await this.locks(task.tenant)).free(task)
  }

  /** False: nobody waits for its lock, so that nobody need be looked for. */
  async isAwaited(tenant: string, resource: string): Promise<boolean> {
    const known = this.#awaited.get(keyOf(tenant, resource))
    if (known !== undefined) return known
    const row = await this.get(IS_AWAITED, tenant, resource)
    const isAwaited = row?.[0] === 1
    this.#awaited.set(keyOf(tenant, resource), isAwaited)
    return isAwaited
  }

  learnAwaited(tenant: string, resource: string, isAwaited: boolean): void {
    this.#awaited.set(keyOf(tenant, resource), isAwaited)
  }

  /** Whether the resource has been removed since the task's event. */
  async isRemoved(task: TaskKey, resource: string): Promise<boolean> {
    const known = this.#removed.get(taskKey(task))
    return known ?? (await this.get(IS_REMOVED, task.tenant, resource, task.sequence)) !== undefined
  }

  /** Holds until something is changed in SQL. */
  learnRemoved(task: TaskKey, isRemoved: boolean): void {
    this.#removed.set(taskKey(task), isRemoved)
  }

  // ------------------------------------------------------------------------------------------ lanes

  async lane(tenant: string, subscription: string): Promise<LaneState> {
    if (isLocalLane(subscription)) return { isSubscribed: true, active: true, pulled: false }
    const key = keyOf(tenant, subscription)
    const known = this.#lanes.get(key)
    if (known !== undefined) return known
    const row = await this.get(FIND_LANE, tenant, subscription)
    const lane = laneOf(row?.[0], row?.[1])
    this.#lanes.set(key, lane)
    return lane
  }

  learnLane({ tenant, subscription }: Lane, state: SqlValue | undefined, pulled: SqlValue | undefined): void {
    this.#lanes.set(keyOf(tenant, subscription), laneOf(state, pulled))
  }

  forgetLane(tenant: string, subscription: string): void {
    this.#lanes.delete(keyOf(tenant, subscription))
  }
}

const lockingOf = (tenant: string, [sequence, subscription, subject, superOwner, lockOwner]: SqlRow): Locking => ({
  tenant,
  sequence: Number(sequence),
  subscription: String(subscription),
  subject: textOf(subject),
  superOwner: textOf(superOwner),
  lockOwner: textOf(lockOwner),
})

const textOf = (value: SqlValue | undefined): string | null => (typeof value === 'string' ? value : null)

const laneOf = (state: SqlValue | undefined, pulled: SqlValue | undefined): LaneState =>
  typeof state === 'string'
    ? { isSubscribed: true, active: lets(state as SubscriptionState), pulled: pulled === 1 }
    : { isSubscribed: false, active: false, pulled: false }

const behindIn = (tasks: readonly TaskRow[]): Behind =>
  tasks.reduce<Behind>(
    ({ next, rank }, { sequence, priority }) => ({
      next: Math.min(next ?? sequence, sequence),
      rank: Math.min(rank, RANKS[priority]),
    }),
    { next: null, rank: NORMAL_RANK },
  )

const groupKey = ({ tenant, subscription, groupKey: key }: Grouped): string => keyOf(tenant, subscription, key)

const likenessKey = ({ tenant, subscription, likeness }: Likened): string => keyOf(tenant, subscription, likeness)
