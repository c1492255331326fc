/**
 * AWS Signature Version 4, verified: in the `Authorization` header, or in the query of a presigned URL.
 * The canonical request is made of what came: the signed headers exactly as they are listed, and a SHA-256 of the body
 * that we compute ourselves (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { AwsError } from './aws-error.js'

export interface SignedRequest {
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array
}

/** What a request says of its own signature. */
export interface Claim {
  readonly accessKey: string
  /** `sqs` or `sns`. */
  readonly service: 'sqs' | 'sns'
  /** Date, region, service: what the signing key is made for. */
  readonly scope: readonly [date: string, region: string, service: string]
  /** `20261121T185010Z` */
  readonly time: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
  readonly presigned: boolean
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** Milliseconds that a caller's clock may differ from ours. */
export const CLOCK_SKEW = 900_000

/** Seconds a presigned URL may be good for. */
const LONGEST_EXPIRY = 604_800

/**
 * @param now milliseconds since 1970.
 * @throws AwsError `InvalidSecurity` (version 2), `MissingAuthenticationToken`, `IncompleteSignature`, `InvalidClientTokenId` (a session token), `RequestExpired`
 */
export function readClaim(request: SignedRequest, now: number): Claim {
  const query = new URLSearchParams(queryOf(request.url))
  const authorization = headerOf(request, 'authorization')
  const token = headerOf(request, 'x-amz-security-token') ?? query.get('X-Amz-Security-Token')
  if (token !== null && token !== undefined)
    throw new AwsError('InvalidClientTokenId', 'Session tokens are not given here: sign with an access key alone.')
  if (isOfVersion2(request, query, authorization))
    throw new AwsError('InvalidSecurity', 'Signature Version 2 is not taken: sign by version 4 (AWS4-HMAC-SHA256).')
  const claim = authorization === undefined ? inQuery(query) : inHeader(authorization, request)
  checkHeaders(claim, request)
  checkTime(claim, now, claim.presigned ? expiryIn(query) : null)
  return claim
}

/** Its key is a parameter of the request, in the query or in the form. */
function isOfVersion2({ body }: SignedRequest, query: URLSearchParams, authorization: string | undefined): boolean {
  if (authorization !== undefined || query.has('X-Amz-Algorithm')) return false
  return query.has('AWSAccessKeyId') || /(^|&)AWSAccessKeyId=/.test(Buffer.from(body).toString('latin1'))
}

function inHeader(authorization: string, request: SignedRequest): Claim {
  const [, algorithm, rest = ''] = /^(\S+)\s+(.*)$/s.exec(authorization.trim()) ?? []
  if (algorithm !== ALGORITHM) throw incomplete(`The Authorization header must begin with ${ALGORITHM}.`)
  const parts = new Map(rest.split(',').map((part): [string, string] => split(part.trim(), '=')))
  const time = headerOf(request, 'x-amz-date')
  if (time === undefined) throw incomplete('The request has no x-amz-date.')
  return claimOf({
    credential: parts.get('Credential'),
    signedHeaders: parts.get('SignedHeaders'),
    signature: parts.get('Signature'),
    time,
    presigned: false,
  })
}

function inQuery(query: URLSearchParams): Claim {
  const algorithm = query.get('X-Amz-Algorithm')
  if (algorithm === null)
    throw new AwsError('MissingAuthenticationToken', 'The request must be signed by AWS Signature Version 4.')
  if (algorithm !== ALGORITHM) throw incomplete(`X-Amz-Algorithm must be ${ALGORITHM}.`)
  return claimOf({
    credential: query.get('X-Amz-Credential'),
    signedHeaders: query.get('X-Amz-SignedHeaders'),
    signature: query.get('X-Amz-Signature'),
    time: query.get('X-Amz-Date') ?? '',
    presigned: true,
  })
}

interface Said {
  readonly credential: string | null | undefined
  readonly signedHeaders: string | null | undefined
  readonly signature: string | null | undefined
  readonly time: string
  readonly presigned: boolean
}

/** A signature is for one service alone: what was signed for another was not meant for us. */
export const foreignScope = (service: string): AwsError =>
  new AwsError(
    'SignatureDoesNotMatch',
    `The credential is for the service ${JSON.stringify(service.slice(0, 50))}; calls of SQS are signed for sqs, those of SNS for sns.`,
  )

function claimOf({ credential, signedHeaders, signature, time, presigned }: Said): Claim {
  const [accessKey, date, region, service, end, more] = (credential ?? '').split('/')
  if (!accessKey || !date || !region || !service || end !== 'aws4_request' || more !== undefined)
    throw incomplete('Credential must be ACCESS_KEY_ID/DATE/REGION/SERVICE/aws4_request.')
  if (service !== 'sqs' && service !== 'sns') throw foreignScope(service)
  if (!signedHeaders) throw incomplete('SignedHeaders is missing.')
  if (!/^[0-9a-f]{64}$/.test(signature ?? '')) throw incomplete('Signature must be 64 hexadecimal digits.')
  if (!/^\d{8}T\d{6}Z$/.test(time)) throw incomplete('The date must be such as 20261121T185010Z.')
  const scope = [date, region, service] as const
  return {
    accessKey,
    service,
    scope,
    time,
    signedHeaders: signedHeaders.split(';'),
    signature: `${signature}`,
    presigned,
  }
}

/** What decides where a request goes and when it is good must be signed. */
function checkHeaders({ signedHeaders, presigned }: Claim, request: SignedRequest): void {
  const needed = [
    'host',
    ...(presigned ? [] : ['x-amz-date']),
    ...(request.headers['x-amz-target'] ? ['x-amz-target'] : []),
  ]
  const missing = needed.filter((name) => !signedHeaders.includes(name))
  if (missing.length > 0) throw incomplete(`SignedHeaders must name ${missing.join(', ')}.`)
}

function checkTime({ time, scope: [date] }: Claim, now: number, expiry: number | null): void {
  const at = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(at) || !time.startsWith(date)) throw incomplete('The date is not that of the credential.')
  const late = expiry === null ? at + CLOCK_SKEW : at + expiry * 1_000
  if (now <= late && now >= at - CLOCK_SKEW) return
  const good =
    expiry === null || now < at ? 'clocks may differ by 15 minutes' : `its address was good for ${expiry} seconds`
  throw new AwsError('RequestExpired', `The request is of ${time}, and it is ${stamp(now)}: ${good}.`)
}

