import { describe, expect, it } from 'vitest'
import { TocsinError } from '../errors.js'
import { mergeSpec, parseSpec, type SpecContext } from './subscription-schema.js'

const WEBHOOK = {
  name: 'webhook',
  defaultFormat: 'standard-webhooks',
  target: {
    type: 'object',
    additionalProperties: false,
    required: ['url'],
    properties: {
      url: { type: 'string', format: 'uri' },
      method: { enum: ['POST', 'PUT'] },
      headers: { type: 'object', writeOnly: true, additionalProperties: { type: 'string' } },
      users: {
        type: 'array',
        items: {
          type: 'object',
          properties: { name: { type: 'string' }, password: { type: 'string', writeOnly: true } },
        },
      },
      keys: { type: 'array', items: { type: 'string', writeOnly: true } },
      auth: { $ref: '#/$defs/auth' },
    },
    $defs: {
      auth: {
        oneOf: [
          { type: 'object', required: ['token'], properties: { token: { type: 'string', writeOnly: true } } },
          { type: 'object', required: ['user'], properties: { 'a/b~c': { type: 'string', writeOnly: true } } },
        ],
      },
    },
  },
}
const LOG = { name: 'log', defaultFormat: 'cloudevents', target: { type: 'object', additionalProperties: false } }

const CONTEXT: SpecContext = {
  transports: new Map<string, typeof WEBHOOK | typeof LOG>([
    ['webhook', WEBHOOK],
    ['log', LOG],
  ]),
  formats: new Map(['cloudevents', 'standard-webhooks'].map((name) => [name, {}])),
  catalogue: {
    list: () => [{ name: 'credential.revoked' }, { name: 'device.issued' }, { name: 'http://aps/events/linked' }],
  },
  openTypes: false,
  scope: 'tenant',
  redaction: 'none',
}

const LEAST = { name: 'all', types: ['*'], transport: 'log' }
const URL_ONLY = { url: 'https://example.com/hook' }

const parse = (input: object) => parseSpec({ ...LEAST, ...input }, CONTEXT)

function refusal(input: unknown, context = CONTEXT): TocsinError {
  try {
    parseSpec(input, context)
  } catch (error) {
    if (error instanceof TocsinError) return error
    throw error
  }
  throw new Error('it was not refused')
}

/** Standard Webhooks, "Deliverability and reliability": 75:35:05 in all. */
const STANDARD = {
  attempts: 10,
  firstDelay: 5_000,
  maxDelay: 86_400_000,
  delays: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map((seconds) => seconds * 1_000),
}

