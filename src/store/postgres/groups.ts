/**
 * Where a task stands: ready in its lane, asleep, leased, behind the head of its group, or waiting for a lock; the partial
 * indexes follow from its columns. A group leaves one at a time in sequence, or as a run; every exit calls `promote`.
 */
import type { Lane } from '../port.js'
import type { TaskRow } from '../rows.js'
import { behindAll, foremost, NORMAL_RANK, RANKS, runWithout } from '../task-rules.js'
import type { Group } from './changes.js'
import { IS_BEHIND } from './is-behind.js'
import type { Session } from './session.js'
import type { Behind, Member } from './standing.js'
import { statement } from './statement.js'

/** Writes what became of a task that stays where it is in its group; a head has its group's rank. */
export async function saveTask(session: Session, before: TaskRow, task: TaskRow): Promise<void> {
  const group = task.state === 'due' || task.blockedBy !== null ? await session.group(task) : undefined
  session.changeTask(before, task, group?.rank ?? RANKS[task.priority])
}

// -------------------------------------------------------------------------------------------- groups

const BEHIND = statement(`SELECT
  (SELECT sequence FROM tasks WHERE ${IS_BEHIND} ORDER BY sequence LIMIT 1),
  (SELECT priority FROM tasks WHERE ${IS_BEHIND} AND priority < 2 ORDER BY priority LIMIT 1)`)

/** Who waits behind the head of a group. */
export async function behind(session: Session, member: Member): Promise<Behind> {
  const known = session.standing.behind(member)
  if (known !== undefined) return known
  const [next = null, best = null] = (await session.get(BEHIND, ...keyOf(member))) ?? []
  return { next: next === null ? null : Number(next), rank: best === null ? NORMAL_RANK : Number(best) }
}

const keyOf = ({ tenant, subscription, groupKey }: Member) => [tenant, subscription, groupKey] as const

// -------------------------------------------------------------------------------------------- standing

/** Writes a task under its place: `before` is what was stored of it, or null when it is new. */
type Write = (task: TaskRow, rank: number) => void

const writing = (session: Session, before: TaskRow | null): Write =>
  before === null ? (task, rank) => session.addTask(task, rank) : (task, rank) => session.changeTask(before, task, rank)

/** A task that may not stand at the head of another's group: new, reopened or woken. Answers how it stands now. */
export async function place(session: Session, before: TaskRow | null, task: TaskRow): Promise<TaskRow> {
  const write = writing(session, before)
  if (task.wakeAt !== null || task.groupKey === null) {
    const asleep: TaskRow = { ...task, state: 'waiting' }
    const standing = task.wakeAt === null ? foremost(task, await session.busy(task)) : asleep
    write(standing, RANKS[task.priority])
    return standing
  }
  const group = await session.group(task)
  if (group === undefined) session.putGroup(task, { head: task.sequence, rank: RANKS[task.priority], run: 0 })
  if (group === undefined || (group.head === task.sequence && group.run === 0)) {
    return lead(session, write, task, group?.rank ?? RANKS[task.priority])
  }
  return join(session, write, task)
}

async function lead(session: Session, write: Write, task: TaskRow, rank: number): Promise<TaskRow> {
  const standing = foremost(task, await session.busy(task))
  write(standing, rank)
  return standing
}

async function join(session: Session, write: Write, task: TaskRow): Promise<TaskRow> {
  const waiting = behindAll(task)
  write(waiting, RANKS[task.priority])
  const group = await session.group(waiting)
  if (group?.run === 0 && RANKS[task.priority] < group.rank) rankAs(session, waiting, group, RANKS[task.priority])
  return waiting
}

/** A head that is due moves with its group. */
export function rankAs(session: Session, member: Member, { head }: Group, rank: number): void {
  session.putGroup(member, { head, rank, run: 0 })
  session.rankTask({ ...member, sequence: head }, rank)
}

/** The next head of a group. Its own row does not say so yet. */
export interface Heir {
  readonly sequence: number
  /** That of its group. */
  readonly rank: number
}

/** A task has left its group for good, or its run, as `gone` tells. Answers who leads it now, if that changed. */
export async function succeed(session: Session, gone: TaskRow): Promise<Heir | null> {
  const group = await session.group(gone)
  if (group === undefined) return null
  const ledAlone = group.run === 0 && group.head === gone.sequence
  const run = runWithout(group, gone)
  if (!ledAlone && (run > 0 || group.run === 0)) {
    if (run < group.run) session.putGroup(gone, { ...group, run })
    if (RANKS[gone.priority] < NORMAL_RANK) session.standing.rankLater(gone)
    return null
  }
  const { next, rank } = await behind(session, gone)
  session.putGroup(gone, next === null ? null : { head: next, rank, run: 0 })
  return next === null ? null : { sequence: next, rank }
}

/** The heir takes its place. */
export async function promote(
  session: Session,
  { tenant, subscription }: Lane,
  { sequence, rank }: Heir,
): Promise<TaskRow | null> {
  const task = await session.task({ tenant, sequence, subscription })
  return task === undefined ? null : lead(session, writing(session, task), task, rank)
}
