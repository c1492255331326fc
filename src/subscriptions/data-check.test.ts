import { describe, expect, it } from 'vitest'
import { TypeCatalogue, type TypeDefinition } from '../event/catalogue.js'
import { compileCel } from './cel.js'
import { dataCheckOf } from './data-check.js'

const type = (name: string, properties: object, sensitive: readonly string[] = []): TypeDefinition => ({
  ...{ name, title: name, category: 'device', sensitive },
  schema: { type: 'object', properties },
})
const catalogue = new TypeCatalogue([
  type('device.issued', { serialNumber: {}, user: { type: 'object', properties: { mail: {} } } }, ['user.mail']),
  type('device.lost', { reason: {}, more: { type: 'object' } }),
  { name: 'free.type', title: 'Free', category: 'device' },
])

const check = (expression: string, types: readonly string[], more: object = {}) =>
  dataCheckOf({ types, payload: 'full', redaction: 'none', ...more }, catalogue)(
    compileCel(expression, 'value', 'f'),
    'target.text',
  )

describe('what an expression reads', () => {
  it.each([
    ['data.serialNumber', ['device.issued']],
    ['data.user.mail', ['device.*']],
    ['data.more.anything.at.all', ['device.lost']],
    ['data.reason + data.serialNumber', ['device.*']],
    ['has(data.unknown) ? "a" : "b"', ['device.issued']],
    ['has(data.unknown) ? data.unknown.at.all : ""', ['device.issued']],
    ['!has(data.user.phone) || data.user.phone == "1"', ['device.issued']],
    ['data.unknown', ['free.type']],
    ['data.unknown', ['device.issued', 'https://elsewhere.example/type']],
    ['event.subject', ['device.issued']],
  ])('may be %s of %j', (expression, types) => {
    expect(() => check(expression, types)).not.toThrow()
  })

  it.each([
    ['data.serialnumber', ['device.issued'], 'data.serialnumber. Did you mean "serialNumber"?'],
    ['data.user.phone', ['device.*'], 'data.user.phone.'],
    ['[data.reason, data.raeson]', ['device.lost'], 'data.raeson. Did you mean "reason"?'],
    ['has(data.raeson) ? data.reasno : ""', ['device.lost'], 'data.reasno. Did you mean "reason"?'],
    ['"x" + string(data.nothing)', ['*'], null],
  ])('is refused when no type describes it: %s of %j', (expression, types, message) => {
    const refusal = expect(() => check(expression, types))
    if (message === null) refusal.not.toThrow()
    else refusal.toThrow(expect.objectContaining({ field: 'target.text', message: expect.stringContaining(message) }))
  })

  it('is refused when it is hidden, and free when the payload is the subscriber’s own', () => {
    expect(() => check('data.user.mail', ['device.issued'], { redaction: 'sensitive' })).toThrow('sensitive')
    expect(() => check('data.other', ['device.issued'], { payload: { cel: '{"other": 1}' } })).not.toThrow()
  })
})
