import { CloudEvent, HTTP } from 'cloudevents'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../errors.js'
import { type AnyEvent, ATTRIBUTES, formatSequence } from '../event/envelope.js'
import { BUILT_IN_FORMATS } from './built-in.js'
import {
  BATCH,
  cloudeventsBatchFormat,
  cloudeventsFormat,
  STRUCTURED,
  toBody,
  toJson,
  toWire,
  withSequence,
} from './cloudevents.js'
import { cloudeventsBinaryFormat, fromMessage } from './cloudevents-binary.js'
import { dataFormat } from './data.js'
import { decodeHeader, encodeHeader } from './header-text.js'
import { fromBatch, fromBody, fromWire } from './read-cloudevents.js'

// ---- events of every shape

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((each) => !/[\p{Cc}\p{Noncharacter_Code_Point}]/u.test(each))
const ascii = fc.stringMatching(/^[!#$&-~]{1,20}$/)
const time = fc
  .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString())
const reference = fc.constantFrom(
  '/cms/1',
  'https://cms.example/a?b=c',
  'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66',
)
const names = new Set<string>([
  ...ATTRIBUTES.map(([, name]) => name),
  'specversion',
  'data',
  'constructor',
  'prototype',
])
const extensionName = fc
  .stringMatching(/^[a-z0-9]{1,20}$/)
  .filter((name) => !names.has(name) && !/^\d+$/.test(name) && !['schemaurl', 'datacontentencoding'].includes(name))

const eventOf = (
  string: fc.Arbitrary<string>,
  extension: fc.Arbitrary<string | number | boolean>,
  data: fc.Arbitrary<unknown>,
) =>
  fc
    .record(
      {
        id: string,
        source: reference,
        type: string,
        subject: string,
        time,
        dataSchema: fc.constant('https://schemas.example/1'),
        partitionKey: string,
        superOwner: string,
        actor: string,
        outcome: fc.constantFrom('success' as const, 'failure' as const),
        phase: fc.constantFrom('pre' as const, 'post' as const),
        transactionId: string,
        parentId: string,
        rootId: string,
        parentType: string,
        priority: fc.constantFrom('immediate' as const, 'high' as const, 'normal' as const),
        executeAt: time,
        expiryTime: time,
        tags: fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 3 }),
        skipNotify: fc.boolean(),
        skipNotification: fc.boolean(),
        sequence: fc.nat().map(formatSequence),
        traceParent: string,
        traceState: string,
        tenant: string,
        extensions: fc.dictionary(extensionName, extension, { minKeys: 1, maxKeys: 3 }),
        data,
      },
      { requiredKeys: ['id', 'source', 'type'] },
    )
    .map((event): AnyEvent => event)

const integer = fc.integer()
const json = fc.jsonValue({ maxDepth: 4 }).map((value): unknown => JSON.parse(JSON.stringify(value)))
const anyEvent = eventOf(
  text,
  fc.oneof(text, integer, fc.boolean()),
  fc.oneof(
    json,
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  ),
)

const parse = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString())

const refusal = (run: () => unknown): InvalidInput => {
  try {
    run()
  } catch (error) {
    if (error instanceof InvalidInput) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('any event', () => {
  it('comes back from structured mode, from a batch and from stored text', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(fromWire(JSON.parse(toJson(event)))).toEqual(event)
        expect(fromBatch(JSON.parse(cloudeventsBatchFormat.encode(event).body))).toEqual([event])
        const { sequence, ...rest } = event
        expect(fromBody(toBody(event))).toEqual(rest)
        if (sequence !== undefined) expect(withSequence(toBody(event), sequence)).toBe(toJson(event))
        expect(JSON.stringify(toWire(event))).toBe(toJson(event))
      }),
    )
  })

  it('comes back from binary mode, extensions as strings', () => {
    const event = eventOf(
      text,
      fc.oneof(text, integer, fc.boolean()),
      fc.oneof(
        json,
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      ),
    )
    fc.assert(
      fc.property(event, (sent) => {
        const { headers, body } = cloudeventsBinaryFormat.encode(sent)
        for (const value of Object.values(headers)) expect(value).toMatch(/^[!-~ ]*$/)
        const [received] = fromMessage(headers, Buffer.from(body), parse)
        if (sent.data instanceof Uint8Array) {
          expect(received).toEqual(sent)
          return
        }
        const extensions =
          sent.extensions &&
          Object.fromEntries(Object.entries(sent.extensions).map(([name, value]) => [name, String(value)]))
        expect(received).toEqual({
          ...sent,
          ...(extensions && { extensions }),
          ...(sent.data !== undefined && { dataContentType: 'application/json' }),
        })
      }),
    )
  })

  it('is written in the order of ATTRIBUTES, extensions and data after', () => {
    const full = Object.fromEntries(ATTRIBUTES.map(([key]) => [key, key === 'tags' ? ['a', 'b'] : 'x']))
    const wire = toWire({ id: '', source: '', type: '', ...full, extensions: { zeta: 1 }, data: {} })
    expect(Object.keys(wire)).toEqual(['specversion', ...ATTRIBUTES.map(([, name]) => name), 'zeta', 'data'])
    expect(wire.tags).toBe('a,b')
  })
})

