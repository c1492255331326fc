/**
 * Nothing inside is reached, whatever way in a target takes (CWE-918): the token server of a webhook, the hosts of what is not
 * HTTP, a file of definitions, the command line, a proxy that the environment names. The URL of a webhook itself, over its whole
 * life, is in `test/journeys/inside-targets.test.ts`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCli } from '../cli/testing.js'
import { type Canaries, openCanaries } from '../test/canaries.js'
import { HOST_FORMS, URL_FORMS } from '../test/url-forms.js'
import { call, startWorld, type World } from './testing.js'

const PUBLIC = 'https://93.184.216.34/'
const folder = mkdtempSync(join(tmpdir(), 'tocsin-inside-'))
let canaries: Canaries
let world: World

const closed = (egress: object) => ({
  database: 'memory',
  log: { level: 'silent' as const },
  sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
  egress,
})

beforeAll(async () => {
  canaries = await openCanaries()
  world = await startWorld({}, { config: closed({ allowHttp: true }) })
})
afterEach(() => expect(canaries.reached()).toBe(0))
afterAll(async () => {
  await world.close()
  await canaries.close()
  rmSync(folder, { recursive: true })
})

const aimed = (form: string): string => form.replaceAll('PORT', String(canaries.port))
const api = (method: string, path: string, body?: object) =>
  call(world, method, path, { key: world.keys.admin, ...(body && { body }) })
const subscription = (transport: string, target: object) => ({ name: 'x', types: ['user.*'], transport, target })
const tokens = (tokenUrl: string) => ({ url: PUBLIC, oauth2: { tokenUrl, clientId: 'c', clientSecret: 'canary' } })

const REFUSALS = ['target_refused', 'invalid_request', 'invalid_encoding']
const refusal = { status: 422, json: { code: expect.toSatisfy((code) => REFUSALS.includes(code)) } }

/** One of each kind: the forms themselves are one check's, whoever calls it. */
const KINDS: readonly (readonly [string, string])[] = [
  ['an address', 'http://127.0.0.1:PORT/'],
  ['an address of IPv6', 'http://[::1]:PORT/'],
  ['IPv4 within IPv6', 'http://[::ffff:127.0.0.1]:PORT/'],
  ['a number', 'http://2130706433:PORT/'],
  ['a number in octal', 'http://0177.0.0.1:PORT/'],
  ['a short address', 'http://127.1:PORT/'],
  ['a name', 'http://localhost:PORT/'],
  ['a user before it', 'http://example.com@127.0.0.1:PORT/'],
  ['the metadata of a cloud', 'http://169.254.169.254/latest/meta-data/'],
  ['a file', 'file:///etc/passwd'],
]

describe('a token server inside', () => {
  it.each(URL_FORMS)('is refused as %j', async (form) => {
    expect(await api('POST', '/v1/subscriptions', subscription('webhook', tokens(aimed(form))))).toMatchObject(refusal)
  })

  it.each(KINDS)('is refused as %s, when a subscription is changed', async (_title, form) => {
    expect(await api('PATCH', `/v1/subscriptions/${await another()}`, { target: tokens(aimed(form)) })).toMatchObject(
      refusal,
    )
  })

  let kept: string | undefined
  async function another(): Promise<string> {
    kept ??= String((await api('POST', '/v1/subscriptions', subscription('webhook', { url: PUBLIC }))).json.id)
    return kept
  }
})

/** What each way out that is no HTTP is told, but for its host; with TLS and, where it can be had, without. */
const WAYS: Readonly<Record<string, (host: string) => object>> = {
  'smtp over TLS': (host) => ({ host, encryption: 'tls', ...MAIL }),
  'smtp in plain': (host) => ({ host, encryption: 'none', ...MAIL }),
  'syslog over TLS': (host) => ({ host, protocol: 'tls' }),
  'syslog over UDP': (host) => ({ host, protocol: 'udp' }),
  'snmp 3': (host) => ({ host, version: '3', user: 'u', authPassword: 'canary-12', privPassword: 'canary-34' }),
  'snmp 2c': (host) => ({ host, version: '2c', community: 'canary' }),
  'ldap over TLS': (host) => ({ host, encryption: 'tls', ...ENTRY }),
  'ldap in plain': (host) => ({ host, encryption: 'none', ...ENTRY }),
  'sql of PostgreSQL': (host) => ({ url: `postgres://u@${host}:PORT/d`, ...ROW }),
  'sql of MariaDB': (host) => ({ url: `mariadb://u@${host}:PORT/d`, tls: 'off', ...ROW }),
}
const MAIL = { from: 'a@example.org', to: 'b@example.org' }
const ENTRY = { operation: 'delete', dn: 'uid=x,dc=example,dc=org' }
const ROW = { table: 't', key: { id: 'event.id' }, columns: { a: 'event.subject' } }

