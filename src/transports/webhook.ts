/**
 * Webhooks: HTTP POST with Standard Webhooks headers (https://www.standardwebhooks.com, specification 1.0).
 * All traffic goes through the guarded client of `access/egress`; what an answer means stands in `webhook-outcome.ts`.
 */
import type { EgressClient } from '../access/egress/client.js'
import { sign } from '../formats/standard-webhooks.js'
import { EXCERPT_BYTES, excerptsWithout } from './excerpt.js'
import type { OutgoingMessage, Sender, SigningSecret, Transport } from './transport.js'
import { outcomeOfAnswer, outcomeOfError } from './webhook-outcome.js'
import { readWebhookTarget, WEBHOOK_TARGET, type WebhookTarget } from './webhook-target.js'

/** What webhooks ask of the guarded client. */
export type WebhookEgress = Pick<EgressClient, 'check' | 'send'>

/** The deadline of an attempt comes with its signal; the client wants one of its own, and this is the longest it takes. */
const NO_DEADLINE = 2 ** 31 - 1

export interface WebhookOptions {
  readonly egress: WebhookEgress
  /** Of Tocsin, for the user agent. */
  readonly version: string
}

export function webhookTransport({ egress, version }: WebhookOptions): Transport {
  return {
    name: 'webhook',
    title: 'Webhook',
    promise: 'at least once; acknowledged by any 2xx',
    target: WEBHOOK_TARGET,
    defaultFormat: 'cloudevents',
    signed: true,
    async check(target) {
      await egress.check(readWebhookTarget(target).url, 'target.url')
    },
    open: (target, secrets = []) => webhookSender(egress, `tocsin/${version}`, readWebhookTarget(target), secrets),
  }
}

function webhookSender(
  egress: WebhookEgress,
  agent: string,
  target: WebhookTarget,
  secrets: readonly SigningSecret[],
): Sender {
  const own = { ...lowerCased(target.headers ?? {}), 'user-agent': agent }
  const excerpts = excerptsWithout([...Object.values(target.headers ?? {}), ...secrets.flatMap(formsOfSecret)])
  return {
    async send(message, signal) {
      const headers = { ...own, ...message.headers, ...signatureOf(message, secrets) }
      const request = { ...POST, url: target.url, headers, body: message.body, signal }
      try {
        return outcomeOfAnswer(await egress.send(request), message.time, excerpts)
      } catch (error) {
        signal.throwIfAborted()
        return outcomeOfError(error, excerpts)
      }
    },
  }
}

const POST = { method: 'POST', timeout: NO_DEADLINE, maxResponse: EXCERPT_BYTES } as const

/** The id is the message's, the same for every attempt; the timestamp is the attempt's, as receivers refuse old ones. */
function signatureOf(message: OutgoingMessage, secrets: readonly SigningSecret[]) {
  const live = secrets.filter((entry) => entry.until === undefined || entry.until > message.time)
  return sign({
    id: message.id,
    timestampSeconds: Math.floor(message.time / 1_000),
    body: message.body,
    secrets: live.map((entry) => entry.secret),
  })
}

const formsOfSecret = ({ secret }: SigningSecret): readonly string[] => [secret, secret.replace(/^whsec_/, '')]

const lowerCased = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
