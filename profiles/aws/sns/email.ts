/**
 * E-mail subscribers (`sns-email`): a mail with the message and a link to leave, or with the signed envelope (`email-json`). It
 * goes by the one mail server of the installation.
 */
import {
  type Config,
  InvalidInput,
  type OutgoingMessage,
  type Sender,
  type SendOutcome,
  smtpTransport,
  type Transport,
  type TransportParts,
} from '../../../src/index.js'
import { MAIL_RULES } from './delivery-policy.js'
import { envelopeOf, leavingUrl, subscribeUrl, type TopicMessage } from './notification.js'
import { signerOf } from './signing.js'
import type { SnsSubscriptionSettings } from './subscription-settings.js'
import { ended, SUBSCRIPTION } from './transports.js'

type Settings = NonNullable<Config['profiles']['aws']['email']>
export type MailServer = Settings & Required<Pick<Settings, 'host' | 'from'>>

/** An address subscribes once to a topic, and is told by each topic: nobody has been told before. */
const NO_LEDGER = { claim: async () => 'yours' as const, settle: async () => {} }

const settingsIn = (target: object) => target as SnsSubscriptionSettings

export function byEmail(parts: TransportParts, server: MailServer | undefined): Transport {
  const smtp = smtpTransport({ egress: parts.egress, ledger: NO_LEDGER })
  return {
    name: 'sns-email',
    title: 'SNS by e-mail',
    promise: 'at least once to the mail server; acknowledged by its 250 after DATA',
    target: SUBSCRIPTION,
    defaultFormat: 'cloudevents',
    check: (target) => smtp.check(mailTo(server, settingsIn(target))),
    open(target) {
      const settings = settingsIn(target)
      const sender = smtp.open(mailTo(server, settings))
      return { ...sender, send: (message, signal) => mail(parts, settings, sender, message, signal) }
    },
  }
}

/** @throws InvalidInput `target_refused` where no mail server is configured */
function mailTo(server: MailServer | undefined, { endpoint }: SnsSubscriptionSettings) {
  if (server) return { ...server, to: endpoint, subject: '{{ data.subject }}' }
  throw new InvalidInput('target_refused', 'E-mail subscriptions need a mail server: none is configured here.', {
    field: 'protocol',
    expected: 'another protocol, or profiles.aws.email in the configuration',
  })
}

async function mail(
  parts: TransportParts,
  settings: SnsSubscriptionSettings,
  sender: Sender,
  message: OutgoingMessage,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const told = message.event.data as unknown as TopicMessage
  const written = { ...told, message: told.messages?.[settings.protocol] ?? told.message }
  const subscription = `${told.topic}:${settings.id}`
  const isJson = settings.protocol === 'email-json'
  const body = isJson ? envelopeOf(written, subscription, await signerOf(parts)) : textOf(written, subscription)
  const event = { ...message.event, data: { subject: subjectOf(told) } }
  const outcome = await sender.send({ ...message, body, event }, signal)
  return ended(parts, { settings, message, body, ...MAIL_RULES }, outcome)
}

const subjectOf = ({ kind, subject, topic }: TopicMessage): string => {
  const name = topic.split(':').at(-1)
  if (kind === 'Notification') return subject ?? `Notification of ${name}`
  return kind === 'SubscriptionConfirmation' ? `Confirm your subscription to ${name}` : `You have left ${name}`
}

function textOf(told: TopicMessage, subscription: string): string {
  if (told.kind === 'Notification')
    return `${told.message}\n\n--\nTo stop receiving notifications of this topic, visit:\n${leavingUrl(told, subscription)}\n`
  const [said, way] =
    told.kind === 'SubscriptionConfirmation'
      ? [
          'You have chosen to subscribe to the topic',
          'To confirm the subscription, visit this link; if this was in error, do nothing',
        ]
      : ['You have left the topic', 'If this was in error, come back by this link']
  return `${said}:\n${told.topic}\n\n${way}:\n${subscribeUrl(told)}\n`
}
