/**
 * What a transaction is going to ask about tasks, and about all that hangs on them, asked for many at once.
 */
import { childOf } from '../child-of.js'
import type { TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { TASK } from '../sql/shapes.js'
import { isBehind } from '../task-rules.js'
import { arraysOf, rowsOf } from './arrays.js'
import { keyOf, taskKey } from './changes.js'
import { isEventOf } from './event-of.js'
import { learnGroups, learnHeirs } from './learn-groups.js'
import { ARE_COMPARED, isChildOf, type Session } from './session.js'
import { type Statement, statement } from './statement.js'
import { unique } from './unique.js'

const TASKS = `SELECT ${TASK.of('t')} FROM ${rowsOf({ tenant: 'text', sequence: 'int8', subscription: 'text' })}
  JOIN tasks AS t ON t.tenant = v.tenant AND t.sequence = v.sequence AND t.subscription = v.subscription`
const FIND_TASKS = statement(TASKS)
const FIND_LIVE_TASKS = statement(`${TASKS} AND t.ended_at IS NULL`)

/** Those that have not ended. */
export const learnTasks = (session: Session, keys: readonly TaskKey[]): Promise<readonly TaskRow[]> =>
  findTasks(session, FIND_LIVE_TASKS, keys)

/** Those that have ended too; it is known of each whether it is there. */
export async function learnAllTasks(session: Session, keys: readonly TaskKey[]): Promise<readonly TaskRow[]> {
  const found = await findTasks(session, FIND_TASKS, keys)
  const there = new Set(found.map(taskKey))
  for (const key of keys) if (!there.has(taskKey(key))) session.learnAbsent(key)
  return found
}

async function findTasks(session: Session, sql: Statement, keys: readonly TaskKey[]): Promise<readonly TaskRow[]> {
  const asked = unique(keys, taskKey).map(({ tenant, sequence, subscription }) => [tenant, sequence, subscription])
  if (asked.length === 0) return []
  const found = await session.all(sql, ...arraysOf(['text', 'int8', 'text'], asked))
  return found.map((row) => session.readTask(row))
}

/** What they hand on when they leave: their groups, who comes next in each, their locks, and who waits for those. */
export async function learnAround(session: Session, tasks: readonly TaskRow[]): Promise<void> {
  if (tasks.length === 0) return
  const ordered = tasks.filter(({ groupKey }) => groupKey !== null)
  await Promise.all([
    learnGroups(session, ordered),
    learnHeirs(session, ordered),
    learnAwaited(session, tasks),
    learnLocks(session, tasks),
  ])
}

// -------------------------------------------------------------------------------------------- likes

/** Whoever has no likeness has no likes. */
type Likened = Pick<TaskRow, 'tenant' | 'subscription' | 'likeness'>

/** `OFFSET 0` keeps it a question for each: hashed, all child events there are would be read. */
const hasChild = (id: string): string =>
  `EXISTS (SELECT 1 FROM events AS c WHERE ${isChildOf('v.tenant', id)} OFFSET 0)::int`

/** `OFFSET 0` keeps it a question for each likeness: joined freely, everything that may be compared would be walked through. */
const FIND_LIKES =
  statement(`SELECT e.id, ${hasChild('e.id')}, ${TASK.of('t')} FROM ${rowsOf({ tenant: 'text', subscription: 'text', likeness: 'text' })}
  CROSS JOIN LATERAL (SELECT * FROM tasks AS t WHERE (t.tenant || '') = v.tenant AND (t.subscription || '') = v.subscription
    AND left(t.likeness, 200) = left(v.likeness, 200) AND t.likeness = v.likeness AND ${ARE_COMPARED} OFFSET 0) AS t
  LEFT JOIN events AS e ON ${isEventOf('t')}`)
const LIKE = 2

export async function learnLikes(session: Session, likened: readonly Likened[]): Promise<void> {
  const nameOf = (of: Likened) => keyOf(of.tenant, of.subscription, of.likeness)
  const asked = unique(
    likened.filter(({ likeness }) => likeness !== null),
    nameOf,
  )
  if (asked.length === 0) return
  const keys = asked.map(({ tenant, subscription, likeness }) => [tenant, subscription, likeness])
  const rows = await session.all(FIND_LIKES, ...arraysOf(['text', 'text', 'text'], keys))
  const found = new Map<string, TaskRow[]>()
  for (const row of rows) {
    const like = session.readTask(row, LIKE)
    childOf(found, nameOf(like), () => []).push(like)
    if (row[0] === null) continue
    session.learnId(like.tenant, like.sequence, String(row[0]))
    session.learnParent(like.tenant, String(row[0]), row[1] === 1)
  }
  for (const each of asked) session.standing.learnLikes(each, found.get(nameOf(each)) ?? [])
  await learnWhatEnds(session, [...found.values()].flat())
}

/** They may end for a newer one: their groups, who comes next where they lead, and who waits for a lock they may have. */
async function learnWhatEnds(session: Session, likes: readonly TaskRow[]): Promise<void> {
  const leading = likes.filter((like) => !isBehind(like))
  await Promise.all([
    learnGroups(session, likes),
    learnHeirs(
      session,
      leading.filter(({ groupKey }) => groupKey !== null),
    ),
    learnAwaited(session, leading),
  ])
}

const FIND_PARENTS = statement(
  `SELECT v.tenant, v.id, ${hasChild('v.id')} FROM ${rowsOf({ tenant: 'text', id: 'text' })}`,
)

/** Whether events with these ids have child events. */
export async function learnParents(
  session: Session,
  ids: readonly (readonly [tenant: string, id: string])[],
): Promise<void> {
  if (ids.length === 0) return
  const rows = await session.all(FIND_PARENTS, ...arraysOf(['text', 'text'], ids))
  for (const [tenant, id, hasChildren] of rows) session.learnParent(String(tenant), String(id), hasChildren === 1)
}

// -------------------------------------------------------------------------------------------- locks

/** What those hold who have leases beside them. */
export async function learnLocks(
  session: Session,
  tasks: readonly Pick<TaskRow, 'tenant' | 'lockOwner'>[],
): Promise<void> {
  const tenants = new Set(tasks.filter(({ lockOwner }) => lockOwner !== null).map(({ tenant }) => tenant))
  await Promise.all([...tenants].map((tenant) => session.locks(tenant)))
}

/** `OFFSET 0` likewise: all tasks that wait for a lock would be read. */
const FIND_AWAITED =
  statement(`SELECT v.tenant, v.resource, EXISTS (SELECT 1 FROM tasks AS t WHERE (t.tenant || '') = v.tenant
    AND left(t.blocked_by, 200) = left(v.resource, 200) AND t.blocked_by = v.resource AND t.blocked_by IS NOT NULL
    AND t.ended_at IS NULL OFFSET 0)::int
  FROM ${rowsOf({ tenant: 'text', resource: 'text' })}`)

async function learnAwaited(session: Session, tasks: readonly TaskRow[]): Promise<void> {
  const locked = tasks.flatMap((task) =>
    task.lockOwner === null
      ? []
      : [task.subject, task.superOwner].flatMap((resource) => (resource === null ? [] : [[task.tenant, resource]])),
  )
  const asked = unique(locked, (pair) => keyOf(...pair))
  if (asked.length === 0) return
  for (const row of await session.all(FIND_AWAITED, ...arraysOf(['text', 'text'], asked))) {
    session.learnAwaited(String(row[0]), String(row[1]), row[2] === 1)
  }
}
