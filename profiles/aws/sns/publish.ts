/**
 * Publish: one event, written in one commit with a task for each queue and each other subscriber whose filter policy lets
 * the message pass. So a message stands in its queues when the publisher is answered.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
import { randomUUID } from 'node:crypto'
import { type Address, type AddressedMessage, type Addressees, isObject, sha256 } from '../../../src/index.js'
import { snsCode } from '../aws-error.js'
import { eachOf, entriesOf, requireNotLonger } from '../batch.js'
import { type Call, operation } from '../call.js'
import { type Directory, directoryOf, MESSAGE, type Queue, type Topic } from '../directory.js'
import { isAllowedText, readAttributes, sizeOf } from '../message-attributes.js'
import { type Place, queueInArn, topicArn } from '../names.js'
import { invalid, type Json, type Parameters } from '../parameters.js'
import { dataIn, sequenceNumber } from '../sqs/message.js'
import { addressOf, DEDUP_WINDOW, digest } from '../sqs/send.js'
import type { QueueWay, TopicMessage } from './notification.js'
import { filterOf, type SnsSubscriptionSettings, subscriptionArn } from './subscription-settings.js'
import { topicOf } from './topics.js'

const FIELDS = [
  'Message',
  'Subject',
  'MessageStructure',
  'MessageAttributes',
  'MessageDeduplicationId',
  'MessageGroupId',
]

export const publish = operation('events:publish', async (call) => {
  const { parameters } = call
  parameters.only('TopicArn', 'TargetArn', ...FIELDS)
  const isTarget = parameters.get('TargetArn') !== undefined
  if (isTarget && parameters.get('TopicArn') !== undefined) throw invalid('TopicArn and TargetArn: only one is taken.')
  const topic = await topicOf(call, isTarget ? 'TargetArn' : 'TopicArn')
  return send(call, topic, parameters)
})

export const publishBatch = operation('events:publish', async (call) => {
  call.parameters.only('TopicArn', 'PublishBatchRequestEntries')
  const topic = await topicOf(call)
  const entries = entriesOf(call.parameters, 'PublishBatchRequestEntries')
  requireNotLonger(entries, 'Message', topic.maxSize)
  return eachOf(
    entries,
    ({ name }) => snsCode(name),
    (entry) => send(call, topic, entry.only('Id', ...FIELDS)),
    topic.fifo,
  )
})

async function send({ hub, principal, place, now }: Call, topic: Topic, given: Parameters): Promise<Json> {
  const told = readMessage(place, topic, given, hub.config.profiles.aws.url, now)
  const sent = await hub.tasks.send(principal, addressed(place, topic, told, now))
  const { messageId } = sent.status === 'known' ? (dataIn(sent.event) as unknown as TopicMessage) : told
  const sequence = sent.status === 'known' ? sent.event.sequence : sent.sequence
  return { MessageId: messageId, ...(topic.fifo && { SequenceNumber: sequenceNumber(sequence) }) }
}

export type About = Pick<AddressedMessage, 'subject' | 'superOwner'>

/** Whom an event is about, so is the message that tells it: erasing reaches both. */
export const aboutOf = ({ subject, superOwner }: About): About => ({
  ...(subject !== undefined && { subject }),
  ...(superOwner !== undefined && { superOwner }),
})

/** A message of a topic, for those who subscribe to it when it is written. */
export const addressed = (
  place: Place,
  topic: Pick<Topic, 'name'> & Partial<Pick<Topic, 'subscription'>>,
  told: TopicMessage,
  now: number,
  once?: { readonly id: string } & About,
): AddressedMessage => ({
  ...(told.dedupId === undefined
    ? { id: once?.id ?? told.messageId }
    : { id: dedupKey(topic, told.dedupId), window: DEDUP_WINDOW }),
  ...{ source: topicArn(place, topic.name), type: MESSAGE },
  ...aboutOf(once ?? {}),
  ...(told.groupId !== undefined && { partitionKey: told.groupId }),
  tell: (addressees) => readersOf(place, topic.name, told, directoryOf(addressees), now),
})

/** Not counting for a topic that gets the same name later. */
const dedupKey = ({ subscription }: Partial<Pick<Topic, 'subscription'>>, dedupId: string): string =>
  sha256(JSON.stringify([subscription?.startSequence ?? null, dedupId]))

function readersOf(
  place: Place,
  name: string,
  told: TopicMessage,
  known: Directory,
  now: number,
): ReturnType<AddressedMessage['tell']> {
  const subscribers = known.topics.get(name)?.subscribers ?? []
  const queues: Record<string, QueueWay> = {}
  const unreached: string[] = []
  const to: Address[] = []
  for (const each of subscribers) {
    if (each.pending || !filterOf(each).matches(told.message, told.attributes ?? {})) continue
    if (each.protocol !== 'sqs') {
      to.push({ subscription: each.subscription.id, ordered: false })
      continue
    }
    const way = { subscription: subscriptionArn(place, each), raw: each.raw }
    const queue = reachable(known, place, told, each)
    if (!queue) unreached.push(way.subscription)
    if (!queue || queues[queue.name]) continue
    queues[queue.name] = queue.name === queueInArn(place, each.endpoint) ? way : { ...way, raw: false }
    to.push(addressOf(queue, now))
  }
  return { data: { ...told, queues, ...(unreached.length > 0 && { unreached }) }, to }
}

