/**
 * Subscriptions of topics: a queue of the account hears at once; who is told over HTTP or by e-mail must confirm first.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { sha256 } from '../../../src/index.js'
import { AwsError } from '../aws-error.js'
import { type Call, directory, operation, page } from '../call.js'
import type { SnsSubscription, Topic } from '../directory.js'
import { queueInArn, topicArn, topicInArn } from '../names.js'
import { invalid, type Json } from '../parameters.js'
import { tellConfirmation } from './publish.js'
import { save } from './saving.js'
import {
  checkFilter,
  isEmail,
  mayHear,
  PROTOCOLS,
  type SnsProtocol,
  type SnsSubscriptionSettings,
  subscriptionArn,
  subscriptionAttributes,
  withSubscriptionAttribute,
} from './subscription-settings.js'
import { topicOf } from './topics.js'

/** Milliseconds a confirmation token is good for. */
const TOKEN_LIFE = 2 * 86_400_000

export const subscribe = operation('subscriptions:write', async (call) => {
  const { parameters, place } = call
  parameters.only('TopicArn', 'Protocol', 'Endpoint', 'Attributes', 'ReturnSubscriptionArn')
  const topic = await topicOf(call)
  const asked = await settingsFor(call, topic)
  const known = topic.subscribers.find(({ id }) => id === asked.id)
  if (known && known.pending === undefined) {
    checkAlike(known, asked)
    return { SubscriptionArn: subscriptionArn(place, known) }
  }
  if (asked.protocol === 'sqs') {
    await save(call, topic, asked, known)
    return { SubscriptionArn: subscriptionArn(place, asked) }
  }
  const pending = await withToken(call, topic, asked, known, 'SubscriptionConfirmation')
  const told = parameters.optionalFlag('ReturnSubscriptionArn')
  return { SubscriptionArn: told ? subscriptionArn(place, pending) : 'pending confirmation' }
})

async function settingsFor(call: Call, topic: Topic): Promise<SnsSubscriptionSettings> {
  const { parameters, place, principal } = call
  const protocol = protocolOf(parameters.text('Protocol'))
  const endpoint = parameters.text('Endpoint')
  checkEndpoint(call, protocol, endpoint, topic)
  const id = await idOf(call, [topic.name, protocol, endpoint])
  const begun: SnsSubscriptionSettings = {
    ...{ id, topic: topic.name, protocol, endpoint, owner: principal.id, raw: false, filterScope: 'MessageAttributes' },
  }
  const settings = Object.entries(parameters.map('Attributes')).reduce(
    (set, [name, value]) => withSubscriptionAttribute(place, set, name, value),
    begun,
  )
  checkFilter(settings)
  return settings
}

function protocolOf(text: string): SnsProtocol {
  const protocol = PROTOCOLS.find((each) => each === text)
  if (protocol !== undefined) return protocol
  throw invalid(`Protocol ${JSON.stringify(text.slice(0, 40))} is not supported here: ${PROTOCOLS.join(', ')}.`)
}

