import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenedMessage, openMessage } from '../../examples/identity-registry/consumer.mjs'
import type { AnyEvent } from '../../src/index.js'
import { ADDRESS, makeRsaCertificate, NEXT_ADDRESS, writeKeys, writeSharedKey } from '../../test/uw-registry/keys.js'
import { catalogue, NATIVE_FIELDS, typeOf } from './catalogue.js'
import { readKeysFile, uwRegistryWith } from './index.js'
import { ENVIRONMENT_TOPICS, ENVIRONMENTS } from './topics.js'

const NOW = Date.UTC(2026, 10, 29)
const LATER = '2026-12-01T00:00:00Z'
const folder = mkdtempSync(join(tmpdir(), 'tocsin-uw-'))
const [first, next] = [
  { url: ADDRESS, certificate: 'sign1.crt', key: 'sign1.key' },
  { url: NEXT_ADDRESS, certificate: 'sign2.crt', key: 'sign2.key' },
]

beforeAll(() => {
  for (const name of ['sign1', 'sign2']) makeRsaCertificate(folder, name)
  writeSharedKey(folder, 'iamcrypt1', Buffer.from('0123456789abcdef'))
  writeSharedKey(folder, 'iamcrypt2', Buffer.from('fedcba9876543210'))
  writeSharedKey(folder, 'long', Buffer.from('06235f144fb240a8aa1343c8a6df6eab'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Everything signs; nothing is encrypted. */
const everywhere = () => ({
  signing: ENVIRONMENTS.map(({ systemType }) => ({
    ...first,
    environment: systemType,
    url: ADDRESS.replace('sign1', systemType),
  })),
})

function written(event: AnyEvent, { keys = everywhere(), name = 'uwit-1', at = NOW }: Partial<Options> = {}) {
  const { formats = [] } = uwRegistryWith(readKeysFile(writeKeys(folder, keys)), () => at)
  const format = formats.find((each) => each.name === name)
  if (!format) throw new Error(`There is no format ${name}.`)
  return format.encode(event)
}

interface Options {
  keys: object
  name: string
  at: number
}

/** What a consumer reads that trusts both certificates, wherever they are. */
function read(event: AnyEvent, options: Partial<Options> = {}): OpenedMessage {
  const [one, two] = ['sign1', 'sign2'].map((name) => readFileSync(join(folder, `${name}.crt`)))
  const addresses = [ADDRESS, ...ENVIRONMENTS.map(({ systemType }) => ADDRESS.replace('sign1', systemType))]
  const certificates = new Map(addresses.map((address) => [address, one ?? Buffer.of()]))
  const keys = new Map(
    ['iamcrypt1', 'iamcrypt2', 'long'].map((id) => [
      id,
      Buffer.from(readFileSync(join(folder, `${id}.key`), 'utf8'), 'base64'),
    ]),
  )
  const { body } = written(event, options)
  return openMessage(body, { certificates: new Map([...certificates, [NEXT_ADDRESS, two ?? Buffer.of()]]), keys })
}

const EVENT = {
  id: '0cb12ef5-8df1-4248-86f7-17de1e387b04',
  source: 'https://mango.u.washington.edu/',
  type: 'uw-registry.uwnetid.rename',
  tenant: 'default',
  time: '2026-11-21T18:51:58.670437Z',
  sequence: '00000000000000000042',
  transactionId: '812',
  tags: ['person', 'reconciled', 'account'],
  data: {
    record: 'uwnetid',
    personId: '9136CCB8F66711D5BE060004AC494FFE',
    accountName: 'javerage2',
    previousId: 'javerage',
    before: { uwnetid: 'javerage' },
    after: { uwnetid: 'javerage2' },
  },
} satisfies AnyEvent

describe('a message', () => {
  it.each(ENVIRONMENT_TOPICS)('of $name has the fields, context and attributes of the reference', (at) => {
    const { environment, topic } = at
    for (const type of topic.types) {
      const values = Object.fromEntries(topic.fields.map((field) => [field, `the ${field}`]))
      const data = Object.fromEntries(topic.fields.map((field) => [NATIVE_FIELDS[field], values[field]]))
      const event = { ...EVENT, source: environment.source, type: typeOf(topic, type), tags: topic.tags, data }
      const { header, context, body } = read(event)
      expect(JSON.stringify(body)).toBe(JSON.stringify({ type, ...values }))
      const { systemType } = environment
      const expected = { system_type: systemType, version: 'v1', topic: topic.name, tags: topic.tags }
      expect(JSON.stringify(context)).toBe(JSON.stringify(expected))
      expect(header).toMatchObject({
        ...{ version: 'UWIT-1', contentType: 'json', sender: 'idregistry', messageType: 'idreg' },
        ...{ messageId: EVENT.id, timestamp: '2026-11-21T18:51:58.670Z' },
      })
      expect(written(event).headers).toEqual({
        'content-type': 'text/plain; charset=us-ascii',
        ...{ 'uw-topic': topic.name, 'uw-type': type, 'uw-tags': topic.tags.join(','), 'uw-system-type': systemType },
        'uw-topic-arn': `arn:aws:sns:us-east-1:611509864246:${at.name}`,
      })
    }
  })

  it('carries only tags that its topic knows, in their order', () => {
    expect(read(EVENT).context.tags).toEqual(['account', 'person'])
    const data = { record: 'sponsor', personId: 'R1', sponsorId: 'R2' }
    expect(read({ ...EVENT, type: 'uw-registry.sponsor.insert', data }).context.tags).toEqual([])
  })

  it('has the same id at each attempt, and another for another event', () => {
    const idOf = (id: string, source = EVENT.source) => read({ ...EVENT, id, source }).header.messageId
    expect(idOf('0/1A2B3C:1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(idOf('0/1A2B3C:1')).toBe(idOf('0/1A2B3C:1'))
    expect(idOf('0/1A2B3C:2')).not.toBe(idOf('0/1A2B3C:1'))
    expect(idOf('0/1A2B3C:1', 'https://mango-eval.u.washington.edu/')).not.toBe(idOf('0/1A2B3C:1'))
  })

  it.each(['uwit-1-full', 'uwit-2-full'])(
    'tells rows, sequence and the old identifier where it is asked, %s',
    (name) => {
      expect(read(EVENT, { name }).body).toEqual({
        ...{ type: 'rename', regid: EVENT.data.personId, uwnetid: 'javerage2', previous: 'javerage' },
        ...{ sequence: EVENT.sequence, time: EVENT.time, transaction: '812' },
        ...{ before: { uwnetid: 'javerage' }, after: { uwnetid: 'javerage2' } },
      })
      expect(read(EVENT, { name: name.replace('-full', '') }).body).toEqual({
        ...{ type: 'rename', regid: EVENT.data.personId, uwnetid: 'javerage2' },
      })
    },
  )

  it('of another system, of no environment, without its fields or too long is refused', () => {
    const refused = (event: AnyEvent, field: string) =>
      expect(() => written(event), field).toThrow(expect.objectContaining({ code: 'invalid_event', field }))
    refused({ ...EVENT, type: 'user.created' }, 'type')
    refused({ ...EVENT, source: '/hr' }, 'source')
    refused({ ...EVENT, data: { id: 'thin' } }, 'data.personId')
    const long = { ...EVENT, data: { ...EVENT.data, after: { text: 'x'.repeat(200_000) } } }
    expect(() => written(long, { name: 'uwit-2-full' })).toThrow('more than 260000 characters')
  })
})

describe('keys', () => {
  it('of one environment sign for no other', () => {
    const keys = { signing: [{ ...first, environment: 'eval' }] }
    const evaluation = { ...EVENT, source: 'https://mango-eval.u.washington.edu/' }
    expect(read(evaluation, { keys }).header.signingCertUrl).toBe(ADDRESS)
    expect(() => written(EVENT, { keys })).toThrow(expect.objectContaining({ field: 'signing' }))
  })

  it('follow each other: a new one signs and encrypts from its moment on, and both are read', () => {
    const encryption = { environment: 'prod', topics: ['uwnetid'] }
    const keys = {
      signing: [
        { ...first, environment: 'prod' },
        { ...next, environment: 'prod', from: LATER },
      ],
      encryption: [
        { ...encryption, id: 'iamcrypt1', file: 'iamcrypt1.key' },
        { ...encryption, id: 'iamcrypt2', file: 'iamcrypt2.key', from: LATER },
      ],
    }
    const used = (at: number) => {
      const { header, body } = read(EVENT, { keys, at })
      expect(body).toMatchObject({ uwnetid: 'javerage2' })
      return [header.signingCertUrl, header.keyId]
    }
    expect(used(Date.parse(LATER) - 1)).toEqual([ADDRESS, 'iamcrypt1'])
    expect(used(Date.parse(LATER))).toEqual([NEXT_ADDRESS, 'iamcrypt2'])
  })

  it('encrypt the topics that are named, AES-256 in UWIT-2 alone', () => {
    const keys = {
      ...everywhere(),
      encryption: [{ environment: 'prod', topics: ['uwnetid'], id: 'long', file: 'long.key' }],
    }
    expect(read(EVENT, { keys, name: 'uwit-2' }).header).toMatchObject({ version: 'UWIT-2', keyId: 'long' })
    expect(() => written(EVENT, { keys })).toThrow('UWIT-1 takes keys of 16 bytes, not of 32')
    const data = { record: 'regid', personId: 'R1' }
    expect(read({ ...EVENT, type: 'uw-registry.regid.insert', data }, { keys }).header.keyId).toBeUndefined()
  })

  it('that write are the ones a reader may be told to believe', () => {
    const trust = {
      certificates: [{ url: ADDRESS, certificate: 'sign1.crt' }],
      keys: [{ id: 'iamcrypt1', file: 'iamcrypt1.key' }],
    }
    const signing = [{ ...first, environment: 'prod' }]
    const { formats = [], translators = [] } = uwRegistryWith(
      readKeysFile(writeKeys(folder, { signing, trust })),
      () => NOW,
    )
    const { body } = formats[0]?.encode(EVENT) ?? { body: '' }
    expect(translators[0]?.translate(body, { source: '/uw', receivedAt: NOW })).toMatchObject([
      { id: EVENT.id, type: EVENT.type, source: EVENT.source, tags: ['account', 'person'] },
    ])
  })

  const signing = (more: object) => ({ signing: [{ ...first, environment: 'prod', ...more }] })
  const encryption = (more: object) => ({
    encryption: [{ environment: 'prod', topics: ['source'], id: 'k', file: 'iamcrypt1.key', ...more }],
  })
  it.each<[string, object, string]>([
    ['an unknown section', { sign: [] }, 'sign'],
    ['an unknown member', signing({ kee: 1 }), 'signing[0].kee'],
    ['an unknown environment', signing({ environment: 'test' }), 'signing[0].environment'],
    ['no environment', signing({ environment: undefined }), 'signing[0].environment'],
    ['an address that anybody may change on the way', signing({ url: 'http://groups.uw.edu/a' }), 'signing[0].url'],
    ['a file as an address', signing({ url: 'file:/tmp/a.crt' }), 'signing[0].url'],
    ['a certificate that is not there', signing({ certificate: 'none.crt' }), 'signing[0].certificate'],
    ['a key as a certificate', signing({ certificate: 'sign1.key' }), 'signing[0].certificate'],
    ['the key of another certificate', signing({ key: 'sign2.key' }), 'signing[0].key'],
    ['a moment that is none', signing({ from: 'tomorrow' }), 'signing[0].from'],
    ['an address twice', { signing: [...signing({}).signing, ...signing({}).signing] }, 'signing[1].url'],
    ['an unknown topic', encryption({ topics: ['source', 'all'] }), 'encryption[0].topics[1]'],
    ['no topics', encryption({ topics: [] }), 'encryption[0].topics'],
    ['a shared key of a wrong size', encryption({ file: 'sign1.crt' }), 'encryption[0].file'],
    ['a trust in nobody', { trust: { keys: [] } }, 'trust.certificates'],
  ])('are refused with %s', (_, keys, field) => {
    expect(() => readKeysFile(writeKeys(folder, keys))).toThrow(
      expect.objectContaining({ code: 'invalid_config', field }),
    )
  })
})

it('without keys there is no format', () => {
  expect(uwRegistryWith(readKeysFile(writeKeys(folder, {}))).formats).toBeUndefined()
  expect(catalogue).toHaveLength(21)
})