describe('the CloudEvents SDK', () => {
  // It writes the time anew, so that is compared apart.
  const attributesOf = (event: AnyEvent) =>
    Object.entries(toWire(event)).filter(([name]) => name !== 'data' && name !== 'time')
  const portable = eventOf(
    text,
    fc.oneof(text, integer, fc.boolean()),
    fc
      .oneof(fc.dictionary(fc.string(), json), fc.array(json))
      .map((value): unknown => JSON.parse(JSON.stringify(value))),
  )

  it('reads what we write', () => {
    fc.assert(
      fc.property(portable, (event) => {
        const { headers, body } = cloudeventsFormat.encode(event)
        const read = HTTP.toEvent({ headers, body }) as CloudEvent<unknown>
        expect(read.validate()).toBe(true)
        expect(read.data ?? null).toEqual(event.data ?? null)
        for (const [name, value] of attributesOf(event)) expect(read[name]).toEqual(value)
        if (event.time !== undefined) expect(Date.parse(read.time ?? '')).toBe(Date.parse(event.time))
      }),
    )
  })

  it('writes what we read, structured and in a batch', () => {
    fc.assert(
      fc.property(portable, fc.boolean(), (event, batch) => {
        const theirs = new CloudEvent({ time: '2026-01-01T00:00:00.000Z', ...toWire(event) } as object)
        const { headers, body } = HTTP.structured(theirs)
        const [read] = batch
          ? fromMessage({ 'content-type': BATCH }, Buffer.from(`[${body}]`), parse)
          : fromMessage(headers as Record<string, string>, Buffer.from(String(body)), parse)
        expect(read).toEqual({ time: '2026-01-01T00:00:00.000Z', ...event })
      }),
    )
  })

  it('writes bytes that we read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const theirs = new CloudEvent({
          id: '1',
          source: '/a',
          type: 'b.c',
          data_base64: Buffer.from(bytes).toString('base64'),
        })
        const [read] = fromMessage({ 'content-type': STRUCTURED }, Buffer.from(JSON.stringify(theirs)), parse)
        expect(read?.data).toEqual(Buffer.from(bytes))
      }),
    )
  })

  // It writes header values as they are, so only those that need no encoding can agree.
  it('agrees about binary mode where values need no encoding', () => {
    const plain = eventOf(ascii, ascii, fc.dictionary(fc.string(), json))
    fc.assert(
      fc.property(plain, (event) => {
        const ours = cloudeventsBinaryFormat.encode(event)
        const read = HTTP.toEvent({ headers: ours.headers, body: ours.body }) as CloudEvent<unknown>
        // It leaves booleans the texts that headers have.
        for (const [name, value] of attributesOf(event)) expect(String(read[name])).toEqual(String(value))
        if (event.data === undefined) return
        const theirs = HTTP.binary(
          new CloudEvent({ ...toWire(event), time: event.time ?? '2026-01-01T00:00:00.000Z' } as object),
        )
        const headers = Object.fromEntries(Object.entries(theirs.headers).map(([name, value]) => [name, String(value)]))
        const [back] = fromMessage(headers, Buffer.from(String(theirs.body)), parse)
        expect(back).toMatchObject({ ...event, dataContentType: expect.stringContaining('application/json') })
      }),
    )
  })
})

