/**
 * What every store decides alike about a task, as pure functions of rows: how it begins, is leased, ends, goes on.
 * Where it stands in its group is each store's own work (`groups.ts`).
 */
import type { Priority } from '../event/envelope.js'
import type { Candidate, LeaseGrant, LeaseRequest, Settlement, TurnOptions } from './port.js'
import type {
  AttemptRow,
  EventRow,
  FinishedState,
  ResultRow,
  SubscriptionRow,
  SubscriptionState,
  TaskRow,
  TaskState,
} from './rows.js'
import { FINISHED_STATES } from './rows.js'

/** Lower goes first. */
export const RANKS: Readonly<Record<Priority, number>> = { immediate: 0, high: 1, normal: 2 }
export const NORMAL_RANK = RANKS.normal
export const PRIORITIES: readonly Priority[] = ['immediate', 'high', 'normal']

/** One call wakes and rescues at most so many tasks each, so that a million of them cannot hold up a commit. */
export const WAKE_LIMIT = 1_000

/** One call moves at most so many tasks of a lane to those that wait for a lock; the next goes on. */
export const SIFT_LIMIT = 1_000

/** One that failed least is looked for among so many of a lane. */
export const PROBE_WINDOW = 1_000

/** The share of a contended lane that goes to tasks above NORMAL. */
const HIGH_SHARE = 0.7

const FINISHED: ReadonlySet<TaskState> = new Set(FINISHED_STATES)

export const isFinished = (state: TaskState): state is FinishedState => FINISHED.has(state)

/** Local lanes are the hub's own (`local.witnesses`): they have no subscription row and are always active. */
export const isLocalLane = (subscription: string): boolean => subscription.startsWith('local.')

/** Tasks of such a subscription may leave; those of others are shown as `held`. */
export const lets = (state: SubscriptionState): boolean => state === 'active' || state === 'catching-up'

export const shownState = (task: TaskRow, held: boolean): TaskState =>
  held && (task.state === 'due' || task.state === 'waiting') ? 'held' : task.state

/**
 * What a store keeps of a subscription's spec in columns of its own: its lane is leased only by name, as it is pulled, or told
 * by digests. A spec that cannot be read is neither.
 */
export function isPulled(spec: string): boolean {
  try {
    const parsed: unknown = JSON.parse(spec)
    if (typeof parsed !== 'object' || parsed === null) return false
    return ('transport' in parsed && parsed.transport === 'pull') || 'digest' in parsed
  } catch {
    return false
  }
}

const lockOwnerOf = ({ sequence }: EventRow, { subscription, locks, under }: Candidate): string | null =>
  locks && isLocalLane(subscription) ? (under ?? `${sequence}.${subscription}`) : null

/**
 * A task that has not been placed yet; it sleeps if its time has not come. `token` is higher than that of any earlier task
 * of the same key, so that no old lease fits it.
 */
export const newTask = (event: EventRow, candidate: Candidate, now: number, token = 0): TaskRow => ({
  tenant: event.tenant,
  sequence: event.sequence,
  subscription: candidate.subscription,
  groupKey: candidate.order === 'none' ? null : event.partitionKey,
  type: event.type,
  subject: event.subject,
  superOwner: event.superOwner,
  state: 'waiting',
  priority: candidate.priority,
  wakeAt: candidate.wakeAt !== null && candidate.wakeAt > now ? Math.ceil(candidate.wakeAt) : null,
  expiresAt: candidate.expiresAt,
  attempts: 0,
  failures: 0,
  token,
  leasedBy: null,
  leasedUntil: null,
  createdAt: now,
  endedAt: null,
  code: null,
  message: null,
  likeness: candidate.likeness,
  lockOwner: lockOwnerOf(event, candidate),
  blockedBy: null,
  replayedAt: candidate.replayedAt ?? null,
})

/** At the head of its group or without one: it may be leased, or waits for the lock of the resource that is busy. */
export const foremost = (task: TaskRow, busy: string | null): TaskRow => ({
  ...task,
  state: busy === null ? 'due' : 'waiting',
  wakeAt: null,
  blockedBy: busy,
})

