/**
 * The ways of a topic: from events of ours to its subscribers (`sns`), into a queue (`sns-sqs`, where nothing is sent: the
 * message stands there already), and to an HTTP endpoint (`sns-http`).
 */
import { createHash } from 'node:crypto'
import {
  type AnyEvent,
  EXCERPT_BYTES,
  excerptsWithout,
  type MadeTransport,
  type OutgoingMessage,
  outcomeOfError,
  retryAfter,
  type SendOutcome,
  type TargetSchema,
  type Transport,
  type TransportParts,
} from '../../../src/index.js'
import { directoryOf, MESSAGE } from '../directory.js'
import type { MessageAttributes } from '../message-attributes.js'
import { type Place, queueInArn, topicArn } from '../names.js'
import { addressOf } from '../sqs/send.js'
import { envelopeOf, type TopicMessage } from './notification.js'
import { aboutOf, addressed } from './publish.js'
import { signerOf } from './signing.js'
import { rulesOf, type SnsSubscriptionSettings } from './subscription-settings.js'
import type { TopicSettings } from './topic-settings.js'

const TEXT = { type: 'string', minLength: 1, maxLength: 2048 }

const TOPIC: TargetSchema = {
  ...{ type: 'object', required: ['name', 'fifo', 'contentDedup', 'signatureVersion', 'maxSize', 'tags'] },
  additionalProperties: false,
  properties: {
    name: { ...TEXT, pattern: '^[A-Za-z0-9_-]{1,256}(\\.fifo)?$' },
    ...{ fifo: { type: 'boolean' }, contentDedup: { type: 'boolean' }, maxSize: { type: 'integer' } },
    signatureVersion: { enum: ['1', '2'] },
    ...{ displayName: { type: 'string' }, policy: { type: 'string' }, deliveryPolicy: { type: 'string' } },
    ...{ tags: { type: 'object' }, subject: { ...TEXT, maxLength: 99 } },
    place: { type: 'object', description: 'Account, region and address by which a bound topic tells of itself.' },
  },
}

export const SUBSCRIPTION: TargetSchema = {
  ...{ type: 'object', required: ['id', 'topic', 'protocol', 'endpoint', 'owner', 'raw', 'filterScope'] },
  additionalProperties: false,
  properties: {
    ...{ id: TEXT, topic: TEXT, endpoint: TEXT, owner: TEXT, deadLetterArn: TEXT },
    protocol: { enum: ['sqs', 'http', 'https', 'email', 'email-json'] },
    raw: { type: 'boolean' },
    filterScope: { enum: ['MessageAttributes', 'MessageBody'] },
    ...{
      filterPolicy: { type: 'string' },
      deliveryPolicy: { type: 'string' },
      topicDeliveryPolicy: { type: 'string' },
    },
    pending: { type: 'object' },
    confirmed: { type: 'object' },
    left: { type: 'boolean' },
  },
}

/** A topic that is bound to event types: where it stands. */
export interface BoundTopic extends TopicSettings {
  readonly place?: Place
}

const topic = (parts: TransportParts): Transport => ({
  name: 'sns',
  title: 'SNS topic',
  promise: 'at least once; a message stands in its queues when the topic has it',
  target: TOPIC,
  defaultFormat: 'cloudevents',
  async check() {},
  open(target) {
    const settings = target as unknown as BoundTopic
    return { send: (message) => tellTopic(parts, settings, message) }
  },
})

/** The same event is the same message, however often it is tried. */
async function tellTopic(parts: TransportParts, settings: BoundTopic, message: OutgoingMessage): Promise<SendOutcome> {
  const { place, subject, signatureVersion, fifo } = settings
  if (place === undefined)
    return { outcome: 'refused', code: 'not_bound', message: 'The topic was not bound by `tocsin aws topics bind`.' }
  const { event } = message
  const told: TopicMessage = {
    ...{
      kind: 'Notification',
      messageId: uuidOf(message.id),
      topic: topicArn(place, settings.name),
      tenant: place.tenant,
    },
    ...{ message: message.body, attributes: attributesOf(event), time: new Date(message.time).toISOString() },
    ...{ signatureVersion, origin: place.origin, ...(subject !== undefined && { subject }) },
    ...(fifo && { groupId: groupOf(event), dedupId: message.id }),
  }
  const once = { id: message.id, ...aboutOf(event) }
  await parts.send(place.tenant, addressed(place, settings, told, message.time, once))
  return { outcome: 'delivered' }
}

/** So that filter policies can choose without looking into the message. */
const attributesOf = ({ type, source, subject, tags = [] }: AnyEvent): MessageAttributes => ({
  ...Object.fromEntries(
    Object.entries({ type, source, subject }).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, { DataType: 'String', StringValue: value }]],
    ),
  ),
  ...(tags.length > 0 && { tags: { DataType: 'String.Array', StringValue: JSON.stringify(tags) } }),
})

const groupOf = ({ partitionKey, subject, id }: AnyEvent): string =>
  createHash('sha256')
    .update(partitionKey ?? subject ?? id)
    .digest('hex')

const uuidOf = (text: string): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