describe('reading', () => {
  const good = { specversion: '1.0', id: '1', source: '/cms', type: 'device.issued' }

  it.each([
    [{ specversion: undefined }, 'specversion'],
    [{ specversion: '0.3' }, 'specversion'],
    [{ specversion: 1 }, 'specversion'],
    [{ id: undefined }, 'id'],
    [{ id: null }, 'id'],
    [{ id: '' }, 'id'],
    [{ id: 1 }, 'id'],
    [{ skipnotify: 'true' }, 'skipnotify'],
    [{ skipnotification: 1 }, 'skipnotification'],
    [{ source: 'with space' }, 'source'],
    [{ type: 'a\u0000b' }, 'type'],
    [{ subject: '' }, 'subject'],
    [{ subject: '\ud800' }, 'subject'],
    [{ time: '10000-01-01T00:00:00Z' }, 'time'],
    [{ dataschema: '/relative' }, 'dataschema'],
    [{ datacontenttype: 'json' }, 'datacontenttype'],
    [{ outcome: 'maybe' }, 'outcome'],
    [{ phase: 'during' }, 'phase'],
    [{ priority: 5 }, 'priority'],
    [{ tags: 'a,,b' }, 'tags[1]'],
    [{ tags: ['a'] }, 'tags'],
    [{ partitionKey: 'x' }, 'partitionKey'],
    [{ 'my-ext': 'x' }, 'my-ext'],
    [{ myext: 2_147_483_648 }, 'myext'],
    [{ myext: 2 ** 60 }, 'myext'],
    [{ myext: { a: 1 } }, 'myext'],
    [{ myext: '\udc00' }, 'myext'],
    [{ data_base64: 'a' }, 'data_base64'],
    [{ data_base64: 'YQ==', data: 1 }, 'data_base64'],
    [{ datacontenttype: 'text/plain', data: { a: 1 } }, 'data'],
  ])('refuses %j and names the field', (change, field) => {
    expect(refusal(() => fromWire({ ...good, ...change }))).toMatchObject({
      code: 'invalid_event',
      field,
      expected: expect.any(String),
    })
  })

  it('names the place in a batch', () => {
    expect(refusal(() => fromBatch([good, good, { ...good, source: '' }])).field).toBe('events[2].source')
    expect(refusal(() => fromBatch([good, 1])).field).toBe('events[1]')
    expect(refusal(() => fromBatch(good)).field).toBe('events')
    expect(fromBatch([])).toEqual([])
  })

  it.each([null, [], 'x', 1])('refuses %j as an event', (value) => {
    expect(refusal(() => fromWire(value)).code).toBe('invalid_event')
  })

  it('takes null for absent, but not in data', () => {
    expect(fromWire({ ...good, subject: null, myext: null, data: null })).toEqual({
      id: '1',
      source: '/cms',
      type: 'device.issued',
      data: null,
    })
    expect(fromWire({ ...good, data_base64: null })).not.toHaveProperty('data')
  })

  it('keeps text of other content types as text', () => {
    const event = fromWire({ ...good, datacontenttype: 'application/xml', data: '<a/>' })
    expect(event.data).toBe('<a/>')
    expect(cloudeventsBinaryFormat.encode(event)).toMatchObject({
      headers: { 'content-type': 'application/xml' },
      body: '<a/>',
    })
  })

  it('refuses modes and character sets it does not know', () => {
    const read = (contentType: string) => () => fromMessage({ 'content-type': contentType }, Buffer.from('{}'), parse)
    expect(refusal(read('application/cloudevents+avro')).code).toBe('unsupported_media_type')
    expect(refusal(read(`${STRUCTURED}; charset=iso-8859-1`)).code).toBe('unsupported_media_type')
    expect(
      fromMessage({ 'content-type': `${STRUCTURED}; charset="UTF-8"` }, Buffer.from(JSON.stringify(good)), parse),
    ).toHaveLength(1)
  })
})

