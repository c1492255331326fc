import { duplicateOr, type KeyTaken, momentOf, twinBefore } from '../admit-rules.js'
import { endedPart, stillTold } from '../ending-rules.js'
import type {
  Admission,
  AdmissionResult,
  AdmittedEvent,
  AdmittedReceipt,
  Candidate,
  LeasedTask,
  LeaseGrant,
  Release,
} from '../port.js'
import type { EventRow, NewEvent, TaskRow } from '../rows.js'
import { divided, isWide, type Reach, reachOf, receiptOf, slicesOf } from '../slice-rules.js'
import { TASK } from '../sql/shapes.js'
import { endedTask, isFinished, leasedTask, newTask, RANKS, SUPERSEDED } from '../task-rules.js'
import { brief } from './brief.js'
import { place } from './groups.js'
import { dropFromInbox, takePending } from './inbox.js'
import { finish, removeTask } from './leaving.js'
import { besideLikes } from './likes.js'
import type { Steps } from './line.js'
import { DROP_EVENT } from './log.js'
import { remember } from './memory.js'
import { prefetchAdmissions } from './prefetch.js'
import { applyChange, unexpected } from './registry.js'
import type { Session } from './session.js'
import { statement } from './statement.js'
import { seers, seersNow } from './visibility.js'

export const admitSteps = (
  admissions: readonly Admission[],
  lease: LeaseGrant | null,
): Steps<readonly AdmissionResult[]> => {
  let pending: ReadonlySet<number> = new Set()
  return {
    prepare: async (session) => {
      ;[pending] = await Promise.all([takePending(session, admissions), prefetchAdmissions(session, admissions)])
    },
    perform: (session) => admitAll(session, admissions, lease, pending),
    size: admissions.length,
  }
}

/** @param pending rows of the inbox that are there. */
async function admitAll(
  session: Session,
  admissions: readonly Admission[],
  lease: LeaseGrant | null,
  pending: ReadonlySet<number>,
): Promise<readonly AdmissionResult[]> {
  const results: AdmissionResult[] = []
  const taken: number[] = []
  for (const admission of admissions) {
    const { inbox } = admission
    const isThere = inbox === undefined || (pending.has(inbox) && !taken.includes(inbox))
    const result = isThere ? await admitOne(session, admission, lease) : ({ status: 'gone' } as const)
    if (inbox !== undefined && result.status === 'admitted') taken.push(inbox)
    results.push(result)
  }
  await dropFromInbox(session, taken)
  return results
}

async function admitOne(session: Session, admission: Admission, lease: LeaseGrant | null): Promise<AdmissionResult> {
  const { tenant, events } = admission
  if (events.length === 0) throw new TypeError('An admission needs at least one event.')
  const refusal = (await known(session, tenant, events)) ?? (await refusedBy(session, admission))
  if (refusal !== null) return refusal
  const { head } = await session.head(tenant)
  const operation = head + 1
  writeKeys(session, tenant, events, operation)
  const before: (readonly string[])[] = []
  for (const entry of events) before.push(await seersOf(session, tenant, entry, null))
  const ended = await applyChange(session, admission.change, { tenant, sequence: operation, ...momentOf(events) })
  const isChanged = admission.change !== null
  const writing = { operation, before, isChanged, lease, atOnce: admission.atOnce }
  const receipts = await writeAll(session, tenant, stillTold(events, ended), writing)
  return { status: 'admitted', events: receipts, ...endedPart(ended) }
}

