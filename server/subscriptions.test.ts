import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyWebhook } from '../src/index.js'
import { type Answer, type Call, call, startWorld, type World } from './testing.js'

interface Preview {
  readonly told: boolean
  readonly decisions: readonly { readonly step: string; readonly passed: boolean }[]
}

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const as = (method: string, path: string, given: Call = {}) =>
  call(world, method, path, { key: world.keys.admin, ...given })

const create = async (more: object): Promise<string> => {
  const answer = await as('POST', '/v1/subscriptions', { body: { name: 's', types: ['user.*'], ...more } })
  expect(answer.text).toContain('"id"')
  return String(answer.json.id)
}

const publish = (id: string) =>
  as('POST', '/v1/events', { body: { id, type: 'user.created', source: '/hr', subject: id, data: {} } })

describe('subscriptions', () => {
  it('show their signing secret once, and secrets of the target never', async () => {
    const target = { url: 'http://127.0.0.1:9/' }
    const body = { name: 'hook', types: ['*'], transport: 'webhook', target }
    const created = await as('POST', '/v1/subscriptions', { body })
    expect(created).toMatchObject({
      status: 201,
      json: { name: 'hook', state: 'active', revision: 1, secret: expect.stringMatching(/^whsec_/) },
    })
    expect(created.headers.get('etag')).toBe('"1"')
    const location = created.headers.get('location') ?? ''
    const found = await as('GET', location)
    expect(found).toMatchObject({ status: 200, json: { hasSecret: true, target } })
    expect(found.text).not.toContain('whsec_')
    const rotated = await as('POST', `${location}/rotate-secret`, { body: { overlap: 1000 } })
    expect(rotated).toMatchObject({ status: 200, json: { secret: expect.stringMatching(/^whsec_/) } })
    expect(rotated.json.secret).not.toBe(created.json.secret)
  })

  it('are signed by a key of ours, and by both kinds while they change', async () => {
    const requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = []
    const server = createServer(async (request, response) => {
      requests.push({ headers: request.headers, body: await text(request) })
      response.end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const target = { url, signature: 'v1a' }
    const created = await as('POST', '/v1/subscriptions', {
      body: { name: 'hook', types: ['*'], transport: 'webhook', target },
    })
    expect(created.json).toMatchObject({ publicKey: expect.stringMatching(/^whpk_/) })
    expect(created.text).not.toMatch(/whsk_|whsec_/)
    const path = `/v1/subscriptions/${created.json.id}`
    await as('PATCH', path, { body: { target: { signature: 'v1' } } })
    const rotated = await as('POST', `${path}/rotate-secret`)
    expect(await as('POST', `${path}/test`)).toMatchObject({ json: { outcome: 'delivered' } })
    server.close()
    const [request = expect.fail('nothing came')] = requests
    expect(request.headers['webhook-signature']).toMatch(/^v1,\S+ v1a,\S+$/)
    for (const key of [created.json.publicKey, rotated.json.secret])
      expect(() => verifyWebhook(request.headers, request.body, [String(key)], { now: Date.now() })).not.toThrow()
  })

  it('are changed only by who knows the present revision, if that is asked for', async () => {
    const id = await create({ transport: 'pull' })
    const patch = (tag: string) =>
      as('PATCH', `/v1/subscriptions/${id}`, { body: { name: 'new' }, headers: { 'if-match': tag } })
    const changed = await patch('"1"')
    expect(changed).toMatchObject({ status: 200, json: { name: 'new' } })
    expect(changed.headers.get('etag')).toBe(`"${changed.json.revision}"`)
    expect(await patch('"1"')).toMatchObject({ status: 412, json: { code: 'precondition_failed' } })
  })

  it('that read the log are put to another place in it', async () => {
    const body = { name: 's', types: ['user.*'], transport: 'log', delivery: 'log' }
    const { json } = await as('POST', '/v1/subscriptions', { body })
    expect(json).toMatchObject({ delivery: 'log', order: 'strict', concurrency: 1, retry: { attempts: 100 } })
    const path = `/v1/subscriptions/${json.id}/seek`
    expect(await as('POST', path, { body: { to: 'earliest' } })).toMatchObject({ status: 200, json: { id: json.id } })
    for (const to of ['tomorrow', 10_000_000, '2999-01-01T00:00:00Z'])
      expect(await as('POST', path, { body: { to } })).toMatchObject({ status: 422, json: { field: 'to' } })
    expect(await as('POST', path, { body: { to: -1 } })).toMatchObject({ status: 422 })
  })

  it('say which field is wrong', async () => {
    const body = { name: 's', types: ['user.*'], transport: 'pigeon' }
    expect(await as('POST', '/v1/subscriptions', { body })).toMatchObject({ status: 422, json: { field: 'transport' } })
    const filters = [{ cel: 'data.x ==' }]
    expect(await as('POST', '/v1/subscriptions', { body: { ...body, transport: 'pull', filters } })).toMatchObject({
      status: 422,
      json: { code: 'invalid_filter', field: expect.stringContaining('filters[0]') },
    })
    expect(await as('POST', '/v1/subscriptions')).toMatchObject({ status: 422 })
  })

  it('are paused, resumed and removed', async () => {
    const id = await create({ transport: 'pull' })
    expect(await as('POST', `/v1/subscriptions/${id}/pause`)).toMatchObject({ status: 200, json: { state: 'paused' } })
    expect(await as('POST', `/v1/subscriptions/${id}/resume`)).toMatchObject({ status: 200, json: { state: 'active' } })
    expect(await as('DELETE', `/v1/subscriptions/${id}`)).toMatchObject({ status: 204, text: '' })
    expect((await as('GET', `/v1/subscriptions/${id}`)).status).toBe(404)
  })

  it('are tested by the real path', async () => {
    const id = await create({ transport: 'webhook', target: { url: 'http://127.0.0.1:9/' } })
    const attempt = await as('POST', `/v1/subscriptions/${id}/test`)
    expect(attempt).toMatchObject({ status: 200, json: { number: 1, outcome: 'retry', node: expect.any(String) } })
  })

  it('explain why they hear of an event', async () => {
    const id = await create({ transport: 'pull' })
    await publish('explained')
    const answer = await as('GET', `/v1/subscriptions/${id}/explain?event=explained`)
    expect(answer).toMatchObject({ status: 200, json: { event: 'explained', subscription: id, told: true } })
    expect(answer.json.decisions).toContainEqual({ step: 'type', passed: true, text: expect.any(String) })
  })

  it('can be tried on the latest events before they are made', async () => {
    await publish('ada')
    const preview = (body: object, key = world.keys.admin) =>
      call(world, 'POST', '/v1/subscriptions/preview', { key, body })
    const items = (answer: Answer) => answer.json.items as readonly Preview[]
    const told = await preview({ types: ['user.*'], limit: 1 })
    expect(told).toMatchObject({ status: 200 })
    expect(items(told)).toMatchObject([{ event: { event: { id: 'ada' } }, told: true }])
    expect(items(told)[0]?.decisions.map(({ step }) => step)).not.toContain('task')
    const wish = { types: ['user.*'], filters: [{ exact: { subject: 'eve' } }], limit: 1 }
    const [filtered] = items(await preview(wish))
    expect(filtered?.told).toBe(false)
    expect(filtered?.decisions.find(({ passed }) => !passed)?.step).toBe('filters')
    const before = (await as('GET', '/v1/subscriptions')).text
    expect(await preview({ types: ['user.*'], scope: 'tenant' }, world.keys.subscriber)).toMatchObject({ status: 403 })
    expect(await preview({ types: [] })).toMatchObject({ status: 422, json: { field: 'types' } })
    expect((await as('GET', '/v1/subscriptions')).text).toBe(before)
  })
})

describe('pull consumers', () => {
  it('lease, settle and release what is due', async () => {
    const id = await create({ transport: 'pull', order: 'none' })
    for (const event of ['one', 'two']) await publish(event)
    const leased = await as('POST', `/v1/subscriptions/${id}/lease`, { body: { limit: 5, seconds: 60 } })
    const leases = leased.json.leases as { lease: string; event: { id: string }; task: { state: string } }[]
    expect(leases.map(({ event, task }) => [event.id, task.state]).sort()).toEqual([
      ['one', 'leased'],
      ['two', 'leased'],
    ])
    const [first, second] = leases.map(({ lease }) => lease)
    expect(await as('POST', `/v1/subscriptions/${id}/settle`, { body: { leases: [first] } })).toMatchObject({
      status: 200,
      json: { settled: [first], lost: [] },
    })
    expect(await as('POST', `/v1/subscriptions/${id}/settle`, { body: { leases: [first] } })).toMatchObject({
      json: { lost: [first] },
    })
    expect(await as('POST', `/v1/subscriptions/${id}/release`, { body: { leases: [second], after: 0 } })).toMatchObject(
      {
        status: 200,
        json: { released: [second], lost: [] },
      },
    )
    const again = await as('POST', `/v1/subscriptions/${id}/lease`)
    expect(again.json.leases).toHaveLength(1)
  })

  it('are told again what they saw', async () => {
    const id = await create({ transport: 'pull', order: 'none' })
    await publish('again')
    const [leased] = (await as('POST', `/v1/subscriptions/${id}/lease`)).json.leases as { lease: string }[]
    await as('POST', `/v1/subscriptions/${id}/settle`, { body: { leases: [leased?.lease] } })
    const replay = (body: object) => as('POST', `/v1/subscriptions/${id}/replay`, { body })
    const counted = await replay({ from: 0, types: ['user.created'], dryRun: true })
    expect(Number(counted.json.count)).toBeGreaterThan(0)
    const ends = { from: 'earliest', to: 'now', types: ['user.created'], dryRun: true }
    expect(await replay(ends)).toMatchObject({ status: 200, json: counted.json })
    expect(await replay({ from: 0 })).toMatchObject({ status: 200, json: { count: counted.json.count } })
    expect((await as('POST', `/v1/subscriptions/${id}/lease`)).json.leases).not.toEqual([])
    const wrong = (field: string, word: string) => ({
      status: 422,
      json: { field, expected: `"${word}", a sequence, or a time as in RFC 3339` },
    })
    expect(await replay({ from: 'yesterday' })).toMatchObject(wrong('from', 'earliest'))
    expect(await replay({ to: 'earliest' })).toMatchObject(wrong('to', 'now'))
  })
})

describe('tasks', () => {
  it('are listed, shown, cancelled, tried again and redriven', async () => {
    const id = await create({ transport: 'pull', order: 'none' })
    await publish('task')
    const page = await as('GET', `/v1/tasks?subscription=${id}&state=due&state=waiting&type=user.created&subject=task`)
    const [task] = page.json.items as { id: string }[]
    expect(page).toMatchObject({
      status: 200,
      json: { items: [{ subscription: id, state: 'due', subject: 'task' }], next: null },
    })
    const path = `/v1/tasks/${task?.id}`
    expect(await as('GET', path)).toMatchObject({ status: 200, json: { id: task?.id, history: [] } })
    expect(await as('POST', `${path}/cancel`)).toMatchObject({ status: 200, json: { state: 'cancelled' } })
    expect(await as('POST', `${path}/cancel`)).toMatchObject({ status: 409, json: { code: 'wrong_state' } })
    const redrive = (dryRun: boolean) =>
      as('POST', '/v1/tasks/redrive', { body: { subscription: id, states: ['cancelled'], dryRun } })
    expect(await redrive(true)).toMatchObject({ status: 200, json: { count: 1 } })
    expect(await as('GET', path)).toMatchObject({ json: { state: 'cancelled' } })
    expect(await redrive(false)).toMatchObject({ status: 200, json: { count: 1 } })
    expect(await as('GET', path)).toMatchObject({ json: { state: 'due' } })
    expect(await as('POST', `${path}/retry`)).toMatchObject({ status: 409 })
  })
})