/** One that the mail transport takes. */
const ADDRESS = /^[^\p{Cc}\p{Z}<>()[\]\\,;:"@]{1,64}@[\p{L}\p{N}.-]{1,253}$/u

function checkEndpoint({ place }: Call, protocol: SnsProtocol, endpoint: string, { name: topic, fifo }: Topic): void {
  if (protocol === 'sqs') {
    const queue = queueInArn(place, endpoint)
    if (queue === null) throw invalid('Endpoint must be the ARN of an SQS queue of this account.')
    if (!mayHear(queue, topic)) throw invalid('Endpoint must be no FIFO queue: only FIFO topics tell those.')
    return
  }
  if (fifo) throw invalid('A FIFO topic tells queues alone.')
  if (isEmail(protocol)) {
    if (!ADDRESS.test(endpoint)) throw invalid('Endpoint must be an e-mail address.')
    return
  }
  const isUrl = URL.canParse(endpoint) && new URL(endpoint).protocol === `${protocol}:`
  if (!isUrl) throw invalid(`Endpoint must be a URL that begins with ${protocol}://.`)
}

/** The same for the same subscriber, so that who subscribes twice is one; and not to be guessed. */
async function idOf({ hub, principal }: Call, parts: readonly string[]): Promise<string> {
  const secret = await hub.secret('aws.sns.ids', () => randomBytes(32).toString('base64'))
  const digest = createHmac('sha256', secret)
    .update(JSON.stringify([principal.tenant, ...parts]))
    .digest('hex')
  return digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function checkAlike(known: SnsSubscriptionSettings, asked: SnsSubscriptionSettings): void {
  const of = ({ raw, filterPolicy, filterScope, deliveryPolicy, deadLetterArn }: SnsSubscriptionSettings) =>
    JSON.stringify([raw, filterPolicy, filterScope, deliveryPolicy, deadLetterArn])
  if (of(known) !== of(asked))
    throw new AwsError(
      'InvalidParameter',
      'Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
    )
}

/** The subscriber gets a token, by which it shows that it wants to hear. */
async function withToken(
  call: Call,
  topic: Topic,
  settings: SnsSubscriptionSettings,
  known: SnsSubscription | undefined,
  kind: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation',
): Promise<SnsSubscriptionSettings> {
  const token = randomBytes(64).toString('hex')
  const until = call.now + TOKEN_LIFE
  const left = kind === 'UnsubscribeConfirmation' ? { left: true } : {}
  const pending: SnsSubscriptionSettings = { ...settings, pending: { tokenHash: sha256(token), until }, ...left }
  await save(call, topic, pending, known)
  await tellConfirmation(call, topic, pending, kind, token)
  return pending
}

export const confirmSubscription = operation('subscriptions:write', async (call) => {
  const { parameters, place } = call
  parameters.only('TopicArn', 'Token', 'AuthenticateOnUnsubscribe')
  if (parameters.optionalFlag('AuthenticateOnUnsubscribe'))
    throw invalid('AuthenticateOnUnsubscribe is not supported here.')
  return { SubscriptionArn: subscriptionArn(place, await confirm(call)) }
})

/** @throws AwsError `InvalidParameter` for a token that is wrong or too old */
export async function confirm(call: Call): Promise<SnsSubscriptionSettings> {
  const tokenHash = sha256(call.parameters.text('Token'))
  const topic = await topicOf(call)
  const known = topic.subscribers.find(({ pending, confirmed }) => {
    const token = pending ?? confirmed
    return token?.tokenHash === tokenHash && token.until > call.now
  })
  if (!known) throw new AwsError('InvalidParameter', 'Invalid parameter: Token')
  const { pending, left: _, subscription: __, ...settings } = known
  if (pending === undefined) return settings
  const confirmed = { ...settings, confirmed: pending }
  await save(call, topic, confirmed, known)
  return confirmed
}

/** @throws AwsError `NotFound` */
async function subscriptionOf(call: Call): Promise<SnsSubscription> {
  const [, topic, id] = /^(.+):([0-9a-f-]{36})$/.exec(call.parameters.text('SubscriptionArn')) ?? []
  const name = topicInArn(call.place, topic ?? '')
  const found = (await directory(call)).subscriptions.get(id ?? '')
  if (found && found.topic === name && !found.left) return found
  throw new AwsError('NotFound', 'Subscription does not exist')
}

export const unsubscribe = operation('subscriptions:write', async (call) => {
  call.parameters.only('SubscriptionArn')
  await leave(call)
  return {}
})

/** A queue is not told; who was told otherwise hears that it is over, and how to come back. */
export async function leave(call: Call): Promise<void> {
  const known = await subscriptionOf(call).catch((error: unknown) => {
    if (error instanceof AwsError && error.name === 'NotFound') return null
    throw error
  })
  // That there is none is no error.
  if (!known) return
  const topic = (await directory(call)).topics.get(known.topic)
  const { subscription, pending, confirmed: _, ...settings } = known
  if (!topic || settings.protocol === 'sqs' || pending !== undefined)
    return call.hub.subscriptions.remove(call.principal, subscription.id)
  await withToken(call, topic, settings, known, 'UnsubscribeConfirmation')
}

const viewOf = (call: Call, { subscription: _, ...settings }: SnsSubscription): Json => ({
  SubscriptionArn: settings.pending ? 'PendingConfirmation' : subscriptionArn(call.place, settings),
  Owner: call.place.account,
  Protocol: settings.protocol,
  Endpoint: settings.endpoint,
  TopicArn: topicArn(call.place, settings.topic),
})

function listed(call: Call, all: readonly SnsSubscription[]): Json {
  const present = all.filter(({ pending, left }) => !left && (pending === undefined || pending.until > call.now))
  const sorted = [...present].sort((a, b) => (a.id < b.id ? -1 : 1))
  const { items, next } = page(sorted, ({ id }) => id, { token: call.parameters.optionalText('NextToken'), most: 100 })
  return { Subscriptions: items.map((each) => viewOf(call, each)), ...(next !== undefined && { NextToken: next }) }
}

export const listSubscriptions = operation('subscriptions:read', async (call) => {
  call.parameters.only('NextToken')
  return listed(call, [...(await directory(call)).subscriptions.values()])
})

export const listSubscriptionsByTopic = operation('subscriptions:read', async (call) => {
  call.parameters.only('TopicArn', 'NextToken')
  return listed(call, (await topicOf(call)).subscribers)
})

export const getSubscriptionAttributes = operation('subscriptions:read', async (call) => {
  call.parameters.only('SubscriptionArn')
  return { Attributes: subscriptionAttributes(call.place, await subscriptionOf(call)) }
})

export const setSubscriptionAttributes = operation('subscriptions:write', async (call) => {
  const { parameters, place } = call
  parameters.only('SubscriptionArn', 'AttributeName', 'AttributeValue')
  const known = await subscriptionOf(call)
  const topic = (await directory(call)).topics.get(known.topic)
  if (!topic) throw new AwsError('NotFound', 'Topic does not exist')
  const { subscription: _, ...settings } = known
  const [name, value] = [parameters.text('AttributeName'), parameters.optionalText('AttributeValue') ?? '']
  const changed = withSubscriptionAttribute(place, settings, name, value)
  checkFilter(changed)
  await save(call, topic, changed, known)
  return {}
})
