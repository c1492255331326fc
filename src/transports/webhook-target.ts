/**
 * Where a webhook goes: a URL, headers of the subscriber's own (an `authorization`, an API key), and TLS by its own rules.
 */
import { X509Certificate } from 'node:crypto'
import type { SignatureScheme } from '../formats/standard-webhooks.js'
import type { OAuth2 } from './oauth2.js'
import { CA, CERT, checkTls, KEY, requireReadable, type TlsFields } from './peer.js'
import { badTarget, type Target, targetReader } from './target.js'
import type { TargetSchema } from './transport.js'

type Headers = Readonly<Record<string, string>>

export interface WebhookTarget extends TlsFields {
  readonly url: string
  readonly headers?: Headers
  readonly publicHeaders?: Headers
  readonly oauth2?: OAuth2
  readonly signature?: SignatureScheme
  readonly proof?: 'options' | 'challenge'
  readonly compression?: 'gzip'
  readonly maxBatch?: number
}

const HEADERS = {
  type: 'object',
  maxProperties: 32,
  // A token of RFC 9110, section 5.6.2.
  propertyNames: { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$" },
  // A field value of RFC 9110, section 5.5, kept to ASCII.
  additionalProperties: { type: 'string', maxLength: 4096, pattern: '^([!-~]([\\t -~]*[!-~])?)?$' },
} as const

/** `headers` are secret as a whole: which of them are credentials cannot be told by their names. */
export const WEBHOOK_TARGET: TargetSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  properties: {
    url: {
      type: 'string',
      format: 'uri',
      minLength: 1,
      maxLength: 2048,
      title: 'URL',
      description: 'Where events are posted. https, unless the operator allows http. No user name or password within.',
    },
    headers: {
      ...HEADERS,
      writeOnly: true,
      title: 'Headers',
      description: 'Sent with each event, such as authorization. Never shown again.',
    },
    publicHeaders: {
      ...HEADERS,
      title: 'Public headers',
      description: 'Sent with each event and no secret, such as x-environment.',
    },
    signature: {
      enum: ['v1', 'v1a'],
      title: 'Signature',
      description: 'v1: by a shared secret. v1a: by a key of ours; the receiver gets the public one. Default: v1.',
    },
    proof: {
      enum: ['options', 'challenge'],
      title: 'Proof',
      description:
        'How the receiver says that it wants events, before the subscription is made: to OPTIONS as CloudEvents describe it, or to a signed challenge. Default: it is not asked.',
    },
    compression: {
      enum: ['gzip'],
      title: 'Compression',
      description: 'gzip: bodies from 1 KiB on are compressed (content-encoding). Default: none is.',
    },
    maxBatch: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      title: 'Most in a batch',
      description:
        'With the format cloudevents-batch: events that wait at the same time go in one request, so many at most.',
    },
    oauth2: {
      type: 'object',
      additionalProperties: false,
      required: ['tokenUrl', 'clientId', 'clientSecret'],
      properties: {
        tokenUrl: { type: 'string', format: 'uri', minLength: 1, maxLength: 2048, title: 'Token URL' },
        clientId: { type: 'string', minLength: 1, maxLength: 1024, title: 'Client id' },
        clientSecret: { type: 'string', minLength: 1, maxLength: 4096, writeOnly: true, title: 'Client secret' },
        scope: { type: 'string', minLength: 1, maxLength: 2048, title: 'Scope' },
        audience: { type: 'string', minLength: 1, maxLength: 2048, title: 'Audience' },
        authentication: {
          enum: ['basic', 'body'],
          title: 'Authentication',
          description:
            'Where client id and secret are shown: in the authorization header, or in the body. Default: basic.',
        },
        ca: {
          ...CA,
          description: 'Certificates, in PEM, that the token server’s must lead to. Default: those Node knows.',
        },
      },
      title: 'OAuth 2',
      description: 'Client credentials for a bearer token that is sent with each event.',
    },
    ca: CA,
    cert: CERT,
    key: KEY,
  },
}

/** Headers that belong to the connection, to the message or to its signature. */
const OURS =
  /^(host|content-.*|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|proxy-.*|user-agent|webhook-.*|tocsin-replay|ce-.*|traceparent|tracestate)$/

const read = targetReader<WebhookTarget>(WEBHOOK_TARGET)

/** @throws InvalidInput `invalid_request` with the field. */
export function readWebhookTarget(given: Target): WebhookTarget {
  const target = read(given)
  refuseCredentials(target.url, '.url')
  refuseOAuth2(target)
  refuseHeaders(target)
  checkTls(target, new URL(target.url).protocol === 'https:', 'an https URL')
  return target
}

function refuseHeaders({ headers = {}, publicHeaders = {} }: WebhookTarget): void {
  const names = [...Object.keys(headers), ...Object.keys(publicHeaders)]
  for (const name of Object.keys(headers)) refuseReserved(`.headers.${name}`, name, names)
  for (const name of Object.keys(publicHeaders)) refuseReserved(`.publicHeaders.${name}`, name, names)
}

function refuseOAuth2({ oauth2, headers = {}, publicHeaders = {} }: WebhookTarget): void {
  if (oauth2 === undefined) return
  refuseCredentials(oauth2.tokenUrl, '.oauth2.tokenUrl')
  const given = [...Object.keys(headers), ...Object.keys(publicHeaders)].some((name) => /^authorization$/i.test(name))
  if (given) throw badTarget('.oauth2', 'The authorization header is given already.', 'oauth2 or that header')
  if (oauth2.ca === undefined) return
  const { ca } = oauth2
  if (new URL(oauth2.tokenUrl).protocol !== 'https:')
    throw badTarget('.oauth2.ca', 'Without TLS there are no certificates.', 'an https tokenUrl')
  requireReadable('.oauth2.ca', () => new X509Certificate(ca))
}

function refuseCredentials(text: string, field: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw badTarget(field, 'The URL cannot be read.', 'an absolute URL')
  if (url.username === '' && url.password === '') return
  throw badTarget(
    field,
    'The URL carries credentials, and a URL is no secret.',
    'a URL without them; use headers.authorization',
  )
}

function refuseReserved(field: string, name: string, names: readonly string[]): void {
  const lower = name.toLowerCase()
  if (OURS.test(lower)) throw badTarget(field, 'Tocsin sets this header itself.', 'another header')
  if (names.filter((other) => other.toLowerCase() === lower).length === 1) return
  throw badTarget(field, 'The header is given twice.', 'each header once, whatever its case')
}
