/**
 * Webhooks: HTTP POST with Standard Webhooks headers (https://www.standardwebhooks.com, specification 1.0).
 * All traffic goes through the guarded client of `access/egress`; what an answer means stands in `webhook-outcome.ts`.
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { EgressClient } from '../access/egress/client.js'
import type { EgressResponse } from '../access/egress/exchange.js'
import { ownIdentity } from '../access/egress/identity.js'
import { Stopwatch } from '../access/egress/stopwatch.js'
import { cloudeventsBatchFormat } from '../formats/cloudevents.js'
import { sign } from '../formats/standard-webhooks.js'
import type { StopSignal } from '../pipeline/stop.js'
import { untilAborted } from './abort.js'
import { withoutQuery } from './attempt-notes.js'
import { EXCERPT_BYTES, excerptsWithout } from './excerpt.js'
import { type Tokens, tokensFrom } from './oauth2.js'
import { badTarget } from './target.js'
import type { OutgoingMessage, Sender, SendOutcome, SigningSecret, Transport } from './transport.js'
import { inBatches, sendBatch } from './webhook-batch.js'
import { outcomeOfAnswer, outcomeOfError } from './webhook-outcome.js'
import { PROOF_TIME, proveByChallenge, proveByOptions } from './webhook-proof.js'
import { readWebhookTarget, WEBHOOK_TARGET, type WebhookTarget } from './webhook-target.js'

/** What webhooks ask of the guarded client. */
export type WebhookEgress = Pick<EgressClient, 'check' | 'send'>

/** The deadline of an attempt comes with its signal; the client wants one of its own, and this is the longest it takes. */
const NO_DEADLINE = 2 ** 31 - 1

export interface WebhookOptions {
  readonly egress: WebhookEgress
  /** Of Tocsin, for the user agent. */
  readonly version: string
  /** No subscription is made whose receiver was not asked. */
  readonly requireProof?: boolean
}

export function webhookTransport({ egress, version, requireProof = false }: WebhookOptions): Transport {
  const agent = `tocsin/${version}`
  return {
    name: 'webhook',
    title: 'Webhook',
    promise: 'at least once; acknowledged by any 2xx',
    target: WEBHOOK_TARGET,
    defaultFormat: 'cloudevents',
    digest: { format: cloudeventsBatchFormat.name, member: 'maxBatch' },
    signature: ({ signature }) => (signature === 'v1a' ? 'v1a' : 'v1'),
    async check(target) {
      const { url, oauth2 } = readWebhookTarget(target)
      await egress.check(url, 'target.url')
      if (oauth2 !== undefined) await egress.check(oauth2.tokenUrl, 'target.oauth2.tokenUrl')
    },
    async prove(given, secrets) {
      const target = readWebhookTarget(given)
      if (target.proof === 'challenge') await proveByChallenge(webhookSender(egress, agent, target, secrets))
      else if (target.proof === 'options') await proveByOptions((headers) => options(egress, agent, target, headers))
      else if (requireProof) throw badTarget('.proof', 'The operator asks for a proof.', 'options or challenge')
    },
    open(given, secrets = []) {
      const target = readWebhookTarget(given)
      return eventSender(webhookSender(egress, agent, target, secrets), target)
    },
  }
}

