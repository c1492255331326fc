/**
 * Through the whole product: whatever a target's URL looks like, nothing inside is reached, at create, update, test and
 * delivery. What could never be stored is written into the database by hand, as a hostile hand might.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openConnection } from '../../src/index.js'
import { type Canaries, openCanaries } from '../canaries.js'
import { type Api, apiOf, publish, subscribe } from '../faults/client.js'
import { type Instance, initInstance, makeFolder, removeFolder, type Server, serve } from '../faults/instance.js'
import { until } from '../faults/random.js'
import { rawReceiver } from '../raw-receiver.js'
import { TO_LOOPBACK, URL_FORMS } from '../url-forms.js'

/** Plain http is allowed, so that only the address can be the reason of a refusal. */
const CLOSED = { 'egress.allow': '', 'egress.allowHttp': true }
const OPENED = { 'egress.allow': '127.0.0.0/8,::1/128' }
const PUBLIC = 'https://93.184.216.34/'

let canaries: Canaries
let instance: Instance
let server: Server
let api: Api

const aimed = (form: string): string => form.replaceAll('PORT', String(canaries.port))

async function restart(set: Readonly<Record<string, string | boolean>>): Promise<void> {
  await server?.stop()
  server = await serve(instance, { set })
  api = apiOf(server, instance)
}

beforeAll(async () => {
  canaries = await openCanaries()
  instance = await initInstance(makeFolder())
  await restart(CLOSED)
}, 120_000)
afterAll(async () => {
  await server.kill()
  await canaries.close()
  removeFolder(instance.folder)
})

const bodyFor = (url: string) => ({
  name: 'x',
  types: ['user.*'],
  transport: 'webhook',
  target: { url },
  scope: 'tenant',
})

/** Refused as what cannot be reached, or already as no URL. */
const REFUSALS = ['target_refused', 'invalid_request', 'invalid_encoding']

describe('a target inside', () => {
  it('is refused when a subscription is created, in every form', { timeout: 120_000 }, async () => {
    for (const form of URL_FORMS) {
      const { status, json } = await api.call('POST', '/v1/subscriptions', bodyFor(aimed(form)))
      expect({ form, status, refused: REFUSALS.includes(String(json.code)) }).toEqual({
        form,
        status: 422,
        refused: true,
      })
    }
    expect(canaries.reached()).toBe(0)
  })

  it('is refused when a subscription is changed, in every form', { timeout: 120_000 }, async () => {
    const id = await subscribe(api, PUBLIC)
    for (const form of URL_FORMS) {
      const { status, json } = await api.call('PATCH', `/v1/subscriptions/${id}`, { target: { url: aimed(form) } })
      expect({ form, status, refused: REFUSALS.includes(String(json.code)) }).toEqual({
        form,
        status: 422,
        refused: true,
      })
    }
    await api.call('DELETE', `/v1/subscriptions/${id}`)
    expect(canaries.reached()).toBe(0)
  })

  it('is not reached by a test or a delivery although it is stored, in every form', { timeout: 240_000 }, async () => {
    const stored = await storeAll(URL_FORMS)
    const outcomes = await Promise.all([...stored].map(async ([form, id]) => ({ form, outcome: await tested(id) })))
    expect(outcomes.filter(({ outcome }) => outcome === 'delivered')).toEqual([])
    expect(outcomes).toHaveLength(URL_FORMS.length)
    await publish(api, { id: 'inside.1', subject: 'inside' })
    const states = await attempted(stored.size)
    expect(states.filter((state) => state === 'done')).toEqual([])
    expect(canaries.reached()).toBe(0)
    await clear(stored.values())
  })

  it('is reached when the operator opens the network (the control), and no more when it is closed again', {
    timeout: 240_000,
  }, async () => {
    const stored = await storeAll(TO_LOOPBACK)
    await restart(OPENED)
    // Some are waited for until the time is over: side by side.
    await Promise.all([...stored.values()].map(tested))
    const reached = canaries.reached()
    expect(reached).toBeGreaterThan(20)
    await restart(CLOSED)
    await publish(api, { id: 'inside.2', subject: 'inside' })
    await attempted(stored.size)
    expect(canaries.reached()).toBe(reached)
    await clear(stored.values())
  })

  it('is not reached by a redirect', { timeout: 120_000 }, async () => {
    const before = canaries.reached()
    const answer = `HTTP/1.1 307 Elsewhere\r\nlocation: ${aimed('http://127.0.0.1:PORT/')}\r\ncontent-length: 0\r\n\r\n`
    const receiver = await rawReceiver({ onRequest: (socket) => socket.end(answer) })
    await restart(OPENED)
    const id = await subscribe(api, `http://127.0.0.1:${receiver.port}/`)
    expect((await api.call('POST', `/v1/subscriptions/${id}/test`)).json).toMatchObject({
      outcome: 'retry',
      code: 'redirect',
    })
    await receiver.close()
    expect(receiver.connections()).toBe(1)
    expect(canaries.reached()).toBe(before)
  })
})

async function tested(id: string): Promise<unknown> {
  const { json } = await api.call('POST', `/v1/subscriptions/${id}/test`)
  return json.outcome ?? json.code
}

/** A subscription for each form: made with a public target, which is then exchanged behind the server's back. */
async function storeAll(forms: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const stored = new Map<string, string>()
  for (const form of forms) stored.set(form, await subscribe(api, PUBLIC))
  await server.stop()
  const database = openConnection(join(instance.folder, 'tocsin.db'))
  const exchange = database.prepare("UPDATE subscriptions SET spec = json_set(spec, '$.target.url', ?) WHERE id = ?")
  for (const [form, id] of stored) expect(exchange.run(aimed(form), id).changes).toBe(1)
  database.close()
  await restart(CLOSED)
  return stored
}

async function clear(ids: Iterable<string>): Promise<void> {
  for (const id of ids) await api.call('DELETE', `/v1/subscriptions/${id}`)
}

/** The states of that many tasks, once each was tried. */
async function attempted(count: number): Promise<readonly unknown[]> {
  const page = async () =>
    (await api.call('GET', '/v1/tasks?limit=500')).json.items as { state: string; attempts: number }[]
  const tried = async () => (await page()).filter(({ attempts }) => attempts > 0)
  await until('every task is tried', async () => (await tried()).length >= count)
  return (await tried()).map(({ state }) => state)
}