/** It waits for those of its group that are before it. */
export const behindAll = (task: TaskRow): TaskRow => ({ ...task, state: 'waiting', wakeAt: null, blockedBy: null })

export const isBehind = ({ state, wakeAt, blockedBy, groupKey }: TaskRow): boolean =>
  state === 'waiting' && wakeAt === null && blockedBy === null && groupKey !== null

/** How many of a group are leased as a run; 0: its head alone may be leased. */
interface Run {
  readonly run: number
}

/** How many of a run are left when a task of the group goes, which was so. */
export const runWithout = ({ run }: Run, { state }: Pick<TaskRow, 'state'>): number =>
  state === 'leased' && run > 0 ? run - 1 : run

/** How many behind a head may be leased with it. */
export const runBehind = (
  { groupKey, subscription }: Pick<TaskRow, 'groupKey' | 'subscription'>,
  { perGroup = 1 }: Pick<LeaseRequest, 'perGroup'>,
  room: number,
): number => (groupKey === null || isLocalLane(subscription) ? 0 : Math.max(0, Math.min(room, perGroup - 1)))

/** How many of each group behind so many heads may be leased with them: what room there is, in equal parts. */
export const runBehindEach = (heads: number, perGroup: number, room: number): number =>
  heads === 0 ? 0 : Math.max(0, Math.min(perGroup - 1, Math.floor(room / heads)))

/** The last of a run leads its group again, if nobody of the run was given back before it; `next` is the first behind it. */
export const leadsAgain = (group: Run | undefined, task: TaskRow, next: number | null | undefined): boolean =>
  group?.run === 1 && task.state === 'leased' && (next ?? Number.POSITIVE_INFINITY) > task.sequence

/** When its lease ends it waits for the rest of its run; or it does so already, and is answered for late. */
export const isOfRun = (group: Run | undefined, task: TaskRow): boolean =>
  group !== undefined && ((group.run > 0 && task.state === 'leased') || isBehind(task))

/** A task in either of these states is what a free resource is for; when it leaves them, the next must be told. */
export const mayHold = ({ state }: TaskRow): boolean => state === 'due' || state === 'leased'

export const leasedTask = (task: TaskRow, grant: LeaseGrant): TaskRow => ({
  ...task,
  state: 'leased',
  wakeAt: null,
  attempts: task.attempts + 1,
  token: task.token + 1,
  leasedBy: grant.node,
  leasedUntil: grant.until,
})

/**
 * The lease ran out. Who held it is kept: until the next lease gives another token, a late answer still counts.
 */
export const rescuedTask = (task: TaskRow): TaskRow => ({
  ...task,
  state: 'due',
  blockedBy: null,
  failures: task.failures + 1,
  code: 'lease_expired',
  message: 'The attempt gave no answer before its lease ended.',
})

/** Who pulls holds its leases itself, whatever becomes of the process that gave them. */
export const PULLED_BY = 'pull:'

export const isHeldOutside = ({ leasedBy }: TaskRow): boolean => leasedBy?.startsWith(PULLED_BY) ?? false

/** The file has a new owner: whoever held the lease is gone and cannot answer any more. */
export const takenOverTask = (task: TaskRow): TaskRow => ({ ...rescuedTask(task), leasedBy: null, leasedUntil: null })

/** The lease of this token has neither been settled nor been followed by another. */
export const holdsLease = (task: TaskRow, token: number): boolean =>
  task.token === token && task.leasedBy !== null && !isFinished(task.state)

/** Whether the lease is that of the task; without one nothing is asked for. */
export const isUnder = (lease: { readonly token: number } | undefined, task: TaskRow | null | undefined): boolean =>
  lease === undefined || (task != null && holdsLease(task, lease.token))

export const endedTask = (
  task: TaskRow,
  end: { state: FinishedState; code: string | null; message: string | null },
  now: number,
): TaskRow => ({
  ...task,
  state: end.state,
  code: end.code,
  message: end.message,
  wakeAt: null,
  blockedBy: null,
  leasedBy: null,
  leasedUntil: null,
  endedAt: now,
})