export async function releaseOne(
  session: Session,
  release: Release,
  lease: LeaseGrant | null,
): Promise<AdmissionResult> {
  const { tenant, change } = release
  const suspended = await session.event(tenant, release.sequence)
  if (suspended?.state !== 'suspended') return { status: 'gone' }
  const refusal = (await knownKey(session, tenant, release.others)) ?? (await refusedBy(session, release))
  if (refusal !== null) return refusal
  const events = [release.event, ...release.others]
  const next = (await session.head(tenant)).head + 1
  await session.run(DROP_KEY, tenant, brief(suspended.id), brief(suspended.source))
  writeKeys(session, tenant, events, next)
  // A change made when it was suspended keeps its place in the history of the graph.
  const operation = change === null ? suspended.operation : next
  const before: (readonly string[])[] = []
  for (const entry of events) before.push(await seersOf(session, tenant, entry, change === null ? operation - 1 : null))
  const ended = await applyChange(session, change, { tenant, sequence: next, ...momentOf(events) })
  await moveResults(session, suspended, next, release.event)
  const writing = { operation, before, isChanged: true, lease, atOnce: release.atOnce }
  const receipts = await writeAll(session, tenant, stillTold(events, ended), writing)
  return { status: 'admitted', events: receipts, ...endedPart(ended) }
}

// -------------------------------------------------------------------------------------------- keys

const DROP_KEY = statement('DELETE FROM event_keys WHERE tenant = ? AND id = ? AND source = ?')

/** Gives the events' keys the sequences to come. */
function writeKeys(session: Session, tenant: string, events: readonly AdmittedEvent[], next: number): void {
  for (const [index, { event }] of events.entries()) session.addKey(tenant, event.id, event.source, next + index)
}

async function known(
  session: Session,
  tenant: string,
  events: readonly AdmittedEvent[],
): Promise<AdmissionResult | null> {
  const refusal = await knownKey(session, tenant, events)
  return refusal === null ? null : duplicateOr(refusal, events)
}

async function knownKey(session: Session, tenant: string, events: readonly AdmittedEvent[]): Promise<KeyTaken | null> {
  for (const [index, { event }] of events.entries()) {
    const row = (await rowByKey(session, tenant, event)) ?? twinBefore(events, index)
    if (row !== undefined) return { status: 'mismatch', event: row }
  }
  return null
}

async function rowByKey(session: Session, tenant: string, event: NewEvent): Promise<EventRow | undefined> {
  const sequence = await session.sequenceOf(tenant, event.id, event.source)
  if (sequence === null) return undefined
  const row = await session.event(tenant, sequence)
  if (row === undefined) await forgetKey(session, tenant, event)
  return row
}

/** Retention has taken the event, and its key will follow. */
async function forgetKey(session: Session, tenant: string, { id, source }: NewEvent): Promise<void> {
  await session.run(DROP_KEY, tenant, brief(id), brief(source))
  session.learnKey(tenant, brief(id), brief(source), null)
}

async function refusedBy(
  session: Session,
  { tenant, change, subscriptionVersion }: Pick<Admission, 'tenant' | 'change' | 'subscriptionVersion'>,
): Promise<AdmissionResult | null> {
  const conflict = await unexpected(session, tenant, change)
  if (conflict !== null) return { status: 'conflict', ...conflict }
  const { version } = await session.head(tenant)
  return subscriptionVersion !== null && subscriptionVersion !== version ? { status: 'stale', version } : null
}

const seersOf = (session: Session, tenant: string, { event, candidates }: AdmittedEvent, at: number | null) =>
  at === null
    ? seersNow(session, tenant, candidates, event.subject)
    : seers(session, tenant, candidates, event.subject, at)

// -------------------------------------------------------------------------------------------- writing

interface Writing {
  readonly operation: number
  /** Who saw each event on the graph before the change. */
  readonly before: readonly (readonly string[])[]
  readonly isChanged: boolean
  readonly lease: LeaseGrant | null
  readonly atOnce: number | undefined
}

async function writeAll(
  session: Session,
  tenant: string,
  events: readonly AdmittedEvent[],
  { operation, before, isChanged, lease, atOnce }: Writing,
): Promise<readonly AdmittedReceipt[]> {
  const reaches: Reach[] = []
  for (const [index, entry] of events.entries())
    reaches.push(reachOf(entry, await seersAfter(session, tenant, entry, before[index] ?? [], isChanged)))
  const wide = isWide(reaches, atOnce)
  const receipts: AdmittedReceipt[] = []
  for (const [index, reach] of reaches.entries()) {
    const entry = events[index] as AdmittedEvent
    const row: EventRow = Object.assign({}, entry.event, { sequence: await session.nextSequence(tenant), operation })
    session.addEvent(row)
    for (const result of entry.results) session.putResult({ tenant, ...result, sequence: row.sequence })
    const { now, later } = divided(reach, wide || (await session.isHeldUp(row)))
    for (const slice of slicesOf(row, later, atOnce)) session.addSlice(slice)
    const leased: LeasedTask[] = []
    for (const candidate of now) leased.push(...(await bear(session, row, candidate, lease)))
    receipts.push(receiptOf(row, reach, later.length, leased))
  }
  return receipts
}

