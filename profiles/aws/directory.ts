/**
 * The queues, topics and SNS subscriptions of a tenant: each is a subscription of ours. Made anew when these have changed.
 */
import type { Addressees, Subscription } from '../../src/index.js'
import type { SnsSubscriptionSettings } from './sns/subscription-settings.js'
import type { TopicSettings } from './sns/topic-settings.js'
import type { QueueSettings } from './sqs/attributes.js'

export const MESSAGE = 'aws.message'

export interface Queue extends QueueSettings {
  readonly subscription: Subscription
}
export interface Topic extends TopicSettings {
  readonly subscription: Subscription
  /** Confirmed or not, by id. */
  readonly subscribers: readonly SnsSubscription[]
}
export interface SnsSubscription extends SnsSubscriptionSettings {
  readonly subscription: Subscription
}

export interface Directory {
  /** By name, in order. */
  readonly queues: ReadonlyMap<string, Queue>
  readonly topics: ReadonlyMap<string, Topic>
  /** By the last part of their ARN. */
  readonly subscriptions: ReadonlyMap<string, SnsSubscription>
}

const made = new WeakMap<Addressees, Directory>()

export function directoryOf(addressees: Addressees): Directory {
  const known = made.get(addressees)
  if (known) return known
  const directory = make(addressees.subscriptions)
  made.set(addressees, directory)
  return directory
}

function make(all: readonly Subscription[]): Directory {
  const queues = all.flatMap((each) => queueIn(each) ?? [])
  const subscriptions = all.flatMap((each) => snsSubscriptionIn(each) ?? [])
  const topics = all.flatMap((each) => topicIn(each, subscriptions) ?? [])
  return {
    queues: byName(queues),
    topics: byName(topics),
    subscriptions: new Map(subscriptions.map((each) => [each.id, each])),
  }
}

const byName = <Named extends { readonly name: string }>(all: readonly Named[]): ReadonlyMap<string, Named> =>
  new Map([...all].sort((a, b) => (a.name < b.name ? -1 : 1)).map((each) => [each.name, each]))

export const SNS_TRANSPORTS = ['sns-sqs', 'sns-http', 'sns-email'] as const

function queueIn(subscription: Subscription): Queue | null {
  const { transport, target } = subscription.spec
  if (transport !== 'pull' || !isOf(target.queue, 'sqs')) return null
  return { ...(target.queue.sqs as QueueSettings), subscription }
}

function topicIn(subscription: Subscription, all: readonly SnsSubscription[]): Topic | null {
  const { transport, target } = subscription.spec
  if (transport !== 'sns') return null
  const settings = target as unknown as TopicSettings
  return { ...settings, subscription, subscribers: all.filter(({ topic }) => topic === settings.name) }
}

function snsSubscriptionIn(subscription: Subscription): SnsSubscription | null {
  const { transport, target } = subscription.spec
  if (!SNS_TRANSPORTS.some((each) => each === transport)) return null
  return { ...(target as unknown as SnsSubscriptionSettings), subscription }
}

const isOf = <Key extends string>(value: unknown, key: Key): value is Readonly<Record<Key, unknown>> =>
  typeof value === 'object' && value !== null && key in value
