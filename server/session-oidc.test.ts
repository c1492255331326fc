/**
 * Signing in by OpenID Connect, with a real provider: what may be tampered with on the way, and who gets which rights.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CLIENT, type OpenIdProvider, startOpenIdProvider } from '../test/openid-provider.js'
import { type Answer, call, startWorld, type World } from './testing.js'

const PEOPLE = {
  olga: { name: 'Olga Operator', groups: ['staff', 'tocsin-operators'] },
  rita: { name: 'Rita Reader', groups: 'tocsin-readers', tenant: 'other' },
  sven: { groups: ['devices'], resource: 'mia' },
  sara: { groups: ['devices'] },
  nora: { name: 'Nora Nobody', groups: ['staff', 'lunch'] },
  abel: { name: 'Abel' },
  gone: { groups: ['tocsin-readers'], tenant: 'gone' },
}

const ROLES = { 'tocsin-operators': 'operator', 'tocsin-readers': 'reader', devices: 'subscriber' } as const

let provider: OpenIdProvider
let world: World

beforeAll(async () => {
  provider = await startOpenIdProvider(PEOPLE)
  world = await worldWith({})
})
afterEach(() => {
  provider.fault = null
})
afterAll(async () => {
  await world.close()
  await provider.close()
})

const worldWith = (more: object): Promise<World> =>
  startWorld(
    {},
    {
      config: {
        database: 'memory',
        log: { level: 'silent' },
        sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
        egress: { allow: ['127.0.0.0/8'] },
        console: {
          oidc: {
            ...{ issuer: provider.issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, roles: ROLES },
            ...{ title: 'Example University', resourceClaim: 'resource', session: 30, ...more },
          },
        },
      },
    },
  )

const HERE = { 'tocsin-console': '1' }
const page = () => ({ ...HERE, origin: world.url })

const cookieOf = (answer: Response | Answer, name: string): string =>
  answer.headers
    .getSetCookie()
    .findLast((each) => each.startsWith(`${name}=`))
    ?.split(';')[0] ?? ''

async function begin() {
  const answer = await call(world, 'POST', '/v1/session/oidc', { headers: page() })
  return { answer, url: String(answer.json.url), cookie: cookieOf(answer, 'tocsin_sign_in') }
}

/** What the browser does at the provider; answers the query it is sent back with. */
async function atProvider(url: string, sub: string): Promise<string> {
  const jar = new Map<string, string>()
  let next: { url: string; body?: string } = { url }
  for (let step = 0; step < 12 && !next.url.startsWith(world.url); step++) {
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
    const { body } = next
    const form = body === undefined ? {} : { method: 'POST', body: new URLSearchParams(body) }
    const response = await fetch(next.url, { redirect: 'manual', headers: { cookie }, ...form })
    await response.text()
    for (const each of response.headers.getSetCookie()) {
      const [name = '', value = ''] = each.split(';', 1)[0]?.split(/=(.*)/) ?? []
      jar.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null && body !== undefined)
      throw new Error(`the provider stopped: ${response.status} at ${next.url}`)
    next = location === null ? { url: next.url, body: `sub=${sub}` } : { url: new URL(location, next.url).href }
  }
  expect(next.url).toContain('/console/signed-in?')
  return new URL(next.url).search.slice(1)
}

const finish = (cookie: string, answer: string, headers: Record<string, string> = page()) =>
  call(world, 'POST', '/v1/session/oidc/answer', { body: { answer }, headers: { cookie, ...headers } })

async function signIn(sub: string): Promise<Answer> {
  const { url, cookie } = await begin()
  return finish(cookie, await atProvider(url, sub))
}

const as = (cookie: string, path: string) => call(world, 'GET', path, { headers: { ...HERE, cookie } })

