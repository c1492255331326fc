/**
 * A subscription of a topic, as it is kept: with the retries that its own delivery policy asks for, or its topic's.
 */
import { isTocsinError } from '../../../src/index.js'
import { type Call, patchTo } from '../call.js'
import { MESSAGE, type SnsSubscription } from '../directory.js'
import { MAIL_RULES } from './delivery-policy.js'
import { isEmail, rulesOf, type SnsProtocol, type SnsSubscriptionSettings } from './subscription-settings.js'
import type { TopicSettings } from './topic-settings.js'

const TRANSPORTS: Readonly<Record<SnsProtocol, string>> = {
  sqs: 'sns-sqs',
  http: 'sns-http',
  https: 'sns-http',
  email: 'sns-email',
  'email-json': 'sns-email',
}

function specOf(topic: TopicSettings, { topicDeliveryPolicy: _, ...own }: SnsSubscriptionSettings) {
  const isHttp = TRANSPORTS[own.protocol] === 'sns-http'
  const { deliveryPolicy } = topic
  const settings: SnsSubscriptionSettings = {
    ...own,
    ...(isHttp && deliveryPolicy !== undefined && { topicDeliveryPolicy: deliveryPolicy }),
  }
  const { delays, rate } = isEmail(settings.protocol) ? MAIL_RULES : rulesOf(settings)
  const first = delays[0] ?? 1
  return {
    name: `${settings.topic} to ${settings.endpoint}`.slice(0, 200).replaceAll(/\p{Cc}/gu, ' '),
    types: [MESSAGE],
    transport: TRANSPORTS[settings.protocol],
    target: settings,
    order: 'none',
    retry: delays.length === 0 ? { attempts: 1, firstDelay: first } : { delays },
    ...(rate !== undefined && { rate }),
  }
}

/** A new one, or another state of one that is known. */
export async function save(
  call: Pick<Call, 'hub' | 'principal'>,
  topic: TopicSettings,
  settings: SnsSubscriptionSettings,
  known?: SnsSubscription,
): Promise<void> {
  const { hub, principal } = call
  const spec = specOf(topic, settings)
  if (known) {
    const { subscription, ...before } = known
    const { types: _, transport: __, order: ___, ...rest } = spec
    const retry = { attempts: null, firstDelay: null, maxDelay: null, delays: null, ...spec.retry }
    await hub.subscriptions.update(principal, subscription.id, {
      ...rest,
      retry,
      target: patchTo({ ...before }, { ...spec.target }),
    })
    return
  }
  try {
    await hub.subscriptions.create(principal, spec, `sns-${settings.id}`)
  } catch (error) {
    if (!isTocsinError(error) || error.code !== 'already_exists') throw error
  }
}
