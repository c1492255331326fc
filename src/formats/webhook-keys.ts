/**
 * Keys of Standard Webhooks: from their text to what `node:crypto` works with, once per key.
 */
import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { atMost } from '../access/at-most.js'
import { InvalidInput } from '../errors.js'

export const PREFIXES = { symmetric: 'whsec_', secret: 'whsk_', public: 'whpk_' } as const

export interface SymmetricKey {
  readonly scheme: 'v1'
  readonly key: KeyObject
}

export interface AsymmetricKey {
  readonly scheme: 'v1a'
  /** Null if only the public half is known. */
  readonly secret: KeyObject | null
  readonly public: KeyObject
}

export type WebhookKey = SymmetricKey | AsymmetricKey

const prepared = new LRUCache<string, WebhookKey>(atMost(10_000))

/** @throws InvalidInput `invalid_request`, without the text. */
export function keyOf(text: string): WebhookKey {
  const known = prepared.get(text)
  if (known) return known
  const key = prepare(text)
  prepared.set(text, key)
  return key
}

// RFC 8410 section 7 (PKCS #8) and section 4 (SPKI): what stands before the 32 bytes of an Ed25519 key.
const BEFORE_SECRET = Buffer.from('302e020100300506032b657004220420', 'hex')
const BEFORE_PUBLIC = Buffer.from('302a300506032b6570032100', 'hex')

function prepare(text: string): WebhookKey {
  if (text.startsWith(PREFIXES.symmetric)) {
    return { scheme: 'v1', key: createSecretKey(bytesOf(text, PREFIXES.symmetric, 24, 64)) }
  }
  if (text.startsWith(PREFIXES.secret)) {
    const der = Buffer.concat([BEFORE_SECRET, bytesOf(text, PREFIXES.secret, 32, 32)])
    const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    return { scheme: 'v1a', secret, public: createPublicKey(secret) }
  }
  if (text.startsWith(PREFIXES.public)) {
    const der = Buffer.concat([BEFORE_PUBLIC, bytesOf(text, PREFIXES.public, 32, 32)])
    return { scheme: 'v1a', secret: null, public: createPublicKey({ key: der, format: 'der', type: 'spki' }) }
  }
  throw notAKey('whsec_, whsk_ or whpk_ and base64')
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/

function bytesOf(text: string, prefix: string, least: number, most: number): Buffer {
  const base64 = text.slice(prefix.length)
  const bytes = Buffer.from(base64, 'base64')
  if (BASE64.test(base64) && bytes.length >= least && bytes.length <= most) return bytes
  throw notAKey(`${prefix} and base64 of ${least === most ? least : `${least} to ${most}`} bytes`)
}

const notAKey = (expected: string): InvalidInput =>
  new InvalidInput('invalid_request', 'The signing key is not valid.', { field: 'secret', expected })

/** An Ed25519 key ends, in either DER form, with its 32 bytes. */
export const secretKeyText = (key: KeyObject): string =>
  PREFIXES.secret + key.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('base64')

export const publicKeyText = (key: KeyObject): string =>
  PREFIXES.public + key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
