/**
 * A notification on its way: POST to `{endpoint}/{service}/{subscriber}{operation path}`, as the application's resource
 * says when it is sent: an endpoint that moved is found by what waits.
 */
import { randomBytes } from 'node:crypto'
import {
  EXCERPT_BYTES,
  excerptsWithout,
  type OutgoingMessage,
  outcomeOfError,
  type SendOutcome,
  signOAuth1,
  type TargetSchema,
  type Transport,
  type TransportParts,
  targetReader,
} from '../../src/index.js'
import { livingOrNull } from '../living.js'
import { wrong } from '../reader.js'
import { type Application, applicationIn, operationOf, typeOf } from './application.js'
import { outcomeOf } from './outcome.js'

export interface Target {
  /** The application's id. */
  readonly application: string
  readonly subscriber: string
  /** The name of the operation. */
  readonly handler: string
  /** The event's URI. */
  readonly event: string
}

const ID = (description: string) => ({ type: 'string', minLength: 1, maxLength: 2048, description })

const TARGET: TargetSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['application', 'subscriber', 'handler', 'event'],
  properties: {
    application: ID('The resource of the application.'),
    subscriber: ID('The resource that is notified.'),
    handler: ID('The operation of its type that takes the notification.'),
    event: ID('The URI of the event.'),
  },
}

const read = targetReader<Target>(TARGET)

/** The deadline of an attempt comes with its signal; the client wants one of its own. */
const NO_DEADLINE = 2 ** 31 - 1

export const transport = (parts: TransportParts): Transport => ({
  name: 'aps',
  title: 'APS notification',
  promise: 'at least once; acknowledged by 200 or 204',
  target: TARGET,
  defaultFormat: 'aps',
  async check(given, _reads, place) {
    const { subscriber } = read(given)
    if (place !== undefined && place !== subscriber)
      throw wrong('target.subscriber', 'the resource in whose place the subscription is', 'invalid_request')
  },
  open(given) {
    const target = read(given)
    return { send: (message, signal) => notify(parts, target, message, signal) }
  },
})

type Refused = Extract<SendOutcome, { outcome: 'refused' }>

interface Place {
  readonly application: Application
  readonly url: string
}

async function notify(
  parts: TransportParts,
  target: Target,
  message: OutgoingMessage,
  signal: AbortSignal,
): Promise<SendOutcome> {
  signal.throwIfAborted()
  const place = await placeOf(parts, target, message.event.tenant ?? '')
  if ('outcome' in place) return place
  const authorization = await authorizationFor(parts, place, message)
  if (authorization === null)
    return { outcome: 'retry', code: 'no_consumer', message: 'The key that signs for the application is not in force.' }
  const excerpts = excerptsWithout([authorization])
  const headers = {
    ...message.headers,
    ...headersOf(parts, place, message),
    ...(authorization !== '' && { authorization }),
  }
  const request = { method: 'POST', timeout: NO_DEADLINE, maxResponse: EXCERPT_BYTES, signal } as const
  try {
    const answer = await parts.egress.send({ ...request, url: place.url, headers, body: message.body })
    return outcomeOf(answer, message.time, excerpts)
  } catch (error) {
    signal.throwIfAborted()
    return outcomeOfError(error, excerpts)
  }
}

/** http://doc.apsstandard.org/2.1/spec/api/protocol/headers/ */
const headersOf = ({ agent }: TransportParts, { application }: Place, { id, event }: OutgoingMessage) => ({
  'user-agent': agent,
  'aps-controller-uri': application.controllerUri,
  'aps-instance-id': inHeader(application.id),
  'aps-transaction-id': inHeader(event.transactionId ?? id),
})

/** What a header cannot hold is percent-encoded (RFC 3986): an id may be any text. */
const inHeader = (text: string): string =>
  /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) ? text : encodeURIComponent(text)

async function placeOf(parts: TransportParts, target: Target, tenant: string): Promise<Place | Refused> {
  const [subscriber, application] = await Promise.all([
    livingOrNull(parts.resource(tenant, target.subscriber)),
    livingOrNull(parts.resource(tenant, target.application)).then(applicationIn),
  ])
  if (subscriber === null) return refused('subscriber_gone', 'The subscriber is gone.')
  if (application === null) return refused('application_gone', 'The application is gone.')
  const operation = operationOf(application, subscriber.type, target.handler)
  const service = typeOf(application, subscriber.type)?.service
  if (operation === null || service === undefined)
    return refused('unknown_handler', `The type of the subscriber has no operation ${JSON.stringify(target.handler)}.`)
  const base = application.endpoint.replace(/\/+$/, '')
  return { application, url: `${base}/${service}/${encodeURIComponent(subscriber.id)}${operation.path}` }
}

const refused = (code: string, message: string): Refused => ({ outcome: 'refused', code, message })

/** Empty where nothing is signed; null where the key is gone. */
async function authorizationFor(
  parts: TransportParts,
  { application: { consumer: key }, url }: Place,
  { event, time }: OutgoingMessage,
): Promise<string | null> {
  if (key === undefined) return ''
  const secret = await parts.consumerSecret(event.tenant ?? '', key)
  if (secret === null) return null
  const moment = { timestamp: Math.floor(time / 1_000), nonce: randomBytes(16).toString('hex') }
  return signOAuth1({ method: 'POST', url }, { key, secret }, moment)
}
