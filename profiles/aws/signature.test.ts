/**
 * Signatures of real clients: 38 requests of the SDK for JavaScript and of boto3, as they went over the wire.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createHub } from '../../src/index.js'
import { AwsError } from './aws-error.js'
import { authenticate } from './caller.js'
import { type Claim, isSignedWith, readClaim, type SignedRequest, signatureOf, stamp } from './signature.js'

interface Captured {
  readonly m: string
  readonly u: string
  readonly h: Readonly<Record<string, string>>
  readonly b: string
}

const CAPTURED: readonly Captured[] = readFileSync(new URL('fixtures/requests.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Captured)

/** The keys they were made with. */
const SECRETS: Readonly<Record<string, string>> = { AKID: 'SECRET', A: 'B' }

const requestOf = ({ m, u, h, b }: Captured): SignedRequest => ({
  ...{ method: m, url: u, headers: h, body: Buffer.from(b) },
})

const timeOf = ({ h }: Captured): number =>
  Date.parse(`${h['x-amz-date']}`.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

function isRight(request: SignedRequest, now: number): boolean {
  const claim = readClaim(request, now)
  return isSignedWith(claim, request, SECRETS[claim.accessKey] ?? '')
}

const nameOf = (work: () => unknown): string => {
  try {
    work()
    return 'nothing'
  } catch (error) {
    return error instanceof AwsError ? error.name : String(error)
  }
}

describe('a captured request', () => {
  it('is one of 38', () => expect(CAPTURED).toHaveLength(38))

  it.each(CAPTURED.map((each, index) => [index, each] as const))('%i verifies', (_, captured) => {
    expect(isRight(requestOf(captured), timeOf(captured))).toBe(true)
  })

  it('does not with any byte of its body, target or host changed', () => {
    for (const captured of CAPTURED) {
      const request = requestOf(captured)
      const now = timeOf(captured)
      for (const index of request.body.keys()) {
        const body = Buffer.from(request.body)
        body[index] = (body[index] ?? 0) ^ 1
        expect(isRight({ ...request, body }, now)).toBe(false)
      }
      for (const name of ['host', 'x-amz-target', 'x-amz-date', 'content-type']) {
        const value = captured.h[name]
        if (value === undefined) continue
        for (let at = 0; at < value.length; at++) {
          const other = value.slice(0, at) + String.fromCharCode(value.charCodeAt(at) ^ 1) + value.slice(at + 1)
          const changed = { ...request, headers: { ...request.headers, [name]: other } }
          const refused = nameOf(() => expect(isRight(changed, now)).toBe(false))
          expect(['nothing', 'IncompleteSignature', 'RequestExpired']).toContain(refused)
        }
      }
      expect(isRight({ ...request, method: 'GET' }, now)).toBe(false)
      expect(isRight({ ...request, url: '/other' }, now)).toBe(false)
      expect(isRight({ ...request, url: '/?Action=DeleteQueue' }, now)).toBe(false)
    }
  })

  it('is good for fifteen minutes either way', () => {
    const [captured] = CAPTURED
    if (!captured) throw new Error('there are 38')
    const at = (shift: number) => nameOf(() => isRight(requestOf(captured), timeOf(captured) + shift))
    expect([at(900_000), at(-900_000)]).toEqual(['nothing', 'nothing'])
    expect([at(901_000), at(-901_000)]).toEqual(['RequestExpired', 'RequestExpired'])
  })

  it('must sign its host, its date and its target', () => {
    const captured = CAPTURED.find(({ h }) => h['x-amz-target'] !== undefined)
    if (!captured) throw new Error('there is one')
    for (const name of ['host', 'x-amz-date', 'x-amz-target']) {
      const authorization = `${captured.h.authorization}`
        .replace(new RegExp(`;${name}(?=[;,])`), '')
        .replace(`=${name};`, '=')
      const request = requestOf({ ...captured, h: { ...captured.h, authorization } })
      expect(nameOf(() => readClaim(request, timeOf(captured)))).toBe('IncompleteSignature')
    }
  })

  it.each([
    ['no header', undefined, 'MissingAuthenticationToken'],
    ['another algorithm', 'AWS4-HMAC-SHA1 Credential=A/20261121/us-east-1/sqs/aws4_request', 'IncompleteSignature'],
    [
      'a short credential',
      'AWS4-HMAC-SHA256 Credential=A/20261121, SignedHeaders=host, Signature=0',
      'IncompleteSignature',
    ],
    [
      'a credential of another service',
      `AWS4-HMAC-SHA256 Credential=A/20261121/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      'SignatureDoesNotMatch',
    ],
    ['nothing but the algorithm', 'AWS4-HMAC-SHA256', 'IncompleteSignature'],
  ])('is refused with %s', (_, authorization, name) => {
    const [captured] = CAPTURED
    if (!captured) throw new Error('there are 38')
    const headers = { ...captured.h, authorization }
    expect(nameOf(() => readClaim({ ...requestOf(captured), headers }, timeOf(captured)))).toBe(name)
  })
})

describe('a presigned request', () => {
  const now = Date.UTC(2026, 10, 21, 18, 50, 10)
  const claim: Omit<Claim, 'signature'> = {
    ...{ accessKey: 'AKID', service: 'sqs', scope: ['20261121', 'us-east-1', 'sqs'], time: stamp(now) },
    ...{ signedHeaders: ['host'], presigned: true },
  }
  const presigned = (expires: number): SignedRequest => {
    const query = `Action=ReceiveMessage&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20261121%2Fus-east-1%2Fsqs%2Faws4_request&X-Amz-Date=${stamp(now)}&X-Amz-Expires=${expires}&X-Amz-SignedHeaders=host&Body=a%20b`
    const request = { method: 'GET', url: `/1/q?${query}`, headers: { host: 'h:1' }, body: Buffer.alloc(0) }
    return { ...request, url: `${request.url}&X-Amz-Signature=${signatureOf(claim, request, 'SECRET')}` }
  }

  it('verifies until it expires, and not with its query changed', () => {
    const request = presigned(3600)
    expect(isRight(request, now + 3_600_000)).toBe(true)
    expect(nameOf(() => isRight(request, now + 3_601_000))).toBe('RequestExpired')
    expect(() => readClaim(request, now + 3_601_000)).toThrow('its address was good for 3600 seconds')
    expect(isRight({ ...request, url: request.url.replace('Body=a', 'Body=b') }, now)).toBe(false)
    expect(nameOf(() => readClaim(presigned(604_801), now))).toBe('IncompleteSignature')
  })
})

describe('the caller', () => {
  it('is the holder of a sealed access key, of its tenant and scopes', async () => {
    const hub = await createHub({ database: 'memory', config: { log: { level: 'silent' } } })
    const made = await hub.keys.create(hub.local, { name: 'consumer', roles: ['admin'], kind: 'sigv4' })
    expect(made.secretAccessKey).toMatch(/^\w{43}$/)
    const now = Date.now()
    const scope = [stamp(now).slice(0, 8), 'us-east-1', 'sqs'] as const
    const claim = { accessKey: made.id, service: 'sqs', scope, time: stamp(now), presigned: false } as const
    const signed = (accessKey: string, secret: string): SignedRequest => {
      const signedHeaders = ['host', 'x-amz-date']
      const request = {
        method: 'POST',
        url: '/',
        headers: { host: 'h', 'x-amz-date': stamp(now) },
        body: Buffer.from('{}'),
      }
      const signature = signatureOf({ ...claim, signedHeaders }, request, secret)
      const authorization = `AWS4-HMAC-SHA256 Credential=${[accessKey, ...scope].join('/')}/aws4_request, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
      return { ...request, headers: { ...request.headers, authorization } }
    }
    const secret = made.secretAccessKey ?? ''
    const { principal } = await authenticate(signed(made.id, secret), hub, now)
    expect(principal).toMatchObject({ id: made.id, tenant: 'default', roles: ['admin'] })
    const name = (request: SignedRequest) =>
      authenticate(request, hub, now).then(
        () => 'nothing',
        (error: AwsError) => error.name,
      )
    expect(await name(signed(made.id, `${secret}x`))).toBe('SignatureDoesNotMatch')
    expect(await name(signed('a'.repeat(16), secret))).toBe('InvalidClientTokenId')
    const bound = await hub.keys.create(hub.local, { name: 'b', roles: ['subscriber'], resource: 'r', kind: 'sigv4' })
    expect(await name(signed(bound.id, bound.secretAccessKey ?? ''))).toBe('AccessDenied')
    await hub.keys.revoke(hub.local, made.id)
    expect(await name(signed(made.id, secret))).toBe('InvalidClientTokenId')
    await hub.close()
  })
})
