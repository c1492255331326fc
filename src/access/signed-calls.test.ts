/**
 * Keys that are a consumer of OAuth 1 or a certificate, with `oauth-1.0a` as the caller: another hand than ours.
 */
import { createHash, createHmac, randomBytes, X509Certificate } from 'node:crypto'
import OAuth from 'oauth-1.0a'
import { beforeEach, describe, expect, it } from 'vitest'
import { selfSigned } from '../../test/certificate.js'
import { tenantRow } from '../store/conformance/fixtures.js'
import { openMemoryStore } from '../store/memory/store.js'
import type { Store } from '../store/port.js'
import { Keys } from './keys.js'
import { signOAuth1 } from './oauth1.js'
import { localPrincipal } from './principal.js'
import { createSealer } from './sealer.js'

const NOW = Date.UTC(2026, 0, 1)
const CALLER = localPrincipal('default')
const INPUT = { name: 'app', roles: ['publisher', 'subscriber'], resource: 'app-1' } as const
const SEALER = createSealer({}, true)

let store: Store
let keys: Keys
let time: number
beforeEach(async () => {
  time = NOW
  store = await openMemoryStore()
  await store.access.putTenant(tenantRow('default'))
  keys = new Keys(store.access, { now: () => time, random: randomBytes, sealer: SEALER, audit: async () => undefined })
})

const consumer = async () => {
  const { id, consumerSecret = '' } = await keys.create(CALLER, { ...INPUT, kind: 'oauth1' })
  return { key: id, secret: consumerSecret }
}

const URLS = [
  'http://127.0.0.1:7300/aps/2/resources/1/aps/subscriptions',
  'https://Example.org:443/a%20b/c?x=1&x=0&a=%20+%2B&sort(+id),limit(0,10)',
  "http://example.org/?implementing(http://a/b),like(name,*!*)&q='(é)'&empty=&%C3%A9=%F0%9F%98%80",
]

const foreign = (by: 'HMAC-SHA1' | 'HMAC-SHA256', { key, secret }: { key: string; secret: string }) =>
  new OAuth({
    consumer: { key, secret },
    signature_method: by,
    hash_function: (base, signing) =>
      createHmac(by === 'HMAC-SHA1' ? 'sha1' : 'sha256', signing)
        .update(base)
        .digest('base64'),
  })

const call = (url: string, authorization: string, more: { method?: string; body?: string } = {}) => ({
  method: more.method ?? 'POST',
  urls: [url],
  authorization,
  body: Buffer.from(more.body ?? ''),
})

const signed = (url: string, who: { key: string; secret: string }, nonce: string, timestamp = NOW / 1_000) =>
  call(url, signOAuth1({ method: 'POST', url }, who, { timestamp, nonce }))

const refused = { code: 'unauthenticated', field: 'authorization' }

