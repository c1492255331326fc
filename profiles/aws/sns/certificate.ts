/**
 * A self-signed X.509 certificate (RFC 5280) for an RSA key: Node makes keys, but no certificates. DER by hand (X.690).
 */
import { createSign, type KeyObject, randomBytes } from 'node:crypto'

export interface CertificateRequest {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** The common name. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly until: number
}

const TAG = {
  integer: 0x02,
  bits: 0x03,
  nothing: 0x05,
  oid: 0x06,
  text: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** 1.2.840.113549.1.1.11 and 2.5.4.3, encoded. */
const SHA256_RSA = Buffer.from('2a864886f70d01010b', 'hex')
const COMMON_NAME = Buffer.from('550403', 'hex')

/** PEM. */
export function selfSigned({ privateKey, publicKey, name, now, until }: CertificateRequest): string {
  const algorithm = sequence(der(TAG.oid, SHA256_RSA), der(TAG.nothing))
  const subject = sequence(der(TAG.set, sequence(der(TAG.oid, COMMON_NAME), der(TAG.text, Buffer.from(name)))))
  const validity = sequence(time(now - 86_400_000), time(until))
  // Positive, and of twenty octets at most (section 4.1.2.2).
  const serial = der(TAG.integer, Buffer.concat([Buffer.of(0x01), randomBytes(15)]))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const body = sequence(serial, algorithm, subject, validity, subject, key)
  const signature = createSign('RSA-SHA256').update(body).sign(privateKey)
  const whole = sequence(body, algorithm, der(TAG.bits, Buffer.concat([Buffer.of(0), signature])))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(TAG.sequence, Buffer.concat(parts))

/** GeneralizedTime, in UTC. */
const time = (at: number): Buffer =>
  der(TAG.time, Buffer.from(`${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`))

function der(tag: number, content: Buffer = Buffer.alloc(0)): Buffer {
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content])
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...bytes), content])
}