/** Those of before, and those who see it on the graph as it is after the change. */
async function seersAfter(
  session: Session,
  tenant: string,
  entry: AdmittedEvent,
  before: readonly string[],
  changed: boolean,
): Promise<ReadonlySet<string>> {
  const seeing = new Set(before)
  if (!changed) return seeing
  const blind = entry.candidates.filter(({ subscription }) => !seeing.has(subscription))
  return new Set([...before, ...(await seers(session, tenant, blind, entry.event.subject, null))])
}

const TASKS_OF = statement(`SELECT ${TASK.columns} FROM tasks WHERE tenant = ? AND sequence = ? ORDER BY subscription`)
const MOVE_RESULTS = statement('UPDATE results SET sequence = ? WHERE tenant = ? AND sequence = ?')
/** What a processor answered before is replaced by what it has answered now. */
const DROP_RESULTS = statement('DELETE FROM results WHERE tenant = ? AND sequence = ? AND processor = ?')

/** The old row goes, and the task that would have resumed it; its results wait at its new sequence. */
async function moveResults(
  session: Session,
  { tenant, sequence }: EventRow,
  to: number,
  { results }: AdmittedEvent,
): Promise<void> {
  const rows = await session.all(TASKS_OF, tenant, sequence)
  // All are read before the first goes: that may let another of them have the lock, which has to pass it on when it goes.
  for (const task of rows.map((row) => session.readTask(row))) await removeTask(session, task)
  await session.run(DROP_EVENT, tenant, sequence)
  session.forgetEvent(tenant, sequence)
  await session.run(MOVE_RESULTS, to, tenant, sequence)
  for (const { processor } of results) await session.run(DROP_RESULTS, tenant, to, processor)
}

async function bear(
  session: Session,
  row: EventRow,
  candidate: Candidate,
  lease: LeaseGrant | null,
): Promise<readonly LeasedTask[]> {
  const task = await addTask(session, row, candidate, lease?.now ?? row.receivedAt)
  if (lease === null || !candidate.lease || task.state !== 'due') return []
  const held = leasedTask(task, lease)
  await session.takeLocks(held)
  session.changeTask(task, held, RANKS[task.priority])
  remember(session.memory, held)
  return [{ task: held, event: row, gone: false }]
}

/** Under `latest` the older tasks of the same type that nobody works on end first. */
export async function addTask(
  session: Session,
  row: EventRow,
  candidate: Candidate,
  now: number,
  token = 0,
): Promise<TaskRow> {
  const task = await besideLikes(session, newTask(row, candidate, now, token), now)
  if (isFinished(task.state)) {
    session.addTask(task, RANKS[task.priority])
    return task
  }
  if (candidate.order === 'latest' && task.wakeAt === null) await supersede(session, task, now)
  return place(session, null, task)
}

/** What waits goes before the head does, so that nothing is promoted only to be dropped. */
async function supersede(session: Session, newer: TaskRow, now: number): Promise<void> {
  const group = await session.group(newer)
  if (group === undefined) return
  const behind = await session.members(newer)
  const members = [...behind.map(({ sequence }) => sequence), ...(group.run === 0 ? [group.head] : [])]
  for (const sequence of members.filter((member) => member < newer.sequence)) {
    const task = await session.task({ ...newer, sequence })
    if (task === undefined || task.type !== newer.type || task.state === 'leased') continue
    await finish(session, task, endedTask(task, SUPERSEDED, now))
  }
}
