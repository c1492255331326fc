/**
 * What a key is shown by: a text that its holder sends (`bearer`), a signature over each call (`oauth1`, RFC 5849;
 * `sigv4`, AWS Signature Version 4), or the certificate of a TLS connection (`certificate`).
 */
import { createHash, X509Certificate } from 'node:crypto'
import { InvalidInput } from '../errors.js'
import { createKeyText, hashSecret, idFrom, type RandomBytes } from './key-text.js'
import type { Sealer } from './sealer.js'

export const KEY_KINDS = ['bearer', 'oauth1', 'sigv4', 'certificate'] as const
export type KeyKind = (typeof KEY_KINDS)[number]

/** How a credential is kept. */
export interface Credential {
  readonly id: string
  readonly kind: KeyKind
  /** SHA-256, base64url: of a bearer's secret, of a certificate (DER); empty where calls are signed. */
  readonly hash: string
  /** The secret itself, sealed, where signatures are made with it. */
  readonly sealed: string | null
}

/** What its holder is told, this once. */
export interface Shown {
  /** The text of a bearer key. */
  readonly key?: string
  /** OAuth 1: the secret that belongs to the consumer key, which is the id. */
  readonly consumerSecret?: string
  /** AWS Signature Version 4: the secret access key that belongs to the access key id, which is the id. */
  readonly secretAccessKey?: string
}

export interface Made {
  readonly credential: Credential
  readonly shown: Shown
  /** A certificate ends by itself, milliseconds. */
  readonly until: number | null
}

export function createBearer(random: RandomBytes): Made {
  const { id, secret, text } = createKeyText(random)
  return {
    credential: { id, kind: 'bearer', hash: hashSecret(secret), sealed: null },
    shown: { key: text },
    until: null,
  }
}

/** What its holder calls the secret. */
const SECRET_OF = { oauth1: 'consumerSecret', sigv4: 'secretAccessKey' } as const
export type SigningKind = keyof typeof SECRET_OF

/** @throws InvalidInput `invalid_config` when the instance keeps no secrets */
export function createSigner(
  kind: SigningKind,
  random: RandomBytes,
  tenant: string,
  sealer: Pick<Sealer, 'seal'>,
): Made {
  const { id, secret } = createKeyText(random)
  const sealed = sealer.seal(secret, placeOf({ kind, tenant, id }))
  return { credential: { id, kind, hash: '', sealed }, shown: { [SECRET_OF[kind]]: secret }, until: null }
}

/** @param pem in PEM; a chain may follow, and is not kept. @throws InvalidInput when it cannot be read, or has ended */
export function ofCertificate(pem: string, now: number): Made {
  const certificate = readCertificate(pem)
  const until = Date.parse(certificate.validTo)
  if (until <= now) throw invalid('The certificate has ended.', 'one that is valid')
  const hash = createHash('sha256').update(certificate.raw).digest('base64url')
  return { credential: { id: idOfCertificate(hash), kind: 'certificate', hash, sealed: null }, shown: {}, until }
}

/** A certificate is found by its own digest. */
export const idOfCertificate = (hash: string): string => idFrom(Buffer.from(hash, 'base64url'))

/** @throws Fault `seal_broken` */
export const openSecret = (
  { sealed, ...key }: Place & { readonly sealed: string },
  sealer: Pick<Sealer, 'open'>,
): string => sealer.open(sealed, placeOf(key))

interface Place {
  readonly kind: SigningKind
  readonly tenant: string
  readonly id: string
}

const placeOf = ({ kind, tenant, id }: Place) => ({ tenant, record: `key/${id}`, path: SECRET_OF[kind] })

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw invalid('The certificate cannot be read.', 'an X.509 certificate in PEM')
  }
}

const invalid = (message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', message, { field: 'certificate', expected })
