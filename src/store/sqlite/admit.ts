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
import { divided, isWide, reachOf, receiptOf, slicesOf } from '../slice-rules.js'
import { EVENT } from '../sql/shapes.js'
import { endedTask, isFinished, newTask, RANKS, SUPERSEDED } from '../task-rules.js'
import { findTask, insertTask, place } from './groups.js'
import { isPending } from './inbox.js'
import { forgetKey, sequenceOf } from './keys.js'
import { finish, removeTask } from './leaving.js'
import { besideLikes } from './likes.js'
import { findEvent } from './log.js'
import { applyChange, unexpected } from './registry.js'
import type { Session } from './session.js'
import { addSlices, isHeldUp } from './slices.js'
import { seers } from './visibility.js'

export function admitOne(session: Session, admission: Admission, lease: LeaseGrant | null): AdmissionResult {
  const { tenant, events, inbox } = admission
  if (events.length === 0) throw new TypeError('An admission needs at least one event.')
  if (inbox !== undefined && !isPending(session, inbox)) return { status: 'gone' }
  const refusal = known(session, tenant, events) ?? refusedBy(session, admission)
  if (refusal !== null) return refusal
  if (inbox !== undefined) session.run('DELETE FROM inbox WHERE number = ?', inbox)
  keepKeys(session, tenant, events)
  const operation = session.head(tenant).head + 1
  const before = events.map((entry) => seersOf(session, tenant, entry, null))
  const ended = applyChange(session, admission.change, { tenant, sequence: operation, ...momentOf(events) })
  const isChanged = admission.change !== null
  const writing = { tenant, operation, before, isChanged, lease, atOnce: admission.atOnce }
  return { status: 'admitted', events: writeAll(session, stillTold(events, ended), writing), ...endedPart(ended) }
}

export function releaseOne(session: Session, release: Release, lease: LeaseGrant | null): AdmissionResult {
  const { tenant, change } = release
  const suspended = findEvent(session, tenant, release.sequence)
  if (suspended?.state !== 'suspended') return { status: 'gone' }
  const refusal = knownKey(session, tenant, release.others) ?? refusedBy(session, release)
  if (refusal !== null) return refusal
  const events = [release.event, ...release.others]
  forgetKey(session, suspended)
  keepKeys(session, tenant, events)
  const next = session.head(tenant).head + 1
  // A change made when it was suspended keeps its place in the history of the graph.
  const operation = change === null ? suspended.operation : next
  const before = events.map((entry) => seersOf(session, tenant, entry, change === null ? operation - 1 : null))
  const ended = applyChange(session, change, { tenant, sequence: next, ...momentOf(events) })
  moveResults(session, suspended, next)
  for (const { processor } of release.event.results) session.run(DROP_RESULTS, tenant, next, processor)
  const writing = { tenant, operation, before, isChanged: true, lease, atOnce: release.atOnce }
  return { status: 'admitted', events: writeAll(session, stillTold(events, ended), writing), ...endedPart(ended) }
}

function rowByKey(session: Session, tenant: string, { id, source }: NewEvent): EventRow | undefined {
  const sequence = sequenceOf(session, tenant, id, source)
  return sequence === undefined ? undefined : findEvent(session, tenant, sequence)
}

/** Gives the events' keys the sequences to come. */
function keepKeys(session: Session, tenant: string, events: readonly AdmittedEvent[]): void {
  const next = session.head(tenant).head + 1
  for (const [index, { event }] of events.entries()) {
    session.keys.add(tenant, event.id, next + index)
  }
}

function known(session: Session, tenant: string, events: readonly AdmittedEvent[]): AdmissionResult | null {
  const refusal = knownKey(session, tenant, events)
  return refusal === null ? null : duplicateOr(refusal, events)
}

function knownKey(session: Session, tenant: string, events: readonly AdmittedEvent[]): KeyTaken | null {
  for (const [index, { event }] of events.entries()) {
    const row = rowByKey(session, tenant, event) ?? twinBefore(events, index)
    if (row !== undefined) return { status: 'mismatch', event: row }
  }
  return null
}

function refusedBy(
  session: Session,
  { tenant, change, subscriptionVersion }: Pick<Admission, 'tenant' | 'change' | 'subscriptionVersion'>,
): AdmissionResult | null {
  const conflict = unexpected(session, tenant, change)
  if (conflict !== null) return { status: 'conflict', ...conflict }
  const { version } = session.head(tenant)
  return subscriptionVersion !== null && subscriptionVersion !== version ? { status: 'stale', version } : null
}

