import { createHmac, createPublicKey, verify as verifyBytes } from 'node:crypto'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { AccessDenied, InvalidInput } from '../errors.js'
import { generateKeyPair, generateSecret, sign, verify, webhookIdOf } from './standard-webhooks.js'

// From the specification's own libraries: libraries/javascript and libraries/go/webhook_asymmetric_test.go.
const V1 = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1614265330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
const V1A = {
  secret: 'whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=',
  signature: 'v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==',
}
const now = V1.timestampSeconds * 1_000

const refusal = (run: () => unknown): AccessDenied => {
  try {
    run()
  } catch (error) {
    if (error instanceof AccessDenied) return error
    throw error
  }
  throw new Error('it was believed')
}

describe('signing', () => {
  it('gives the signatures of the specification’s vectors', () => {
    expect(sign({ ...V1, secrets: [V1.secret] })).toEqual({
      'webhook-id': V1.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': V1.signature,
    })
    expect(sign({ ...V1, secrets: [V1A.secret] })['webhook-signature']).toBe(V1A.signature)
  })

  it('signs with each secret of a rotation', () => {
    const headers = sign({ ...V1, secrets: [V1.secret, V1A.secret] })
    expect(headers['webhook-signature']).toBe(`${V1.signature} ${V1A.signature}`)
    expect(sign({ ...V1, secrets: [] })).not.toHaveProperty('webhook-signature')
  })

  it('signs bytes as it signs their text', () => {
    const body = '{"name":"Jiří 😀"}'
    const signed = (given: string | Uint8Array) => sign({ ...V1, body: given, secrets: [V1.secret, V1A.secret] })
    expect(signed(Buffer.from(body))).toEqual(signed(body))
  })

  it('refuses ids that would move the border to the timestamp', () => {
    for (const id of ['a.b', '', 'a b', 'a\nb', 'ä']) expect(() => sign({ ...V1, id, secrets: [] })).toThrow(TypeError)
    expect(() => sign({ ...V1, timestampSeconds: 1.5, secrets: [] })).toThrow(TypeError)
  })

  it.each([
    'secret',
    'whsec_',
    'whsec_c2hvcnQ=',
    `whsec_${'A'.repeat(90)}`,
    'whsec_****************************',
    'whsk_c2hvcnQ=',
  ])('refuses the secret %s without telling it', (secret) => {
    const run = () => sign({ ...V1, secrets: [secret] })
    expect(run).toThrow(InvalidInput)
    expect(run).toThrow('The signing key is not valid.')
  })
})

describe('the public package', () => {
  const wireText = fc.string({ unit: 'grapheme' })
  const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,30}$/)

  it('believes what we sign', () => {
    fc.assert(
      fc.property(id, wireText, fc.uint8Array({ minLength: 24, maxLength: 64 }), (message, body, key) => {
        const secret = generateSecret(() => key)
        const timestampSeconds = Math.floor(Date.now() / 1_000)
        const headers = sign({ id: message, timestampSeconds, body, secrets: [generateSecret(), secret] })
        expect(() => new Webhook(secret).verify(body, headers, { jsonParse: false })).not.toThrow()
      }),
    )
  })

  it('signs what we believe', () => {
    fc.assert(
      fc.property(id, wireText, (message, body) => {
        const secret = generateSecret()
        const headers = {
          'webhook-id': message,
          'webhook-timestamp': String(V1.timestampSeconds),
          'webhook-signature': new Webhook(secret).sign(message, new Date(now), body),
        }
        expect(verify(headers, body, [secret], { now })).toEqual({ id: message, timestampSeconds: V1.timestampSeconds })
      }),
    )
  })
})

