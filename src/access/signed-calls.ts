/**
 * Who signed a call by OAuth 1. A call counts once: its nonce is kept as long as its timestamp would be accepted, in the
 * store, so that neither another node nor a restart accepts it again.
 */
import { AccessDenied } from '../errors.js'
import { NOBODYS, sameHash } from './key-text.js'
import { bodyHashOf, OAUTH1_METHODS, type OAuth1Method, type Parameter, readOAuth1, signatureOf } from './oauth1.js'
import type { Principal } from './principal.js'

export interface SpentNonce {
  readonly consumer: string
  /** Seconds since 1970. */
  readonly timestamp: number
  readonly nonce: string
}

export interface SignedCall {
  readonly method: string
  /** Every URL under which the caller may have known us: a proxy in front speaks another scheme. */
  readonly urls: readonly string[]
  readonly authorization: string
  readonly body: Uint8Array
}

interface SignedCallsDependencies {
  /** False if it was spent before. What was spent before `oldest` (seconds) is forgotten. */
  spend(nonce: SpentNonce, oldest: number): Promise<boolean>
  /** Null when there is none in force. */
  consumer(id: string): Promise<{ readonly principal: Principal; readonly secret: string } | null>
  now(): number
}

/** Seconds that a caller's clock may differ from ours; RFC 5849, section 3.3 leaves it to the server. */
export const OAUTH1_WINDOW = 300

const LONGEST_NONCE = 256

export class SignedCalls {
  readonly #parts: SignedCallsDependencies

  constructor(parts: SignedCallsDependencies) {
    this.#parts = parts
  }

  /** @throws AccessDenied `unauthenticated`; an unknown consumer and a wrong signature are told alike. */
  async authenticate(call: SignedCall): Promise<Principal> {
    const said = read(call.authorization)
    const now = Math.floor(this.#parts.now() / 1_000)
    if (Math.abs(now - said.timestamp) > OAUTH1_WINDOW)
      throw denied('The timestamp is not of now.', `oauth_timestamp within ${OAUTH1_WINDOW} seconds of ${now}`)
    const consumer = await this.#parts.consumer(said.consumer)
    // Without a consumer it takes as long to find out.
    const right = isSigned(call, said, consumer?.secret ?? NOBODYS)
    if (consumer === null || !right) throw forged()
    const fresh = await this.#parts.spend(said, now - OAUTH1_WINDOW)
    if (!fresh) throw denied('This call was made before.', 'another oauth_nonce for each call')
    return consumer.principal
  }
}

interface Said extends SpentNonce {
  readonly method: OAuth1Method
  readonly signature: string
  readonly bodyHash: string | undefined
  readonly parameters: readonly Parameter[]
}

function read(authorization: string): Said {
  const found = readOAuth1(authorization)
  const consumer = found?.get('oauth_consumer_key')
  const signature = found?.get('oauth_signature')
  const nonce = found?.get('oauth_nonce')
  const timestamp = found?.get('oauth_timestamp')
  if (
    !found ||
    !consumer ||
    !signature ||
    !nonce ||
    nonce.length > LONGEST_NONCE ||
    !/^\d{1,11}$/.test(timestamp ?? '')
  )
    throw denied('The OAuth header cannot be read.', 'an Authorization header as in RFC 5849, section 3.5.1')
  const version = found.get('oauth_version') ?? '1.0'
  const method = found.get('oauth_signature_method') ?? ''
  if (version !== '1.0' || !isMethod(method))
    throw denied(
      'This kind of signature is not taken.',
      `oauth_version 1.0 and ${Object.keys(OAUTH1_METHODS).join(' or ')}`,
    )
  if (found.get('oauth_token'))
    throw denied('There are no tokens here: the consumer signs by its secret alone.', 'no oauth_token, or an empty one')
  const parameters = [...found].filter(([name]) => name !== 'oauth_signature' && name !== 'realm')
  const bodyHash = found.get('oauth_body_hash')
  return { consumer, signature, nonce, timestamp: Number(timestamp), method, bodyHash, parameters }
}

const isMethod = (text: string): text is OAuth1Method => Object.hasOwn(OAUTH1_METHODS, text)

function isSigned({ method, urls, body }: SignedCall, said: Said, secret: string): boolean {
  if (said.bodyHash !== undefined && !sameHash(said.bodyHash, bodyHashOf(body, said.method))) return false
  return urls.some((url) =>
    sameHash(said.signature, signatureOf({ method, url }, said.parameters, secret, said.method)),
  )
}

const forged = () => denied('The signature is not right.', 'a signature by the secret of a consumer key of ours')

const denied = (message: string, expected: string): AccessDenied =>
  new AccessDenied('unauthenticated', message, { field: 'authorization', expected })
