/**
 * Standard Webhooks 1.0 (https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md): signing what
 * goes out and verifying what comes in. What is signed is `{id}.{timestamp}.{body}`.
 */
import {
  createHash,
  createHmac,
  generateKeyPairSync,
  randomBytes,
  sign as signBytes,
  timingSafeEqual,
  verify as verifyBytes,
} from 'node:crypto'
import { AccessDenied } from '../errors.js'
import type { AnyEvent } from '../event/envelope.js'
import { keyOf, PREFIXES, publicKeyText, type SymmetricKey, secretKeyText, type WebhookKey } from './webhook-keys.js'

export interface ToSign {
  /** The same for every attempt; visible ASCII without a full stop. `webhookIdOf` makes one. */
  readonly id: string
  /** When this attempt is made. */
  readonly timestampSeconds: number
  readonly body: string | Uint8Array
  /** `whsec_` (v1, HMAC-SHA256) and `whsk_` (v1a, Ed25519); several during a rotation. */
  readonly secrets: readonly string[]
}

/** The specification warns of ids with a full stop: it would move the border between id and timestamp. */
const ID = /^[!--/-~]+$/

/**
 * The headers `webhook-id`, `webhook-timestamp` and, if there are secrets, `webhook-signature`.
 * @throws TypeError for an id or time that cannot be signed; InvalidInput for a secret that is none.
 */
export function sign({ id, timestampSeconds, body, secrets }: ToSign): Readonly<Record<string, string>> {
  if (!ID.test(id)) throw new TypeError('A webhook id is visible ASCII without a full stop.')
  if (!Number.isSafeInteger(timestampSeconds)) throw new TypeError('A webhook timestamp is whole seconds.')
  const timestamp = String(timestampSeconds)
  if (secrets.length === 0) return { 'webhook-id': id, 'webhook-timestamp': timestamp }
  const head = `${id}.${timestamp}.`
  const signatures = secrets.map((secret) => signature(keyOf(secret), head, body)).join(' ')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures }
}

function signature(key: WebhookKey, head: string, body: string | Uint8Array): string {
  if (key.scheme === 'v1') return `v1,${hmac(key, head, body).toString('base64')}`
  if (!key.secret) throw new TypeError('A public key cannot sign.')
  return `v1a,${signBytes(null, joined(head, body), key.secret).toString('base64')}`
}

const hmac = (key: SymmetricKey, head: string, body: string | Uint8Array): Buffer =>
  createHmac('sha256', key.key).update(head).update(body).digest()

const joined = (head: string, body: string | Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(head), Buffer.from(body)])

/** Why a webhook was not believed, in `error.data.reason`. */
export type WebhookRefusal = 'missing_header' | 'bad_timestamp' | 'too_old' | 'too_new' | 'no_match'

export interface Verified {
  readonly id: string
  readonly timestampSeconds: number
}

/**
 * Believes a webhook or throws. Headers as `node:http` gives them, in lower case; `secrets` are `whsec_`, `whpk_` or `whsk_`.
 * @throws AccessDenied `unauthenticated` with `data.reason` (a `WebhookRefusal`) and the header as field.
 */
export function verify(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: string | Uint8Array,
  secrets: readonly string[],
  { now, toleranceSeconds = 300 }: { readonly now: number; readonly toleranceSeconds?: number },
): Verified {
  const id = headerOf(headers, 'webhook-id')
  const timestamp = headerOf(headers, 'webhook-timestamp')
  const signatures = headerOf(headers, 'webhook-signature').split(' ')
  checkTimestamp(timestamp, now, toleranceSeconds)
  const head = `${id}.${timestamp}.`
  if (!secrets.some((secret) => matches(keyOf(secret), head, body, signatures))) {
    throw refusal('no_match', 'webhook-signature', 'No signature fits.', 'a signature made with the shared secret')
  }
  return { id, timestampSeconds: Number(timestamp) }
}

function headerOf(headers: Readonly<Record<string, string | readonly string[] | undefined>>, name: string): string {
  const value = headers[name]
  if (typeof value === 'string' && value !== '') return value
  throw refusal('missing_header', name, `The header ${name} is missing.`, 'the header, once')
}

function checkTimestamp(timestamp: string, now: number, toleranceSeconds: number): void {
  const field = 'webhook-timestamp'
  if (!/^[0-9]{1,12}$/.test(timestamp)) {
    throw refusal('bad_timestamp', field, 'The timestamp is not valid.', 'whole seconds since 1970')
  }
  const age = Math.floor(now / 1_000) - Number(timestamp)
  const expected = `at most ${toleranceSeconds} seconds from now`
  if (age > toleranceSeconds) throw refusal('too_old', field, 'The timestamp is too old.', expected)
  if (age < -toleranceSeconds) throw refusal('too_new', field, 'The timestamp is too new.', expected)
}

function matches(key: WebhookKey, head: string, body: string | Uint8Array, signatures: readonly string[]): boolean {
  const prefix = `${key.scheme},`
  const given = signatures
    .filter((each) => each.startsWith(prefix))
    .map((each) => Buffer.from(each.slice(prefix.length), 'base64'))
  if (key.scheme === 'v1a') return given.some((each) => verifyBytes(null, joined(head, body), key.public, each))
  const expected = hmac(key, head, body)
  return given.some((each) => each.length === expected.length && timingSafeEqual(each, expected))
}

const refusal = (reason: WebhookRefusal, field: string, message: string, expected: string): AccessDenied =>
  new AccessDenied('unauthenticated', message, { field, expected, data: { reason } })

/** 32 random bytes as `whsec_`. */
export const generateSecret = (random: (size: number) => Uint8Array = randomBytes): string =>
  `${PREFIXES.symmetric}${Buffer.from(random(32)).toString('base64')}`

/** An Ed25519 pair: `whsk_` signs, `whpk_` is for the receiver. */
export function generateKeyPair(): { readonly secretKey: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { secretKey: secretKeyText(privateKey), publicKey: publicKeyText(publicKey) }
}

/** `v1`: both sides know the secret. `v1a`: we alone do, and the receiver checks with the public key. */
export type SignatureScheme = 'v1' | 'v1a'

export interface SigningKey {
  readonly secret: string
  /** Of `v1a`. */
  readonly publicKey?: string
}

export function newSigningKey(scheme: SignatureScheme): SigningKey {
  if (scheme === 'v1') return { secret: generateSecret() }
  const { secretKey: secret, publicKey } = generateKeyPair()
  return { secret, publicKey }
}

/**
 * An id for an event's webhooks: the same for every attempt and replay, never the same for two events. The event's own id
 * will not do: it may hold a full stop, and is only unique within its source.
 */
export const webhookIdOf = ({ tenant, source, id }: AnyEvent): string =>
  `evt_${createHash('sha256')
    .update(JSON.stringify([tenant, source, id]))
    .digest('base64url')
    .slice(0, 32)}`
