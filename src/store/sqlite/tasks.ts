import type { Candidate, Lane, TaskFilter, TaskKey, TaskStore, TurnOptions } from '../port.js'
import type { AttemptRow, EventRow, TaskRow, TaskState } from '../rows.js'
import { endedTask, isFinished, isLocalLane, reopenedTask } from '../task-rules.js'
import { addTask } from './admit.js'
import { findTask, finish, place } from './groups.js'
import { leaseTasks } from './lease.js'
import { findEvent } from './log.js'
import { where } from './query.js'
import { sees } from './registry.js'
import type { Session } from './session.js'
import { heartbeat, settleOne, takeOver } from './settle.js'
import { ATTEMPT, TASK } from './shapes.js'
import { advance } from './subscriptions.js'
import type { Sync } from './sync.js'

export const sqliteTasks = (session: Session): Sync<TaskStore> => ({
  lease: (request) => leaseTasks(session, request),
  settle: (settlements, lease) => settlements.map((settlement) => settleOne(session, settlement, lease)),
  heartbeat: (keys, until) => heartbeat(session, keys, until),
  takeOver: () => takeOver(session),
  get: (key) => getTask(session, key),
  list: (filter, page) => listTasks(session, filter, page),
  attempts: (key) => attemptsOf(session, key),
  counts: (tenant, subscription) => countTasks(session, tenant, subscription),
  cancel: (key, now, code, message) => cancelTask(session, key, now, code, message),
  retry: (key) => retryTask(session, key),
  turn: (lane, entries, options) => turnLog(session, lane, entries, options),
})

/** `held` is never stored: it follows from the subscription. */
const SHOWN = `CASE WHEN t.state IN ('due', 'waiting') AND s.state IN ('paused', 'disabled') THEN 'held' ELSE t.state END`
const JOINED = 'LEFT JOIN subscriptions AS s ON s.tenant = t.tenant AND s.id = t.subscription'

function getTask(session: Session, { tenant, sequence, subscription }: TaskKey): TaskRow | null {
  const filter = { tenant, sequence, subscription }
  return listTasks(session, filter, { after: null, limit: 1 })[0] ?? null
}

function listTasks(
  session: Session,
  filter: TaskFilter,
  { after, limit }: { after: { sequence: number; subscription: string } | null; limit: number },
): readonly TaskRow[] {
  const index = indexFor(filter)
  const condition = where(['t.tenant = ?', filter.tenant])
    .and(index === 'tasks_failed', "t.state IN ('refused', 'exhausted')")
    .and(filter.sequence !== undefined, 't.sequence = ?', filter.sequence)
    .and(filter.subscription !== undefined, 't.subscription = ?', filter.subscription)
    .and(after !== null, '(t.sequence, t.subscription) < (?, ?)', after?.sequence, after?.subscription)
    .andIn(SHOWN, filter.states)
    .andIn('t.type', filter.types)
    .and(filter.subject !== undefined, 't.subject = ?', filter.subject)
  const sql = `SELECT ${TASK.of('t')}, ${SHOWN} FROM tasks AS t ${index === null ? 'NOT INDEXED' : `INDEXED BY ${index}`}
    ${JOINED} WHERE ${condition.sql} ORDER BY t.sequence DESC, t.subscription DESC LIMIT ?`
  return session.all(sql, ...condition.values, limit).map(shownTask)
}

/** Null: the table's own order. */
function indexFor(filter: TaskFilter): string | null {
  if (filter.sequence !== undefined) return null
  const failed = filter.states?.every((state) => state === 'refused' || state === 'exhausted') ?? false
  if (failed && filter.states?.length !== 0) return 'tasks_failed'
  return filter.subscription === undefined ? null : 'tasks_by_subscription'
}

const shownTask = (row: readonly (string | number | null)[]): TaskRow => ({
  ...TASK.read(row),
  state: row[TASK.width] as TaskState,
})

function attemptsOf(session: Session, { tenant, sequence, subscription }: TaskKey): readonly AttemptRow[] {
  const sql = `SELECT ${ATTEMPT.columns} FROM attempts
    WHERE tenant = ? AND sequence = ? AND subscription = ? ORDER BY number`
  return session.all(sql, tenant, sequence, subscription).map((row) => ATTEMPT.read(row))
}

function countTasks(
  session: Session,
  tenant: string | null,
  subscription: string | undefined,
): Readonly<Partial<Record<TaskState, number>>> {
  session.writeTallies()
  const rows = session.all(
    `SELECT ${SHOWN} AS shown, SUM(t.count) FROM task_counts AS t ${JOINED}
     WHERE (?1 IS NULL OR t.tenant = ?1) AND (?2 IS NULL OR t.subscription = ?2) GROUP BY shown HAVING SUM(t.count) > 0`,
    tenant,
    subscription ?? null,
  )
  return Object.fromEntries(rows.map((row) => [String(row[0]), Number(row[1])]))
}

function cancelTask(session: Session, key: TaskKey, now: number, code: string, message: string): boolean {
  const task = findTask(session, key)
  if (task === undefined || isFinished(task.state)) return false
  finish(session, task, endedTask(task, { state: 'cancelled', code, message }, now))
  return true
}

function retryTask(session: Session, key: TaskKey): boolean {
  const task = findTask(session, key)
  if (task === undefined || !isSubscribed(session, key)) return false
  if (!isFinished(task.state) && task.wakeAt === null) return false
  place(session, task, reopenedTask(task))
  return true
}

const isSubscribed = (session: Session, { tenant, subscription }: Lane): boolean =>
  isLocalLane(subscription) ||
  session.get('SELECT 1 FROM subscriptions WHERE tenant = ? AND id = ?', tenant, subscription) !== undefined

// -------------------------------------------------------------------------------------------- turning

function turnLog(
  session: Session,
  lane: Lane,
  entries: readonly { event: EventRow; candidate: Candidate }[],
  options: TurnOptions,
): number {
  if (!isSubscribed(session, lane)) return 0
  const turned = entries.filter(({ event, candidate }) => turnOne(session, lane.tenant, event, candidate, options))
  if (options.cursor !== null) advance(session, lane, options.cursor, options)
  return turned.length
}

function turnOne(
  session: Session,
  tenant: string,
  { sequence }: EventRow,
  candidate: Candidate,
  options: TurnOptions,
): boolean {
  const event = findEvent(session, tenant, sequence)
  if (event?.state !== 'admitted' || !sawAndSees(session, event, candidate)) return false
  const task = findTask(session, { tenant, sequence, subscription: candidate.subscription })
  if (task === undefined) addTask(session, event, candidate, options.now)
  else if (options.again && isFinished(task.state)) place(session, task, reopenedTask(task))
  else return false
  return true
}

/** Visible then, on the graph before or after its operation, and now. */
const sawAndSees = (session: Session, event: EventRow, { scope }: Candidate): boolean =>
  (sees(session, event.tenant, scope, event.subject, event.operation - 1) ||
    sees(session, event.tenant, scope, event.subject, event.sequence)) &&
  sees(session, event.tenant, scope, event.subject, null)
