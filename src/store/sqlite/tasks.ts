import type { Candidate, Lane, TaskKey, TaskStore, TurnOptions } from '../port.js'
import type { AttemptRow, EventRow, TaskRow } from '../rows.js'
import { ATTEMPT } from '../sql/shapes.js'
import { endedTask, isElsewhere, isFinished, isLocalLane, isTold, reopenedTask, toldAgain } from '../task-rules.js'
import { addTask } from './admit.js'
import { findTask } from './groups.js'
import { leaseTasks } from './lease.js'
import { finish } from './leaving.js'
import { placeAgain, prioritise } from './likes.js'
import { findEvent } from './log.js'
import { removeTasks } from './removal.js'
import type { Session } from './session.js'
import { heartbeat, settleAll, takeOver } from './settle.js'
import { advance, findSubscription } from './subscriptions.js'
import type { Sync } from './sync.js'
import { countBy, countTasks, getTask, listTasks } from './task-lists.js'
import { sees } from './visibility.js'

export const sqliteTasks = (session: Session): Sync<TaskStore> => ({
  lease: (request) => leaseTasks(session, request),
  settle: (settlements, lease) => settleAll(session, settlements, lease),
  heartbeat: (keys, until) => heartbeat(session, keys, until),
  takeOver: (now) => takeOver(session, now),
  get: (key) => getTask(session, key),
  list: (filter, page) => listTasks(session, filter, page),
  attempts: (key) => attemptsOf(session, key),
  counts: (tenant, subscription) => countTasks(session, tenant, subscription),
  countsBy: (filter) => countBy(session, filter),
  reprioritise: (key, priority) => reprioritise(session, key, priority),
  remove: (keys) => removeTasks(session, keys),
  cancel: (key, now, code, message) => cancelTask(session, key, now, code, message),
  retry: (key, now) => retryTask(session, key, now),
  turn: (lane, entries, options) => turnLog(session, lane, entries, options),
})

function attemptsOf(session: Session, { tenant, sequence, subscription }: TaskKey): readonly AttemptRow[] {
  const sql = `SELECT ${ATTEMPT.columns} FROM attempts
    WHERE tenant = ? AND sequence = ? AND subscription = ? ORDER BY number`
  return session.all(sql, tenant, sequence, subscription).map((row) => ATTEMPT.read(row))
}

function cancelTask(session: Session, key: TaskKey, now: number, code: string, message: string): boolean {
  const task = findTask(session, key)
  if (task === undefined || isFinished(task.state)) return false
  finish(session, task, endedTask(task, { state: 'cancelled', code, message }, now))
  return true
}

function reprioritise(session: Session, key: TaskKey, priority: TaskRow['priority']): boolean {
  const task = findTask(session, key)
  if (task?.state !== 'due' && task?.state !== 'waiting') return false
  prioritise(session, task, priority)
  return true
}

function retryTask(session: Session, key: TaskKey, now: number): boolean {
  const task = findTask(session, key)
  if (task === undefined || !isSubscribed(session, key)) return false
  if (!isFinished(task.state) && task.wakeAt === null) return false
  reopen(session, task, now)
  return true
}

function reopen(session: Session, task: TaskRow, now: number): void {
  session.sweptTo = 0
  placeAgain(session, task, reopenedTask(task), now)
}

const isSubscribed = (session: Session, { tenant, subscription }: Lane): boolean =>
  isLocalLane(subscription) || findSubscription(session, tenant, subscription) !== undefined

// -------------------------------------------------------------------------------------------- turning

function turnLog(
  session: Session,
  lane: Lane,
  entries: readonly { event: EventRow; candidate: Candidate }[],
  options: TurnOptions,
): number | null {
  const row = findSubscription(session, lane.tenant, lane.subscription)
  if (row === undefined && !isLocalLane(lane.subscription)) return 0
  if (row !== undefined && isElsewhere(row, options)) return null
  const turned = entries.filter(({ event, candidate }) => turnOne(session, lane.tenant, event, candidate, options))
  if (row !== undefined && options.cursor !== null) advance(session, row, options.cursor, options)
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
  if (!event || !isTold(event) || !sawAndSees(session, event, candidate)) return false
  const task = findTask(session, { tenant, sequence, subscription: candidate.subscription })
  if (task === undefined) addAgain(session, event, candidate, options.now)
  else if (options.again && isFinished(task.state)) reopen(session, toldAgain(task, candidate), options.now)
  else return false
  return true
}

function addAgain(session: Session, event: EventRow, candidate: Candidate, now: number): void {
  session.sweptTo = 0
  addTask(session, event, candidate, now, now)
}

/** Visible then, on the graph before or after its operation, and now. */
const sawAndSees = (session: Session, event: EventRow, { scope }: Candidate): boolean =>
  (sees(session, event.tenant, scope, event.subject, event.operation - 1) ||
    sees(session, event.tenant, scope, event.subject, event.sequence)) &&
  sees(session, event.tenant, scope, event.subject, null)
