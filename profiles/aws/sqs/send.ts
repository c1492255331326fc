/**
 * SendMessage and SendMessageBatch: a message is an event of the type `aws.message`, addressed to the queue.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
import { randomUUID } from 'node:crypto'
import { sha256 } from '../../../src/index.js'
import { AwsError } from '../aws-error.js'
import { eachOf, entriesOf, requireNotLonger } from '../batch.js'
import { type Call, operation } from '../call.js'
import { MESSAGE, type Queue } from '../directory.js'
import {
  isAllowedText,
  type MessageAttributes,
  md5,
  md5OfAttributes,
  readAttributes,
  sizeOf,
} from '../message-attributes.js'
import { queueArn } from '../names.js'
import { invalid, type Json, type Parameters } from '../parameters.js'
import { dataIn, type QueueMessage, sequenceNumber } from './message.js'
import { queueOf } from './queues.js'

/** Milliseconds for which the id of a message to a FIFO queue counts. */
export const DEDUP_WINDOW = 300_000

/** Bytes that the entries of a batch may have together. */
const MOST_TOGETHER = 1_048_576

const FIELDS = [
  'MessageBody',
  'DelaySeconds',
  'MessageAttributes',
  'MessageSystemAttributes',
  'MessageDeduplicationId',
  'MessageGroupId',
]

export const sendMessage = operation('events:publish', async (call) => {
  const { parameters } = call
  parameters.only('QueueUrl', ...FIELDS)
  return send(call, await queueOf(call), parameters)
})

export const sendMessageBatch = operation('events:publish', async (call) => {
  call.parameters.only('QueueUrl', 'Entries')
  const queue = await queueOf(call)
  const entries = entriesOf(call.parameters, 'Entries')
  requireNotLonger(entries, 'MessageBody', MOST_TOGETHER)
  return eachOf(
    entries,
    ({ oldCode }) => oldCode,
    (entry) => send(call, queue, entry.only('Id', ...FIELDS)),
    queue.fifo,
  )
})

async function send({ hub, principal, place, now }: Call, queue: Queue, given: Parameters): Promise<Json> {
  const message = readMessage(queue, given)
  const delay = delayOf(queue, given)
  const { groupId, dedupId } = message
  const sent = await hub.tasks.send(principal, {
    ...(dedupId === undefined
      ? { id: message.messageId }
      : { id: dedupKey(queue, groupId, dedupId), window: DEDUP_WINDOW }),
    ...{ source: queueArn(place, queue.name), type: MESSAGE },
    ...(groupId !== undefined && { partitionKey: groupId }),
    tell: (known) => {
      const present = known.subscription(queue.subscription.id)
      if (!present) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
      return { data: { ...message }, to: [addressOf(queue, now, delay)] }
    },
  })
  const kept = sent.status === 'known' ? (dataIn(sent.event) as unknown as QueueMessage) : message
  const sequence = sent.status === 'known' ? sent.event.sequence : sent.sequence
  return receiptOf(queue, message, kept.messageId, sequence)
}

/** When a message to the queue may be received, and until when. @param delay seconds */
export const addressOf = (queue: Queue, now: number, delay = queue.delay) => ({
  subscription: queue.subscription.id,
  ordered: queue.fifo,
  ...(delay > 0 && { wakeAt: now + delay * 1_000 }),
  expiresAt: now + queue.retention * 1_000,
})

function receiptOf(
  { fifo }: Queue,
  { body, attributes = {}, trace }: QueueMessage,
  messageId: string,
  sequence: number,
): Json {
  const sum = md5OfAttributes(attributes)
  const system = trace === undefined ? undefined : md5OfAttributes(traceAttribute(trace))
  return {
    MessageId: messageId,
    MD5OfMessageBody: md5(body),
    ...(sum !== undefined && { MD5OfMessageAttributes: sum }),
    ...(system !== undefined && { MD5OfMessageSystemAttributes: system }),
    ...(fifo && { SequenceNumber: sequenceNumber(sequence) }),
  }
}

const traceAttribute = (trace: string): MessageAttributes => ({
  AWSTraceHeader: { DataType: 'String', StringValue: trace },
})

/** @throws AwsError for what the queue does not take */
function readMessage(queue: Queue, given: Parameters): QueueMessage {
  const body = given.text('MessageBody')
  if (!isAllowedText(body))
    throw new AwsError(
      'InvalidMessageContents',
      'The message contains characters outside the allowed set: #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to #xFFFD, #x10000 to #x10FFFF.',
    )
  const attributes = readAttributes(given.object('MessageAttributes'), 'sqs')
  if (Object.keys(attributes).length > 10)
    throw invalid('Number of message attributes exceeds the allowed maximum of 10.')
  const size = Buffer.byteLength(body) + sizeOf(attributes)
  if (size > queue.maxSize)
    throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${queue.maxSize} bytes.`)
  const trace = readTrace(given.object('MessageSystemAttributes'))
  return {
    ...{ messageId: randomUUID(), body },
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(trace !== undefined && { trace }),
    ...(queue.fifo ? fifoIds(queue, given, body) : noFifoIds(given)),
  }
}

function readTrace(given: Parameters): string | undefined {
  given.only('AWSTraceHeader')
  if (given.get('AWSTraceHeader') === undefined) return undefined
  const { AWSTraceHeader: header } = readAttributes(given, 'sqs')
  if (header?.DataType === 'String') return header.StringValue
  throw invalid('AWSTraceHeader must be of the type String.')
}

const ID = /^[\x21-\x7e]{1,128}$/

function fifoIds(queue: Queue, given: Parameters, body: string): Pick<QueueMessage, 'groupId' | 'dedupId'> {
  const groupId = given.text('MessageGroupId')
  const dedupId = given.optionalText('MessageDeduplicationId') ?? (queue.contentDedup ? digest(body) : undefined)
  if (dedupId === undefined)
    throw invalid(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly.',
    )
  for (const [name, id] of Object.entries({ MessageGroupId: groupId, MessageDeduplicationId: dedupId }))
    if (!ID.test(id)) throw invalid(`${name} can only include alphanumeric and punctuation characters, 1 to 128.`)
  return { groupId, dedupId }
}

/** Hexadecimal, of the body without attributes. */
export const digest = (body: string): string => Buffer.from(sha256(body), 'base64url').toString('hex')

function noFifoIds(given: Parameters): object {
  for (const name of ['MessageGroupId', 'MessageDeduplicationId'])
    if (given.get(name) !== undefined)
      throw invalid(`${name} is of FIFO queues: this is a standard queue, and fair queues are not supported.`)
  return {}
}

function delayOf(queue: Queue, given: Parameters): number {
  const delay = given.optionalNumber('DelaySeconds', 0, 900)
  if (delay === undefined) return queue.delay
  if (queue.fifo && delay !== queue.delay)
    throw invalid('Value for DelaySeconds is invalid for a message to a FIFO queue: set it on the queue.')
  return delay
}

/** The ids of FIFO messages count within the queue, or within the group; not from a queue that had the same name before. */
const dedupKey = ({ dedupScope, subscription }: Queue, groupId = '', dedupId = ''): string =>
  sha256(JSON.stringify([subscription.startSequence, dedupId, ...(dedupScope === 'queue' ? [] : [groupId])]))
