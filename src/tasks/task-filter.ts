/**
 * What callers ask of the queue, as the store reads it.
 */
import { InvalidInput, NotFound } from '../errors.js'
import type { Priority } from '../event/envelope.js'
import type { Store, TaskFilter } from '../store/port.js'
import type { TaskState } from '../store/rows.js'

export interface TaskQuery {
  readonly subscription?: string
  /** A sequence. */
  readonly event?: string
  readonly states?: readonly TaskState[]
  readonly types?: readonly string[]
  /** The id of a resource; with `subjectType` also its code (`properties.code`). */
  readonly subject?: string
  /** A resource type; types that implement it too. */
  readonly subjectType?: string
  readonly superOwner?: string
  readonly transactionId?: string
  readonly parentId?: string
  readonly rootId?: string
  readonly priorities?: readonly Priority[]
  readonly codes?: readonly string[]
  /** RFC 3339: created then or later ... */
  readonly createdFrom?: string
  /** ... and before this. */
  readonly createdTill?: string
  /** RFC 3339: tried next then or later, what waits for its time ... */
  readonly wakeFrom?: string
  /** ... and before this. */
  readonly wakeTill?: string
  /** The event's partition key. */
  readonly partitionKey?: string
  /** Part of the event's id, source, type or subject, in either case. */
  readonly text?: string
  /** Only work of processors (`local.*`), or none of it. */
  readonly local?: boolean
}

export interface TaskFilterDependencies {
  readonly store: Pick<Store, 'registry'>
  /** The resource type itself and all that implement it. */
  implementing(resourceType: string): readonly string[]
}

/** @throws InvalidInput `invalid_request`; NotFound for a subject of which neither id nor code is known in its type */
export async function taskFilterOf(
  tenant: string,
  { event, createdFrom, createdTill, wakeFrom, wakeTill, subject, subjectType, ...query }: TaskQuery,
  dependencies: TaskFilterDependencies,
): Promise<TaskFilter> {
  const types = subjectType === undefined ? undefined : dependencies.implementing(subjectType)
  const id = subject === undefined || !types ? subject : await idOf(tenant, subject, types, dependencies.store)
  return {
    ...query,
    tenant,
    ...(event !== undefined && { sequence: parseSequence(event) }),
    ...(createdFrom !== undefined && { createdFrom: parseTime('createdFrom', createdFrom) }),
    ...(createdTill !== undefined && { createdTill: parseTime('createdTill', createdTill) }),
    ...(wakeFrom !== undefined && { wakeFrom: parseTime('wakeFrom', wakeFrom) }),
    ...(wakeTill !== undefined && { wakeTill: parseTime('wakeTill', wakeTill) }),
    ...(id !== undefined && { subject: id }),
    ...(types && { subjectTypes: types }),
  }
}

/** A removed resource is found by its id alone. */
async function idOf(
  tenant: string,
  subject: string,
  types: readonly string[],
  { registry }: TaskFilterDependencies['store'],
): Promise<string> {
  const row = await registry.get(tenant, subject)
  if (row && types.includes(row.type)) return row.id
  for (const type of types) {
    const found = await registry.byCode(tenant, type, subject)
    if (found) return found.id
  }
  throw new NotFound('resource', subject)
}

/** RFC 3339, section 5.6. */
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

function parseTime(field: string, text: string): number {
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return time
  throw new InvalidInput('invalid_request', `The ${field} is no time.`, {
    field,
    expected: 'a time as RFC 3339 writes it',
  })
}

/** @throws InvalidInput `invalid_request` */
export function parseSequence(text: string): number {
  const sequence = Number(text)
  if (/^\d{1,20}$/.test(text) && Number.isSafeInteger(sequence)) return sequence
  throw new InvalidInput('invalid_request', 'This is no sequence.', { field: 'sequence', expected: 'digits' })
}