/**
 * The queue, or the dead-letter queue of the subscription when the queue is gone, is no FIFO queue, or cannot take so many
 * attributes raw.
 */
function reachable(
  known: Directory,
  place: Place,
  told: TopicMessage,
  each: SnsSubscriptionSettings,
): Queue | undefined {
  const queue = known.queues.get(queueInArn(place, each.endpoint) ?? '')
  const fits = !each.raw || Object.keys(told.attributes ?? {}).length <= 10
  const orders = !queue?.fifo || told.groupId !== undefined
  if (queue && fits && orders) return queue
  return each.deadLetterArn === undefined ? undefined : known.queues.get(queueInArn(place, each.deadLetterArn) ?? '')
}

/** Only the one who is asked gets it. */
export async function tellConfirmation(
  call: Call,
  topic: Topic,
  settings: SnsSubscriptionSettings,
  kind: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation',
  token: string,
): Promise<void> {
  const { hub, principal, place, now } = call
  const arn = topicArn(place, topic.name)
  const message =
    kind === 'SubscriptionConfirmation'
      ? `You have chosen to subscribe to the topic ${arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`
      : `You have chosen to deactivate subscription ${subscriptionArn(place, settings)}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`
  const told: TopicMessage = {
    ...{ kind, messageId: randomUUID(), topic: arn, message, time: new Date(now).toISOString(), token },
    ...{
      signatureVersion: topic.signatureVersion,
      origin: hub.config.profiles.aws.url ?? place.origin,
      tenant: place.tenant,
    },
  }
  const to = (addressees: Addressees): readonly Address[] => {
    const id = `sns-${settings.id}`
    return addressees.subscription(id) ? [{ subscription: id, ordered: false }] : []
  }
  const publisher = { ...principal, roles: ['admin'] as const }
  await hub.tasks.send(publisher, {
    ...{ id: told.messageId, source: arn, type: MESSAGE },
    tell: (addressees) => ({ data: { ...told }, to: to(addressees) }),
  })
}

// -------------------------------------------------------------------------------------------- reading

function readMessage(
  place: Place,
  topic: Topic,
  given: Parameters,
  url: string | undefined,
  now: number,
): TopicMessage {
  const message = given.text('Message')
  const attributes = readAttributes(given.object('MessageAttributes'), 'sns')
  if (!isAllowedText(message)) throw invalid('Message has a character that is not allowed.')
  const size = Buffer.byteLength(message) + sizeOf(attributes)
  if (size > topic.maxSize)
    throw invalid(`Message too long: ${size} bytes with its attributes, and the topic takes ${topic.maxSize}.`)
  const subject = subjectOf(given)
  return {
    ...{ kind: 'Notification', messageId: randomUUID(), topic: topicArn(place, topic.name), tenant: place.tenant },
    ...structured(given, message),
    ...(subject !== undefined && { subject }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...{ time: new Date(now).toISOString(), signatureVersion: topic.signatureVersion, origin: url ?? place.origin },
    ...fifoIds(topic, given, message),
  }
}

/** Printable, and no line break; SNS wants ASCII of fewer than 100 characters. */
function subjectOf(given: Parameters): string | undefined {
  const subject = given.optionalText('Subject')
  if (subject === undefined || subject === '') return undefined
  if (/^[\x21-\x7e][\x20-\x7e]{0,98}$/.test(subject)) return subject
  throw invalid('Subject must be ASCII text of fewer than 100 characters, without line breaks and control characters.')
}

/** `json`: one message for each protocol, and one for all others. `string` is what one of UW's clients says for none. */
function structured(given: Parameters, message: string): Pick<TopicMessage, 'message' | 'messages'> {
  const structure = given.optionalText('MessageStructure')
  if (structure === undefined || structure === 'string') return { message }
  if (structure !== 'json') throw invalid('MessageStructure must be json.')
  const messages = objectIn(message)
  if (typeof messages?.default !== 'string') throw invalid('Message Structure - No default entry in JSON message body')
  const told = Object.entries(messages).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return { message: messages.default, messages: Object.fromEntries(told) }
}

function objectIn(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

const ID = /^[\x21-\x7e]{1,128}$/

function fifoIds(
  { fifo, contentDedup }: Topic,
  given: Parameters,
  message: string,
): Pick<TopicMessage, 'groupId' | 'dedupId'> {
  const [groupId, dedup] = [given.optionalText('MessageGroupId'), given.optionalText('MessageDeduplicationId')]
  if (!fifo) {
    if (groupId === undefined && dedup === undefined) return {}
    throw invalid('MessageGroupId and MessageDeduplicationId are of FIFO topics.')
  }
  const dedupId = dedup ?? (contentDedup ? digest(message) : undefined)
  if (groupId === undefined) throw invalid('The MessageGroupId parameter is required for FIFO topics')
  if (dedupId === undefined)
    throw invalid(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    )
  if (!ID.test(groupId) || !ID.test(dedupId))
    throw invalid('The ids of FIFO messages are 1 to 128 visible ASCII characters.')
  return { groupId, dedupId }
}
