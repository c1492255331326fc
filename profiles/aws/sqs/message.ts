/**
 * A message as it is kept: the data of an event of the type `aws.message`. Read again from an event's text, and told as
 * SQS tells it: for one that came by a topic, in its envelope or raw.
 */
import { type EventRow, type LeasedTask, leaseTextOf } from '../../../src/index.js'
import { AwsError } from '../aws-error.js'
import { type MessageAttributes, md5, md5OfAttributes, wanted } from '../message-attributes.js'
import type { Json } from '../parameters.js'

/** One that was sent to a queue. */
export interface QueueMessage {
  readonly messageId: string
  readonly body: string
  readonly attributes?: MessageAttributes
  readonly groupId?: string
  readonly dedupId?: string
  /** AWSTraceHeader. */
  readonly trace?: string
}

/** The data of the event. */
export const dataIn = (event: Pick<EventRow, 'body'>): Json => (JSON.parse(event.body) as { data: Json }).data

/** A receipt handle: the queue, and the lease. */
export const handleOf = (queue: string, { task }: LeasedTask): string =>
  Buffer.from(`${queue}/${leaseTextOf(task)}`).toString('base64')

/** @throws AwsError `ReceiptHandleIsInvalid`, also for one of another queue */
export function leaseIn(queue: string, handle: string): string {
  const [, name, lease] = /^([^/]+)\/(\d{1,15}\.\d{1,15})$/.exec(Buffer.from(handle, 'base64').toString()) ?? []
  if (name === queue && lease !== undefined) return lease
  throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is not one of this queue.')
}

export const SYSTEM_ATTRIBUTES = [
  'SenderId',
  'SentTimestamp',
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'SequenceNumber',
  'MessageDeduplicationId',
  'MessageGroupId',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
] as const

/** What a receiver wants told beside the body. */
export interface Asked {
  readonly system: readonly string[]
  readonly attributes: readonly string[]
}

export interface Told {
  /** Its queue. */
  readonly queue: string
  readonly fifo: boolean
  /** The ARN of the queue that it was moved here from. */
  readonly source: string | undefined
  /** Milliseconds since 1970. */
  readonly firstReceivedAt: number
}

/** The message as a receiver gets it. */
export function messageFor(leased: LeasedTask, message: QueueMessage, asked: Asked, told: Told): Json {
  const { messageId, body, attributes = {} } = message
  const own = wanted(attributes, asked.attributes)
  const system = systemAttributes(leased, message, told)
  const shown = Object.entries(system).filter(([name]) => asked.system.includes('All') || asked.system.includes(name))
  const sum = md5OfAttributes(own)
  return {
    MessageId: messageId,
    ReceiptHandle: handleOf(told.queue, leased),
    MD5OfBody: md5(body),
    Body: body,
    ...(shown.length > 0 && { Attributes: Object.fromEntries(shown) }),
    ...(sum !== undefined && { MD5OfMessageAttributes: sum, MessageAttributes: own }),
  }
}

const systemAttributes = (
  { task, event }: LeasedTask,
  { groupId, dedupId, trace }: QueueMessage,
  { fifo, source, firstReceivedAt }: Told,
): Readonly<Record<string, string>> => ({
  SenderId: event.principal,
  SentTimestamp: String(event.receivedAt),
  ApproximateReceiveCount: String(receiveCount(task)),
  ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
  ...(fifo && { SequenceNumber: sequenceNumber(event.sequence) }),
  ...(dedupId !== undefined && { MessageDeduplicationId: dedupId }),
  ...(groupId !== undefined && { MessageGroupId: groupId }),
  ...(trace !== undefined && { AWSTraceHeader: trace }),
  ...(source !== undefined && { DeadLetterQueueSourceArn: source }),
})

/** Each time before it was neither deleted nor moved, which counts as a failure. A move begins anew. */
export const receiveCount = ({ failures }: LeasedTask['task']): number => failures + 1

export const sequenceNumber = (sequence: number): string => String(sequence).padStart(20, '0')
