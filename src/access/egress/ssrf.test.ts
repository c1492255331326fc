/**
 * Nothing behind the guard is reached, whatever a URL looks like (CWE-918). The canaries listen on both loopback
 * addresses, on one port; each test but the controls ends with no connection to them.
 */
import { Pool } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RawReceiver, rawReceiver } from '../../../test/raw-receiver.js'
import { EgressClient } from './client.js'
import { createConnector } from './connector.js'
import { checkUrl, createPolicy, type HostAddress, type Lookup } from './guard.js'

/** `PORT` is the canaries' port. */
const TO_LOOPBACK = [
  'http://127.0.0.1:PORT/',
  'http://127.0.0.1:PORT',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://127.0.0.2:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f000001:PORT/',
  'http://0X7F000001:PORT/',
  'http://0x7f.1:PORT/',
  'http://0x7f.0x0.0x0.0x1:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://0177.0.0.01:PORT/',
  'http://00000177.1:PORT/',
  'http://017700000001:PORT/',
  'http://0x7f.0.0.01:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://2130706433.:PORT/',
  'http://0:PORT/',
  'http://0.0.0.0:PORT/',
  'http://0x0:PORT/',
  'http://00:PORT/',
  'http://[::1]:PORT/',
  'http://[0:0:0:0:0:0:0:1]:PORT/',
  'http://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/',
  'http://[::0.0.0.1]:PORT/',
  'http://[::]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[::FFFF:7F00:0001]:PORT/',
  'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[::ffff:0:127.0.0.1]:PORT/',
  'http://[64:ff9b::127.0.0.1]:PORT/',
  'http://[64:ff9b:1::7f00:1]:PORT/',
  'http://[2002:7f00:1::]:PORT/',
  'http://[2002:7f00:1::1]:PORT/',
  'http://[2001:0:7f00:1::]:PORT/',
  'http://[fe80::1%25lo]:PORT/',
  'http://[fe80::1%lo]:PORT/',
  'http://[::1%25lo]:PORT/',
  'http://user@127.0.0.1:PORT/',
  'http://user:password@127.0.0.1:PORT/',
  'http://example.com@127.0.0.1:PORT/',
  'http://example.com%40@127.0.0.1:PORT/',
  'http://example.com:80@127.0.0.1:PORT/',
  'http://@127.0.0.1:PORT/',
  'http://127.0.0.1:PORT#@example.com/',
  'http://127.0.0.1:PORT?@example.com/',
  'http://127.0.0.1:PORT\\@example.com/',
  'http:127.0.0.1:PORT/',
  'http:/127.0.0.1:PORT/',
  'http:///127.0.0.1:PORT/',
  'http:\\\\127.0.0.1:PORT/',
  'HTTP://127.0.0.1:PORT/',
  ' http://127.0.0.1:PORT/ ',
  'http://\t127.0.0.1:PORT/',
  'http://127.0.\n0.1:PORT/',
  'ht\ttp://127.0.0.1:PORT/',
  'http://127.0.0.1\r:PORT/',
  'http://%31%32%37.0.0.1:PORT/',
  'http://127%2e0%2e0%2e1:PORT/',
  'http://１２７.0.0.1:PORT/',
  'http://①②⑦.⓪.⓪.①:PORT/',
  'http://127。0。0。1:PORT/',
  'http://127．0．0．1:PORT/',
  'http://127｡0｡0｡1:PORT/',
  'http://0x7f。1:PORT/',
  'http://127.0.\u00ad0.1:PORT/',
  'http://127.0.0.1\u200b:PORT/',
  'http://localhost:PORT/',
  'http://localhost.:PORT/',
  'http://LOCALHOST:PORT/',
  'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/',
  'http://ｌｏｃａｌｈｏｓｔ:PORT/',
  'http://lo\u00adcalhost:PORT/',
  'http://local\thost:PORT/',
  'http://%6c%6f%63%61%6c%68%6f%73%74:PORT/',
  'https://127.0.0.1:PORT/',
  'https://[::1]:PORT/',
  'https://localhost:PORT/',
]

