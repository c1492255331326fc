/**
 * DKIM: a signature over a mail that is written, relaxed in header and body (RFC 6376), by RSA or Ed25519 (RFC 8463).
 */
import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { badTarget } from '../target.js'
import type { Dkim } from './target.js'

/** What is signed of a header, where the mail has it. */
const SIGNED = [
  ...['from', 'reply-to', 'to', 'subject', 'date', 'message-id', 'auto-submitted'],
  ...['mime-version', 'content-type', 'content-transfer-encoding'],
]

/** RFC 8301, section 3.2: shorter ones are not believed. */
const SHORTEST_RSA = 1024

/** @throws InvalidInput `invalid_request` with the field; what OpenSSL says of a key may quote it, and is left out. */
export function dkimSigner({ domain, selector, privateKey }: Dkim): (mail: Buffer) => Buffer {
  const key = signingKey(privateKey)
  const algorithm = key.asymmetricKeyType === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256'
  return (mail) => {
    const { fields, body } = partsOf(mail.toString('latin1'))
    const signed = SIGNED.flatMap((name) => fields.filter((field) => nameOf(field) === name))
    const tags = [
      `v=1; a=${algorithm}; c=relaxed/relaxed; d=${domain}; s=${selector};`,
      `h=${signed.map(nameOf).join(':')};`,
      `bh=${sha256(relaxedBody(body)).toString('base64')};`,
    ]
    const header = `DKIM-Signature: ${tags.join('\r\n ')}\r\n b=`
    const text = [...signed, header].map(relaxed).join('\r\n')
    return Buffer.concat([latin1(`${header}${folded(signature(key, latin1(text)))}\r\n`), mail])
  }
}

function signingKey(pem: string): KeyObject {
  const key = readable(pem)
  const { asymmetricKeyType, asymmetricKeyDetails } = key ?? {}
  const fits =
    asymmetricKeyType === 'ed25519' ||
    (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= SHORTEST_RSA)
  if (key !== undefined && fits) return key
  const expected = `an RSA key of at least ${SHORTEST_RSA} bits or an Ed25519 key, not encrypted, in PEM`
  throw badTarget('.dkim.privateKey', 'No mail can be signed with it.', expected)
}

function readable(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

/** RFC 8463, section 3: Ed25519 signs the digest. */
const signature = (key: KeyObject, text: Buffer): Buffer =>
  key.asymmetricKeyType === 'rsa' ? sign('sha256', text, key) : sign(null, sha256(text), key)

function partsOf(mail: string): { readonly fields: readonly string[]; readonly body: string } {
  const end = mail.indexOf('\r\n\r\n')
  return { fields: mail.slice(0, end).split(/\r\n(?![ \t])/), body: mail.slice(end + 4) }
}

const nameOf = (field: string): string => field.slice(0, field.indexOf(':')).trim().toLowerCase()

/** RFC 6376, section 3.4.2. */
function relaxed(field: string): string {
  const value = field.slice(field.indexOf(':') + 1).replaceAll('\r\n', '')
  return `${nameOf(field)}:${value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '')}`
}

/** Section 3.4.4. */
function relaxedBody(body: string): Buffer {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''))
  const last = lines.findLastIndex((line) => line !== '')
  return latin1(
    lines
      .slice(0, last + 1)
      .map((line) => `${line}\r\n`)
      .join(''),
  )
}

const folded = (bytes: Buffer): string => bytes.toString('base64').replace(/.{72}(?=.)/g, '$&\r\n ')
const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()
/** Bytes as they are, whatever letters they make. */
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
