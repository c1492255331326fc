import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { call, startWorld, type World } from './testing.js'

let world: World
beforeEach(async () => {
  world = await startWorld({ heartbeat: 50 })
})
afterEach(() => world.close())

interface Message {
  readonly id: string
  readonly event: { readonly id: string }
}

/** Reads a stream until `enough` says so, or it ends. */
async function follow(path: string, headers: Record<string, string>, enough: (text: string) => boolean) {
  const aborter = new AbortController()
  const response = await fetch(world.url + path, {
    headers: { authorization: `Bearer ${world.keys.reader}`, ...headers },
    signal: aborter.signal,
  })
  const text = await readUntil(response, enough)
  aborter.abort()
  return { status: response.status, type: response.headers.get('content-type'), text, messages: messagesIn(text) }
}

async function readUntil(response: Response, enough: (text: string) => boolean): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (enough(text)) break
  }
  return text
}

const messagesIn = (text: string): readonly Message[] =>
  [...text.matchAll(/^id: (\d+)\ndata: (.+)$/gm)].map(([, id = '', data = '']) => ({ id, event: JSON.parse(data) }))

const publish = (id: string, type = 'user.created') =>
  world.hub.publish({ id, type, source: '/hr', subject: 'mia', data: {} })

describe('GET /v1/events/tail', () => {
  it('tells what was admitted after the last message read, then what comes', async () => {
    await publish('one')
    const { sequence } = await publish('two')
    await publish('three')
    const following = follow('/v1/events/tail', { 'last-event-id': String(Number(sequence)) }, (text) =>
      text.includes('"four"'),
    )
    await publish('four')
    const { status, type, messages } = await following
    expect({ status, type }).toEqual({ status: 200, type: 'text/event-stream; charset=utf-8' })
    expect(messages.map(({ event }) => event.id)).toEqual(['three', 'four'])
    expect(Number(messages[0]?.id)).toBeGreaterThan(Number(sequence))
  })

  it('tells only the types asked for', async () => {
    await publish('one')
    await publish('two', 'user.updated')
    await publish('three')
    const { messages } = await follow('/v1/events/tail?after=0&type=user.created', {}, (text) =>
      text.includes('"three"'),
    )
    expect(messages.map(({ event }) => event.id)).toEqual(['one', 'three'])
  })

  it('keeps an idle line open with comments', async () => {
    const { text } = await follow('/v1/events/tail', {}, (seen) => seen.split(':\n\n').length > 3)
    expect(text).toMatch(/^(:\n\n){3,}$/)
  })

  it('refuses an id that is none of ours', async () => {
    const answer = await call(world, 'GET', '/v1/events/tail?after=0', {
      key: world.keys.reader,
      headers: { 'last-event-id': 'yesterday' },
    })
    expect(answer).toMatchObject({ status: 422, json: { field: 'last-event-id' } })
  })

  it('refuses an id that no event has reached, instead of being silent until one has', async () => {
    const { sequence } = await publish('one')
    const tail = (path: string, headers: Record<string, string>) =>
      call(world, 'GET', `/v1/events/tail${path}`, { key: world.keys.reader, headers, endless: true })
    const head = Number(sequence)
    expect((await tail('', { 'last-event-id': String(head) })).status).toBe(200)
    expect(await tail('', { 'last-event-id': String(head + 1) })).toMatchObject({
      status: 422,
      json: { field: 'last-event-id', expected: expect.stringMatching(`^at most ${head}, `) },
    })
    expect(await tail(`?after=${head + 1}`, {})).toMatchObject({ status: 422, json: { field: 'after' } })
  })

  it('ends when the key is revoked', async () => {
    let begun = () => {}
    const beginning = new Promise<void>((resolve) => {
      begun = resolve
    })
    const following = follow('/v1/events/tail', {}, () => {
      begun()
      return false
    })
    await beginning
    const { items } = await world.hub.keys.list(world.hub.local, {})
    for (const { id } of items.filter(({ name }) => name === 'reader')) await world.hub.keys.revoke(world.hub.local, id)
    expect(await following).toMatchObject({ status: 200, messages: [] })
  })

  it('waits for a slow reader, and loses nothing', async () => {
    const count = 400
    for (let index = 0; index < count; index += 1) {
      await world.hub.publish({
        id: `e${index}`,
        type: 'user.created',
        source: '/hr',
        data: { filler: 'x'.repeat(10_000) },
      })
    }
    const response = await fetch(`${world.url}/v1/events/tail?after=0`, {
      headers: { authorization: `Bearer ${world.keys.reader}` },
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    const text = await readUntil(response, (seen) => seen.includes(`"e${count - 1}"`))
    expect(messagesIn(text)).toHaveLength(count)
  })

  it('ends with the server', async () => {
    const following = follow('/v1/events/tail', {}, () => false)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await world.close()
    expect((await following).status).toBe(200)
  })
})