export function settledTask(task: TaskRow, { next, now }: Settlement): TaskRow {
  if (isFinishing(next)) return endedTask(task, next, now)
  const sleeps = next.state === 'waiting' && next.wakeAt !== null && next.wakeAt > now
  // A rescue has counted the failure already.
  const failed = next.failed && task.state === 'leased'
  return {
    ...task,
    state: sleeps ? 'waiting' : 'due',
    wakeAt: sleeps ? Math.ceil(next.wakeAt ?? now) : null,
    blockedBy: null,
    failures: task.failures + (failed ? 1 : 0),
    code: next.code,
    message: next.message,
    leasedBy: null,
    leasedUntil: null,
  }
}

type Finishing = Extract<Settlement['next'], { state: FinishedState }>
const isFinishing = (next: Settlement['next']): next is Finishing => isFinished(next.state)

/** A finished or sleeping task that starts afresh; where it stands is decided by its group. */
export const reopenedTask = (task: TaskRow): TaskRow => ({
  ...task,
  state: 'waiting',
  wakeAt: null,
  blockedBy: null,
  failures: 0,
  leasedBy: null,
  leasedUntil: null,
  endedAt: null,
  code: null,
  message: null,
})

/** It ended, and a replay tells it once more. */
export const toldAgain = (task: TaskRow, { replayedAt }: Candidate): TaskRow => ({
  ...task,
  replayedAt: replayedAt ?? null,
})

export const attemptOf = (task: TaskRow, attempt: NonNullable<Settlement['attempt']>): AttemptRow => ({
  tenant: task.tenant,
  sequence: task.sequence,
  subscription: task.subscription,
  number: task.attempts,
  startedAt: attempt.startedAt,
  endedAt: attempt.endedAt,
  outcome: attempt.outcome,
  code: attempt.code,
  message: attempt.message,
  response: attempt.response,
  node: attempt.node,
  request: attempt.request,
  timing: attempt.timing,
})

/** An event of which subscribers are told. */
export const isTold = ({ state }: Pick<EventRow, 'state'>): boolean => state === 'admitted' || state === 'addressed'

/** Subscribers are told of no other; of a suspended one only this process's own work is planned. */
export const wanted = (event: Pick<EventRow, 'state'>, candidates: readonly Candidate[]): readonly Candidate[] =>
  isTold(event)
    ? candidates
    : candidates.filter(({ subscription }) => event.state === 'suspended' && isLocalLane(subscription))

export const SUPERSEDED = {
  state: 'cancelled',
  code: 'superseded',
  message: 'A newer event of the same type took its place.',
} as const

/** The results that a local task leaves on its event; those of judges belong to the event itself. */
export const resultKindOf = (subscription: string): ResultRow['kind'] | null =>
  subscription === 'local.processors' ? 'asynchronous' : subscription === 'local.witnesses' ? 'witness' : null

/** Where a cursor stands before it has moved: at the start. */
export const cursorOf = ({ cursor, startSequence }: Pick<SubscriptionRow, 'cursor' | 'startSequence'>): number =>
  cursor ?? startSequence

/** Somebody else has moved the cursor meanwhile. */
export const isElsewhere = (row: SubscriptionRow, { cursor, from }: TurnOptions): boolean =>
  cursor !== null && from !== null && cursorOf(row) !== from

export const UNSUBSCRIBED = {
  state: 'not-executed',
  code: 'unsubscribed',
  message: 'The subscription was removed.',
} as const

/**
 * How many of `room` go to tasks above NORMAL when more wait than fit. `credit` is the fraction owed from the lane's
 * earlier turns, so that a lane with room for one at a time still keeps 70 to 30.
 */
export function shareRoom(
  room: number,
  waiting: { high: number; normal: number },
  credit: number,
): { high: number; normal: number; credit: number } {
  if (waiting.high + waiting.normal <= room) return { ...waiting, credit }
  if (waiting.high === 0 || waiting.normal === 0) {
    return { high: Math.min(room, waiting.high), normal: Math.min(room, waiting.normal), credit }
  }
  const due = room * HIGH_SHARE + credit
  const high = Math.min(room, waiting.high, Math.max(Math.round(due), room - waiting.normal))
  return { high, normal: room - high, credit: Math.max(-1, Math.min(1, due - high)) }
}
