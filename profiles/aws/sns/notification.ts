/**
 * What a topic tells, as it is kept, and as its subscribers get it: in a signed envelope, or raw.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */

import type { MessageAttributes } from '../message-attributes.js'
import type { Json } from '../parameters.js'
import { type QueueMessage, sequenceNumber } from '../sqs/message.js'
import type { SignatureVersion, Signer } from './signing.js'

/** The data of the event. */
export interface TopicMessage {
  readonly kind: 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation'
  readonly messageId: string
  /** The topic's ARN. */
  readonly topic: string
  readonly message: string
  /** What other protocols are told instead, by their name. */
  readonly messages?: Readonly<Record<string, string>>
  readonly subject?: string
  readonly attributes?: MessageAttributes
  /** RFC 3339. */
  readonly time: string
  readonly signatureVersion: SignatureVersion
  /** How we are reached by receivers: an origin. */
  readonly origin: string
  readonly tenant: string
  readonly groupId?: string
  readonly dedupId?: string
  /** The queues it went to, by name, and how. */
  readonly queues?: Readonly<Record<string, QueueWay>>
  /** ARNs of subscriptions whose queue could not take it, and which have no dead-letter queue: for whoever looks at the event. */
  readonly unreached?: readonly string[]
  /** Of confirmations. */
  readonly token?: string
}

export interface QueueWay {
  /** The ARN of the subscription. */
  readonly subscription: string
  readonly raw: boolean
}

export const isTopicMessage = (data: Json): boolean => typeof data.kind === 'string'

/** Where a queue's message is. */
export interface Whereabouts {
  /** Name of its queue. */
  readonly queue: string
  /** ARN of the queue that it was moved from. */
  readonly source: string | undefined
}

/** Moved, it is as it was in the queue that it came to first; where nobody knows any more which that was, as in all of them. */
function wayOf({ queues = {} }: TopicMessage, { queue, source }: Whereabouts): QueueWay | undefined {
  const all = Object.values(queues)
  const first = source === undefined ? undefined : queues[source.split(':').at(-1) ?? '']
  return queues[queue] ?? first ?? (all.every(({ raw }) => raw) ? all[0] : undefined)
}

/** What a queue gets. @param sequence of the event */
export function queueMessageOf(told: TopicMessage, sequence: number, at: Whereabouts, signer: Signer): QueueMessage {
  const way = wayOf(told, at)
  const { messageId, attributes, groupId, dedupId } = told
  const number = groupId === undefined ? undefined : sequenceNumber(sequence)
  const ids = { messageId, ...(groupId !== undefined && { groupId }), ...(dedupId !== undefined && { dedupId }) }
  const message = told.messages?.sqs ?? told.message
  if (way?.raw) return { ...ids, body: message, ...(attributes && { attributes }) }
  return { ...ids, body: envelopeOf({ ...told, message }, way?.subscription ?? told.topic, signer, number) }
}

/** @param subscription the ARN of the subscription, for leaving it. @param sequence told by FIFO topics */
export function envelopeOf(told: TopicMessage, subscription: string, signer: Signer, sequence?: string): string {
  const { kind, message, subject, attributes, origin, signatureVersion } = told
  const ways = kind === 'Notification' ? { UnsubscribeURL: leavingUrl(told, subscription) } : confirmationOf(told)
  return JSON.stringify({
    Type: kind,
    MessageId: told.messageId,
    ...(told.token !== undefined && { Token: told.token }),
    TopicArn: told.topic,
    ...(subject !== undefined && { Subject: subject }),
    Message: message,
    ...('SubscribeURL' in ways && ways),
    Timestamp: told.time,
    SignatureVersion: signatureVersion,
    Signature: signer.sign(textToSign(told), signatureVersion),
    SigningCertURL: `${origin}/aws/${signer.file}`,
    ...('UnsubscribeURL' in ways && ways),
    ...(attributes && { MessageAttributes: shown(attributes) }),
    ...(sequence !== undefined && { SequenceNumber: sequence }),
  })
}

const shown = (attributes: MessageAttributes): Json =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? BinaryValue },
    ]),
  )

const urlOf = ({ origin, tenant }: TopicMessage, query: Readonly<Record<string, string>>): string =>
  `${origin}/aws/sns/${tenant}?${new URLSearchParams(query)}`

export const leavingUrl = (told: TopicMessage, subscription: string): string =>
  urlOf(told, { Action: 'Unsubscribe', SubscriptionArn: subscription })

export const subscribeUrl = (told: TopicMessage): string =>
  urlOf(told, { Action: 'ConfirmSubscription', TopicArn: told.topic, Token: told.token ?? '' })

const confirmationOf = (told: TopicMessage) => ({ SubscribeURL: subscribeUrl(told) })

/** Names and values, a line each, in this order; the Subject only where there is one. */
function textToSign(told: TopicMessage): string {
  const { kind, messageId, message, subject, time, topic, token } = told
  const fields: readonly (readonly [string, string | undefined])[] =
    kind === 'Notification'
      ? [
          ['Message', message],
          ['MessageId', messageId],
          ['Subject', subject],
          ['Timestamp', time],
          ['TopicArn', topic],
          ['Type', kind],
        ]
      : [
          ['Message', message],
          ['MessageId', messageId],
          ['SubscribeURL', subscribeUrl(told)],
          ['Timestamp', time],
          ['Token', token],
          ['TopicArn', topic],
          ['Type', kind],
        ]
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name}\n${value}\n`])).join('')
}
