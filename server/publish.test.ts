import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Call, call, startWorld, type World } from './testing.js'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const publish = (given: Call) => call(world, 'POST', '/v1/events', { key: world.keys.publisher, ...given })
const stored = async (id: string) =>
  (await call(world, 'GET', `/v1/events/${encodeURIComponent(id)}`, { key: world.keys.reader })).json

const STRUCTURED = { 'content-type': 'application/cloudevents+json' }
const BATCH = { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' }
const LINES = { 'content-type': 'application/x-ndjson' }

const event = (id: string) => ({
  specversion: '1.0',
  id,
  source: '/hr',
  type: 'user.created',
  subject: 'mia',
  data: {},
})

describe('POST /v1/events', () => {
  it('takes a structured CloudEvent and answers a receipt', async () => {
    const answer = await publish({ body: event('structured'), headers: STRUCTURED })
    expect(answer).toMatchObject({
      status: 202,
      json: {
        id: 'structured',
        source: '/hr',
        type: 'user.created',
        tenant: 'default',
        state: 'admitted',
        duplicate: false,
      },
    })
    expect(await stored('structured')).toMatchObject({
      event: { specversion: '1.0', id: 'structured', subject: 'mia' },
    })
  })

  it('takes a CloudEvent in binary mode, its headers percent-encoded', async () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': 'binary',
      'ce-source': '/hr',
      'ce-type': 'user.created',
      'ce-subject': 'Zo%C3%AB%20%E2%82%AC',
      'ce-mood': 'fine',
    }
    expect((await publish({ body: { login: 'zoe' }, headers })).status).toBe(202)
    expect(await stored('binary')).toMatchObject({ event: { subject: 'Zoë €', mood: 'fine', data: { login: 'zoe' } } })
  })

  it('takes plain JSON and fills in what is missing', async () => {
    const answer = await publish({ body: { type: 'user.created' } })
    expect(answer).toMatchObject({
      status: 202,
      json: { id: expect.stringMatching(/\S/), source: expect.stringMatching(/\S/) },
    })
  })

  it('wants everything of a structured CloudEvent', async () => {
    const { id: _id, ...rest } = event('x')
    expect(await publish({ body: rest, headers: STRUCTURED })).toMatchObject({ status: 422, json: { field: 'id' } })
    const { specversion: _version, ...older } = event('x')
    expect(await publish({ body: older, headers: STRUCTURED })).toMatchObject({
      status: 422,
      json: { field: 'specversion' },
    })
  })

  it('answers each event of a batch by itself, in order', async () => {
    const body = [event('b1'), { ...event('b2'), type: 'moon.landed' }, 17, event('b1'), event('b3')]
    const answer = await publish({ body, headers: BATCH })
    expect(answer).toMatchObject({
      status: 207,
      json: {
        results: [
          { status: 202, receipt: { id: 'b1' } },
          { status: 422, problem: { code: 'unknown_type' } },
          { status: 422, problem: { code: 'invalid_event', field: 'events[2]' } },
          { status: 200, receipt: { id: 'b1', duplicate: true } },
          { status: 202, receipt: { id: 'b3' } },
        ],
      },
    })
  })

  it('takes an array as plain JSON, and lines', async () => {
    expect(await publish({ body: [event('a1')] })).toMatchObject({ status: 207, json: { results: [{ status: 202 }] } })
    const raw = `${JSON.stringify(event('n1'))}\r\n\n${JSON.stringify(event('n2'))}`
    expect(await publish({ raw, headers: LINES })).toMatchObject({
      status: 207,
      json: { results: [{ status: 202 }, { status: 202 }] },
    })
  })

  it('refuses a batch that is none, and one that is too long', async () => {
    expect(await publish({ body: event('x'), headers: BATCH })).toMatchObject({ status: 422 })
    const many = Array.from({ length: 1001 }, () => ({}))
    expect(await publish({ body: many })).toMatchObject({ status: 413, json: { code: 'too_large' } })
  })

  it('takes bytes for what their type says they are: to its schema they are a text', async () => {
    const body = { ...event('bytes'), datacontenttype: 'image/png', data: undefined, data_base64: 'AAAA' }
    expect(await publish({ body, headers: STRUCTURED })).toMatchObject({
      status: 422,
      json: { code: 'invalid_data', field: 'data' },
    })
  })

  it('takes ids that can be asked for, and no longer ones', async () => {
    for (const id of ['é'.repeat(1024), '/'.repeat(2048)]) {
      expect(await publish({ body: event(id), headers: STRUCTURED })).toMatchObject({ status: 202 })
      expect(await stored(id)).toMatchObject({ event: { id } })
    }
    for (const field of ['id', 'subject', 'source', 'superowner', 'transactionid'])
      expect(await publish({ body: { ...event('x'), [field]: 'x'.repeat(2049) }, headers: STRUCTURED })).toMatchObject({
        status: 422,
        json: { code: 'invalid_event', field: expect.stringMatching(new RegExp(field, 'i')) },
      })
  })

  it('tells the publisher what a judge said', async () => {
    const remove = world.hub.use({
      name: 'test:no',
      kind: 'judge',
      types: ['device.issued'],
      run: () => ({
        verdict: 'reject',
        code: 'no-cards-left',
        message: 'No cards left.',
        texts: { de: 'Keine Karten.' },
      }),
    })
    const answer = await publish({ body: { type: 'device.issued', subject: 'card', data: {} } })
    remove()
    expect(answer).toMatchObject({ status: 422, json: { code: 'rejected', data: { texts: { de: 'Keine Karten.' } } } })
  })

  it('shows nothing of an error nobody raised on purpose', async () => {
    const remove = world.hub.use({
      name: 'test:fails',
      kind: 'judge',
      types: ['device.issued'],
      run: () => {
        throw new Error('the password is tiger')
      },
    })
    const answer = await publish({ body: { type: 'device.issued', subject: 'card', data: {} } })
    remove()
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('tiger')
  })
})