function expiryIn(query: URLSearchParams): number {
  const text = query.get('X-Amz-Expires') ?? ''
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (seconds >= 1 && seconds <= LONGEST_EXPIRY) return seconds
  throw incomplete(`X-Amz-Expires must be a number of seconds from 1 to ${LONGEST_EXPIRY}.`)
}

/** Whether a request is signed with this secret; in a time that does not tell how much of it was right. */
export function isSignedWith(claim: Claim, request: SignedRequest, secret: string): boolean {
  const made = Buffer.from(signatureOf(claim, request, secret))
  const said = Buffer.from(claim.signature)
  return made.length === said.length && timingSafeEqual(made, said)
}

/** Hexadecimal. */
export function signatureOf(claim: Omit<Claim, 'signature'>, request: SignedRequest, secret: string): string {
  const { scope, time } = claim
  const scopeText = [...scope, 'aws4_request'].join('/')
  const toSign = [ALGORITHM, time, scopeText, sha256(canonicalRequest(claim, request))].join('\n')
  return createHmac('sha256', signingKey(scopeText, secret)).update(toSign).digest('hex')
}

/** The same for all requests of a day. */
const signingKeys = new LRUCache<string, Buffer>({ max: 1_000 })

function signingKey(scope: string, secret: string): Buffer {
  const name = `${scope}\n${secret}`
  const known = signingKeys.get(name)
  if (known) return known
  const first: Buffer = Buffer.from(`AWS4${secret}`)
  const key = scope.split('/').reduce((made, part) => createHmac('sha256', made).update(part).digest(), first)
  signingKeys.set(name, key)
  return key
}

function canonicalRequest({ signedHeaders }: Pick<Claim, 'signedHeaders'>, request: SignedRequest): string {
  const [path = '/'] = request.url.split('?', 1)
  return [
    request.method,
    path.split('/').map(encoded).join('/') || '/',
    canonicalQuery(queryOf(request.url)),
    ...signedHeaders.map((name) => `${name}:${canonicalValue(request.headers[name])}`),
    '',
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n')
}

const canonicalValue = (value: string | readonly string[] | undefined): string =>
  [value ?? '']
    .flat()
    .map((each) => each.trim().replaceAll(/ +/g, ' '))
    .join(',')

function canonicalQuery(query: string): string {
  const pairs = query === '' ? [] : query.split('&').map((pair) => split(pair, '=').map(recoded))
  return pairs
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map((pair) => pair.join('='))
    .sort((one, other) => (one < other ? -1 : 1))
    .join('&')
}

/** RFC 3986, with nothing reserved left as it is. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

function recoded(text: string): string {
  try {
    return encoded(decodeURIComponent(text))
  } catch {
    throw incomplete('The query is not percent-encoded UTF-8.')
  }
}

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')

const queryOf = (url: string): string => url.split('?').slice(1).join('?')

function headerOf({ headers }: SignedRequest, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

function split(text: string, by: string): [string, string] {
  const at = text.indexOf(by)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + by.length)]
}

/** `20261121T185010Z` */
export const stamp = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`

const incomplete = (message: string): AwsError => new AwsError('IncompleteSignature', message)
