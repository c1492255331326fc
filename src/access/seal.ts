/**
 * Sealed secrets: AES-256-GCM (NIST SP 800-38D), `v1.<key id>.<iv>.<ciphertext and tag>` in base64url. What a secret
 * belongs to is authenticated with it, so a sealed text moved to another tenant, record or path does not open.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { Fault } from '../errors.js'
import type { KeyRing } from './key-ring.js'
import type { RandomBytes } from './key-text.js'

/** Where a secret is kept: associated data of its seal. */
export interface SealPlace {
  readonly tenant: string
  /** The id of the record, with its kind: `subscription/sub_1`. */
  readonly record: string
  /** The field inside the record. */
  readonly path: string
}

const CIPHER = 'aes-256-gcm'
/** 96 bits, random: section 8.2.2; good for 2^32 seals a key. */
const IV_BYTES = 12
const TAG_BYTES = 16
const FORM = /^v1\.([A-Za-z0-9_-]{8})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/

/** @param random of cryptographic quality: `randomBytes`. */
export function seal(ring: KeyRing, secret: string, place: SealPlace, random: RandomBytes): string {
  const key = ring.keys.get(ring.current)
  if (key === undefined) throw new TypeError('The ring does not hold its current key.')
  const iv = Buffer.from(random(IV_BYTES))
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(associatedData(ring.current, place))
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `v1.${ring.current}.${iv.toString('base64url')}.${sealed.toString('base64url')}`
}

/** @throws Fault `seal_broken`; `data.reason` is `form`, `unknown key` or `not authentic`. */
export function unseal(ring: KeyRing, sealed: string, place: SealPlace): string {
  const [, id, iv, body] = FORM.exec(sealed) ?? []
  if (id === undefined || iv === undefined || body === undefined) throw broken(place, 'form')
  const key = ring.keys.get(id)
  if (key === undefined) throw broken(place, 'unknown key', id)
  const bytes = Buffer.from(body, 'base64url')
  const decipher = createDecipheriv(CIPHER, key, Buffer.from(iv, 'base64url'), { authTagLength: TAG_BYTES })
  decipher.setAAD(associatedData(id, place))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    const secret = Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()])
    return secret.toString('utf8')
  } catch {
    throw broken(place, 'not authentic', id)
  }
}

/** Sealed by the ring's current key; the very same text if it is already. */
export function reseal(ring: KeyRing, sealed: string, place: SealPlace, random: RandomBytes): string {
  return sealed.startsWith(`v1.${ring.current}.`) ? sealed : seal(ring, unseal(ring, sealed, place), place, random)
}

// JSON keeps the parts apart: ("a", "bc") and ("ab", "c") are not the same place.
const associatedData = (keyId: string, { tenant, record, path }: SealPlace): Buffer =>
  Buffer.from(JSON.stringify(['tocsin', 'v1', keyId, tenant, record, path]))

const broken = (place: SealPlace, reason: string, key?: string): Fault =>
  new Fault('seal_broken', `The secret ${place.path} of ${place.record} cannot be opened: ${reason}.`, {
    data: { ...place, reason, ...(key !== undefined && { key }) },
  })
