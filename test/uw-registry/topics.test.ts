/**
 * Topics served by our own subscriptions: webhook, file and pull carry the same signed envelope, on every store.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createReceiver, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openMessage } from '../../examples/identity-registry/consumer.mjs'
import { readKeysFile, uwRegistryWith } from '../../profiles/uw-registry/index.js'
import { ENVIRONMENTS } from '../../profiles/uw-registry/topics.js'
import { createServer } from '../../server/app.js'
import { type Answer, call } from '../../server/testing.js'
import { createHub, type Hub, type Role } from '../../src/index.js'
import { until } from '../faults/random.js'
import { isLacking } from '../faults/tools.js'
import { freshSchema, POSTGRES } from '../services.js'
import { ADDRESS, makeRsaCertificate, writeKeys } from './keys.js'

const PROD = 'https://mango.u.washington.edu/'
const EVAL = 'https://mango-eval.u.washington.edu/'
const folder = mkdtempSync(join(tmpdir(), 'tocsin-uw-topics-'))

interface Got {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let receiver: Server
let certificate: string
const got: Got[] = []

beforeAll(async () => {
  makeRsaCertificate(folder, 'sign1')
  certificate = readFileSync(join(folder, 'sign1.crt'), 'utf8')
  receiver = createReceiver(async (request, response) => {
    const body = (await request.toArray()).join('')
    got.push({ headers: request.headers, body })
    response.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => receiver.once('listening', resolve))
})
afterAll(() => {
  receiver.close()
  rmSync(folder, { recursive: true })
})

const addressOf = (systemType: string): string => ADDRESS.replace('sign1', systemType)

const keysFile = () =>
  writeKeys(folder, {
    signing: ENVIRONMENTS.map(({ systemType: environment }) => ({
      ...{ environment, url: addressOf(environment), certificate: 'sign1.crt', key: 'sign1.key' },
    })),
  })

/** As a consumer of one environment reads it, which knows no certificate of another. */
const read = (line: string, systemType = 'prod') =>
  openMessage(line, { certificates: new Map([[addressOf(systemType), certificate]]), keys: new Map() })

const STORES = ['sqlite', ...(isLacking(POSTGRES) ? [] : ['postgres'])]

/** Webhooks may go to the loopback. */
async function openHub(kind: string, root: string): Promise<Hub> {
  const { url, schema } = kind === 'postgres' ? await freshSchema() : { url: join(root, 'test.db'), schema: '' }
  return createHub({
    config: {
      ...{ database: url, store: kind === 'postgres' ? { schema, pool: 4 } : { thread: 'main' as const } },
      ...{ files: { root }, log: { level: 'silent' as const }, egress: { allow: ['127.0.0.0/8'], allowHttp: true } },
      sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
    },
    plugins: [uwRegistryWith(readKeysFile(keysFile()))],
  })
}

