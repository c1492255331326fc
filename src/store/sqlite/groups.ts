/**
 * Where a task stands: ready in its lane, asleep, leased, behind the head of its group, or waiting for a lock; the partial
 * indexes follow from its columns. A group leaves one at a time in sequence; every exit of its head calls `promote`.
 */
import type { Lane, TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { foremost, NORMAL_RANK, RANKS } from '../task-rules.js'
import type { Session } from './session.js'
import { TASK } from './shapes.js'

const SELECT_TASK = `SELECT ${TASK.columns} FROM tasks WHERE tenant = ? AND sequence = ? AND subscription = ?`
const UPDATE_TASK = `UPDATE tasks SET state = ?, wake_at = ?, attempts = ?, failures = ?, token = ?, leased_by = ?,
  leased_until = ?, ended_at = ?, code = ?, message = ?, blocked_by = ?, priority = ?, rank = ?
  WHERE tenant = ? AND sequence = ? AND subscription = ?`

export function findTask(session: Session, key: TaskKey): TaskRow | undefined {
  const row = session.get(SELECT_TASK, key.tenant, key.sequence, key.subscription)
  return row === undefined ? undefined : TASK.read(row)
}

export function insertTask(session: Session, task: TaskRow, rank: number): void {
  session.insert(TASK, task, rank)
  session.awaits(task)
  session.tally(task.tenant, task.subscription, task.state, 1)
}

export function updateTask(session: Session, before: TaskRow, task: TaskRow, rank: number): void {
  session.run(
    UPDATE_TASK,
    task.state,
    task.wakeAt,
    task.attempts,
    task.failures,
    task.token,
    task.leasedBy,
    task.leasedUntil,
    task.endedAt,
    task.code,
    task.message,
    task.blockedBy,
    RANKS[task.priority],
    rank,
    task.tenant,
    task.sequence,
    task.subscription,
  )
  session.awaits(task)
  if (before.state === task.state) return
  session.tally(task.tenant, task.subscription, before.state, -1)
  session.tally(task.tenant, task.subscription, task.state, 1)
}

/** Writes what became of a task that stays where it is in its group; a head has its group's rank. */
export function saveTask(session: Session, before: TaskRow, task: TaskRow): void {
  const group = task.state === 'due' || task.blockedBy !== null ? groupOf(session, task) : undefined
  updateTask(session, before, task, group?.rank ?? RANKS[task.priority])
}

// -------------------------------------------------------------------------------------------- groups

/** What tells a task's place. */
export type Member = Pick<TaskRow, 'tenant' | 'sequence' | 'subscription' | 'groupKey' | 'priority'>

interface Group {
  readonly head: number
  readonly rank: number
}

export function groupOf(session: Session, task: Member): Group | undefined {
  if (task.groupKey === null) return undefined
  const row = session.get(
    'SELECT head, rank FROM groups WHERE tenant = ? AND subscription = ? AND key = ?',
    task.tenant,
    task.subscription,
    task.groupKey,
  )
  return row === undefined ? undefined : { head: Number(row[0]), rank: Number(row[1]) }
}

/** Answers false if the group is there already. */
const foundGroup = (session: Session, task: TaskRow): boolean =>
  session.run(
    'INSERT OR IGNORE INTO groups (tenant, subscription, key, head, rank) VALUES (?, ?, ?, ?, ?)',
    task.tenant,
    task.subscription,
    task.groupKey,
    task.sequence,
    RANKS[task.priority],
  ) === 1

const putGroup = (session: Session, member: Member, { head, rank }: Group): number =>
  session.run(
    'UPDATE groups SET head = ?, rank = ? WHERE tenant = ? AND subscription = ? AND key = ?',
    head,
    rank,
    member.tenant,
    member.subscription,
    member.groupKey,
  )

export const BEHIND = `tenant = ?1 AND subscription = ?2 AND group_key = ?3 AND state = 'waiting' AND wake_at IS NULL
  AND blocked_by IS NULL`

function bestRankBehind(session: Session, member: Member): number {
  const row = session.get(
    `SELECT priority FROM tasks INDEXED BY tasks_behind_high
     WHERE ${BEHIND} AND priority < 2 ORDER BY priority LIMIT 1`,
    member.tenant,
    member.subscription,
    member.groupKey,
  )
  return row === undefined ? NORMAL_RANK : Number(row[0])
}

// -------------------------------------------------------------------------------------------- standing

/** Writes a task under its place: `before` is what was stored of it, or null when it is new. */
type Write = (session: Session, task: TaskRow, rank: number) => void

const writing = (before: TaskRow | null): Write =>
  before === null ? insertTask : (session, task, rank) => updateTask(session, before, task, rank)

/** A task that may not stand at the head of another's group: new, reopened or woken. Answers how it stands now. */
export function place(session: Session, before: TaskRow | null, task: TaskRow): TaskRow {
  const write = writing(before)
  if (task.wakeAt !== null || task.groupKey === null) {
    const asleep: TaskRow = { ...task, state: 'waiting' }
    const standing = task.wakeAt === null ? foremost(task, session.locks.busy(task)) : asleep
    write(session, standing, RANKS[task.priority])
    return standing
  }
  if (foundGroup(session, task)) return lead(session, write, task, RANKS[task.priority])
  const group = groupOf(session, task)
  if (group?.head === task.sequence) return lead(session, write, task, group.rank)
  return join(session, write, task)
}

function lead(session: Session, write: Write, task: TaskRow, rank: number): TaskRow {
  const standing = foremost(task, session.locks.busy(task))
  write(session, standing, rank)
  return standing
}

function join(session: Session, write: Write, task: TaskRow): TaskRow {
  const waiting: TaskRow = { ...task, state: 'waiting', wakeAt: null, blockedBy: null }
  write(session, waiting, RANKS[task.priority])
  if (RANKS[task.priority] < NORMAL_RANK) regroup(session, waiting)
  return waiting
}

/** The group's rank is the best of its head and of all that wait behind it; a head that is due moves with it. */
export function regroup(session: Session, member: Member): void {
  const group = groupOf(session, member)
  const head = group === undefined ? undefined : findTask(session, { ...member, sequence: group.head })
  if (group === undefined || head === undefined) return
  const rank = Math.min(RANKS[head.priority], bestRankBehind(session, member))
  if (rank === group.rank) return
  putGroup(session, member, { head: group.head, rank })
  updateTask(session, head, head, rank)
}

/** A group with the first that waits behind its head and the best rank there: what is asked when its head leaves. */
const GROUP_LEFT = `SELECT head,
  (SELECT sequence FROM tasks INDEXED BY tasks_behind WHERE ${BEHIND} ORDER BY sequence LIMIT 1),
  (SELECT priority FROM tasks INDEXED BY tasks_behind_high WHERE ${BEHIND} AND priority < 2 ORDER BY priority LIMIT 1)
  FROM groups WHERE tenant = ?1 AND subscription = ?2 AND key = ?3`
const DROP_GROUP = 'DELETE FROM groups WHERE tenant = ? AND subscription = ? AND key = ?'

/** The next head of a group. Its own row does not say so yet. */
export interface Heir {
  readonly sequence: number
  /** That of its group. */
  readonly rank: number
}

/** A task has left its group for good. Answers who leads it now, if that changed. */
export function succeed(session: Session, gone: Member): Heir | null {
  if (gone.groupKey === null) return null
  const key = [gone.tenant, gone.subscription, gone.groupKey] as const
  const row = session.get(GROUP_LEFT, ...key)
  if (row === undefined) return null
  const [head, next = null, best = null] = row
  if (head !== gone.sequence) {
    if (RANKS[gone.priority] < NORMAL_RANK) regroup(session, gone)
    return null
  }
  if (next === null) {
    session.run(DROP_GROUP, ...key)
    return null
  }
  const heir = { sequence: Number(next), rank: Number(best ?? NORMAL_RANK) }
  putGroup(session, gone, { head: heir.sequence, rank: heir.rank })
  return heir
}

/** The heir takes its place. */
export function promote(session: Session, { tenant, subscription }: Lane, { sequence, rank }: Heir): TaskRow | null {
  const task = findTask(session, { tenant, sequence, subscription })
  return task === undefined ? null : lead(session, writing(task), task, rank)
}