const ELSEWHERE = [
  'http://169.254.169.254/latest/meta-data/',
  'http://169.254.169.254./',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://169.254.43518/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[2002:a9fe:a9fe::]/',
  'http://[fd00:ec2::254]/',
  'http://168.63.129.16/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://192.168.0.1/',
  'http://100.64.0.1/',
  'http://100.100.100.200/',
  'http://255.255.255.255/',
  'http://224.0.0.1/',
  'https://240.0.0.1/',
  'https://[fe80::1]/',
  'https://[fc00::1]/',
  'https://[ff02::1]/',
  'https://[2001:db8::1]/',
]

const NO_HTTP = [
  'file:///etc/passwd',
  'ftp://127.0.0.1:PORT/',
  'gopher://127.0.0.1:PORT/_x',
  'ws://127.0.0.1:PORT/',
  'unix:/run/x.sock',
  'data:text/plain,x',
  'javascript:alert(1)',
  'blob:http://127.0.0.1:PORT/x',
  'http://',
  'https:///',
  '//127.0.0.1:PORT/',
  '127.0.0.1:PORT',
  '/etc/passwd',
  '',
  'http://256.1.1.1:PORT/',
  'http://1.2.3.4.5:PORT/',
  'http://127.0.0.1:PORT:PORT/',
  'http://127.0.0.1:99999/',
  'http://[::1:PORT/',
  'http://a b/',
  'http://localhost%00.example.com:PORT/',
]

const ALL = [...TO_LOOPBACK, ...ELSEWHERE, ...NO_HTTP]
/** Plain http is allowed here, so that only the address can be the reason of a refusal. */
const POLICY = createPolicy({ allowHttp: true })
const PUBLIC: HostAddress = { address: '93.184.216.34', family: 4 }
const HOME: HostAddress = { address: '127.0.0.1', family: 4 }

let canaries: readonly RawReceiver[]
let client: EgressClient

const portOf = () => String(canaries[0]?.port)
const aimed = (form: string) => form.replaceAll('PORT', portOf())
const reached = () => canaries.reduce((sum, canary) => sum + canary.connections(), 0)

async function openCanaries(): Promise<readonly RawReceiver[]> {
  const onRequest = {
    onRequest: (socket: { end(text: string): void }) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'),
  }
  const first = await rawReceiver({ host: '127.0.0.1', ...onRequest })
  return [first, await rawReceiver({ host: '::1', port: first.port, ...onRequest })]
}

const send = (url: string, lookup?: Lookup, policy = POLICY) => {
  const own = new EgressClient({ policy, connectTimeout: 2_000, ...(lookup && { lookup }) })
  return own.send({ method: 'POST', url, headers: {}, body: '{}', timeout: 2_000 }).finally(() => own.close())
}

beforeAll(async () => {
  canaries = await openCanaries()
})
afterAll(() => Promise.all(canaries.map((canary) => canary.close())))
beforeEach(() => {
  client = new EgressClient({ policy: POLICY, connectTimeout: 2_000 })
})
afterEach(() => client.close())

describe('the guard', () => {
  it('knows more than sixty forms', () => {
    expect(new Set(ALL).size).toBe(ALL.length)
    expect(ALL.length).toBeGreaterThan(120)
  })

  it.each(ALL)('refuses %j when it is sent to', async (form) => {
    const before = reached()
    await expect(client.send({ method: 'POST', url: aimed(form), headers: {}, timeout: 2_000 })).rejects.toMatchObject({
      name: 'EgressError',
      code: 'blocked',
    })
    expect(reached()).toBe(before)
  })

  it.each(ALL)('refuses %j before it is stored', async (form) => {
    const before = reached()
    await expect(checkUrl(aimed(form), POLICY, { field: 'target.url' })).rejects.toMatchObject({
      code: 'target_refused',
      field: 'target.url',
    })
    expect(reached()).toBe(before)
  })
})

