/**
 * OAuth 1.0 (RFC 5849) with two legs: a consumer signs each call by a secret both sides know; there are no tokens.
 * HMAC-SHA1, the RFC's own, and HMAC-SHA256 with it. Bodies are JSON, so they take no part in the signature (3.4.1.3.1)
 * unless the caller says their digest (`oauth_body_hash`).
 */
import { createHash, createHmac } from 'node:crypto'

export const OAUTH1_METHODS = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' } as const
export type OAuth1Method = keyof typeof OAUTH1_METHODS

export type Parameter = readonly [name: string, value: string]

export interface ToSign {
  readonly method: string
  /** Absolute; its query is signed, its fragment is not. */
  readonly url: string
}

export interface Consumer {
  readonly key: string
  readonly secret: string
}

export interface Moment {
  /** Seconds since 1970. */
  readonly timestamp: number
  readonly nonce: string
}

/** The `Authorization` header that signs the call. */
export function signOAuth1(call: ToSign, consumer: Consumer, { timestamp, nonce }: Moment): string {
  const parameters: readonly Parameter[] = [
    ['oauth_consumer_key', consumer.key],
    ['oauth_nonce', nonce],
    ['oauth_signature_method', 'HMAC-SHA256'],
    ['oauth_timestamp', String(timestamp)],
    ['oauth_version', '1.0'],
  ]
  const signature = signatureOf(call, parameters, consumer.secret, 'HMAC-SHA256')
  const all = [...parameters, ['oauth_signature', signature] as const]
  return `OAuth ${all.map(([name, value]) => `${encode(name)}="${encode(value)}"`).join(', ')}`
}

/** Base64, of the signature base string (3.4.1); the token secret is empty (3.4.2). */
export function signatureOf(
  { method, url }: ToSign,
  parameters: readonly Parameter[],
  secret: string,
  by: OAuth1Method,
): string {
  const { origin, pathname, searchParams } = new URL(url)
  const signed = [...parameters, ...searchParams].map(([name, value]): Parameter => [encode(name), encode(value)])
  const normalized = [...signed].sort(byNameThenValue).map((pair) => pair.join('='))
  const base = [method.toUpperCase(), `${origin}${pathname}`, normalized.join('&')].map(encode).join('&')
  return createHmac(OAUTH1_METHODS[by], `${encode(secret)}&`)
    .update(base)
    .digest('base64')
}

/** The draft `oauth_body_hash`: a digest by the signature's own algorithm. */
export const bodyHashOf = (body: Uint8Array, by: OAuth1Method): string =>
  createHash(OAUTH1_METHODS[by]).update(body).digest('base64')

const PAIR = /^\s*([^="\s]+)="([^"]*)"\s*$/

/** What an `Authorization: OAuth ...` header says (3.5.1); null for any other, and for one that cannot be read. */
export function readOAuth1(header: string | undefined): ReadonlyMap<string, string> | null {
  const [, list] = /^OAuth\s+(.+)$/i.exec(header ?? '') ?? []
  const pairs = list?.split(',').map((part) => PAIR.exec(part))
  if (pairs === undefined || pairs.length > 20) return null
  const found = new Map<string, string>()
  for (const pair of pairs) {
    const name = decode(pair?.[1])
    const value = decode(pair?.[2])
    if (name === null || value === null || found.has(name)) return null
    found.set(name, value)
  }
  return found
}

/** RFC 3986: all but letters, digits and `-._~` (3.6). */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

function decode(text: string | undefined): string | null {
  try {
    return text === undefined ? null : decodeURIComponent(text)
  } catch {
    return null
  }
}

/** In the order of bytes: both are ASCII by now. */
function byNameThenValue([name, value]: Parameter, [otherName, otherValue]: Parameter): number {
  if (name !== otherName) return name < otherName ? -1 : 1
  return value === otherValue ? 0 : value < otherValue ? -1 : 1
}