describe('what a subscriber sends', () => {
  it('takes the defaults', () => {
    expect(parse({})).toEqual({
      spec: {
        ...LEAST,
        filters: [],
        notSelf: false,
        payload: 'full',
        redaction: 'none',
        target: {},
        retry: STANDARD,
        timeout: 15_000,
        concurrency: 10,
        delivery: 'tasks',
        order: 'strict',
        duplicates: 'keep',
        scope: 'tenant',
        start: 'now',
      },
      secrets: {},
    })
  })

  it('keeps what is said', () => {
    const said = {
      source: { id: 'r1', type: 'device' },
      relation: 'offer',
      filters: [{ any: [{ prefix: { type: 'a' } }, { not: { cel: 'data.a == 1' } }] }],
      notSelf: true,
      format: 'cloudevents',
      payload: { cel: '{"id": event.id}' },
      redaction: 'sensitive',
      timeout: 100,
      concurrency: 1000,
      rate: 0.5,
      order: 'latest',
      duplicates: 'remove',
      scope: { resource: 'r1' },
      start: '2026-01-02T03:04:05+01:00',
    }
    expect(parse(said).spec).toMatchObject(said)
    const listed = { attempts: 3, firstDelay: 5, maxDelay: 9, delays: [5, 9] }
    expect(parse({ retry: { delays: [5, 9] } }).spec.retry).toEqual(listed)
    expect(parse({ retry: listed }).spec.retry).toEqual(listed)
    expect(parse({ retry: { ...listed, attempts: 7 } }).spec.retry).toEqual({ ...listed, attempts: 7 })
    expect(parse({ retry: { attempts: 3 } }).spec.retry).toEqual({ ...STANDARD, attempts: 3 })
    const doubling = { attempts: 10, firstDelay: 1000, maxDelay: 3_600_000 }
    expect(parse({ retry: { firstDelay: 50 } }).spec.retry).toEqual({ ...doubling, firstDelay: 50 })
    expect(parse({ retry: { maxDelay: 5_000, attempts: 4 } }).spec.retry).toEqual({
      ...doubling,
      maxDelay: 5_000,
      attempts: 4,
    })
    expect(parse({ start: '00000000000000000042' }).spec.start).toBe(42)
    expect('relation' in parse({ relation: '' }).spec).toBe(false)
  })

  it.each<[object, string, RegExp]>([
    [{ name: '' }, 'name', /name is not valid/],
    [{ name: 'a\u0000b' }, 'name', /name is not valid/],
    [{ name: 7 }, 'name', /must be string/],
    [{ types: [] }, 'types', /types is not valid/],
    [{ types: ['credential.revokd'] }, 'types[0]', /Did you mean "credential.revoked"/],
    [{ types: ['*', 'cred*'] }, 'types[1]', /not a pattern/],
    [{ types: ['*.revoked'] }, 'types[0]', /not a pattern/],
    [{ types: ['.*'] }, 'types[0]', /not a pattern/],
    [{ types: ['user.*'] }, 'types[0]', /No event type/],
    [{ types: ['*', '*'] }, 'types', /types is not valid/],
    [{ tpyes: [] }, 'tpyes', /no field "tpyes" here. Did you mean "types"/],
    [{ source: {} }, 'source', /source is not valid/],
    [{ source: { id: '' } }, 'source.id', /source.id/],
    [{ source: { typ: 'x' } }, 'source.typ', /Did you mean "type"/],
    [{ notSelf: 'true' }, 'notSelf', /must be boolean/],
    [{ transport: 'webhok' }, 'transport', /Did you mean "webhook"/],
    [{ transport: 'constructor' }, 'transport', /no transport/],
    [{ transport: 'file' }, 'transport', /files\.root in the settings/],
    [{ format: 'cloudevent' }, 'format', /Did you mean "cloudevents"/],
    [{ payload: 'some' }, 'payload', /payload/],
    [{ payload: { cel: '1' } }, 'payload.cel', /yields int, not a map/],
    [{ payload: { cel: 'data', other: 1 } }, 'payload', /payload/],
    [{ redaction: 'all' }, 'redaction', /one of none, sensitive/],
    [{ retry: { delays: [5, 1], maxDelay: 4 } }, 'retry.maxDelay', /says this already/],
    [{ retry: { delays: [] } }, 'retry.delays', /at least 1 item/],
    [{ retry: { attempts: 0 } }, 'retry.attempts', />= 1/],
    [{ retry: { attempts: 1.5 } }, 'retry.attempts', /integer/],
    [{ retry: { firstDelay: 5000, maxDelay: 100 } }, 'retry.maxDelay', /below the first/],
    [{ retry: { tries: 1 } }, 'retry.tries', /no field "tries"/],
    [{ timeout: 99 }, 'timeout', />= 100/],
    [{ timeout: '15000' }, 'timeout', /must be integer/],
    [{ concurrency: 0 }, 'concurrency', />= 1/],
    [{ rate: 0 }, 'rate', /> 0/],
    [{ order: 'random' }, 'order', /one of strict, latest, none/],
    [{ duplicates: 'drop' }, 'duplicates', /one of keep, remove/],
    [{ scope: 'all' }, 'scope', /scope/],
    [{ scope: { resource: '' } }, 'scope', /scope/],
    [{ start: 'yesterday' }, 'start', /start/],
    [{ start: '2026-01-02' }, 'start', /start/],
    [{ start: '2026-13-02T00:00:00Z' }, 'start', /start/],
    [{ start: -1 }, 'start', /start/],
    [{ target: { url: 'x' } }, 'target.url', /no field "url" here/],
    [{ transport: 'webhook' }, 'target.url', /target.url is missing/],
    [{ transport: 'webhook', target: { url: 'not a uri' } }, 'target.url', /format "uri"/],
    [{ transport: 'webhook', target: { ...URL_ONLY, mehtod: 'PUT' } }, 'target.mehtod', /Did you mean "method"/],
    [{ transport: 'webhook', target: { ...URL_ONLY, users: [{ name: 1 }] } }, 'target.users[0].name', /string/],
  ])('refuses %j by the field %s', (change, field, message) => {
    const error = refusal({ ...LEAST, ...change })
    expect(error).toMatchObject({ code: 'invalid_request', field })
    expect(error.message).toMatch(message)
  })

  it.each([null, undefined, [], 'x', 7])('refuses %j', (input) => {
    expect(() => parseSpec(input, CONTEXT)).toThrow(TocsinError)
  })

  it('refuses what is no plain JSON', () => {
    expect(refusal(JSON.parse('{"__proto__": {}}'))).toMatchObject({ code: 'forbidden_key', field: '__proto__' })
    const deep = JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`)
    expect(refusal({ ...LEAST, filters: deep })).toMatchObject({ code: 'too_deep' })
  })

  it('never repeats a secret in an error', () => {
    const target = { ...URL_ONLY, headers: { authorization: 7, other: 'hunter2' } }
    expect(JSON.stringify({ ...refusal({ ...LEAST, transport: 'webhook', target }) })).not.toContain('hunter2')
  })

  it('takes any type where the tenant does', () => {
    const context = { ...CONTEXT, openTypes: true }
    expect(parseSpec({ ...LEAST, types: ['my.own', 'my.*'] }, context).spec.types).toEqual(['my.own', 'my.*'])
  })
})

describe('filters', () => {
  it.each<[unknown, string, RegExp]>([
    [{}, 'filters', /list/],
    [['x'], 'filters[0]', /exactly one dialect/],
    [[{}], 'filters[0]', /exactly one dialect/],
    [[{ exact: { type: 'a' }, prefix: { type: 'a' } }], 'filters[0]', /exactly one dialect/],
    [[{ exakt: { type: 'a' } }], 'filters[0].exakt', /Did you mean "exact"/],
    [[{ sql: "type = 'a'" }], 'filters[0].sql', /no filter dialect/],
    [[{ exact: {} }], 'filters[0].exact', /No attribute/],
    [[{ exact: { type: '' } }], 'filters[0].exact.type', /value/],
    [[{ exact: { type: 7 } }], 'filters[0].exact.type', /value/],
    [[{ exact: { transactionId: 'a' } }], 'filters[0].exact.transactionId', /Did you mean "transactionid"/],
    [[{ exact: { data: 'a' } }], 'filters[0].exact.data', /no attribute/],
    [[{ exact: { sequence: '7' } }], 'filters[0].exact.sequence', /after filters/],
    [[{ all: [] }], 'filters[0].all', /empty/],
    [[{ any: [{ not: { suffix: { '': 'a' } } }] }], 'filters[0].any[0].not.suffix.', /name of an attribute/],
    [[{ cel: 7 }], 'filters[0].cel', /not a text/],
    [[{ exact: { type: 'a' } }, { not: { cel: '1 +' } }], 'filters[1].not.cel', /Unexpected token/],
    [[{ cel: 'data.l.all(x, x.matches("a"))' }], 'filters[0].cel', /re2Match/],
    [Array.from({ length: 101 }, () => ({ exact: { type: 'a' } })), 'filters', /too many/],
    [[{ all: Array.from({ length: 100 }, () => ({ exact: { type: 'a' } })) }], 'filters', /too many/],
  ])('%j is refused by the field %s', (filters, field, message) => {
    const error = refusal({ ...LEAST, filters })
    expect(error).toMatchObject({ code: 'invalid_filter', field })
    expect(error.message).toMatch(message)
  })

  it('are refused below eight levels', () => {
    const nested = (levels: number): object => (levels === 0 ? { exact: { type: 'a' } } : { not: nested(levels - 1) })
    expect(parse({ filters: [nested(8)] }).spec.filters).toHaveLength(1)
    expect(refusal({ ...LEAST, filters: [nested(9)] })).toMatchObject({ code: 'invalid_filter' })
  })
})

describe('secrets', () => {
  const target = {
    ...URL_ONLY,
    headers: { authorization: 'Bearer 1', other: 'x' },
    users: [{ name: 'a', password: 'p1' }, { name: 'b' }],
    keys: ['k1', 'k2'],
    auth: { user: 'u', 'a/b~c': 's' },
  }
  const old = parse({ transport: 'webhook', target })

  it('are split off by path, wherever the schema marks them', () => {
    expect(old.spec.target).toEqual({ ...URL_ONLY, users: [{ name: 'a' }, { name: 'b' }], auth: { user: 'u' } })
    expect(old.secrets).toEqual({
      '/headers': target.headers,
      '/users/0/password': 'p1',
      '/keys': ['k1', 'k2'],
      '/auth/a~1b~0c': 's',
    })
  })

  it('stay when an update does not mention them', () => {
    const next = parseSpec(mergeSpec(old, { name: 'other', target: { method: 'PUT' } }), CONTEXT)
    expect(next).toEqual({
      spec: { ...old.spec, name: 'other', target: { ...old.spec.target, method: 'PUT' } },
      secrets: old.secrets,
    })
  })

  it('are replaced, merged and removed by name', () => {
    const patch = { target: { headers: { authorization: 'Bearer 2' }, keys: null, auth: { 'a/b~c': null } } }
    const next = parseSpec(mergeSpec(old, patch), CONTEXT)
    expect(next.secrets).toEqual({
      '/headers': { authorization: 'Bearer 2', other: 'x' },
      '/users/0/password': 'p1',
    })
  })

  it('do not follow to another transport', () => {
    const next = parseSpec(mergeSpec(old, { transport: 'log' }), CONTEXT)
    expect(next).toMatchObject({ secrets: {}, spec: { transport: 'log', target: {} } })
  })
})

describe('a digest', () => {
  const MAIL = { name: 'mail', defaultFormat: 'cloudevents', target: {}, digest: {} }
  const BATCHES = { ...MAIL, name: 'batches', digest: { format: 'cloudevents-batch' } }
  const context: SpecContext = {
    ...CONTEXT,
    transports: new Map([MAIL, BATCHES, LOG].map((each) => [each.name, each])),
    formats: new Map(['cloudevents', 'cloudevents-batch'].map((name) => [name, {}])),
  }
  const digest = { window: 60_000 }
  const wish = { ...LEAST, transport: 'mail', digest }

  it('has a greatest number, and goes by null', () => {
    const parsed = parseSpec(wish, context)
    expect(parsed.spec.digest).toEqual({ window: 60_000, max: 100 })
    const changed = parseSpec(mergeSpec(parsed, { digest: { max: 5 } }), context)
    expect(changed.spec.digest).toEqual({ window: 60_000, max: 5 })
    expect(parseSpec(mergeSpec(changed, { digest: null }), context).spec).not.toHaveProperty('digest')
    const batches = { ...wish, transport: 'batches', format: 'cloudevents-batch' }
    expect(parseSpec(batches, context).spec.digest).toEqual({ window: 60_000, max: 100 })
  })

  it.each([
    [{ transport: 'log' }, 'digest', 'none, or a transport of mail, batches'],
    [{ transport: 'batches' }, 'format', '"cloudevents-batch", which holds several'],
    [{ order: 'latest' }, 'order', '"strict" or "none"; duplicates may be removed'],
    [{ delivery: 'log' }, 'digest', 'none, or delivery "tasks"'],
    [{ digest: { window: 999 } }, 'digest.window', expect.any(String)],
    [{ digest: { max: 5 } }, 'digest.window', expect.any(String)],
    [{ digest: { ...digest, max: 1_001 } }, 'digest.max', expect.any(String)],
  ])('is refused with %j', (more, field, expected) => {
    expect(refusal({ ...wish, ...more }, context)).toMatchObject({ code: 'invalid_request', field, expected })
  })
})

describe('a target that asks for several events in one message', () => {
  const BATCHES = {
    ...{ name: 'batches', defaultFormat: 'one', target: {} },
    digest: { format: 'several', member: 'maxBatch' },
  }
  const context: SpecContext = {
    ...CONTEXT,
    transports: new Map([[BATCHES.name, BATCHES]]),
    formats: new Map(['one', 'several'].map((name) => [name, {}])),
  }
  const wish = { ...LEAST, transport: 'batches', target: { maxBatch: 5 } }

  it('needs a format that writes them', () => {
    expect(refusal(wish, context)).toMatchObject({ field: 'format', expected: '"several", which holds several' })
    expect(parseSpec({ ...wish, format: 'several' }, context).spec).toMatchObject({ target: { maxBatch: 5 } })
    expect(parseSpec({ ...wish, target: {} }, context).spec).not.toHaveProperty('format')
  })
})

describe('a subscription that is pulled', () => {
  const PULL = { name: 'pull', defaultFormat: 'cloudevents', target: {} }
  const context: SpecContext = { ...CONTEXT, transports: new Map([[PULL.name, PULL]]) }

  it.each([
    [{ rate: 1 }, 'rate'],
    [{ disableAfter: 1 }, 'disableAfter'],
  ])('is paced and judged by who pulls: %j is refused', (more, field) => {
    expect(refusal({ ...LEAST, transport: 'pull', ...more }, context)).toMatchObject({ field })
  })
})

describe('an update', () => {
  const old = parse({ filters: [{ exact: { type: 'a' } }], rate: 5, start: 'earliest' })

  it('removes by null, back to the default', () => {
    const next = parseSpec(mergeSpec(old, { filters: null, rate: null, retry: { attempts: 2 } }), CONTEXT)
    expect(next.spec).toEqual({
      ...parse({ start: 'earliest' }).spec,
      retry: { ...STANDARD, attempts: 2 },
    })
    const doubling = mergeSpec(old, { retry: { delays: null, firstDelay: 10, maxDelay: 20 } })
    expect(parseSpec(doubling, CONTEXT).spec.retry).toEqual({ attempts: 10, firstDelay: 10, maxDelay: 20 })
    expect(() => parseSpec(mergeSpec(old, { retry: { firstDelay: 10 } }), CONTEXT)).toThrow(/says this already/)
  })

  it('by a list of waits forgets what was there, and none that it says itself', () => {
    const doubling = parse({ retry: { attempts: 4, firstDelay: 10, maxDelay: 20 } })
    const listed = { attempts: 4, firstDelay: 5, maxDelay: 9, delays: [5, 9] }
    expect(parseSpec(mergeSpec(doubling, { retry: { delays: [5, 9] } }), CONTEXT).spec.retry).toEqual(listed)
    expect(() => parseSpec(mergeSpec(doubling, { retry: { delays: [5, 9], maxDelay: 20 } }), CONTEXT)).toThrow(
      expect.objectContaining({ field: 'retry.maxDelay' }),
    )
  })

  it('cannot move the start, nor be anything but an object', () => {
    expect(() => mergeSpec(old, { start: 'now' })).toThrow(expect.objectContaining({ field: 'start' }))
    expect(mergeSpec(old, { start: 'earliest' })).toEqual(old.spec)
    expect(() => mergeSpec(old, [])).toThrow(expect.objectContaining({ code: 'invalid_request' }))
    expect(() => mergeSpec(old, JSON.parse('{"__proto__": 1}'))).toThrow(
      expect.objectContaining({ code: 'forbidden_key' }),
    )
  })
})
