/**
 * Which tasks are meant: the same filter as a query string and as part of a body.
 */
import { type Static, type TSchema, Type } from 'typebox'
import type { TaskQuery, TaskState } from '../src/index.js'
import { exactTypes, Flag, flagOf, listOf, Sequence, Text, Texts, timeOf, Words } from './query.js'

const STATES = [
  'due',
  'waiting',
  'leased',
  'done',
  'refused',
  'exhausted',
  'not-executed',
  'held',
  'cancelled',
] as const satisfies readonly TaskState[]

export const PRIORITIES = ['immediate', 'high', 'normal'] as const

/** What is written alike in both. */
const ONE = {
  subscription: Text('The subscription’s id; `local.processors` is the asynchronous processors.'),
  subject: Text('The resource the event is about; with `subjectType` its code will do.'),
  subjectType: Text('The type of the resource the event is about; a base type means all that implement it.'),
  superOwner: Text('The super owner of the event.'),
  root: Text('The id of the root event.'),
  parent: Text('The id of the parent event.'),
  transaction: Text('The transaction id.'),
  from: Text('Created at or after this time, RFC 3339.'),
  till: Text('Created before this time, RFC 3339.'),
  wakeFrom: Text('Tried next at or after this time, RFC 3339: what waits for its time.'),
  wakeTill: Text('Tried next before this time, RFC 3339.'),
  key: Text('The partition key of the event: what stays in order together.'),
  text: Text('Part of the event’s id, source, type or subject.'),
}

const LOCAL = 'Only the hub’s own processing (true), or only subscriptions (false).'

export const TASK_QUERY = {
  ...ONE,
  event: Sequence('digits: the event’s sequence'),
  state: Words(STATES),
  type: Texts('Event types.'),
  priority: Words(PRIORITIES),
  code: Texts('Result codes.'),
  local: Flag(LOCAL),
}

const Several = <S extends TSchema>(item: S, description: string) =>
  Type.Optional(Type.Array(item, { maxItems: 100, description }))
const Name = Type.String({ minLength: 1, maxLength: 2048 })

export const TASK_FILTER = {
  ...ONE,
  event: Type.Optional(
    Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^[0-9]{1,20}$' })], {
      description: 'the event’s sequence',
    }),
  ),
  states: Several(Type.Enum(STATES), `some of ${STATES.join(', ')}`),
  types: Several(Name, 'Event types.'),
  priorities: Several(Type.Enum(PRIORITIES), `some of ${PRIORITIES.join(', ')}`),
  codes: Several(Name, 'Result codes.'),
  local: Type.Optional(Type.Boolean({ description: LOCAL })),
}

/** Very many are done part by part: each says where the next begins. */
export const PART = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description: 'Looks at so many at most, the oldest first; `next` says where to go on.',
    }),
  ),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 2048, description: '`next` of the part before.' })),
}

const Query = Type.Object(TASK_QUERY)

/** As a body says it. */
type Filter = Readonly<Partial<Record<keyof typeof ONE, string>>> & {
  readonly event?: string | number | undefined
  readonly states?: readonly TaskState[] | undefined
  readonly types?: readonly string[] | undefined
  readonly priorities?: readonly (typeof PRIORITIES)[number][] | undefined
  readonly codes?: readonly string[] | undefined
  readonly local?: boolean | undefined
}

/** @throws InvalidInput for a pattern among the types, or what is no time. */
export function queriedTasks(query: Static<typeof Query>): TaskQuery {
  const { event, state, type, priority, code, local, ...rest } = query
  const some = { states: listOf(state), types: listOf(type), priorities: listOf(priority), codes: listOf(code) }
  exactTypes('type', type)
  return filteredTasks({ ...rest, ...some, event, local: flagOf(local) })
}

/** @throws InvalidInput for a pattern among the types, or what is no time. */
export function filteredTasks(filter: Filter): TaskQuery {
  const { event, types, root, parent, transaction, from, till, wakeFrom, wakeTill, key, ...rest } = filter
  return {
    ...rest,
    event: event === undefined ? undefined : String(event),
    types: exactTypes('types', types),
    rootId: root,
    parentId: parent,
    transactionId: transaction,
    createdFrom: timeText('from', from),
    createdTill: timeText('till', till),
    wakeFrom: timeText('wakeFrom', wakeFrom),
    wakeTill: timeText('wakeTill', wakeTill),
    partitionKey: key,
  }
}

function timeText(field: string, text: string | undefined): string | undefined {
  const time = timeOf(field, text)
  return time === undefined ? undefined : new Date(time).toISOString()
}
