/**
 * The key that signs what topics tell, and its certificate: made once for the instance, sealed, the same after a restart.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
import { createHash, createSign, generateKeyPairSync } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Hub } from '../../../src/index.js'
import { selfSigned } from './certificate.js'

export type SignatureVersion = '1' | '2'

export interface Signer {
  /** PEM. */
  readonly certificate: string
  /** The last part of its address, which tells its digest. */
  readonly file: string
  /** Base64. Version 1 is SHA1withRSA, 2 is SHA256withRSA. */
  sign(text: string, version: SignatureVersion): string
}

const YEAR = 365 * 86_400_000

interface Kept {
  readonly key: string
  readonly certificate: string
}

function make(): string {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const certificate = selfSigned({
    privateKey,
    publicKey,
    name: 'Tocsin SNS',
    now: Date.now(),
    until: Date.now() + 20 * YEAR,
  })
  return JSON.stringify({ key: privateKey.export({ type: 'pkcs8', format: 'pem' }), certificate } satisfies Record<
    keyof Kept,
    unknown
  >)
}

const ALGORITHMS = { 1: 'RSA-SHA1', 2: 'RSA-SHA256' } as const

const known = new Map<string, Signer>()

/** @param secrets the hub, or the parts a transport is made of. */
export async function signerOf(secrets: Pick<Hub, 'secret'>): Promise<Signer> {
  const text = await secrets.secret('aws.sns.signing', make)
  const found = known.get(text)
  if (found) return found
  const { key, certificate } = JSON.parse(text) as Kept
  const digest = createHash('sha256').update(certificate).digest('hex').slice(0, 32)
  /** What many subscribers get is signed once. */
  const made = new LRUCache<string, string>({ max: 1_000 })
  const signer: Signer = {
    certificate,
    file: `SimpleNotificationService-${digest}.pem`,
    sign(signed, version) {
      const id = `${version}${createHash('sha256').update(signed).digest('base64')}`
      const signature = made.get(id) ?? createSign(ALGORITHMS[version]).update(signed, 'utf8').sign(key, 'base64')
      made.set(id, signature)
      return signature
    },
  }
  known.set(text, signer)
  return signer
}
