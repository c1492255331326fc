/**
 * A subscription of a topic, as it is kept, and its attributes, as they are set and told.
 * https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
 */
import { AwsError } from '../aws-error.js'
import { isFifoName, type Place, queueInArn, topicArn } from '../names.js'
import { type DeliveryRules, readDeliveryPolicy } from './delivery-policy.js'
import { compileFilterPolicy, type FilterPolicy, type FilterScope } from './filter-policy.js'

export const PROTOCOLS = ['sqs', 'http', 'https', 'email', 'email-json'] as const
export type SnsProtocol = (typeof PROTOCOLS)[number]

export const isEmail = (protocol: SnsProtocol): boolean => protocol === 'email' || protocol === 'email-json'

interface Token {
  readonly tokenHash: string
  readonly until: number
}

export interface SnsSubscriptionSettings {
  /** The last part of its ARN: nobody can guess it. */
  readonly id: string
  /** The topic's name. */
  readonly topic: string
  readonly protocol: SnsProtocol
  /** The ARN of a queue, a URL, or an e-mail address. */
  readonly endpoint: string
  /** The key that subscribed. */
  readonly owner: string
  readonly raw: boolean
  readonly filterPolicy?: string
  readonly filterScope: FilterScope
  readonly deliveryPolicy?: string
  /** What its topic says for those that have none of their own. */
  readonly topicDeliveryPolicy?: string
  /** The ARN of the queue that gets what cannot be delivered. */
  readonly deadLetterArn?: string
  /** Not confirmed yet. */
  readonly pending?: Token
  /** By which it was confirmed: a link is followed twice, by a mail scanner and by who reads the mail. */
  readonly confirmed?: Token
  /** It was confirmed, and has left; it may come back as long as the token is good. */
  readonly left?: boolean
}

/** @throws AwsError `InvalidParameter` */
export function withSubscriptionAttribute(
  place: Place,
  settings: SnsSubscriptionSettings,
  name: string,
  value: string,
): SnsSubscriptionSettings {
  switch (name) {
    case 'RawMessageDelivery':
      if (value !== 'true' && value !== 'false') throw bad(name, 'true or false')
      if (value === 'true' && isEmail(settings.protocol)) throw bad(name, 'false where mails are sent')
      return { ...settings, raw: value === 'true' }
    case 'FilterPolicyScope':
      if (value !== 'MessageAttributes' && value !== 'MessageBody') throw bad(name, 'MessageAttributes or MessageBody')
      return { ...settings, filterScope: value }
    case 'FilterPolicy':
      if (value !== '' && value !== '{}') return { ...settings, filterPolicy: value }
      return without(settings, 'filterPolicy')
    case 'DeliveryPolicy':
      if (settings.protocol === 'sqs' || isEmail(settings.protocol)) throw bad(name, 'of an http or https subscription')
      if (value === '') return without(settings, 'deliveryPolicy')
      readDeliveryPolicy(value)
      return { ...settings, deliveryPolicy: value }
    case 'RedrivePolicy':
      return value === '' || value === '{}'
        ? without(settings, 'deadLetterArn')
        : { ...settings, deadLetterArn: deadLetterIn(place, value, settings.topic) }
    default:
      throw new AwsError('InvalidParameter', `Invalid parameter: AttributeName ${name} is not supported here.`)
  }
}

function without(
  settings: SnsSubscriptionSettings,
  name: 'filterPolicy' | 'deliveryPolicy' | 'deadLetterArn',
): SnsSubscriptionSettings {
  const { [name]: _, ...rest } = settings
  return rest
}

/** A FIFO queue hears FIFO topics alone (ours): what another topic tells has no group. */
export const mayHear = (queue: string, topic: string): boolean => isFifoName(topic) || !isFifoName(queue)

function deadLetterIn(place: Place, text: string, topic: string): string {
  try {
    const value: unknown = JSON.parse(text)
    const arn =
      typeof value === 'object' && value !== null && 'deadLetterTargetArn' in value ? value.deadLetterTargetArn : null
    const queue = typeof arn === 'string' ? queueInArn(place, arn) : null
    if (typeof arn === 'string' && queue !== null && mayHear(queue, topic)) return arn
  } catch {
    // Told below.
  }
  const queue = isFifoName(topic) ? 'a queue' : 'a queue that is no FIFO queue'
  throw bad('RedrivePolicy', `{"deadLetterTargetArn": the ARN of ${queue} of this account}`)
}

/** The policy and its scope belong together: checked when both are there. @throws AwsError `InvalidParameter` */
export function checkFilter({ filterPolicy, filterScope }: SnsSubscriptionSettings): void {
  if (filterPolicy !== undefined) compileFilterPolicy(filterPolicy, filterScope)
}

/** How an HTTP subscriber is told, and told again. */
export const rulesOf = (settings: SnsSubscriptionSettings): DeliveryRules =>
  readDeliveryPolicy(settings.deliveryPolicy ?? settings.topicDeliveryPolicy)

const compiled = new WeakMap<SnsSubscriptionSettings, FilterPolicy>()
const EVERYTHING: FilterPolicy = { matches: () => true }

export function filterOf(settings: SnsSubscriptionSettings): FilterPolicy {
  const { filterPolicy, filterScope } = settings
  if (filterPolicy === undefined) return EVERYTHING
  const known = compiled.get(settings) ?? compileFilterPolicy(filterPolicy, filterScope)
  compiled.set(settings, known)
  return known
}

export const subscriptionArn = (place: Place, { topic, id }: SnsSubscriptionSettings): string =>
  `${topicArn(place, topic)}:${id}`

export const subscriptionAttributes = (
  place: Place,
  settings: SnsSubscriptionSettings,
): Readonly<Record<string, string>> => ({
  SubscriptionArn: subscriptionArn(place, settings),
  TopicArn: topicArn(place, settings.topic),
  Owner: place.account,
  Protocol: settings.protocol,
  Endpoint: settings.endpoint,
  PendingConfirmation: String(settings.pending !== undefined),
  ConfirmationWasAuthenticated: 'false',
  RawMessageDelivery: String(settings.raw),
  ...(settings.filterPolicy !== undefined && {
    FilterPolicy: settings.filterPolicy,
    FilterPolicyScope: settings.filterScope,
  }),
  ...(settings.deliveryPolicy !== undefined && { DeliveryPolicy: settings.deliveryPolicy }),
  ...(settings.deadLetterArn !== undefined && {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: settings.deadLetterArn }),
  }),
})

const bad = (name: string, expected: string): AwsError =>
  new AwsError('InvalidParameter', `Invalid parameter: ${name} must be ${expected}.`)
