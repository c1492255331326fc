import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openMessage } from '../../examples/identity-registry/consumer.mjs'
import { InvalidInput } from '../../src/index.js'
import { open } from './envelope.js'
import { signedText } from './uwit.js'

interface Vector {
  key: string
  context: string
  body: string
  signed: string
  encrypted: string
}
const vectors: { certificate: string; uwit1: Vector; uwit2: Vector } = JSON.parse(
  readFileSync(new URL('./fixtures/uwit-vectors.json', import.meta.url), 'utf8'),
)
const { certificate } = vectors

const envelopeIn = (wire: string): { header: Record<string, string>; body: string } =>
  JSON.parse(Buffer.from(wire, 'base64').toString('utf8'))

const address = envelopeIn(vectors.uwit1.signed).header.signingCertUrl ?? ''

const trustOf = ({ key }: Pick<Vector, 'key'>) => ({
  certificates: new Map([[address, new X509Certificate(certificate).publicKey]]),
  keys: new Map([['iamcrypt1', Buffer.from(key, 'base64')]]),
})

const refusalOf = (work: () => unknown): Pick<InvalidInput, 'code' | 'field'> => {
  try {
    work()
  } catch (error) {
    if (error instanceof InvalidInput) return { code: error.code, field: error.field ?? '' }
    throw error
  }
  throw new Error('It was not refused.')
}

describe.each(['uwit1', 'uwit2'] as const)('%s', (version) => {
  const vector = vectors[version]
  const trust = trustOf(vector)

  it.each(['signed', 'encrypted'] as const)('is verified and read as another library wrote it, %s', (way) => {
    const { context, body } = open(vector[way], trust)
    expect(context.fields).toEqual(JSON.parse(vector.context))
    expect(body.fields).toEqual(JSON.parse(vector.body))
  })

  it.each(['signed', 'encrypted'] as const)('is refused when anything that is signed was changed, %s', (way) => {
    const envelope = envelopeIn(vector[way])
    const names = Object.keys(envelope.header).filter((name) => name !== 'signature')
    expect(names).toHaveLength(way === 'signed' ? 8 : 10)
    for (const name of names) {
      const was = envelope.header[name] ?? ''
      for (const is of [`${was}A`, was.slice(1), otherCase(was), undefined]) {
        const header = { ...envelope.header, [name]: is }
        expect(() => open({ ...envelope, header }, trust), `${name}: ${is}`).toThrow(InvalidInput)
      }
    }
    const other = Buffer.from(JSON.stringify({ type: 'delete' })).toString('base64')
    for (const body of [other, `${envelope.body.slice(0, -4)}AAAA`])
      expect(refusalOf(() => open({ ...envelope, body }, trust))).toEqual({
        code: 'invalid_event',
        field: 'header.signature',
      })
  })

  it('is refused without a signature, or with one of the other version', () => {
    const envelope = envelopeIn(vector.signed)
    const changed = (more: object) => ({ ...envelope, header: { ...envelope.header, ...more } })
    const field = 'header.signature'
    expect(refusalOf(() => open(changed({ signature: '' }), trust))).toMatchObject({ field })
    expect(refusalOf(() => open(changed({ signature: 'AAAA' }), trust))).toMatchObject({ field })
    const swapped = version === 'uwit1' ? 'UWIT-2' : 'UWIT-1'
    expect(refusalOf(() => open(changed({ version: swapped }), trust))).toMatchObject({ field })
    expect(refusalOf(() => open(changed({ version: 'UWIT-3' }), trust))).toMatchObject({ field: 'header.version' })
  })

  it('believes a certificate at its own address alone', () => {
    const elsewhere = { ...trust, certificates: new Map([['https://groups.uw.edu/pubkeys/sign1.crt', keyOf(trust)]]) }
    expect(refusalOf(() => open(vector.signed, elsewhere))).toMatchObject({ field: 'message.header.signingCertUrl' })
  })

  it('says which shared key is unknown, and when it is another', () => {
    const keys = (entries: [string, Buffer][]) => ({ ...trust, keys: new Map(entries) })
    const field = 'message.header.keyId'
    expect(refusalOf(() => open(vector.encrypted, keys([])))).toMatchObject({ field })
    const other = keys([['iamcrypt1', Buffer.alloc(version === 'uwit1' ? 16 : 32)]])
    expect(refusalOf(() => open(vector.encrypted, other))).toEqual({ code: 'invalid_encoding', field: 'message.body' })
    const tooShort = keys([['iamcrypt1', Buffer.alloc(8)]])
    expect(refusalOf(() => open(vector.encrypted, tooShort))).toMatchObject({ field: 'message.body' })
  })

  it('is believed by a consumer that knows the description alone', () => {
    const known = { certificates: new Map([[address, certificate]]), keys: trust.keys }
    for (const way of ['signed', 'encrypted'] as const)
      expect(openMessage(vector[way], known)).toMatchObject({ body: JSON.parse(vector.body) })
  })
})

describe('whoever is told whom to believe', () => {
  it('takes nothing that is not signed', () => {
    const bare = { context: { topic: 'regid' }, body: { type: 'insert' } }
    expect(refusalOf(() => open(bare, trustOf(vectors.uwit1)))).toMatchObject({ field: 'message' })
  })
})

it('each value that is signed ends with a line break', () => {
  const { header, body } = envelopeIn(vectors.uwit1.signed)
  const values = ['json', header.messageContext, header.messageId, 'idreg', 'idregistry', address, header.timestamp]
  expect(signedText({ header, body })).toBe([...values, 'UWIT-1', body, ''].join('\n'))
})

const keyOf = ({ certificates }: ReturnType<typeof trustOf>) => [...certificates.values()][0] as never

const otherCase = (text: string): string =>
  text.replace(/[a-z]/i, (letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()))
