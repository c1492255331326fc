/**
 * Where a task stands: ready in its lane, asleep, leased, behind the head of its group, or waiting for a lock; the partial
 * indexes follow from its columns. A group leaves one at a time in sequence, or as a run; every exit calls `promote`.
 */
import type { Lane, LeaseGrant, TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { TASK } from '../sql/shapes.js'
import { behindAll, foremost, leasedTask, NORMAL_RANK, RANKS, runWithout } from '../task-rules.js'
import type { Session } from './session.js'
import type { Member } from './standing.js'

const SELECT_TASK = `SELECT ${TASK.columns} FROM tasks WHERE tenant = ? AND sequence = ? AND subscription = ?`
const UPDATE_TASK = `UPDATE tasks SET state = ?, wake_at = ?, attempts = ?, failures = ?, token = ?, leased_by = ?,
  leased_until = ?, ended_at = ?, code = ?, message = ?, blocked_by = ?, priority = ?, replayed_at = ?,
  rank = ?
  WHERE tenant = ? AND sequence = ? AND subscription = ?`

export function findTask(session: Session, key: TaskKey): TaskRow | undefined {
  const row = session.get(SELECT_TASK, key.tenant, key.sequence, key.subscription)
  return row === undefined ? undefined : TASK.read(row)
}

export function insertTask(session: Session, task: TaskRow, rank: number): void {
  const { standing } = session
  session.insert(TASK, task, rank)
  standing.move(null, task)
  session.awaits(task)
  session.tally(task.tenant, task.subscription, task.state, 1)
}

export function updateTask(session: Session, before: TaskRow, task: TaskRow, rank: number): void {
  const { standing } = session
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
    task.replayedAt,
    rank,
    task.tenant,
    task.sequence,
    task.subscription,
  )
  standing.move(before, task)
  session.awaits(task)
  if (before.state === task.state) return
  session.tally(task.tenant, task.subscription, before.state, -1)
  session.tally(task.tenant, task.subscription, task.state, 1)
}

/** Writes what became of a task that stays where it is in its group; a head has its group's rank. */
export function saveTask(session: Session, before: TaskRow, task: TaskRow): void {
  const group = task.state === 'due' || task.blockedBy !== null ? session.standing.group(task) : undefined
  updateTask(session, before, task, group?.rank ?? RANKS[task.priority])
}

// -------------------------------------------------------------------------------------------- standing

/** Writes a task under its place, and answers what was written. */
type Write = (session: Session, task: TaskRow, rank: number) => TaskRow

/** `before` is what was stored of it, or null when it is new. */
const writing =
  (before: TaskRow | null): Write =>
  (session, task, rank) => {
    if (before === null) insertTask(session, task, rank)
    else updateTask(session, before, task, rank)
    return task
  }

const leasing =
  (write: Write, lease: LeaseGrant): Write =>
  (session, task, rank) => {
    if (task.state !== 'due') return write(session, task, rank)
    const held = leasedTask(task, lease)
    session.locks.take(held)
    session.rememberLease(held)
    return write(session, held, rank)
  }

/**
 * A task that may not stand at the head of another's group: new, reopened or woken. Answers how it stands now.
 * @param lease under which it is leased at once if it may leave: one row is written, and no index that it would leave again.
 */
export function place(
  session: Session,
  before: TaskRow | null,
  task: TaskRow,
  lease: LeaseGrant | null = null,
): TaskRow {
  const write = lease === null ? writing(before) : leasing(writing(before), lease)
  if (task.wakeAt !== null) {
    const asleep: TaskRow = { ...task, state: 'waiting' }
    return write(session, asleep, RANKS[task.priority])
  }
  if (task.groupKey === null) return lead(session, write, task, RANKS[task.priority])
  if (session.standing.found(task)) return lead(session, write, task, RANKS[task.priority])
  const group = session.standing.group(task)
  if (group?.head === task.sequence && group.run === 0) return lead(session, write, task, group.rank)
  return join(session, write, task)
}

function lead(session: Session, write: Write, task: TaskRow, rank: number): TaskRow {
  return write(session, foremost(task, session.locks.busy(task)), rank)
}

function join(session: Session, write: Write, task: TaskRow): TaskRow {
  const waiting = behindAll(task)
  write(session, waiting, RANKS[task.priority])
  if (RANKS[task.priority] < NORMAL_RANK) regroup(session, waiting)
  return waiting
}

/** The group's rank is the best of its head and of all that wait behind it; a head that is due moves with it. */
export function regroup(session: Session, member: Member): void {
  const group = session.standing.group(member)
  const head = group === undefined ? undefined : findTask(session, { ...member, sequence: group.head })
  if (group === undefined || head === undefined || group.run > 0) return
  const rank = Math.min(RANKS[head.priority], session.standing.bestRankBehind(member))
  if (rank === group.rank) return
  group.rank = rank
  updateTask(session, head, head, rank)
}

/** The next head of a group. Its own row does not say so yet. */
export interface Heir {
  readonly sequence: number
  /** That of its group. */
  readonly rank: number
}

/** A task has left its group for good, or its run, as `gone` tells. Answers who leads it now, if that changed. */
export function succeed(session: Session, gone: TaskRow): Heir | null {
  if (gone.groupKey === null) return null
  const { standing } = session
  const group = standing.group(gone)
  if (group === undefined) return null
  const ledAlone = group.run === 0 && group.head === gone.sequence
  const run = runWithout(group, gone)
  if (!ledAlone && (run > 0 || group.run === 0)) {
    group.run = run
    if (RANKS[gone.priority] < NORMAL_RANK) regroup(session, gone)
    return null
  }
  const next = standing.next(gone)
  if (next === undefined) {
    standing.drop(gone)
    return null
  }
  group.head = next
  group.run = 0
  group.rank = standing.bestRankBehind(gone)
  return { sequence: next, rank: group.rank }
}

/** The heir takes its place. */
export function promote(session: Session, { tenant, subscription }: Lane, { sequence, rank }: Heir): TaskRow | null {
  const task = findTask(session, { tenant, sequence, subscription })
  return task === undefined ? null : lead(session, writing(task), task, rank)
}