/** One check for all who name a host, and one for all who name it in a URL: the others show that they ask. */
const HAVE_ALL = ['smtp over TLS', 'sql of PostgreSQL']
const SOME = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '2130706433', 'localhost', '169.254.169.254']

const transportOf = (way: string): string => way.split(' ')[0] ?? ''

function targetOf(way: string, host: string): object {
  const target = WAYS[way]?.(host) ?? {}
  return JSON.parse(aimed(JSON.stringify({ ...('host' in target && { port: canaries.port }), ...target })))
}

describe.each(Object.keys(WAYS))('a host inside, of %s,', (way) => {
  it.each(HAVE_ALL.includes(way) ? HOST_FORMS : SOME)('is refused as %j', async (host) => {
    const answer = await api('POST', '/v1/subscriptions', subscription(transportOf(way), targetOf(way, host)))
    expect(answer).toMatchObject({ ...refusal, json: { field: expect.stringMatching(/^target.(host|url)$/) } })
    expect(answer.text).not.toContain('canary')
  })
})

it('a host inside is taken of each where the operator opened the network (the control)', async () => {
  const opened = await startWorld({}, { config: closed({ allow: ['127.0.0.0/8'] }) })
  for (const way of Object.keys(WAYS)) {
    const body = subscription(transportOf(way), targetOf(way, '127.0.0.1'))
    const { status } = await call(opened, 'POST', '/v1/subscriptions', { key: opened.keys.admin, body })
    expect({ way, status }).toEqual({ way, status: 201 })
  }
  await opened.close()
})

describe('a URL inside', () => {
  const cli = (...words: string[]) =>
    runCli(words, { folder, environment: { TOCSIN_SERVER: world.url, TOCSIN_KEY: world.keys.admin } })

  it.each(KINDS)('is refused on the command line as %s: create, update, apply', async (_title, form) => {
    const create = await cli(
      'subscriptions',
      'create',
      '--yes',
      '--name',
      'x',
      '--types',
      'user.*',
      '--url',
      aimed(form),
    )
    expect(create).toMatchObject({ out: '', err: expect.stringMatching(/url/i) })
    const made = await api('POST', '/v1/subscriptions', subscription('webhook', { url: PUBLIC }))
    const update = await cli('subscriptions', 'update', String(made.json.id), '--url', aimed(form))
    expect(update).toMatchObject({ out: '', err: expect.stringMatching(/url/i) })
    const file = join(folder, 'definitions.json')
    writeFileSync(file, JSON.stringify({ subscriptions: { x: subscription('webhook', { url: aimed(form) }) } }))
    const apply = await cli('apply', file)
    expect(apply).toMatchObject({ out: '', err: expect.stringMatching(/subscriptions\.x\.target\.url/) })
    expect([create.code, update.code, apply.code]).not.toContain(0)
  })
})

describe('a proxy', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('that the environment names is not gone through', async () => {
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'])
      vi.stubEnv(name, aimed('http://127.0.0.1:PORT'))
    vi.stubEnv('NODE_USE_ENV_PROXY', '1')
    const own = await startWorld({}, { config: closed({ allow: ['127.0.0.2/32'] }) })
    const as = { key: own.keys.admin }
    const body = subscription('webhook', { url: 'http://127.0.0.2:1/' })
    const { json } = await call(own, 'POST', '/v1/subscriptions', { ...as, body })
    const tested = await call(own, 'POST', `/v1/subscriptions/${json.id}/test`, as)
    await own.close()
    expect(tested.json).toMatchObject({ outcome: 'retry', code: 'connect' })
  })
})
