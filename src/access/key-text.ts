/**
 * The text of a bearer key, `tsk_<id>_<secret>`: `tsk` lets scanners find a leaked key, the id is public, the
 * secret is known to its holder alone. Letters and digits only, so that a double click takes a part whole.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

/** Fresh random bytes, as `randomBytes` of node:crypto gives them. */
export type RandomBytes = (size: number) => Uint8Array

export interface KeyText {
  readonly id: string
  readonly secret: string
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 80 bits. */
const ID_LENGTH = 16
/** 256 bits need 43 digits of base 62. */
const SECRET_BYTES = 32
const SECRET_LENGTH = 43
/** As long as a secret. */
export const NOBODYS = '0'.repeat(SECRET_LENGTH)
const FORM = new RegExp(`^tsk_([a-z2-7]{${ID_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH}})$`)

export function createKeyText(random: RandomBytes): KeyText & { readonly text: string } {
  const id = idFrom(random(ID_LENGTH))
  const secret = base62(random(SECRET_BYTES))
  return { id, secret, text: `tsk_${id}_${secret}` }
}

/** The id that so many bytes make; more of them say no more. */
export const idFrom = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, ID_LENGTH), (byte) => BASE32[byte % 32]).join('')

/** Null for anything that cannot be one of our keys. */
export function parseKeyText(text: string): KeyText | null {
  const [, id, secret] = FORM.exec(text) ?? []
  return id === undefined || secret === undefined ? null : { id, secret }
}

/** SHA-256, base64url. The secret is random, so it needs no salt and no slow hash. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** In a time that does not tell how much of them is alike. */
export function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function base62(bytes: Uint8Array): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let digits = ''
  for (let i = 0; i < SECRET_LENGTH; i++) {
    digits = `${BASE62[Number(rest % 62n)]}${digits}`
    rest /= 62n
  }
  return digits
}
