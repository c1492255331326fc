import { duplicateOr, type KeyTaken, momentOf, twinBefore } from '../admit-rules.js'
import { childOf } from '../child-of.js'
import { type Ended, endedPart, stillTold } from '../ending-rules.js'
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
import { endedTask, isFinished, leasedTask, newTask, SUPERSEDED } from '../task-rules.js'
import { behindOf, findTask, groupOf, place, saveTask } from './groups.js'
import { finish, removeTask } from './leaving.js'
import { besideLikes } from './likes.js'
import { putResults } from './log.js'
import { applyChange, sees, unexpected } from './registry.js'
import { isHeldUp } from './slices.js'
import { compareText } from './sorted-list.js'
import type { Tables, TenantTables } from './tables.js'
import { tenantOf } from './tables.js'

export function admitOne(tables: Tables, admission: Admission, lease: LeaseGrant | null): AdmissionResult {
  const tenant = tenantOf(tables, admission.tenant)
  const { events } = admission
  if (events.length === 0) throw new TypeError('An admission needs at least one event.')
  const refusal = known(tenant, events) ?? refusedBy(tenant, admission)
  if (refusal !== null) return refusal
  const operation = tenant.head + 1
  const before = events.map((entry) => seers(tenant, entry, null))
  const ended = changed(tables, admission, events, operation)
  const told = stillTold(events, ended)
  const after = told.map((entry) => seers(tenant, entry, null))
  const writing = { ...admission, operation, before, after, lease }
  return { status: 'admitted', events: writeAll(tables, told, writing), ...endedPart(ended) }
}

export function releaseOne(tables: Tables, release: Release, lease: LeaseGrant | null): AdmissionResult {
  const tenant = tenantOf(tables, release.tenant)
  const suspended = tenant.events.get(release.sequence)
  if (suspended?.state !== 'suspended') return { status: 'gone' }
  const refusal = knownKey(tenant, release.others) ?? refusedBy(tenant, release)
  if (refusal !== null) return refusal
  const events = [release.event, ...release.others]
  // A change made when it was suspended keeps its place in the history of the graph.
  const operation = release.change === null ? suspended.operation : tenant.head + 1
  const before = events.map((entry) => seers(tenant, entry, release.change === null ? operation - 1 : null))
  const ended = changed(tables, release, events, tenant.head + 1)
  const told = stillTold(events, ended)
  const after = told.map((entry) => seers(tenant, entry, null))
  moveResults(tables, tenant, suspended, tenant.head + 1)
  const writing = { ...release, operation, before, after, lease }
  return { status: 'admitted', events: writeAll(tables, told, writing), ...endedPart(ended) }
}

/** Applies the change; answers what ended with it. */
function changed(
  tables: Tables,
  { tenant, change }: Pick<Admission, 'tenant' | 'change'>,
  events: readonly AdmittedEvent[],
  sequence: number,
): Ended {
  return applyChange(tables, change, { tenant, sequence, ...momentOf(events) })
}

function nextSequence(tenant: TenantTables): number {
  tenant.head += 1
  return tenant.head
}

const rowByKey = (tenant: TenantTables, event: NewEvent): EventRow | undefined => {
  const sequence = tenant.keys.get(event.id)?.get(event.source)
  return sequence === undefined ? undefined : tenant.events.get(sequence)
}

function known(tenant: TenantTables, events: readonly AdmittedEvent[]): AdmissionResult | null {
  const refusal = knownKey(tenant, events)
  return refusal === null ? null : duplicateOr(refusal, events)
}

function knownKey(tenant: TenantTables, events: readonly AdmittedEvent[]): KeyTaken | null {
  for (const [index, { event }] of events.entries()) {
    const row = rowByKey(tenant, event) ?? twinBefore(events, index)
    if (row !== undefined) return { status: 'mismatch', event: row }
  }
  return null
}

function refusedBy(
  tenant: TenantTables,
  { change, subscriptionVersion }: Pick<Admission, 'change' | 'subscriptionVersion'>,
): AdmissionResult | null {
  const conflict = unexpected(tenant, change)
  if (conflict !== null) return { status: 'conflict', ...conflict }
  const isStale = subscriptionVersion !== null && subscriptionVersion !== tenant.version
  return isStale ? { status: 'stale', version: tenant.version } : null
}