describe('binary mode', () => {
  const headers = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/cms', 'ce-type': 'device.issued' }
  const read = (more: Record<string, string | string[]>, body = '') =>
    fromMessage({ ...headers, ...more }, Buffer.from(body), parse)[0]

  it('encodes the example of the specification', () => {
    expect(encodeHeader('Euro € 😀', 'f')).toBe('Euro%20%E2%82%AC%20%F0%9F%98%80')
    expect(encodeHeader('"50%"\r\n', 'f')).toBe('%2250%25%22%0D%0A')
  })

  it('decodes what it encodes, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(decodeHeader(encodeHeader(value, 'f'), 'f')).toBe(value)
      }),
    )
    expect(refusal(() => encodeHeader('\ud800', 'subject'))).toMatchObject({ code: 'invalid_event', field: 'subject' })
  })

  it('reads older senders: quotes, spaces, needless encoding, small letters', () => {
    expect(read({ 'ce-subject': '"a \\"b\\" c"' })?.subject).toBe('a "b" c')
    expect(read({ 'ce-subject': 'a b' })?.subject).toBe('a b')
    expect(read({ 'ce-subject': '%61%c3%a9' })?.subject).toBe('aé')
  })

  it.each(['%C0%A0', '%zz', '100%', '%ED%A0%80', 'é', '%00'])('refuses the value %s', (value) => {
    expect(refusal(() => read({ 'ce-subject': value })).code).toBe('invalid_event')
  })

  it('reads booleans as headers write them, and refuses other words', () => {
    expect(read({ 'ce-skipnotify': 'true', 'ce-skipnotification': 'false' })).toMatchObject({
      skipNotify: true,
      skipNotification: false,
    })
    expect(refusal(() => read({ 'ce-skipnotify': 'yes' })).field).toBe('skipnotify')
  })

  it('refuses headers that do not belong there', () => {
    for (const name of ['ce-datacontenttype', 'ce-data', 'ce-data_base64', 'ce-my-ext']) {
      expect(refusal(() => read({ [name]: 'x' })).field).toBe(name)
    }
    expect(refusal(() => read({ 'ce-id': ['1', '2'] })).field).toBe('ce-id')
    expect(refusal(() => fromMessage({ 'content-type': 'application/json' }, Buffer.from('{}'), parse)).field).toBe(
      'specversion',
    )
  })

  it('reads the body by its content type', () => {
    expect(read({ 'content-type': 'application/vnd.x+json' }, '{"a":1}')?.data).toEqual({ a: 1 })
    expect(read({ 'content-type': 'text/plain; charset=utf-8' }, 'é')?.data).toBe('é')
    expect(read({ 'content-type': 'text/plain; charset=latin1' }, 'x')?.data).toEqual(Buffer.from('x'))
    expect(read({ 'content-type': 'application/octet-stream' }, 'x')?.data).toEqual(Buffer.from('x'))
    expect(read({ 'content-type': 'application/json' })).not.toHaveProperty('data')
    expect(read({}, 'x')?.data).toEqual(Buffer.from('x'))
    expect(refusal(() => read({ 'content-type': 'application/json; charset=utf-16' }, '{}')).code).toBe(
      'unsupported_media_type',
    )
    expect(
      refusal(() => fromMessage({ ...headers, 'content-type': 'text/plain' }, Buffer.from([0xff]), parse)).code,
    ).toBe('invalid_encoding')
  })

  it('sends bytes structured', () => {
    const event = { id: '1', source: '/a', type: 'b.c', data: Buffer.from([1, 2]) }
    expect(cloudeventsBinaryFormat.encode(event).headers['content-type']).toBe(STRUCTURED)
  })
})

describe('stored text', () => {
  it('takes its sequence and epoch without being read', () => {
    const body = toBody({ id: '1', source: '/a', type: 'b.c', sequence: '9', data: { sequence: 'no' } })
    expect(body).not.toContain('"9"')
    const whole = withSequence(body, formatSequence(7), 'e"1')
    expect(JSON.parse(whole)).toMatchObject({
      sequence: '00000000000000000007',
      epoch: 'e"1',
      data: { sequence: 'no' },
    })
    expect(fromBody(whole)).toMatchObject({ sequence: '00000000000000000007', extensions: { epoch: 'e"1' } })
    expect(() => withSequence('{}', '1')).toThrow(TypeError)
  })
})

describe('every format', () => {
  it('has a name of its own', () => {
    expect(BUILT_IN_FORMATS.map(({ name }) => name)).toEqual([
      'cloudevents',
      'cloudevents-binary',
      'cloudevents-batch',
      'data',
    ])
  })

  it('of the data alone writes null for none and base64 for bytes', () => {
    const event = { id: '1', source: '/a', type: 'b.c' }
    expect(dataFormat.encode(event).body).toBe('null')
    expect(dataFormat.encode({ ...event, data: Buffer.from('hi') }).body).toBe('"aGk="')
  })
})
