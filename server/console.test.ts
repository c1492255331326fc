/**
 * Signing in to the console, and the files it is made of: what another site's page could do with a cookie it does not see.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, call, startWorld, type World } from './testing.js'

const built = mkdtempSync(join(tmpdir(), 'tocsin-console-'))
mkdirSync(join(built, 'assets'))
writeFileSync(join(built, 'index.html'), '<!doctype html><p>the page')
writeFileSync(join(built, 'assets', 'index-abc.js'), 'export {}')

let world: World
beforeAll(async () => {
  world = await startWorld({ console: built, heartbeat: 20 })
})
afterAll(async () => {
  await world.close()
  rmSync(built, { recursive: true })
})

const HERE = { 'tocsin-console': '1' }

const signIn = (key: string, headers: Record<string, string> = HERE): Promise<Answer> =>
  call(world, 'POST', '/v1/session', { body: { key }, headers })

const cookieOf = (answer: Answer): string => answer.headers.get('set-cookie')?.split(';')[0] ?? ''

const as = (cookie: string, method: string, path: string, headers: Record<string, string> = HERE) =>
  call(world, method, path, { headers: { cookie, ...headers } })

describe('a session', () => {
  it('stands for the key, in a cookie no script can read and no other site sends', async () => {
    const answer = await signIn(world.keys.subscriber)
    expect(answer).toMatchObject({
      status: 201,
      json: { name: 'subscriber', roles: ['subscriber'], resource: 'mia', wholeTenant: false, allTenants: false },
    })
    expect(answer.json.scopes).not.toContain('keys:read')
    expect(answer.headers.get('set-cookie')).toMatch(
      /^tocsin_session=v1\.[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Expires=[^;]+GMT$/,
    )
    expect(answer.text + cookieOf(answer)).not.toContain(world.keys.subscriber.slice(-20))
    const cookie = cookieOf(answer)
    expect(await as(cookie, 'GET', '/v1/session')).toMatchObject({ status: 200, json: { name: 'subscriber' } })
    expect((await as(cookie, 'GET', '/v1/types')).status).toBe(200)
    expect((await as(cookie, 'GET', '/v1/keys')).status).toBe(403)
  })

  it('is sent over TLS alone once the page came by it, also from a proxy', async () => {
    const answer = await signIn(world.keys.reader, { ...HERE, origin: 'https://tocsin.example' })
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/)
  })

  it('counts for nothing where a page of another site could have sent it', async () => {
    const cookie = cookieOf(await signIn(world.keys.admin))
    expect((await as(cookie, 'GET', '/v1/types', {})).status).toBe(401)
    expect((await as(cookie, 'DELETE', '/v1/session', {})).status).toBe(403)
    expect((await signIn(world.keys.admin, {})).status).toBe(403)
    for (const site of ['cross-site', 'same-site', 'none']) {
      expect(await rawStatus('/v1/types', { ...HERE, cookie, 'sec-fetch-site': site }), site).toBe(401)
    }
    expect(await rawStatus('/v1/types', { ...HERE, cookie, 'sec-fetch-site': 'same-origin' })).toBe(200)
  })

  it('is over when its holder signs out, when its key is revoked, and when it was tampered with', async () => {
    const first = cookieOf(await signIn(world.keys.reader))
    const left = await as(first, 'DELETE', '/v1/session')
    expect(left).toMatchObject({ status: 204 })
    expect(left.headers.get('set-cookie')).toMatch(/^tocsin_session=; .*Expires=Thu, 01 Jan 1970/)
    expect((await as(first, 'GET', '/v1/types')).status).toBe(401)

    const { hub } = world
    const made = await hub.keys.create(hub.local, { name: 'short', roles: ['reader'] })
    const second = cookieOf(await signIn(made.key))
    expect((await as(second, 'GET', '/v1/types')).status).toBe(200)
    expect((await as(`${second.slice(0, -2)}AA`, 'GET', '/v1/types')).status).toBe(401)
    await hub.keys.revoke(hub.local, made.id)
    expect((await as(second, 'GET', '/v1/types')).status).toBe(401)
  })

  it('ends the stream it opened', async () => {
    const { hub } = world
    const made = await hub.keys.create(hub.local, { name: 'stream', roles: ['reader'] })
    const cookie = cookieOf(await signIn(made.key))
    const stream = await fetch(`${world.url}/v1/events/tail`, { headers: { ...HERE, cookie } })
    expect(stream.status).toBe(200)
    await as(cookie, 'DELETE', '/v1/session')
    // It would go on for ever.
    expect(await stream.text()).toContain(':')
  })

  it('refuses a wrong key in words, and further tries after twenty', async () => {
    const wrong = () => signIn(`${world.keys.reader.slice(0, -4)}0000`)
    expect(await wrong()).toMatchObject({ status: 401, json: { code: 'unauthenticated', field: 'key' } })
    for (let tries = 1; tries < 20; tries++) await wrong()
    const refused = await wrong()
    expect(refused).toMatchObject({ status: 429, json: { code: 'quota_exceeded' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await signIn(world.keys.reader)).status).toBe(429)
  })
})

describe('the console', () => {
  it('is served with a policy that allows nothing inline and nobody else', async () => {
    const page = await call(world, 'GET', '/console/')
    expect(page).toMatchObject({ status: 200, text: '<!doctype html><p>the page' })
    const policy = page.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(page.headers.get('cache-control')).toBe('no-cache')
    const again = await call(world, 'GET', '/console/', {
      headers: { 'if-none-match': page.headers.get('etag') ?? '' },
    })
    expect(again).toMatchObject({ status: 304, text: '' })
  })

  it('answers its page at every address of one, and keeps hashed files for ever', async () => {
    expect(await call(world, 'GET', '/console/events?type=a')).toMatchObject({ text: '<!doctype html><p>the page' })
    expect(await call(world, 'GET', '/')).toMatchObject({ status: 200, text: '<!doctype html><p>the page' })
    const script = await call(world, 'GET', '/console/assets/index-abc.js')
    expect(script.text).toBe('export {}')
    expect(script.headers.get('content-encoding')).toBe('gzip')
    expect(script.headers.get('cache-control')).toContain('immutable')
    expect(await call(world, 'GET', '/console/assets/other.js')).toMatchObject({ status: 404 })
  })

  it('never leaves its folder', async () => {
    for (const path of ['/console/../package.json', '/console/%2e%2e/package.json', '/console/..%2f..%2fpackage.json'])
      expect(await rawStatus(path, {}), path).not.toBe(200)
  })
})

/** `fetch` sets some headers and tidies paths by itself. */
const rawStatus = (path: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(world.url)
    request({ hostname, port, path, headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