const seersOf = (session: Session, tenant: string, { event, candidates }: AdmittedEvent, at: number | null) =>
  seers(session, tenant, candidates, event.subject, at)

/** Those of before, and those who see it on the graph as it is after the change. */
function seersAfter(
  session: Session,
  tenant: string,
  entry: AdmittedEvent,
  before: readonly string[],
  changed: boolean,
): ReadonlySet<string> {
  const seeing = new Set(before)
  if (!changed) return seeing
  const blind = entry.candidates.filter(({ subscription }) => !seeing.has(subscription))
  return new Set([...before, ...seers(session, tenant, blind, entry.event.subject, null)])
}

// -------------------------------------------------------------------------------------------- writing

interface Writing extends Pick<Admission, 'tenant'> {
  readonly atOnce: number | undefined
  readonly operation: number
  /** Who saw each event on the graph before the change. */
  readonly before: readonly (readonly string[])[]
  readonly isChanged: boolean
  readonly lease: LeaseGrant | null
}

function writeAll(
  session: Session,
  events: readonly AdmittedEvent[],
  { tenant, atOnce, operation, before, isChanged, lease }: Writing,
): readonly AdmittedReceipt[] {
  const reaches = events.map((entry, index) =>
    reachOf(entry, seersAfter(session, tenant, entry, before[index] ?? [], isChanged)),
  )
  const wide = isWide(reaches, atOnce)
  return reaches.map((reach, index) => {
    const entry = events[index] as AdmittedEvent
    // One that came from another thread has the key already, and nothing under it.
    const row: EventRow = { ...entry.event, sequence: session.nextSequence(tenant), operation }
    write(session, row, entry)
    const { now, later } = divided(reach, wide || isHeldUp(session, row))
    addSlices(session, slicesOf(row, later, atOnce))
    const leased = now.flatMap((candidate) => bear(session, row, candidate, lease))
    return receiptOf(row, reach, later.length, leased)
  })
}

function write(session: Session, row: EventRow, { results }: AdmittedEvent): void {
  session.insert(EVENT, row)
  for (const result of results) session.addResult({ tenant: row.tenant, ...result, sequence: row.sequence })
}

/** What a processor answered before is replaced by what it has answered now. */
const DROP_RESULTS = 'DELETE FROM results WHERE tenant = ? AND sequence = ? AND processor = ?'
const TASKS_OF = 'SELECT subscription FROM tasks WHERE tenant = ? AND sequence = ?'

/** The old row goes, and the task that would have resumed it; its results wait at its new sequence. */
function moveResults(session: Session, { tenant, sequence }: EventRow, to: number): void {
  for (const [subscription] of session.all(TASKS_OF, tenant, sequence)) {
    removeTask(session, { tenant, sequence, subscription: String(subscription) })
  }
  session.run('DELETE FROM events WHERE tenant = ? AND sequence = ?', tenant, sequence)
  session.run('UPDATE results SET sequence = ? WHERE tenant = ? AND sequence = ?', to, tenant, sequence)
}

function bear(session: Session, row: EventRow, candidate: Candidate, lease: LeaseGrant | null): readonly LeasedTask[] {
  const task = addTask(session, row, candidate, lease?.now ?? row.receivedAt, 0, candidate.lease ? lease : null)
  return task.state === 'leased' ? [{ task, event: row, gone: false }] : []
}

/** Under `latest` the older tasks of the same type that nobody works on end first. */
export function addTask(
  session: Session,
  row: EventRow,
  candidate: Candidate,
  now: number,
  token = 0,
  lease: LeaseGrant | null = null,
): TaskRow {
  const task = besideLikes(session, newTask(row, candidate, now, token), now)
  if (isFinished(task.state)) {
    insertTask(session, task, RANKS[task.priority])
    return task
  }
  if (candidate.order === 'latest' && task.wakeAt === null) supersede(session, task, now)
  return place(session, null, task, lease)
}

/** What waits goes before the head does, so that nothing is promoted only to be dropped. */
function supersede(session: Session, newer: TaskRow, now: number): void {
  const { standing } = session
  const group = standing.group(newer)
  const members = [...standing.behind(newer), ...(group?.run === 0 ? [group.head] : [])]
  for (const sequence of members.filter((member) => member < newer.sequence)) {
    const task = findTask(session, { ...newer, sequence })
    if (task === undefined || task.type !== newer.type || task.state === 'leased') continue
    finish(session, task, endedTask(task, SUPERSEDED, now))
  }
}
