/**
 * UWIT-1 and UWIT-2, the envelopes in which UW's registry sends its messages: signed, perhaps encrypted before, as the public
 * libraries UWIT-IAM/iam-messaging (Python, Java, C) read and write them.
 *
 * |            | UWIT-1                       | UWIT-2                                          |
 * |---|---|---|
 * | signature  | RSA PKCS#1 v1.5 with SHA-1   | RSA-PSS, SHA-256, MGF1-SHA-256, salt of 32 bytes |
 * | encryption | AES-128-CBC, PKCS#7          | AES-CBC by the size of the key, PKCS#7           |
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'

export const VERSIONS = ['UWIT-1', 'UWIT-2'] as const
export type Version = (typeof VERSIONS)[number]

export interface Envelope {
  readonly header: Readonly<Record<string, string>>
  /** Base64 of the text, or of what was encrypted. */
  readonly body: string
}

/** What is put into an envelope. */
export interface Letter {
  readonly contentType: string
  readonly messageType: string
  readonly sender: string
  /** Compared as text. */
  readonly messageId: string
  /** Signed as text: never written otherwise again. */
  readonly timestamp: string
  readonly context: string
  readonly body: string
}

export interface Signer {
  /** Where receivers find the certificate. */
  readonly url: string
  /** RSA, private. */
  readonly key: KeyObject
}

/** A key that both sides have. */
export interface SharedKey {
  readonly id: string
  readonly bytes: Buffer
}

const IV_BYTES = 16
/** The libraries allow nothing else in names. */
const SIMPLE = /^[A-Za-z0-9-]+$/

/**
 * @param random of cryptographic quality: `randomBytes`
 * @throws TypeError for a name that the libraries refuse, or a key of the wrong size
 */
export function write(
  version: Version,
  letter: Letter,
  signer: Signer,
  shared: SharedKey | null,
  random: (size: number) => Buffer,
): Envelope {
  const { contentType, messageType, sender, messageId, timestamp } = letter
  for (const name of [contentType, messageType, sender])
    if (!SIMPLE.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of letters, digits and hyphens.`)
  const { body, ...secrecy } = shared ? encrypted(version, letter.body, shared, random) : { body: base64(letter.body) }
  const header = {
    ...{ version, contentType, messageContext: base64(letter.context), messageType, messageId, sender, timestamp },
    ...{ signingCertUrl: signer.url, ...secrecy },
  }
  return { header: { ...header, signature: signatureOf(version, signedText({ header, body }), signer.key) }, body }
}

/** The base64 of the whole: what Amazon SNS carries as `Message`. */
export const toWire = (envelope: Envelope): string => base64(JSON.stringify(envelope))

/** Each value is followed by a line break; context and body are still base64. */
export function signedText({ header, body }: Envelope): string {
  const { contentType, iv, keyId, messageContext, messageId, messageType, sender, signingCertUrl, timestamp, version } =
    header
  const secrecy = iv === undefined && keyId === undefined ? [] : [iv, keyId]
  return [
    ...[contentType, ...secrecy, messageContext, messageId, messageType, sender],
    ...[signingCertUrl, timestamp, version, body],
  ]
    .map((value) => `${value}\n`)
    .join('')
}

const RULES = {
  'UWIT-1': { digest: 'sha1', options: { padding: constants.RSA_PKCS1_PADDING } },
  'UWIT-2': { digest: 'sha256', options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } },
} as const

function signatureOf(version: Version, text: string, key: KeyObject): string {
  const { digest, options } = RULES[version]
  return signBytes(digest, Buffer.from(text), { key, ...options }).toString('base64')
}

/** @param key of the certificate at `signingCertUrl` */
export function isSigned(version: Version, envelope: Envelope, key: KeyObject): boolean {
  const { digest, options } = RULES[version]
  const signature = Buffer.from(envelope.header.signature ?? '', 'base64')
  return verifyBytes(digest, Buffer.from(signedText(envelope)), { key, ...options }, signature)
}

/** Whether a key is long enough, and not too long, for a version. */
export const KEY_SIZES: Readonly<Record<Version, readonly number[]>> = { 'UWIT-1': [16], 'UWIT-2': [16, 24, 32] }

function encrypted(version: Version, text: string, { id, bytes }: SharedKey, random: (size: number) => Buffer) {
  const iv = random(IV_BYTES)
  const cipher = createCipheriv(cipherFor(version, bytes), bytes, iv)
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64')
  return { body, keyId: id, iv: iv.toString('base64') }
}

/** Of a message whose signature is good. @throws Error where the key is another, or the text no UTF-8 */
export function decrypted(version: Version, { header, body }: Envelope, bytes: Buffer): string {
  const decipher = createDecipheriv(cipherFor(version, bytes), bytes, Buffer.from(header.iv ?? '', 'base64'))
  const text = Buffer.concat([decipher.update(Buffer.from(body, 'base64')), decipher.final()])
  return new TextDecoder('utf-8', { fatal: true }).decode(text)
}

function cipherFor(version: Version, key: Buffer): string {
  if (KEY_SIZES[version].includes(key.length)) return `aes-${key.length * 8}-cbc`
  throw new TypeError(`${version} takes keys of ${KEY_SIZES[version].join(', ')} bytes, not of ${key.length}.`)
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
