/**
 * The attributes of a topic, as they are set and told.
 * https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
 */
import { AwsError } from '../aws-error.js'
import type { Place } from '../names.js'
import { isFifoName } from '../names.js'
import { checkPolicy } from '../policy.js'
import type { Tags } from '../tags.js'
import { readDeliveryPolicy } from './delivery-policy.js'
import type { SignatureVersion } from './signing.js'

/** What is kept of a topic with its subscription. */
export interface TopicSettings {
  readonly name: string
  readonly fifo: boolean
  readonly contentDedup: boolean
  readonly signatureVersion: SignatureVersion
  /** Bytes. */
  readonly maxSize: number
  readonly displayName?: string
  readonly policy?: string
  readonly deliveryPolicy?: string
  readonly tags: Tags
  /** Of a topic that tells events: the Subject of its notifications. */
  readonly subject?: string
}

const KIB = 1024

export const newTopic = (name: string): TopicSettings => ({
  ...{ name, fifo: isFifoName(name), contentDedup: false, signatureVersion: '1', maxSize: 256 * KIB, tags: {} },
})

/** @throws AwsError `InvalidParameter` */
export const withTopicAttributes = (
  place: Place,
  topic: TopicSettings,
  attributes: Readonly<Record<string, string>>,
): TopicSettings =>
  Object.entries(attributes).reduce((set, [name, value]) => withAttribute(place, set, name, value), topic)

function withAttribute(place: Place, topic: TopicSettings, name: string, value: string): TopicSettings {
  switch (name) {
    case 'FifoTopic':
      if ((value === 'true') !== topic.fifo) throw bad(name, 'true for a name that ends with .fifo, and for no other')
      return topic
    case 'ContentBasedDeduplication':
      if (!topic.fifo || !['true', 'false'].includes(value)) throw bad(name, 'true or false, on a FIFO topic')
      return { ...topic, contentDedup: value === 'true' }
    case 'SignatureVersion':
      if (value !== '1' && value !== '2') throw bad(name, '1 or 2')
      return { ...topic, signatureVersion: value }
    case 'MaximumMessageSize':
      if (!/^\d{4,7}$/.test(value) || Number(value) < KIB || Number(value) > KIB * KIB)
        throw bad(name, '1024 to 1048576')
      return { ...topic, maxSize: Number(value) }
    case 'DisplayName':
      if (value.length > 100) throw bad(name, 'at most 100 characters')
      return { ...topic, displayName: value }
    case 'Policy':
      return { ...topic, policy: checkPolicy(place, value, 'sns') }
    case 'DeliveryPolicy':
      readDeliveryPolicy(value)
      return { ...topic, deliveryPolicy: value }
    default:
      throw new AwsError('InvalidParameter', `Invalid parameter: AttributeName ${name} is not supported here.`)
  }
}

export const topicAttributes = (topic: TopicSettings): Readonly<Record<string, string>> => ({
  ...(topic.displayName !== undefined && { DisplayName: topic.displayName }),
  ...(topic.policy !== undefined && { Policy: topic.policy }),
  ...(topic.deliveryPolicy !== undefined && { DeliveryPolicy: topic.deliveryPolicy }),
  ...(topic.fifo && { FifoTopic: 'true', ContentBasedDeduplication: String(topic.contentDedup) }),
  SignatureVersion: topic.signatureVersion,
  MaximumMessageSize: String(topic.maxSize),
})

const bad = (name: string, expected: string): AwsError =>
  new AwsError('InvalidParameter', `Invalid parameter: ${name} must be ${expected}.`)