const seers = (tenant: TenantTables, entry: AdmittedEvent, at: number | null): readonly string[] =>
  entry.candidates
    .filter(({ scope }) => sees(tenant, scope, entry.event.subject, at))
    .map((candidate) => candidate.subscription)

// -------------------------------------------------------------------------------------------- writing

interface Writing extends Pick<Admission, 'tenant' | 'atOnce'> {
  readonly operation: number
  /** Who sees each event on the graph before the change, and after it. */
  readonly before: readonly (readonly string[])[]
  readonly after: readonly (readonly string[])[]
  readonly lease: LeaseGrant | null
}

function writeAll(tables: Tables, events: readonly AdmittedEvent[], writing: Writing): readonly AdmittedReceipt[] {
  const { before, after, operation, lease, atOnce } = writing
  const tenant = tenantOf(tables, writing.tenant)
  const reaches = events.map((entry, index) =>
    reachOf(entry, new Set([...(before[index] ?? []), ...(after[index] ?? [])])),
  )
  const wide = isWide(reaches, atOnce)
  return reaches.map((reach, index) => {
    const entry = events[index] as AdmittedEvent
    const row: EventRow = { ...entry.event, sequence: nextSequence(tenant), operation }
    write(tables, row, entry)
    const { now, later } = divided(reach, wide || isHeldUp(tenant, row.partitionKey))
    tenant.slices = [...tenant.slices, ...slicesOf(row, later, atOnce)]
    const leased = now.flatMap((candidate) => bear(tables, row, candidate, lease))
    return receiptOf(row, reach, later.length, leased)
  })
}

function write(tables: Tables, row: EventRow, { results }: AdmittedEvent): void {
  const tenant = tenantOf(tables, row.tenant)
  const { tenant: name, sequence } = row
  tenant.events.set(sequence, row)
  tenant.sequences.add(sequence)
  childOf(tenant.keys, row.id, () => new Map<string, number>()).set(row.source, sequence)
  putResults(
    tables,
    results.map((result) => ({ ...result, tenant: name, sequence })),
  )
}

/** The old row goes; its results wait at its new sequence. */
function moveResults(tables: Tables, tenant: TenantTables, from: EventRow, to: number): void {
  const results = [...(tenant.results.get(from.sequence)?.values() ?? [])].flat()
  for (const subscription of [...(tenant.tasks.get(from.sequence)?.keys() ?? [])].sort(compareText)) {
    removeTask(tables, { tenant: from.tenant, sequence: from.sequence, subscription })
  }
  tenant.events.delete(from.sequence)
  tenant.sequences.delete(from.sequence)
  tenant.results.delete(from.sequence)
  putResults(
    tables,
    results.map((result) => ({ ...result, sequence: to })),
  )
}

function bear(tables: Tables, row: EventRow, candidate: Candidate, lease: LeaseGrant | null): readonly LeasedTask[] {
  const task = addTask(tables, row, candidate, lease?.now ?? row.receivedAt)
  if (lease === null || !candidate.lease || task.state !== 'due') return []
  const held = leasedTask(task, lease)
  tables.locks.take(held)
  saveTask(tables, held)
  return [{ task: held, event: row, gone: false }]
}

/** Under `latest` the older tasks of the same type that nobody works on end first. */
export function addTask(tables: Tables, row: EventRow, candidate: Candidate, now: number, token = 0): TaskRow {
  const task = besideLikes(tables, newTask(row, candidate, now, token), now)
  if (isFinished(task.state)) {
    saveTask(tables, task)
    return task
  }
  if (candidate.order === 'latest' && task.wakeAt === null) supersede(tables, task, now)
  return place(tables, task)
}

function supersede(tables: Tables, newer: TaskRow, now: number): void {
  const tenant = tenantOf(tables, newer.tenant)
  const group = groupOf(tenant, newer)
  const members = [...(behindOf(tenant, newer)?.all.upFrom(0) ?? []), ...(group?.run === 0 ? [group.head] : [])]
  for (const sequence of members) {
    const task = findTask(tables, { ...newer, sequence })?.task
    if (task === undefined || task.type !== newer.type || task.state === 'leased') continue
    if (sequence < newer.sequence) finish(tables, task, endedTask(task, SUPERSEDED, now))
  }
}
