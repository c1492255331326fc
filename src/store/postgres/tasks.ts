import type { Candidate, Lane, TaskKey, TaskStore, TurnOptions } from '../port.js'
import type { AttemptRow, EventRow, TaskRow } from '../rows.js'
import { ATTEMPT } from '../sql/shapes.js'
import { endedTask, isElsewhere, isFinished, isLocalLane, isTold, reopenedTask, toldAgain } from '../task-rules.js'
import { addTask } from './admit.js'
import type { Asked } from './conversation.js'
import type { Database } from './database.js'
import { leaseSteps } from './lease.js'
import { finish } from './leaving.js'
import { placeAgain, prioritise } from './likes.js'
import type { Steps } from './line.js'
import { sweepAgain } from './memory.js'
import { ATTEMPT_TABLES } from './partitions.js'
import { prefetchRetry, prefetchTurn } from './prefetch.js'
import { removalSteps } from './removal.js'
import type { Session } from './session.js'
import { heartbeat, settleSteps, takeOver } from './settle.js'
import { statement } from './statement.js'
import { advance, findSubscription } from './subscriptions.js'
import { countBy, countTasks, getTask, listTasks } from './task-lists.js'
import { sees } from './visibility.js'

export const postgresTasks = ({ read, write, share }: Database): TaskStore => ({
  lease: async (request) => {
    const { alarm, ...answer } = await share(leaseSteps(request))
    return { ...answer, nextWakeAt: await alarm() }
  },
  settle: (settlements, lease) => share(settleSteps(settlements, lease)),
  heartbeat: (keys, until) => write((session) => heartbeat(session, keys, until)),
  takeOver: (now) => write((session) => takeOver(session, now)),
  get: (key) => getTask(read, key),
  list: (filter, page) => listTasks(read, filter, page),
  attempts: (key) => attemptsOf(read, key),
  counts: (tenant, subscription) => countTasks(read, tenant, subscription),
  countsBy: (filter) => countBy(read, filter),
  reprioritise: (key, priority) => share(changing(key, (session) => reprioritise(session, key, priority))),
  remove: (keys) => share(removalSteps(keys)),
  cancel: (key, now, code, message) => share(changing(key, (session) => cancelTask(session, key, now, code, message))),
  retry: (key, now) =>
    share({
      ...changing(key, (session) => retryTask(session, key, now)),
      prepare: (session) => prefetchRetry(session, key),
    }),
  turn: (lane, entries, options) =>
    share({
      prepare: (session) => prefetchTurn(session, lane.tenant, entries),
      perform: (session) => turnLog(session, lane, entries, options),
      size: entries.length,
    }),
})

const changing = <Result>(key: TaskKey, perform: (session: Session) => Promise<Result>): Steps<Result> => ({
  tasks: [key],
  perform,
  size: 1,
})

const ATTEMPTS_OF = ATTEMPT_TABLES.map((table) =>
  statement(`SELECT ${ATTEMPT.columns} FROM ${table} WHERE tenant = ? AND sequence = ? AND subscription = ?
    ORDER BY number`),
)

async function attemptsOf(asked: Asked, { tenant, sequence, subscription }: TaskKey): Promise<readonly AttemptRow[]> {
  const found = await Promise.all(ATTEMPTS_OF.map((sql) => asked.all(sql, tenant, sequence, subscription)))
  const attempts = found.flat().map((row) => ATTEMPT.read(row))
  return [...new Map(attempts.map((attempt) => [attempt.number, attempt])).values()].sort((a, b) => a.number - b.number)
}

async function cancelTask(
  session: Session,
  key: TaskKey,
  now: number,
  code: string,
  message: string,
): Promise<boolean> {
  const task = await session.task(key)
  if (task === undefined || isFinished(task.state)) return false
  await finish(session, task, endedTask(task, { state: 'cancelled', code, message }, now))
  return true
}

async function reprioritise(session: Session, key: TaskKey, priority: TaskRow['priority']): Promise<boolean> {
  const task = await session.task(key)
  if (task?.state !== 'due' && task?.state !== 'waiting') return false
  await prioritise(session, task, priority)
  return true
}

async function retryTask(session: Session, key: TaskKey, now: number): Promise<boolean> {
  const task = await session.task(key)
  if (task === undefined || !(await session.lane(key.tenant, key.subscription)).isSubscribed) return false
  if (!isFinished(task.state) && task.wakeAt === null) return false
  // Of an event that retention has just taken, what hangs on it may still be there.
  if ((await session.event(key.tenant, key.sequence)) === undefined) return false
  await reopen(session, task, now)
  return true
}

async function reopen(session: Session, task: TaskRow, now: number): Promise<void> {
  sweepAgain(session.memory)
  await placeAgain(session, task, reopenedTask(task), now)
}

// -------------------------------------------------------------------------------------------- turning

async function turnLog(
  session: Session,
  lane: Lane,
  entries: readonly { event: EventRow; candidate: Candidate }[],
  options: TurnOptions,
): Promise<number | null> {
  const row = await findSubscription(session, lane.tenant, lane.subscription)
  if (row === undefined && !isLocalLane(lane.subscription)) return 0
  if (row !== undefined && isElsewhere(row, options)) return null
  let turned = 0
  for (const { event, candidate } of entries) {
    if (await turnOne(session, lane.tenant, event, candidate, options)) turned += 1
  }
  if (row !== undefined && options.cursor !== null) await advance(session, row, options.cursor, options)
  return turned
}

async function turnOne(
  session: Session,
  tenant: string,
  { sequence }: EventRow,
  candidate: Candidate,
  options: TurnOptions,
): Promise<boolean> {
  const event = await session.event(tenant, sequence)
  if (!event || !isTold(event) || !(await sawAndSees(session, event, candidate))) return false
  const task = await session.task({ tenant, sequence, subscription: candidate.subscription })
  if (task === undefined) await addAgain(session, event, candidate, options.now)
  else if (options.again && isFinished(task.state)) await reopen(session, toldAgain(task, candidate), options.now)
  else return false
  return true
}

async function addAgain(session: Session, event: EventRow, candidate: Candidate, now: number): Promise<void> {
  sweepAgain(session.memory)
  await addTask(session, event, candidate, now, now)
}

/** Visible then, on the graph before or after its operation, and now; asked together. */
async function sawAndSees(session: Session, event: EventRow, { scope }: Candidate): Promise<boolean> {
  const moments = [event.operation - 1, event.sequence, null]
  const [before, after, now] = await Promise.all(
    moments.map((at) => sees(session, event.tenant, scope, event.subject, at)),
  )
  return now === true && (before === true || after === true)
}