describe('a call signed by OAuth 1', () => {
  it('is whose consumer key it is, signed by another library or by us', async () => {
    const who = await consumer()
    for (const by of ['HMAC-SHA1', 'HMAC-SHA256'] as const) {
      const oauth = foreign(by, who)
      oauth.getTimeStamp = () => NOW / 1_000
      const url = URLS[0] ?? ''
      const header = oauth.toHeader(oauth.authorize({ url, method: 'POST' })).Authorization
      expect(await keys.signer(call(url, header))).toMatchObject({ resource: 'app-1', roles: INPUT.roles })
    }
    for (const [index, url] of URLS.entries())
      expect((await keys.signer(signed(url, who, `n${index}`))).id).toBe(who.key)
  })

  it('by a token that nobody gave is refused; an empty one is none', async () => {
    const who = await consumer()
    const oauth = foreign('HMAC-SHA256', who)
    oauth.getTimeStamp = () => NOW / 1_000
    const url = URLS[0] ?? ''
    const headerWith = (key: string) => {
      const signature = oauth.authorize({ url, method: 'POST', data: { oauth_token: key } })
      return oauth.toHeader(signature).Authorization
    }
    await expect(keys.signer(call(url, headerWith('t')))).rejects.toMatchObject({
      ...refused,
      expected: 'no oauth_token, or an empty one',
    })
    expect(await keys.signer(call(url, headerWith('')))).toMatchObject({ resource: 'app-1' })
  })

  it('of an unknown consumer is computed like any other, so that the time it takes tells nothing', async () => {
    const who = { key: 'nobody', secret: 'x' }
    let computed = 0
    const made = {
      ...signed(URLS[0] ?? '', who, 'n'),
      get urls() {
        computed += 1
        return URLS
      },
    }
    await expect(keys.signer(made)).rejects.toMatchObject(refused)
    expect(computed).toBe(1)
  })

  it('has the signature that another library computes', () => {
    for (const url of URLS.map((each) => new URL(each).href)) {
      const ours = signOAuth1({ method: 'GET', url }, { key: 'k', secret: 's%&' }, { timestamp: 7, nonce: 'n' })
      const oauth = foreign('HMAC-SHA256', { key: 'k', secret: 's%&' })
      const data = {
        ...{ oauth_consumer_key: 'k', oauth_nonce: 'n', oauth_signature_method: 'HMAC-SHA256' },
        ...{ oauth_timestamp: 7, oauth_version: '1.0' },
      }
      const { origin, pathname, searchParams } = new URL(url)
      // It reads queries badly (a name without a value, a plus): what is in them is told as data.
      const parameter = (name: string) => {
        const [first, ...more] = searchParams.getAll(name).sort()
        return [name, more.length === 0 ? first : [first, ...more]]
      }
      const parameters = Object.fromEntries([...new Set(searchParams.keys())].map(parameter))
      const expected = oauth.getSignature({ url: origin + pathname, method: 'GET', data: parameters }, undefined, data)
      expect(ours).toContain(`oauth_signature="${encodeURIComponent(expected)}"`)
    }
  })

  it('counts once, on every node and after a restart, and only for a while', async () => {
    const who = await consumer()
    const url = URLS[0] ?? ''
    await keys.signer(signed(url, who, 'once'))
    await expect(keys.signer(signed(url, who, 'once'))).rejects.toMatchObject(refused)
    const elsewhere = new Keys(store.access, {
      now: () => time,
      random: randomBytes,
      sealer: SEALER,
      audit: async () => undefined,
    })
    await expect(elsewhere.signer(signed(url, who, 'once'))).rejects.toMatchObject(refused)
    time = NOW + 301_000
    await expect(keys.signer(signed(url, who, 'late'))).rejects.toMatchObject(refused)
    time = NOW - 301_000
    await expect(keys.signer(signed(url, who, 'early'))).rejects.toMatchObject(refused)
  })

  it('is refused when anything in it is changed', async () => {
    const who = await consumer()
    const url = URLS[0] ?? ''
    const good = signed(url, who, 'a')
    const changed = [
      { ...good, urls: [`${url}x`] },
      { ...good, urls: [`${url}?a=1`] },
      { ...good, method: 'GET' },
      { ...good, authorization: good.authorization.replace('oauth_nonce="a"', 'oauth_nonce="b"') },
      { ...good, authorization: good.authorization.replace(/oauth_signature="[^"]*"/, 'oauth_signature=""') },
      { ...good, authorization: good.authorization.replace('HMAC-SHA256', 'PLAINTEXT') },
      { ...good, authorization: good.authorization.replace('HMAC-SHA256', 'toString') },
      { ...good, authorization: good.authorization.replace(who.key, `${who.key.slice(0, -1)}a`) },
      { ...good, authorization: `${good.authorization}, oauth_body_hash="${bodyHash('{}')}"` },
      { ...good, authorization: `${good.authorization}, oauth_nonce="a"` },
      { ...good, authorization: 'OAuth' },
      { ...good, authorization: `OAuth ${'a="b",'.repeat(5000)}a="b"` },
      signed(url, { ...who, secret: '' }, 'c'),
    ]
    for (const bad of changed) await expect(keys.signer(bad), bad.authorization).rejects.toMatchObject(refused)
    expect((await keys.signer(good)).id).toBe(who.key)
  })

  it('holds for the body where the caller said its digest', async () => {
    const who = await consumer()
    const url = URLS[0] ?? ''
    const oauth = foreign('HMAC-SHA256', who)
    oauth.getTimeStamp = () => NOW / 1_000
    const header = () => {
      const data = oauth.authorize({ url, method: 'POST', data: { oauth_body_hash: bodyHash('{"a":1}') } })
      return oauth.toHeader(data).Authorization
    }
    expect((await keys.signer(call(url, header(), { body: '{"a":1}' }))).id).toBe(who.key)
    await expect(keys.signer(call(url, header(), { body: '{"a":2}' }))).rejects.toMatchObject(refused)
  })

  it('ends with its key, and its secret signs for its own tenant alone', async () => {
    const who = await consumer()
    expect(await keys.consumerSecret('default', who.key)).toBe(who.secret)
    expect(await keys.consumerSecret('other', who.key)).toBeNull()
    await keys.revoke(CALLER, who.key)
    await expect(keys.signer(signed(URLS[0] ?? '', who, 'n'))).rejects.toMatchObject(refused)
    expect(await keys.consumerSecret('default', who.key)).toBeNull()
  })

  it('is no bearer, and its secret is kept sealed', async () => {
    const { key, secret } = await consumer()
    expect(await keys.authenticate(`tsk_${key}_${secret}`)).toBeNull()
    expect(JSON.stringify(await store.access.getKey(key))).not.toContain(secret)
    expect(JSON.stringify(await keys.list(CALLER))).not.toContain(secret)
  })
})

const bodyHash = (body: string) => createHash('sha256').update(body).digest('base64')

describe('a certificate', () => {
  const { cert } = selfSigned('app.example')
  const digest = createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url')
  // Made just now, whatever the time of the other tests.
  const create = (input: object = {}) =>
    keys.create(CALLER, { ...INPUT, kind: 'certificate', certificate: cert, ...input })
  beforeEach(() => {
    time = Date.now()
  })

  it('stands for one principal, until it ends or is revoked', async () => {
    expect(await keys.holder(digest)).toBeNull()
    const made = await create()
    expect(made).toMatchObject({
      kind: 'certificate',
      expiresAt: new Date(new X509Certificate(cert).validTo).toISOString(),
    })
    expect(await keys.holder(digest)).toMatchObject({ id: made.id, resource: 'app-1' })
    await expect(create()).rejects.toMatchObject({ code: 'already_exists', field: 'certificate' })
    time += 3 * 86_400_000
    expect(await keys.holder(digest)).toBeNull()
    await keys.revoke(CALLER, made.id)
    time -= 3 * 86_400_000
    expect(await keys.holder(digest)).toBeNull()
    expect((await create({ name: 'again' })).name).toBe('again')
  })

  it('is named where it is wrong', async () => {
    const wrong = { code: 'invalid_request', field: 'certificate' }
    for (const certificate of ['', 'x', undefined, cert.replace('MII', 'MIX'), 7])
      await expect(create({ certificate }), String(certificate)).rejects.toMatchObject(wrong)
    await expect(create({ kind: 'bearer' })).rejects.toMatchObject(wrong)
    await expect(create({ kind: 'password' })).rejects.toMatchObject({ ...wrong, field: 'kind' })
    time += 3 * 86_400_000
    await expect(create()).rejects.toMatchObject(wrong)
  })
})