describe('node:crypto on its own', () => {
  it('agrees about v1', () => {
    const expected = createHmac('sha256', Buffer.from(V1.secret.slice(6), 'base64'))
      .update(`${V1.id}.${V1.timestampSeconds}.${V1.body}`)
      .digest('base64')
    expect(V1.signature).toBe(`v1,${expected}`)
  })

  it('believes v1a by the public key as a JWK', () => {
    const pair = generateKeyPair()
    const headers = sign({ ...V1, secrets: [pair.secretKey] })
    const x = Buffer.from(pair.publicKey.slice(5), 'base64').toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    const given = Buffer.from((headers['webhook-signature'] ?? '').slice(4), 'base64')
    expect(verifyBytes(null, Buffer.from(`${V1.id}.${V1.timestampSeconds}.${V1.body}`), key, given)).toBe(true)
  })
})

describe('verifying', () => {
  const headers = sign({ ...V1, secrets: [V1.secret] })

  it('believes v1a by the public and by the secret key', () => {
    const { secretKey, publicKey } = generateKeyPair()
    const signed = sign({ ...V1, secrets: [V1.secret, secretKey] })
    for (const key of [publicKey, secretKey, V1.secret]) expect(verify(signed, V1.body, [key], { now }).id).toBe(V1.id)
    expect(() => sign({ ...V1, secrets: [publicKey] })).toThrow(TypeError)
  })

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('wants the header %s', (name) => {
    for (const value of [undefined, '', ['a', 'b']]) {
      const error = refusal(() => verify({ ...headers, [name]: value }, V1.body, [V1.secret], { now }))
      expect(error).toMatchObject({ code: 'unauthenticated', field: name, data: { reason: 'missing_header' } })
    }
  })

  it('refuses what is too old or too new, to the second', () => {
    const at = (seconds: number) => () => verify(headers, V1.body, [V1.secret], { now: now + seconds * 1_000 })
    expect(at(300)).not.toThrow()
    expect(at(-300)).not.toThrow()
    expect(refusal(at(301)).data.reason).toBe('too_old')
    expect(refusal(at(-301)).data.reason).toBe('too_new')
    const strict = () => verify(headers, V1.body, [V1.secret], { now: now + 2_000, toleranceSeconds: 1 })
    expect(refusal(strict).expected).toBe('at most 1 seconds from now')
  })

  it.each(['soon', '1e9', '-1', '1614265330.0', ' 1614265330', '0x10'])('refuses the timestamp %j', (timestamp) => {
    const run = () => verify({ ...headers, 'webhook-timestamp': timestamp }, V1.body, [V1.secret], { now })
    expect(refusal(run).data.reason).toBe('bad_timestamp')
  })

  it('refuses any change of body, id, time, secret or signature', () => {
    const no = (change: object, body: string = V1.body, secret: string = V1.secret) =>
      refusal(() => verify({ ...headers, ...change }, body, [secret], { now })).data.reason
    expect(no({}, `${V1.body} `)).toBe('no_match')
    expect(no({ 'webhook-id': 'msg_other' })).toBe('no_match')
    expect(no({ 'webhook-timestamp': '1614265331' })).toBe('no_match')
    expect(no({}, V1.body, generateSecret())).toBe('no_match')
    for (const bad of ['v1,', 'v1', V1.signature.replace('v1,', 'v2,'), V1.signature.slice(0, -3), V1A.signature]) {
      expect(no({ 'webhook-signature': bad })).toBe('no_match')
    }
  })

  it('takes any fitting one of several', () => {
    const several = { ...headers, 'webhook-signature': `v1,AAAA v2,x ${V1.signature}` }
    expect(verify(several, V1.body, [generateSecret(), V1.secret], { now }).id).toBe(V1.id)
  })
})

describe('a webhook id', () => {
  const event = { id: '1.2', source: '/a', type: 'user.created', tenant: 't' }

  it('can be signed and is the event’s own', () => {
    expect(() => sign({ ...V1, id: webhookIdOf(event), secrets: [] })).not.toThrow()
    expect(webhookIdOf({ ...event, sequence: '7', type: 'x.y' })).toBe(webhookIdOf(event))
    const others = [
      { ...event, id: '1' },
      { ...event, source: '/b' },
      { ...event, tenant: 'u' },
    ].map(webhookIdOf)
    expect(new Set([webhookIdOf(event), ...others]).size).toBe(4)
  })
})