const intoQueue: Transport = {
  name: 'sns-sqs',
  title: 'SNS into an SQS queue',
  promise: 'exactly what was published stands in the queue when the publisher is answered',
  target: SUBSCRIPTION,
  defaultFormat: 'cloudevents',
  async check() {},
  open() {
    throw new TypeError('A message of a topic stands in its queues already; nothing is sent.')
  },
}

const overHttp = (parts: TransportParts): Transport => ({
  name: 'sns-http',
  title: 'SNS over HTTP',
  promise: 'at least once; acknowledged by 2xx',
  target: SUBSCRIPTION,
  defaultFormat: 'cloudevents',
  async check(target) {
    await parts.egress.check((target as unknown as SnsSubscriptionSettings).endpoint)
  },
  open(target) {
    const settings = target as unknown as SnsSubscriptionSettings
    return { send: (message, signal) => post(parts, settings, message, signal) }
  },
})

/** The deadline of an attempt comes with its signal; the client wants one of its own. */
const NO_DEADLINE = 2 ** 31 - 1

async function post(
  parts: TransportParts,
  settings: SnsSubscriptionSettings,
  message: OutgoingMessage,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const told = message.event.data as unknown as TopicMessage
  const subscription = `${told.topic}:${settings.id}`
  const { delays, contentType } = rulesOf(settings)
  const raw = settings.raw && told.kind === 'Notification'
  const written = { ...told, message: told.messages?.[settings.protocol] ?? told.message }
  const body = raw ? written.message : envelopeOf(written, subscription, await signerOf(parts))
  const headers = {
    'content-type': contentType ?? 'text/plain; charset=UTF-8',
    'user-agent': 'Amazon Simple Notification Service Agent',
    'x-amz-sns-message-type': told.kind,
    'x-amz-sns-message-id': told.messageId,
    'x-amz-sns-topic-arn': told.topic,
    ...(told.kind === 'Notification' && { 'x-amz-sns-subscription-arn': subscription }),
    ...(raw && { 'x-amz-sns-rawdelivery': 'true' }),
  }
  const outcome = await exchange(parts, settings.endpoint, { headers, body, time: message.time, signal })
  return ended(parts, { settings, message, body, delays }, outcome)
}

interface Ending {
  readonly settings: SnsSubscriptionSettings
  readonly message: OutgoingMessage
  /** As the subscriber would have got it. */
  readonly body: string
  /** Milliseconds before each attempt but the first. */
  readonly delays: readonly number[]
}

/** What will not be tried again goes to the dead-letter queue of the subscription. */
export async function ended(
  parts: TransportParts,
  { settings, message, body, delays }: Ending,
  outcome: SendOutcome,
): Promise<SendOutcome> {
  const { kind } = message.event.data as unknown as TopicMessage
  const isLast = outcome.outcome === 'refused' || (outcome.outcome === 'retry' && message.attempt > delays.length)
  if (isLast && kind === 'Notification') await toDeadLetters(parts, settings, message, body)
  return outcome
}

interface Letter {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly time: number
  readonly signal: AbortSignal
}

async function exchange(
  parts: TransportParts,
  url: string,
  { headers, body, time, signal }: Letter,
): Promise<SendOutcome> {
  const excerpts = excerptsWithout([])
  const request = { method: 'POST', timeout: NO_DEADLINE, maxResponse: EXCERPT_BYTES, signal } as const
  try {
    const answer = await parts.egress.send({ ...request, url, headers, body })
    const code = String(answer.status)
    const response = excerpts.of(answer.body, answer.truncated)
    if (answer.status >= 200 && answer.status < 300) return { outcome: 'delivered', code, response }
    const problem = { code, message: `The endpoint answered ${code}.`, response }
    // What the client is to blame for will not get better, but for a timeout and too much at once.
    if (answer.status >= 400 && answer.status < 500 && ![408, 429].includes(answer.status))
      return { outcome: 'refused', ...problem }
    const header = (name: string) => [answer.headers[name]].flat()[0]
    const after = retryAfter(header('retry-after'), header('date'), time)
    return { outcome: 'retry', ...problem, ...(after !== undefined && { after }) }
  } catch (error) {
    signal.throwIfAborted()
    return outcomeOfError(error, excerpts)
  }
}

/** What could not be delivered, as it would have been, once. */
async function toDeadLetters(
  parts: TransportParts,
  { deadLetterArn, id }: SnsSubscriptionSettings,
  message: OutgoingMessage,
  body: string,
): Promise<void> {
  if (deadLetterArn === undefined) return
  const { topic, messageId, tenant } = message.event.data as unknown as TopicMessage
  const [, , , region = '', account = ''] = deadLetterArn.split(':')
  const place = { region, account, tenant, origin: '' }
  await parts.send(tenant, {
    ...{ id: `${message.id}~dead`, source: `${topic}:${id}`, type: MESSAGE, ...aboutOf(message.event) },
    tell: (addressees) => {
      const queue = directoryOf(addressees).queues.get(queueInArn(place, deadLetterArn) ?? '')
      return { data: { messageId, body }, to: queue ? [addressOf(queue, message.time, 0)] : [] }
    },
  })
}

export const transports: readonly Transport[] = [intoQueue]

export const madeTransports: readonly MadeTransport[] = [
  { name: 'sns', make: topic },
  { name: 'sns-http', make: overHttp },
]