describe('signing in by OpenID Connect', () => {
  it('is offered by name, and goes to the provider with PKCE, state and nonce', async () => {
    expect((await call(world, 'GET', '/v1/session/oidc')).json).toEqual({ title: 'Example University' })
    const { answer, url } = await begin()
    expect(answer.status).toBe(201)
    const query = Object.fromEntries(new URL(url).searchParams)
    expect(query).toMatchObject({
      ...{ client_id: CLIENT.id, response_type: 'code', scope: 'openid profile email', code_challenge_method: 'S256' },
      redirect_uri: `${world.url}/console/signed-in`,
      state: expect.stringMatching(/^.{20,}$/),
      nonce: expect.stringMatching(/^.{20,}$/),
    })
    const [set = ''] = answer.headers.getSetCookie()
    expect(set).toMatch(/^tocsin_sign_in=v1\.[\w.-]+; Path=\/v1\/session\/oidc; HttpOnly; SameSite=Strict; Expires=/)
    for (const secret of [query.state, query.nonce, CLIENT.secret]) expect(set).not.toContain(secret)
  })

  it('gives the roles of the claim, for as long as is set, and is told in the audit', async () => {
    const answer = await signIn('olga')
    expect(answer).toMatchObject({
      status: 201,
      json: { id: 'oidc:olga', name: 'Olga Operator', roles: ['operator'], tenant: 'default', allTenants: true },
    })
    const left = Date.parse(String(answer.json.until)) - Date.now()
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(30 * 60_000)
    const session = cookieOf(answer, 'tocsin_session')
    expect(cookieOf(answer, 'tocsin_sign_in')).toBe('tocsin_sign_in=')
    expect((await as(session, '/v1/tenants')).status).toBe(200)
    const { items } = (await as(session, '/v1/audit')).json as { items: readonly object[] }
    expect(items).toContainEqual(
      expect.objectContaining({ actor: 'oidc:olga', action: 'session.begin', object: 'Olga Operator' }),
    )
    await call(world, 'DELETE', '/v1/session', { headers: { ...HERE, cookie: session } })
    expect((await as(session, '/v1/tenants')).status).toBe(401)
  })

  it('lets a subscriber see what its resource sees, and nobody more than their role', async () => {
    const answer = await signIn('sven')
    expect(answer.json).toMatchObject({ name: 'sven', roles: ['subscriber'], resource: 'mia', wholeTenant: false })
    const session = cookieOf(answer, 'tocsin_session')
    expect((await as(session, '/v1/subscriptions')).status).toBe(200)
    expect((await as(session, '/v1/keys')).status).toBe(403)
  })

  it('ends with the resource it speaks for, and is nobody else’s who gets the id', async () => {
    const { hub } = world
    await hub.resources.change(hub.local, { do: 'create', id: 'mia', type: 'device' })
    const session = cookieOf(await signIn('sven'), 'tocsin_session')
    expect((await as(session, '/v1/subscriptions')).status).toBe(200)
    await hub.resources.change(hub.local, { do: 'remove', id: 'mia' })
    expect((await as(session, '/v1/subscriptions')).status).toBe(401)
    await hub.resources.change(hub.local, { do: 'create', id: 'mia', type: 'device' })
    expect((await as(session, '/v1/subscriptions')).status).toBe(401)
    await hub.resources.change(hub.local, { do: 'remove', id: 'mia' })
  })

  it('refuses who has no role here, in words that say what to configure', async () => {
    expect(await signIn('nora')).toMatchObject({
      status: 403,
      json: {
        code: 'forbidden',
        detail: expect.stringContaining('the claim "groups" is "staff", "lunch"'),
        expected: expect.stringContaining('console.oidc.roles'),
      },
    })
    expect((await signIn('abel')).json.detail).toContain('the claim "groups" is not there')
    expect(await signIn('sara')).toMatchObject({ status: 403, json: { detail: expect.stringContaining('subscriber') } })
    const refused = await signIn('nora')
    expect(cookieOf(refused, 'tocsin_session')).toBe('')
  })

  it('refuses another state, another browser, another issuer, a code used twice, and what nobody asked for', async () => {
    const { url, cookie } = await begin()
    const answer = await atProvider(url, 'olga')
    const other = await begin()
    const wrong = { status: 401, json: { code: 'unauthenticated' } }
    expect(await finish(cookie, answer.replace(/state=[^&]+/, 'state=forged'))).toMatchObject(wrong)
    expect(await finish(cookie, answer.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.example'))).toMatchObject(wrong)
    expect(await finish(other.cookie, answer)).toMatchObject(wrong)
    expect(await finish('', answer)).toMatchObject(wrong)
    expect(await finish(`${cookie.slice(0, -2)}AA`, answer)).toMatchObject(wrong)
    expect(await finish(cookie, answer, { origin: world.url })).toMatchObject({ status: 403 })
    expect((await call(world, 'POST', '/v1/session/oidc', { headers: { origin: world.url } })).status).toBe(403)
    expect((await finish(cookie, answer)).status).toBe(201)
    expect(await finish(cookie, answer)).toMatchObject({
      status: 401,
      json: { detail: 'Example University did not sign you in: invalid_grant.' },
    })
    expect(await signIn('')).toMatchObject({ status: 401, json: { detail: expect.stringContaining('access_denied') } })
  })

  it.each([
    ['nonce', 401, /nonce/],
    ['signature', 401, /signature/],
    ['issuer', 503, /does not describe the provider that is configured/],
    ['unsigned', 401, /"alg"/],
    ['HS256', 401, /"alg"/],
    ['shared', 401, /"alg"/],
    ['audience', 401, /"aud"/],
    ['author', 401, /"iss"/],
    ['expired', 401, /"exp"/],
    ['subject', 401, /"sub"/],
    ['keys', 503, /the answer is too long/],
  ] as const)('refuses an answer where it is wrong: %s', async (fault, status, words) => {
    const before = world
    world = await worldWith({})
    provider.fault = fault
    const answer = fault === 'issuer' ? (await begin()).answer : await signIn('olga')
    await world.close()
    world = before
    expect(answer).toMatchObject({ status, json: { detail: expect.stringMatching(words) } })
  })

  it('takes keys that the provider changed', async () => {
    const before = world
    world = await worldWith({})
    provider.fault = 'rotated'
    const answer = await signIn('olga')
    await world.close()
    world = before
    expect(answer).toMatchObject({ status: 201, json: { id: 'oidc:olga' } })
  })

  it('is over in time, and when the tenant is shut', async () => {
    const before = world
    world = await worldWith({ tenantClaim: 'tenant', session: 1 })
    const { hub } = world
    expect(await signIn('gone')).toMatchObject({ status: 403, json: { detail: expect.stringContaining('"gone"') } })
    expect(await signIn('olga')).toMatchObject({
      status: 403,
      json: { detail: expect.stringContaining('which tenant'), expected: expect.stringContaining('tenantClaim') },
    })
    const session = cookieOf(await signIn('rita'), 'tocsin_session')
    expect(await as(session, '/v1/session')).toMatchObject({
      status: 200,
      json: { tenant: 'other', roles: ['reader'] },
    })
    await hub.tenants.update(hub.local, 'other', { disabled: true })
    expect((await as(session, '/v1/session')).status).toBe(401)
    await hub.tenants.update(hub.local, 'other', { disabled: false })
    expect((await as(session, '/v1/session')).status).toBe(200)
    await world.close()
    world = before
  })
})