describe('controls: without the guard the canaries are reached', () => {
  it('by most of the loopback forms through a plain pool', async () => {
    const before = reached()
    for (const form of TO_LOOPBACK.filter((each) => URL.canParse(aimed(each)))) await plainly(aimed(form))
    expect(reached() - before).toBeGreaterThan(40)
  })

  it('by literals, when only looked-up addresses are checked', async () => {
    const before = reached()
    const guardedNamesOnly = new Pool(`http://127.0.0.1:${portOf()}`, {
      connect: { lookup: (_host, _options, callback) => callback(new Error('blocked'), '', 4) },
    })
    await guardedNamesOnly.request({ path: '/', method: 'GET' })
    await guardedNamesOnly.destroy()
    expect(reached() - before).toBe(1)
  })

  it('by a name that leads to an opened network', async () => {
    const before = reached()
    const policy = createPolicy({ allow: ['127.0.0.0/8'] })
    const answer = await send(`http://inside.example:${portOf()}/`, async () => [HOME], policy)
    expect(answer.status).toBe(204)
    expect(reached() - before).toBe(1)
  })
})

describe('host names', () => {
  it.each([
    ['one address inside', [HOME]],
    ['a public address and one inside', [PUBLIC, HOME]],
    ['one inside and a public address', [HOME, PUBLIC]],
    ['an IPv6 form of an address inside', [PUBLIC, { address: '::ffff:127.0.0.1', family: 6 }]],
    ['the metadata of a cloud', [PUBLIC, { address: '169.254.169.254', family: 4 }]],
    ['something that is no address', [{ address: 'localhost', family: 4 }]],
  ])('are refused with %s', async (_title, addresses) => {
    const before = reached()
    const url = `http://mixed.example:${portOf()}/`
    const lookup: Lookup = async () => addresses
    await expect(send(url, lookup)).rejects.toMatchObject({ code: 'blocked' })
    await expect(checkUrl(url, POLICY, { lookup })).rejects.toMatchObject({ data: { reason: 'blocked' } })
    expect(reached()).toBe(before)
  })

  it('do not tell which address inside they lead to', async () => {
    const lookup: Lookup = async () => [{ address: '10.20.30.40', family: 4 }]
    const sent = await send('http://secret.example/', lookup).catch((error: Error) => error)
    const checked = await checkUrl('http://secret.example/', POLICY, { lookup }).catch((error: Error) => error)
    expect(`${String(sent)} ${String(checked)} ${JSON.stringify(checked)}`).not.toContain('10.20')
  })

  it('are looked up again when a connection is made: a name that was public at saving is refused when it flips', async () => {
    const before = reached()
    let queries = 0
    const flipping: Lookup = async () => [++queries === 1 ? PUBLIC : HOME]
    const url = `http://rebinding.example:${portOf()}/`
    await checkUrl(url, POLICY, { lookup: flipping })
    await expect(send(url, flipping)).rejects.toMatchObject({ code: 'blocked' })
    expect(queries).toBe(2)
    expect(reached()).toBe(before)
  })

  it('are connected to by the address that was checked: one query a connection, no second answer to flip to', async () => {
    const before = reached()
    let queries = 0
    const flipping: Lookup = async () => [++queries === 1 ? { address: '127.0.0.1', family: 4 } : PUBLIC]
    const policy = createPolicy({ allow: ['127.0.0.1'] })
    const answer = await send(`http://rebinding.example:${portOf()}/`, flipping, policy)
    expect(answer.status).toBe(204)
    expect(queries).toBe(1)
    expect(reached() - before).toBe(1)
  })

  it('without an address are told apart', async () => {
    const missing: Lookup = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))
    const silent: Lookup = () => Promise.reject(Object.assign(new Error('x'), { code: 'EAI_AGAIN' }))
    await expect(send('https://none.example/', missing)).rejects.toMatchObject({ code: 'connect' })
    await expect(send('https://none.example/', async () => [])).rejects.toMatchObject({ code: 'connect' })
    await expect(checkUrl('https://none.example/', POLICY, { lookup: missing })).rejects.toMatchObject({
      code: 'target_refused',
      data: { reason: 'unresolved' },
    })
    await expect(checkUrl('https://none.example/', POLICY, { lookup: silent })).rejects.toMatchObject({
      code: 'unavailable',
    })
  })

  it('pass when all their addresses are public', async () => {
    const lookup: Lookup = async () => [PUBLIC, { address: '2606:2800:220:1::1', family: 6 }]
    await expect(checkUrl('https://good.example/hook?x=1', POLICY, { lookup })).resolves.toBeInstanceOf(URL)
  })
})