function webhookSender(
  egress: WebhookEgress,
  agent: string,
  target: WebhookTarget,
  secrets: readonly SigningSecret[],
): Sender {
  const own = ownHeaders(agent, target)
  const identity = ownIdentity(target)
  const hidden = secretsOf(target, secrets)
  const excerpts = excerptsWithout(hidden)
  const tokens = target.oauth2 && tokensFrom(target.oauth2, egress)

  async function post(message: OutgoingMessage, signal: StopSignal, token?: string): Promise<SendOutcome> {
    const bearer = token !== undefined && { authorization: `Bearer ${token}` }
    const replay = message.replayedAt !== undefined && REPLAY
    const coding = isWorthCoding(message, target) && GZIP
    const signature = signatureOf(message, secrets)
    const headers = { 'user-agent': agent, ...own, ...bearer, ...message.headers, ...coding, ...replay, ...signature }
    const watch = new Stopwatch()
    message.notes?.take(() => ({
      request: { method: 'POST', target: withoutQuery(target.url), headers: shownHeaders(headers, target) },
      timing: watch.phases(),
      body: message.body,
    }))
    const body = coding ? await gzipped(message.body) : message.body
    const answer = await egress.send({ url: target.url, headers, body, signal, identity, watch, ...POST })
    return outcomeOfAnswer(answer, message.time, token === undefined ? excerpts : excerptsWithout([...hidden, token]))
  }

  /** A token may have been withdrawn before its time: one that is refused is tried once more with a new one. */
  async function postWithToken(message: OutgoingMessage, signal: StopSignal, { token, forget }: Tokens) {
    const { time: now } = message
    const first = await untilAborted(signal, () => token(now))
    const outcome = await post(message, signal, first)
    if (outcome.outcome !== 'retry' || outcome.code !== '401') return outcome
    forget(first)
    return await post(message, signal, await untilAborted(signal, () => token(now)))
  }

  async function send(message: OutgoingMessage, signal: StopSignal): Promise<SendOutcome> {
    try {
      return await (tokens === undefined ? post(message, signal) : postWithToken(message, signal, tokens))
    } catch (error) {
      signal.throwIfAborted()
      return outcomeOfError(error, excerpts)
    }
  }

  return { send, sendUntil: send }
}

/** A proof asks for itself; events go together where the receiver wants that. */
const eventSender = ({ send, sendUntil }: Sender, { maxBatch }: WebhookTarget): Sender => ({
  ...(maxBatch === undefined ? { send, sendUntil } : { send: inBatches(maxBatch, send) }),
  sendTogether: (messages, signal) => sendBatch(messages, send, signal),
})

const gzipped = promisify(gzip)
/** The signature is over the body as it is read: whoever takes the coding off does so before it is looked at (RFC 9110, section 8.4). */
const GZIP = { 'content-encoding': 'gzip' }

/** Shorter ones gain nothing. */
const isWorthCoding = ({ body }: OutgoingMessage, { compression }: WebhookTarget): boolean =>
  compression === 'gzip' && body.length >= 1024

const ownHeaders = (agent: string, { headers, publicHeaders }: WebhookTarget): Readonly<Record<string, string>> => ({
  ...lowerCased({ ...publicHeaders, ...headers }),
  'user-agent': agent,
})

const options = (
  egress: WebhookEgress,
  agent: string,
  target: WebhookTarget,
  headers: Readonly<Record<string, string>>,
): Promise<EgressResponse> =>
  egress.send({
    method: 'OPTIONS',
    url: target.url,
    headers: { ...ownHeaders(agent, target), ...headers },
    timeout: PROOF_TIME,
    identity: ownIdentity(target),
  })

/** For formats that carry nothing but data. */
const REPLAY = { 'tocsin-replay': 'true' }

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

/** Whatever a receiver may not tell us back. */
const secretsOf = (
  { headers = {}, key, oauth2 }: WebhookTarget,
  secrets: readonly SigningSecret[],
): readonly string[] => [
  ...Object.values(headers),
  ...(key === undefined ? [] : [key]),
  ...(oauth2 === undefined ? [] : [oauth2.clientSecret]),
  ...secrets.flatMap(formsOfSecret),
]

const formsOfSecret = ({ secret }: SigningSecret): readonly string[] => [secret, secret.replace(/^whs(ec|k)_/, '')]

/** What we say in secret, and what proves that it is we who say it, is masked. */
function shownHeaders(
  headers: Readonly<Record<string, string>>,
  { headers: secret = {} }: WebhookTarget,
): Readonly<Record<string, string>> {
  const hidden = new Set([...Object.keys(lowerCased(secret)), 'authorization', 'webhook-signature'])
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, hidden.has(name) ? '***' : value]))
}

const lowerCased = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