describe.each(STORES)('topics on %s', (kind) => {
  const files = join(folder, kind)
  let hub: Hub
  let url: string
  let app: ReturnType<typeof createServer>
  const keys = new Map<Role, string>()

  beforeAll(async () => {
    mkdirSync(files)
    hub = await openHub(kind, files)
    app = createServer(hub)
    url = await app.listen({ host: '127.0.0.1', port: 0 })
    for (const role of ['admin', 'publisher', 'reader', 'subscriber'] as const) keys.set(role, await keyOf(role))
  }, 60_000)
  afterAll(async () => {
    await app.close()
    await hub.close()
  })

  /** A subscriber sees through a resource. */
  const keyOf = async (role: Role): Promise<string> => {
    const resource = role === 'subscriber' ? 'mia' : null
    return (await hub.keys.create(hub.local, { name: role, roles: [role], resource })).key
  }
  const ask = (method: string, path: string, body?: unknown, role: Role = 'admin'): Promise<Answer> =>
    call({ url }, method, `/uw-registry/topics${path}`, { key: keys.get(role) ?? '', body })
  const subscribe = async (topic: string, body: object) => {
    const answer = await ask('POST', `/${topic}/consumers`, body)
    expect(answer.text).toContain('"id"')
    return String(answer.json.id)
  }
  const rename = (source: string, uwnetid: string) =>
    hub.publish({
      ...{ type: 'uw-registry.uwnetid.rename', source, subject: 'R1', tags: ['account'], transactionId: 't1' },
      data: { record: 'uwnetid', personId: 'R1', accountName: uwnetid, previousId: 'javerage' },
    })
  const pulled = async (id: string) => (await hub.tasks.lease(hub.local, id)).map(({ message }) => message)
  const consumersOf = async (topic: string) =>
    (await ask('GET', `/${topic}/consumers`)).json.consumers as readonly Record<string, unknown>[]

  it('are eighteen, with their exact ARNs', async () => {
    const { topics } = (await ask('GET', '')).json as { topics: { name: string; arn: string }[] }
    expect(topics).toHaveLength(18)
    expect(topics).toContainEqual({
      name: 'idreg-eval-v1-sponsor',
      arn: 'arn:aws:sns:us-east-1:611509864246:idreg-eval-v1-sponsor',
      ...{ systemType: 'eval', source: EVAL },
      ...{ types: ['insert', 'modify', 'delete'], fields: ['regid', 'sponsor'], tags: [] },
    })
  })

  it('reach webhook, file and pull with the same envelope, and no other environment', async () => {
    const { port } = receiver.address() as AddressInfo
    const topic = 'idreg-v1-uwnetid'
    const target = { url: `http://127.0.0.1:${port}/` }
    got.length = 0
    const pull = await subscribe(topic, { name: 'pull', transport: 'pull' })
    await subscribe(topic, { name: 'file', transport: 'file', target: { path: 'uwnetid.uwit' } })
    await subscribe(topic, { name: 'hook', transport: 'webhook', target })
    const full = await subscribe(topic, { name: 'full', transport: 'pull', format: 'uwit-2-full' })
    const other = await subscribe('idreg-eval-v1-uwnetid', { name: 'eval', transport: 'pull' })
    await rename(EVAL, 'theirs')
    await rename(PROD, 'javerage2')

    await until('all were told', () => got.length === 1 && lineIsThere())
    const [fromHook] = got
    const lines = readFileSync(lineFile(), 'utf8').trim().split('\n')
    const [fromPull, ...none] = await pulled(pull)
    expect(none).toEqual([])
    // UWIT-1 signs the same text alike.
    expect(new Set([fromHook?.body, fromPull?.body, ...lines]).size).toBe(1)
    expect(fromHook?.headers).toMatchObject({ ...fromPull?.headers, 'uw-topic': 'uwnetid', 'uw-system-type': 'prod' })
    expect(read(fromPull?.body ?? '')).toMatchObject({
      context: { system_type: 'prod', version: 'v1', topic: 'uwnetid', tags: ['account'] },
      body: { type: 'rename', regid: 'R1', uwnetid: 'javerage2' },
    })
    const [whole] = await pulled(full)
    expect(read(whole?.body ?? '').body).toMatchObject({ previous: 'javerage', transaction: 't1' })
    const [theirs, ...noMore] = await pulled(other)
    expect(noMore).toEqual([])
    expect(read(theirs?.body ?? '', 'eval').body).toMatchObject({ uwnetid: 'theirs' })
    expect(() => read(theirs?.body ?? '', 'prod')).toThrow('no certificate')
  }, 30_000)

  const lineIsThere = () => existsSync(lineFile()) && readFileSync(lineFile(), 'utf8').endsWith('\n')
  const lineFile = () => join(files, 'default', 'uwnetid.uwit')

  it('are refused to a subscription that could hear two environments', async () => {
    const spec = { name: 'both', types: ['uw-registry.*'], transport: 'pull', format: 'uwit-1' }
    const create = (filters: readonly object[]) => hub.subscriptions.create(hub.local, { ...spec, filters })
    const refused = { code: 'invalid_request', field: 'filters' }
    await expect(create([])).rejects.toMatchObject(refused)
    await expect(create([{ prefix: { source: 'https://mango' } }])).rejects.toMatchObject(refused)
    await expect(create([{ not: { exact: { source: PROD } } }])).rejects.toMatchObject(refused)
    const { id } = await create([{ exact: { source: EVAL } }, { suffix: { type: '.modify' } }])
    await expect(hub.subscriptions.update(hub.local, id, { filters: [] })).rejects.toMatchObject(refused)
  })

  it('are refused to a subscription that is told ids alone, of which no message can be made', async () => {
    const spec = { name: 'ids', types: ['uw-registry.*'], filters: [{ exact: { source: EVAL } }], transport: 'pull' }
    const refused = { code: 'invalid_request', field: 'payload' }
    const thin = hub.subscriptions.create(hub.local, { ...spec, format: 'uwit-1', payload: 'thin' })
    await expect(thin).rejects.toMatchObject(refused)
    const { id } = await hub.subscriptions.create(hub.local, { ...spec, format: 'uwit-2' })
    await expect(hub.subscriptions.update(hub.local, id, { payload: 'thin' })).rejects.toMatchObject(refused)
  })

  it('tell who hears them and how far behind each is', async () => {
    const topic = 'idreg-v1-sponsor'
    await subscribe(topic, { name: 'slow', transport: 'pull' })
    await subscribe(topic, { name: 'quick', transport: 'file', target: { path: 'sponsor.uwit' } })
    await subscribe('idreg-dev-v1-sponsor', { name: 'another', transport: 'pull' })
    await hub.subscriptions.create(hub.local, { name: 'everything', types: ['registry.*'], transport: 'pull' })
    const before = Date.now()
    const data = { record: 'sponsor', personId: 'R1', sponsorId: 'R2' }
    for (const type of ['insert', 'delete'])
      await hub.publish({ type: `uw-registry.sponsor.${type}`, source: PROD, subject: 'R1', data })
    await until('the file is written', async () =>
      (await consumersOf(topic)).some(({ name, waiting }) => name === 'quick' && waiting === 0),
    )
    const found = await consumersOf(topic)
    expect(found.map(({ name, waiting }) => [name, waiting]).sort()).toEqual([
      ['everything', 2],
      ['quick', 0],
      ['slow', 2],
    ])
    const slow = found.find(({ name }) => name === 'slow')
    expect(slow).toMatchObject({ state: 'active', transport: 'pull', format: 'uwit-1' })
    expect(Math.abs(Date.parse(String(slow?.since)) - before)).toBeLessThan(60_000)
    expect(found.find(({ name }) => name === 'quick')).toMatchObject({ since: null })
  }, 30_000)

  it('count for one that reads the log what it has not come to', async () => {
    const target = { path: 'log.uwit' }
    const id = await subscribe('idreg-dev-v1-regid', { name: 'log', transport: 'file', target, delivery: 'log' })
    await hub.subscriptions.pause(hub.local, id)
    const data = { record: 'regid', personId: 'R1' }
    const source = 'https://mango-dev.u.washington.edu/'
    await hub.publish({ type: 'uw-registry.regid.modify', source, subject: 'R1', data })
    expect(await hub.subscriptions.lag(hub.local, id)).toEqual({ waiting: 1, since: expect.any(String) })
    await hub.subscriptions.resume(hub.local, id)
    await until('it came to it', async () => (await hub.subscriptions.lag(hub.local, id)).waiting === 0)
  }, 30_000)

  it('tell past messages again by time, with the ids they had', async () => {
    const id = await subscribe('idreg-v1-regid', { name: 'again', transport: 'pull' })
    const data = { record: 'regid', personId: 'R7' }
    await hub.publish({ type: 'uw-registry.regid.insert', source: PROD, subject: 'R7', data })
    const first = await hub.tasks.lease(hub.local, id)
    await hub.tasks.settle(
      hub.local,
      id,
      first.map(({ lease }) => lease),
    )
    const from = new Date(Date.now() - 60_000).toISOString()
    expect(await hub.replay(hub.local, id, { from })).toEqual({ count: 1 })
    const [again] = await pulled(id)
    expect(again?.body).toBe(first[0]?.message?.body)
    expect(read(again?.body ?? '').header.messageId).toMatch(/^[0-9a-f-]{36}$/)
  }, 30_000)

  it('prove the way by a message of the type test, on idattribute alone', async () => {
    const id = await subscribe('idreg-eval-v1-idattribute', { name: 'test', transport: 'pull' })
    const answer = await ask('POST', '/idreg-eval-v1-idattribute/test', { regid: 'R1' }, 'publisher')
    expect(answer.status).toBe(201)
    const [message] = await pulled(id)
    expect(read(message?.body ?? '', 'eval').body).toEqual({ type: 'test', regid: 'R1' })
    expect(await ask('POST', '/idreg-v1-regid/test', { regid: 'R1' })).toMatchObject({ status: 422 })
    expect(await ask('POST', '/idreg-eval-v1-idattribute/test', {})).toMatchObject({ status: 422 })
  })

  it('refuse who may not, what is no topic, and a subscription that says its types itself', async () => {
    expect((await call({ url }, 'GET', '/uw-registry/topics')).status).toBe(401)
    expect((await ask('GET', '/idreg-v1-regid/consumers', undefined, 'publisher')).status).toBe(403)
    expect((await ask('POST', '/idreg-v1-regid/consumers', { name: 'x', transport: 'pull' }, 'reader')).status).toBe(
      403,
    )
    expect((await ask('POST', '/idreg-v1-idattribute/test', { regid: 'R' }, 'subscriber')).status).toBe(403)
    expect(await ask('GET', '/idreg-v2-regid/consumers')).toMatchObject({ status: 404 })
    const mixed = { name: 'x', transport: 'pull', filters: [] }
    expect(await ask('POST', '/idreg-v1-regid/consumers', mixed)).toMatchObject({
      status: 422,
      json: { field: 'filters' },
    })
    // A reader sees all that the tenant has; a subscriber its own.
    expect((await ask('GET', '/idreg-v1-sponsor/consumers', undefined, 'reader')).json.consumers).toHaveLength(3)
    expect((await ask('GET', '/idreg-v1-sponsor/consumers', undefined, 'subscriber')).json.consumers).toEqual([])
  })
})
