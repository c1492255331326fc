/**
 * What the registry's consumers read of an event: the message, its context and its attributes. All of it comes from the
 * event's type, source, tags and native fields, so an event made by capture and one made of a message are written alike.
 */
import { hash } from 'node:crypto'
import { type AnyEvent, isObject } from '../../src/index.js'
import { present, wrong } from '../reader.js'
import { NATIVE_FIELDS, typeOf } from './catalogue.js'
import {
  type ChangeType,
  ENVIRONMENTS,
  type EnvironmentTopic,
  type Field,
  TOPICS,
  type Topic,
  topicOf,
} from './topics.js'

export interface Message {
  readonly at: EnvironmentTopic
  readonly type: ChangeType
  /** A UUID in lower case, the same for every attempt and replay. */
  readonly messageId: string
  /** UTC, with milliseconds and Z. */
  readonly timestamp: string
  readonly context: Context
  /** `type` and the topic's fields, in the documented order. */
  readonly body: Readonly<Record<string, string>>
}

export interface Context {
  readonly system_type: string
  readonly version: 'v1'
  readonly topic: string
  readonly tags: readonly string[]
}

interface Kind {
  readonly topic: Topic
  readonly type: ChangeType
}

const KINDS: ReadonlyMap<string, Kind> = new Map(
  TOPICS.flatMap((topic) => topic.types.map((type) => [typeOf(topic, type), { topic, type }] as const)),
)

/** @throws InvalidInput `invalid_event` for an event that is none of the registry's, or lacks a field (`thin` leaves none) */
export function messageOf(event: AnyEvent): Message {
  const { topic, type } = KINDS.get(event.type) ?? notOurs('type', 'a type of the profile uw-registry')
  const environment =
    ENVIRONMENTS.find(({ source }) => source === event.source) ??
    notOurs('source', ENVIRONMENTS.map(({ source }) => source).join(' or '))
  const tags = topic.tags.filter((tag) => event.tags?.includes(tag))
  return {
    ...{ at: topicOf(environment, topic), type, messageId: messageIdOf(event), timestamp: timestampOf(event) },
    context: { system_type: environment.systemType, version: 'v1', topic: topic.name, tags },
    body: { type, ...fieldsOf(event, topic) },
  }
}

function notOurs(field: string, expected: string): never {
  throw wrong(field, expected)
}

const fieldsOf = (event: AnyEvent, topic: Topic): Readonly<Partial<Record<Field, string>>> =>
  Object.fromEntries(topic.fields.map((field) => [field, textAt(event, NATIVE_FIELDS[field])]))

function textAt({ data }: AnyEvent, name: string): string {
  const value = isObject(data) ? data[name] : undefined
  if (typeof value === 'string' && value !== '') return value
  throw wrong(`data.${name}`, 'a text; the payload of the subscription must be full')
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The event's own id where it is one, else made of source and id (RFC 9562, version 8): never the same for two events. */
function messageIdOf({ tenant, source, id }: AnyEvent): string {
  if (UUID.test(id)) return id
  const hex = hash('sha256', JSON.stringify([tenant, source, id]), 'hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

function timestampOf({ time }: AnyEvent): string {
  const millis = time === undefined ? Number.NaN : Date.parse(time)
  return Number.isNaN(millis) ? notOurs('time', 'an RFC 3339 time') : new Date(millis).toISOString()
}

/** What spares the consumer to read the data back: place in the log, transaction, the row before and after, the old identifier. */
export function moreOf({ sequence, time, transactionId, data }: AnyEvent): Readonly<Record<string, unknown>> {
  const { previousId, before, after } = isObject(data) ? data : {}
  return present({ sequence, time, transaction: transactionId, previous: previousId, before, after })
}

/** Beside the envelope, so that filters need not open it. */
export const attributesOf = ({ at, type, context }: Message): Readonly<Record<string, string>> => ({
  topic: at.topic.name,
  type,
  tags: context.tags.join(','),
  system_type: context.system_type,
})
