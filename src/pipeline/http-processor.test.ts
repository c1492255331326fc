/** Another process as a processor, against real servers on 127.0.0.1. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EgressClient } from '../access/egress/client.js'
import { createPolicy } from '../access/egress/guard.js'
import { localPrincipal } from '../access/principal.js'
import type { AnyEvent } from '../event/envelope.js'
import { fromMessage } from '../formats/cloudevents-binary.js'
import { verify } from '../formats/standard-webhooks.js'
import { parseJson } from '../intake/json.js'
import { type HttpProcessorInput, httpProcessor } from './http-processor.js'
import { judge } from './judge.js'
import { LineUp } from './line-up.js'
import { processLater } from './process-later.js'
import { startRun } from './run.js'

const SECRET = `whsec_${Buffer.alloc(32, 's3').toString('base64')}`
const event: AnyEvent = {
  ...{ id: '1', source: '/hr', type: 'user.created', subject: 'ada', tenant: 'default', time: '2026-01-01T00:00:00Z' },
  data: { name: 'Ada' },
}

interface Asked {
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

let server: Server
let egress: EgressClient
let asked: Asked[]
let answer: (request: Asked, response: ServerResponse) => void

beforeEach(async () => {
  asked = []
  egress = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const whole = { headers: request.headers, body: Buffer.concat(chunks) }
      asked.push(whole)
      answer(whole, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await egress.close()
})

const json =
  (value: unknown, status = 200) =>
  (_: Asked, response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
const text =
  (body: string, status = 200, headers = {}) =>
  (_: Asked, response: ServerResponse) =>
    void response.writeHead(status, headers).end(body)

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/check?key=hunter2`

function lineUp(input: Partial<HttpProcessorInput> = {}, client = egress): LineUp {
  const line = new LineUp((type) => [type])
  const whole = { name: 'acme:check', kind: 'judge', url: url(), secret: SECRET, ...input } as const
  line.register(httpProcessor(whole, { egress: client, agent: 'Tocsin/test', now: Date.now }))
  return line
}

const circumstances = { tenant: 'default', principal: localPrincipal('default') }
const recheck = () => {}
const run = (line = lineUp()) =>
  judge(startRun(event), line.for(event.type).judges, { circumstances, recheck, now: Date.now })

async function refusal(line = lineUp()): Promise<{ code: string; message: string; data: unknown }> {
  try {
    await run(line)
  } catch (error) {
    return error as { code: string; message: string; data: unknown }
  }
  throw new Error('it was accepted')
}

describe('what is sent', () => {
  it('is the event as CloudEvents JSON, signed as Standard Webhooks', async () => {
    answer = text('', 204)
    await run()
    const [request] = asked
    if (!request) throw new Error('nobody was asked')
    expect(request.headers).toMatchObject({
      'content-type': 'application/cloudevents+json',
      'user-agent': 'Tocsin/test',
      accept: 'application/json',
    })
    const [received] = fromMessage(request.headers, request.body, parseJson)
    expect(received).toEqual(event)
    expect(verify(request.headers, request.body, [SECRET], { now: Date.now() }).id).toMatch(/^evt_/)
    const other = `whsec_${Buffer.alloc(32, 'x').toString('base64')}`
    expect(() => verify(request.headers, request.body, [other], { now: Date.now() })).toThrow()
  })

  it('goes to the url and is signed with the secret that were set at run time', async () => {
    answer = text('', 204)
    const secret = `whsec_${Buffer.alloc(32, 'n3').toString('base64')}`
    const line = lineUp({ url: 'http://127.0.0.1:1/' })
    line.set('acme:check', { options: { url: url(), secret } })
    await run(line)
    expect(asked).toHaveLength(1)
    verify(asked[0]?.headers ?? {}, asked[0]?.body ?? '', [secret], { now: Date.now() })
  })
})

describe('a verdict', () => {
  it.each([
    ['nothing, 204', text('', 204)],
    ['nothing, 200', text('', 200)],
    ['white space', text(' \n', 202)],
    ['an empty object', json({})],
    ['continue', json({ verdict: 'continue' })],
  ])('%s goes on', async (_, given) => {
    answer = given
    expect(await run()).toMatchObject({ end: null, event, outcomes: [{ state: 'executed', verdict: 'continue' }] })
  })

  it('close closes', async () => {
    answer = json({ verdict: 'close' })
    expect(await run()).toMatchObject({ end: 'closed' })
  })

  it.each([
    ['milliseconds', 1_900_000_000_000, 1_900_000_000_000],
    ['RFC 3339', '2030-01-01T00:00:00Z', Date.UTC(2030, 0, 1)],
    ['nothing', undefined, null],
  ])('suspend suspends until %s', async (_, until, expected) => {
    answer = json({ verdict: 'suspend', until })
    expect(await run()).toMatchObject({ end: 'suspended', until: expected })
  })

  it('reject rejects, with code, message and texts', async () => {
    answer = json({ verdict: 'reject', code: 'no_badge', message: 'No badge.', texts: { cs: 'Bez karty.' } })
    expect(await run()).toMatchObject({
      end: 'rejected',
      rejection: { processor: 'acme:check', code: 'no_badge', message: 'No badge.', texts: { cs: 'Bez karty.' } },
    })
  })

  it('reject rejects however badly it is worded, also where errors continue', async () => {
    answer = json({ verdict: 'reject', code: 7, texts: ['x'] })
    expect(await run(lineUp({ onError: 'continue' }))).toMatchObject({
      end: 'rejected',
      rejection: { code: 'rejected', message: 'The processor acme:check rejected the event.' },
    })
  })

  it('a changed event goes on changed, but stays the event it is', async () => {
    answer = ({ body }, response) => {
      const wire = {
        ...(parseJson(body) as object),
        id: 'other',
        sequence: '1',
        tenant: 'other',
        data: { name: 'Grace' },
      }
      response.end(JSON.stringify({ event: wire }))
    }
    const { event: changed } = await run()
    expect(changed).toEqual({ ...event, data: { name: 'Grace' } })
  })

  it('brings results', async () => {
    answer = json({
      results: [
        { state: 'executed', code: 'a' },
        { state: 'blocked', message: 'm', cause: 'c' },
      ],
    })
    expect((await run()).outcomes).toMatchObject([
      { number: 0, state: 'executed', code: 'a', verdict: 'continue' },
      { number: 1, state: 'blocked', message: 'm', cause: 'c' },
    ])
  })
})

describe('an asynchronous one', () => {
  const later = async (input: Partial<HttpProcessorInput> = {}) =>
    processLater({
      processors: lineUp({ kind: 'asynchronous', ...input }).for(event.type).asynchronous,
      circumstances: { ...circumstances, publish: async () => undefined },
      ...{ event, done: new Set<string>(), after: null, now: Date.now },
    })

  it('tells results; its verdict means nothing', async () => {
    answer = json({ verdict: 'reject', results: [{ state: 'cancelled' }] })
    expect(await later()).toMatchObject({ failure: null, outcomes: [{ state: 'cancelled' }] })
  })

  it('is tried again when it fails', async () => {
    answer = text('no', 503)
    expect(await later()).toMatchObject({ failure: { code: 'processor_answer', state: 'exception' } })
    expect(await later({ onError: 'continue' })).toMatchObject({ failure: null, outcomes: [{ state: 'exception' }] })
  })
})

const BAD: readonly (readonly [string, (request: Asked, response: ServerResponse) => void, string, object])[] = [
  ['500', text('oops', 500), 'processor_answer', { status: 500 }],
  ['404', text('', 404), 'processor_answer', { status: 404 }],
  ['a redirect', text('', 302, { location: 'http://127.0.0.1:1/' }), 'processor_answer', { status: 302 }],
  ['garbage', text('<html>hello</html>'), 'processor_answer', { field: 'answer' }],
  ['a list', json([]), 'processor_answer', { field: 'answer' }],
  ['another verdict', json({ verdict: 'maybe' }), 'processor_answer', { field: 'verdict' }],
  ['a misspelt member', json({ verdct: 'reject' }), 'processor_answer', { field: 'verdct' }],
  ['an event that is none', json({ event: { id: '1' } }), 'processor_answer', { field: 'event.specversion' }],
  ['results that are none', json({ results: [{ state: 'fine' }] }), 'processor_answer', { field: 'results[0].state' }],
  ['a time beyond all', json({ verdict: 'suspend', until: 1e300 }), 'processor_answer', { field: 'until' }],
  ['a time that is none', json({ verdict: 'suspend', until: 'soon' }), 'processor_answer', { field: 'until' }],
  ['a key to a prototype', text('{"verdict":"continue","__proto__":{}}'), 'processor_answer', {}],
  [
    'half an answer',
    (_, response) => void response.writeHead(200, { 'content-length': '9' }).write('{', () => response.destroy()),
    'processor_unreachable',
    { reason: 'reset' },
  ],
  ['a hung up line', (_, response) => void response.destroy(), 'processor_unreachable', { reason: 'reset' }],
]

describe('an error', () => {
  it.each(BAD)('%s fails closed', async (_, given, code, data) => {
    answer = given
    const error = await refusal()
    expect(error).toMatchObject({ code, data: { processor: 'acme:check', ...data } })
    expect(JSON.stringify([error, error.message])).not.toMatch(/hunter2|whsec|oops|hello/)
  })

  it.each(BAD)('%s fails open', async (_, given, code) => {
    answer = given
    const end = await run(lineUp({ onError: 'continue' }))
    expect(end).toMatchObject({ end: null, event, outcomes: [{ state: 'exception', code }] })
    expect(JSON.stringify(end.outcomes)).not.toMatch(/hunter2|whsec|oops|hello/)
  })

  it('no answer in time aborts the request', async () => {
    let gone = false
    answer = (_, response) => void response.on('close', () => (gone = true))
    const started = Date.now()
    expect(await refusal(lineUp({ deadline: 60 }))).toMatchObject({ code: 'processor_timeout' })
    expect(Date.now() - started).toBeLessThan(2_000)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(gone).toBe(true)
  })

  it('an answer without end is read no further than 1 MiB', async () => {
    let sent = 0
    const megabyte = Buffer.alloc(1_048_576, ' ')
    answer = (_, response) => {
      const more = (): void => {
        if (response.destroyed || sent >= 1_024) return void response.end()
        sent += 1
        response.write(megabyte, more)
      }
      more()
    }
    expect(await refusal()).toMatchObject({
      code: 'processor_answer',
      message: expect.stringContaining('1048576 bytes'),
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(sent).toBeLessThan(100)
  })

  it('a private address is refused unless it is allowed', async () => {
    answer = text('', 204)
    const strict = new EgressClient({ policy: createPolicy({ allowHttp: true }) })
    const error = await refusal(lineUp({}, strict))
    expect(error).toMatchObject({ code: 'processor_unreachable', data: { reason: 'blocked' } })
    expect(asked).toEqual([])
    await strict.close()
  })

  it('nobody listening says so without a secret', async () => {
    const error = await refusal(lineUp({ url: 'http://127.0.0.1:1/?key=hunter2' }))
    expect(error).toMatchObject({ code: 'processor_unreachable', data: { reason: 'connect' } })
    expect(JSON.stringify([error, error.message])).not.toMatch(/hunter2|whsec/)
  })
})

describe('a declaration', () => {
  it.each([
    ['a url of another kind', { url: 'ftp://a' }, 'acme:check.url'],
    ['a secret that is none', { secret: 'hunter2' }, 'acme:check.secret'],
  ])('with %s is refused without showing it', (_, input, field) => {
    expect(() => lineUp(input)).toThrow(expect.objectContaining({ code: 'invalid_request', field }))
    expect(() => lineUp(input)).not.toThrow(/hunter2/)
  })
})
