/**
 * Where a webhook goes: a URL and headers of the subscriber's own (an `authorization`, an API key).
 */
import { badTarget, type Target, targetReader } from './target.js'
import type { TargetSchema } from './transport.js'

export interface WebhookTarget {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
}

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
      type: 'object',
      writeOnly: true,
      maxProperties: 32,
      // A token of RFC 9110, section 5.6.2.
      propertyNames: { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$" },
      // A field value of RFC 9110, section 5.5, kept to ASCII.
      additionalProperties: { type: 'string', maxLength: 4096, pattern: '^([!-~]([\\t -~]*[!-~])?)?$' },
      title: 'Headers',
      description: 'Sent with each event, such as authorization. Never shown again.',
    },
  },
}

/** Headers that belong to the connection, to the message or to its signature. */
const OURS =
  /^(host|content-.*|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|proxy-.*|user-agent|webhook-.*|ce-.*|traceparent|tracestate)$/

const read = targetReader<WebhookTarget>(WEBHOOK_TARGET)

/** @throws InvalidInput `invalid_request` with the field. */
export function readWebhookTarget(given: Target): WebhookTarget {
  const target = read(given)
  refuseCredentials(target.url)
  const names = Object.keys(target.headers ?? {})
  for (const name of names) refuseReserved(name, names)
  return target
}

function refuseCredentials(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw badTarget('.url', 'The URL cannot be read.', 'an absolute URL')
  if (url.username === '' && url.password === '') return
  throw badTarget(
    '.url',
    'The URL carries credentials, and a URL is no secret.',
    'a URL without them; use headers.authorization',
  )
}

function refuseReserved(name: string, names: readonly string[]): void {
  const lower = name.toLowerCase()
  if (OURS.test(lower)) throw badTarget(`.headers.${name}`, 'Tocsin sets this header itself.', 'another header')
  if (names.filter((other) => other.toLowerCase() === lower).length === 1) return
  throw badTarget(`.headers.${name}`, 'The header is given twice.', 'each header once, whatever its case')
}
