/**
 * Nothing behind the guard is reached, whatever a URL looks like (CWE-918). The canaries listen on both loopback
 * addresses, on one port; each test but the controls ends with no connection to them.
 */
import { Pool } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Canaries, openCanaries } from '../../../test/canaries.js'
import { rawReceiver } from '../../../test/raw-receiver.js'
import { TO_LOOPBACK, URL_FORMS } from '../../../test/url-forms.js'
import { EgressClient } from './client.js'
import { createConnector } from './connector.js'
import { checkUrl, createPolicy, type HostAddress, type Lookup } from './guard.js'
import { ConnectionTimes } from './stopwatch.js'

/** Plain http is allowed here, so that only the address can be the reason of a refusal. */
const POLICY = createPolicy({ allowHttp: true })
const PUBLIC: HostAddress = { address: '93.184.216.34', family: 4 }
const HOME: HostAddress = { address: '127.0.0.1', family: 4 }

let canaries: Canaries
let client: EgressClient

const portOf = () => String(canaries.port)
const aimed = (form: string) => form.replaceAll('PORT', portOf())
const reached = () => canaries.reached()

const send = (url: string, lookup?: Lookup, policy = POLICY) => {
  const own = new EgressClient({ policy, connectTimeout: 2_000, ...(lookup && { lookup }) })
  return own.send({ method: 'POST', url, headers: {}, body: '{}', timeout: 2_000 }).finally(() => own.close())
}

beforeAll(async () => {
  canaries = await openCanaries()
})
afterAll(() => canaries.close())
beforeEach(() => {
  client = new EgressClient({ policy: POLICY, connectTimeout: 2_000 })
})
afterEach(() => client.close())

describe('the guard', () => {
  it('knows more than sixty forms', () => {
    expect(new Set(URL_FORMS).size).toBe(URL_FORMS.length)
    expect(URL_FORMS.length).toBeGreaterThan(120)
  })

  it.each(URL_FORMS)('refuses %j when it is sent to', async (form) => {
    const before = reached()
    await expect(client.send({ method: 'POST', url: aimed(form), headers: {}, timeout: 2_000 })).rejects.toMatchObject({
      name: 'EgressError',
      code: 'blocked',
    })
    expect(reached()).toBe(before)
  })

  it.each(URL_FORMS)('refuses %j before it is stored', async (form) => {
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
    const options = { policy: POLICY, lookup: async () => [PUBLIC], connectTimeout: 1_000 }
    const connect = createConnector(options)(new ConnectionTimes())
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