describe('the connector by itself', () => {
  it.each(['127.0.0.1', '::1'])('refuses the literal %s, although no look-up is asked', async (hostname) => {
    const before = reached()
    const connect = createConnector({ policy: POLICY, lookup: async () => [PUBLIC], connectTimeout: 1_000 })
    const error = await new Promise((resolve) => {
      connect({ hostname, protocol: 'http:', port: portOf() }, (...[refusal]) => resolve(refusal))
    })
    expect(error).toMatchObject({ code: 'blocked' })
    expect(reached()).toBe(before)
  })
})

describe('plain http', () => {
  const strict = createPolicy()
  it('is refused to public hosts unless the operator allows it', async () => {
    const lookup: Lookup = async () => [PUBLIC]
    await expect(checkUrl('http://good.example/', strict, { lookup })).rejects.toMatchObject({ code: 'target_refused' })
    await expect(checkUrl('http://93.184.216.34/', strict)).rejects.toMatchObject({ code: 'target_refused' })
    await expect(checkUrl('https://good.example/', strict, { lookup })).resolves.toBeInstanceOf(URL)
    await expect(checkUrl('http://good.example/', POLICY, { lookup })).resolves.toBeInstanceOf(URL)
  })

  it('is allowed to opened networks, unless one address of the name lies outside', async () => {
    const policy = createPolicy({ allow: ['10.0.0.0/8'] })
    const inside: HostAddress = { address: '10.1.2.3', family: 4 }
    await expect(checkUrl('http://in.example/', policy, { lookup: async () => [inside] })).resolves.toBeInstanceOf(URL)
    await expect(checkUrl('http://10.1.2.3/', policy)).resolves.toBeInstanceOf(URL)
    await expect(
      checkUrl('http://in.example/', policy, { lookup: async () => [inside, PUBLIC] }),
    ).rejects.toMatchObject({
      code: 'target_refused',
    })
  })
})

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('are an answer and not followed (%s)', async (status) => {
    const before = reached()
    const receiver = await rawReceiver({
      onRequest: (socket) =>
        socket.end(
          `HTTP/1.1 ${status} Elsewhere\r\nlocation: http://127.0.0.1:${portOf()}/\r\ncontent-length: 0\r\n\r\n`,
        ),
    })
    const policy = createPolicy({ allow: ['127.0.0.0/8'] })
    const answer = await send(`http://127.0.0.1:${receiver.port}/`, undefined, policy)
    await receiver.close()
    expect(answer).toMatchObject({ status, headers: { location: `http://127.0.0.1:${portOf()}/` } })
    expect(reached()).toBe(before)
  })
})

async function plainly(url: string): Promise<void> {
  const { origin } = new URL(url)
  const pool = new Pool(origin, { connectTimeout: 500, connect: { timeout: 500 } })
  await pool
    .request({ path: '/', method: 'GET', headersTimeout: 500, bodyTimeout: 500 })
    .then(({ body }) => body.dump())
    .catch(() => undefined)
  await pool.destroy()
}
