/**
 * One unit of work: a transaction, the rows it has read, and what it is about to write.
 */
import type { GraphFacts } from '../../registry/graph.js'
import { HeldLocks, type Locking, locksOf } from '../held-locks.js'
import type { Lane, TaskKey } from '../port.js'
import type { AttemptRow, EventRow, ResultRow, SliceRow, SubscriptionState, TaskRow } from '../rows.js'
import type { SqlRow, SqlValue } from '../sql/row.js'
import { EVENT, TASK } from '../sql/shapes.js'
import { isLocalLane, lets } from '../task-rules.js'
import { brief } from './brief.js'
import { Changes, type Group, type Head, keyOf, taskKey } from './changes.js'
import { Conversation } from './conversation.js'
import type { Flights, Value } from './flight.js'
import { IS_BEHIND } from './is-behind.js'
import type { Memory } from './memory.js'
import { type Member, Standing } from './standing.js'
import { type Statement, statement } from './statement.js'
import type { Bulk, Tuple } from './tables.js'

export interface LaneState {
  /** Nobody else's lane than ours has no subscription. */
  readonly isSubscribed: boolean
  readonly active: boolean
  readonly pulled: boolean
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
  readonly standing = new Standing()
  readonly #changes: Changes
  readonly #tasks = new Map<string, TaskRow | null>()
  readonly #events = new Map<string, EventRow | null>()
  readonly #keys = new Map<string, number | null>()
  /** Ids of events that have child events, or have none. */
  readonly #parents = new Map<string, boolean>()
  /** Ids of events that were not read. */
  readonly #ids = new Map<string, string>()
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

  /** What the present graph says of those who look at a resource. */
  readonly #sight = new Map<string, ReadonlyMap<string, GraphFacts>>()

  constructor(flights: Flights, memory: Memory, slot: number) {
    const changes = new Changes(slot)
    super(flights, () => changes.take())
    this.#changes = changes
    this.memory = memory
  }

  override run(sql: Statement | string, ...values: Value[]): Promise<number> {
    this.#removed.clear()
    this.#parents.clear()
    this.#sight.clear()
    return super.run(sql, ...values)
  }

  override write(bulk: Bulk, rows: readonly Tuple[]): Promise<void> {
    this.#removed.clear()
    this.#sight.clear()
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
    this.#wrote(null, task)
  }

  changeTask(before: TaskRow, task: TaskRow, rank: number): void {
    this.#changes.changeTask(before, task, rank)
    this.#wrote(before, task)
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
    this.standing.dropped(task)
    this.touch()
  }

  #wrote(before: TaskRow | null, task: TaskRow): void {
    this.#tasks.set(taskKey(task), task)
    this.standing.wrote(before, task)
    if (task.blockedBy !== null) this.#awaited.set(keyOf(task.tenant, task.blockedBy), true)
    this.touch()
  }

  /** Those with the same likeness that may be compared, by sequence. */
  async likes(task: Pick<TaskRow, 'tenant' | 'subscription' | 'likeness'>): Promise<readonly TaskRow[]> {
    const known = this.standing.likes(task)
    if (known !== undefined) return known
    const rows = await this.all(FIND_LIKES, task.tenant, task.subscription, task.likeness)
    const likes = rows.map((row) => this.readTask(row))
    this.standing.learnLikes(task, likes)
    return this.standing.likes(task) ?? likes
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
    this.standing.forget()
    this.#locks.clear()
  }

  count(lane: Lane, state: TaskRow['state'], change: number): void {
    this.#changes.count(lane, state, change)
    this.touch()
  }

  // ------------------------------------------------------------------------------------------ groups

  async group(member: Member): Promise<Group | undefined> {
    if (member.groupKey === null) return undefined
    const known = this.standing.group(member)
    if (known !== undefined) return known ?? undefined
    const row = await this.get(FIND_GROUP, member.tenant, member.subscription, brief(member.groupKey))
    const group = row && { head: Number(row[0]), rank: Number(row[1]), run: Number(row[2]) }
    this.standing.learnGroup(member, group ?? null)
    return group
  }

  /** Null: nobody is left in it. */
  putGroup(member: Member, group: Group | null): void {
    if (member.groupKey === null) return
    this.standing.learnGroup(member, group)
    this.#changes.putGroup(member.tenant, member.subscription, brief(member.groupKey), group)
    this.touch()
  }

  /** All that wait behind the head of a group, by sequence. */
  async members(member: Member): Promise<readonly TaskRow[]> {
    const known = this.standing.members(member)
    if (known !== undefined) return known
    const rows = await this.all(FIND_MEMBERS, member.tenant, member.subscription, member.groupKey)
    const members = rows.map((row) => this.readTask(row))
    this.standing.learnMembers(member, members)
    return members
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

  // ------------------------------------------------------------------------------------------ the graph

  /** Holds until something is changed in SQL, as the graph is. */
  learnSight(tenant: string, source: string, facts: ReadonlyMap<string, GraphFacts>): void {
    this.#sight.set(keyOf(tenant, source), facts)
  }

  sight(tenant: string, source: string): ReadonlyMap<string, GraphFacts> | undefined {
    return this.#sight.get(keyOf(tenant, source))
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
