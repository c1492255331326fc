import { describe, expect, it } from 'vitest'
import type { AnyEvent } from '../event/envelope.js'
import { compileFilters } from './filter.js'
import { shapeEvent } from './payload.js'
import { type Classified, redact, type TypeLookup } from './redact.js'
import { viewOf } from './wire-view.js'

const TYPES: TypeLookup = {
  lineage: (type) => (type === 'cms.changed' ? ['cms.changed', 'user.changed'] : [type]),
  get: (type) =>
    ({
      'user.changed': { sensitive: ['properties.ssn', 'members.mail'] },
      'cms.changed': { sensitive: ['pin'] },
    })[type],
}

const DATA = {
  pin: '1234',
  properties: { ssn: '078', name: 'Ann' },
  members: [{ mail: 'a@b', id: 1 }, { id: 2 }],
  before: { properties: { ssn: '077', name: 'Ann' } },
  changes: [
    { op: 'replace', path: '/properties/ssn', value: '078' },
    { op: 'replace', path: '/properties/name', value: 'Ann' },
    { op: 'add', path: '/properties', value: { ssn: '078', name: 'Ann' } },
    { op: 'add', path: '/members/0/mail', value: 'a@b' },
    { op: 'add', path: '/pin', value: '1234' },
  ],
}

const EVENT: AnyEvent = {
  id: '1',
  source: '/cms',
  type: 'cms.changed',
  subject: 'u1',
  dataSchema: 'urn:v1',
  data: DATA,
}

const REDACTED = {
  properties: { name: 'Ann' },
  members: [{ id: 1 }, { id: 2 }],
  before: { properties: { name: 'Ann' } },
  changes: [
    { op: 'replace', path: '/properties/name', value: 'Ann' },
    { op: 'add', path: '/properties', value: { name: 'Ann' } },
  ],
}

const shaped = (payload: Parameters<typeof shapeEvent>[1]['payload'], redaction: 'none' | 'sensitive' = 'none') =>
  shapeEvent(EVENT, { payload, redaction }, TYPES)

const dataOf = (cel: string) => {
  const result = shaped({ cel })
  return result.outcome === 'shaped' ? result.event.data : result
}

describe('redaction', () => {
  const CLASSED: TypeLookup = {
    lineage: TYPES.lineage,
    get: (type): Classified =>
      type === 'user.changed'
        ? { sensitive: ['properties.ssn', 'members.mail'], classes: { contact: ['members.mail'] } }
        : { sensitive: ['pin', 'phone', 'members.mail'], classes: { contact: ['phone'], private: ['phone'] } },
  }
  const seen = (...sees: string[]) =>
    redact({ ...EVENT, data: { phone: '1', ...DATA } }, 'sensitive', CLASSED, sees).data

  it('leaves the classes of fields that are seen, and of none what is of another too', () => {
    expect(seen()).toEqual(REDACTED)
    const contact = { ...REDACTED, members: DATA.members, changes: [...REDACTED.changes, DATA.changes[3]] }
    expect(seen('contact')).toEqual(contact)
    expect(seen('contact', 'private')).toEqual({ phone: '1', ...contact })
    expect(seen('private')).toEqual(REDACTED)
    expect(seen('sensitive', 'contact', 'private')).toEqual({ phone: '1', ...DATA })
    expect(seen('sensitive')).toMatchObject({ pin: '1234', members: REDACTED.members })
  })

  it('holds for filters and payloads by the same classes', () => {
    const spec = { payload: { cel: '{"mail": data.members[0].mail}' }, redaction: 'sensitive' } as const
    expect(shapeEvent(EVENT, spec, CLASSED)).toMatchObject({ outcome: 'refused', code: 'payload_failed' })
    const shown = shapeEvent(EVENT, { ...spec, sees: ['contact'] }, CLASSED)
    expect(shown).toMatchObject({ outcome: 'shaped', event: { data: { mail: 'a@b' } } })
  })

  it('removes sensitive fields of the type and of its native type, also from before and changes', () => {
    const before = structuredClone(EVENT)
    expect(redact(EVENT, 'sensitive', TYPES).data).toEqual(REDACTED)
    expect(EVENT).toEqual(before)
  })

  it('leaves everything to the class none, and to types without sensitive fields', () => {
    expect(redact(EVENT, 'none', TYPES)).toBe(EVENT)
    const other = { ...EVENT, type: 'device.issued' }
    expect(redact(other, 'sensitive', TYPES)).toBe(other)
  })

  it('keeps filters and payloads from seeing what is removed', () => {
    const seen = redact(EVENT, 'sensitive', TYPES)
    expect(compileFilters([{ cel: 'data.pin == "1234"' }])(viewOf(EVENT))).toBe(true)
    expect(compileFilters([{ cel: 'data.pin == "1234"' }])(viewOf(seen))).toBe(false)
    expect(shaped({ cel: '{"pin": data.pin}' }, 'sensitive')).toEqual({
      outcome: 'refused',
      code: 'payload_failed',
      message: 'The payload expression gave no data: No such key: pin.',
    })
  })
})

describe('payload', () => {
  it('full is the event as the class sees it', () => {
    expect(shaped('full')).toEqual({ outcome: 'shaped', event: EVENT })
    expect(shaped('full', 'sensitive')).toEqual({ outcome: 'shaped', event: { ...EVENT, data: REDACTED } })
  })

  it('thin is ids alone, and its schema is not the type’s', () => {
    const { dataSchema: _, ...attributes } = EVENT
    const data = { id: '1', source: '/cms', type: 'cms.changed', subject: 'u1' }
    expect(shaped('thin')).toEqual({ outcome: 'shaped', event: { ...attributes, data } })
  })

  it('a CEL expression yields the new data, as JSON', () => {
    const cel = `{"name": data.properties.name, "n": 3, "u": 4u, "half": 0.5, "who": event.subject, "no": null,
      "at": timestamp("2026-01-02T03:04:05Z"), "for": duration("90s"), "raw": b"hi", "ids": data.members.map(m, m.id)}`
    expect(dataOf(cel)).toEqual({
      ...{ name: 'Ann', n: 3, u: 4, half: 0.5, who: 'u1', no: null, at: '2026-01-02T03:04:05.000Z' },
      ...{ for: '90s', raw: 'aGk=', ids: [1, 2] },
    })
    expect(dataOf('data')).toEqual(EVENT.data)
  })

  it.each([
    ['data.members', 'it is not a map'],
    ['{"n": 9007199254740993}', 'it holds an integer beyond 2^53'],
    ['{"n": 1.0 / 0.0}', 'it holds a number that is not finite'],
    ['{"t": type(1)}', 'it holds a value that JSON has no form for'],
    ['bytes("{\\"__proto__\\": 1}").json()', 'a key of it is not allowed'],
  ])('refuses %s', (cel, reason) => {
    const result = shaped({ cel })
    expect(result).toMatchObject({ outcome: 'refused', code: 'payload_invalid' })
    if (result.outcome === 'refused') expect(result.message).toContain(reason)
  })

  it('lets no key of a prototype through', () => {
    expect(dataOf('{"__proto__": {"a": 1}, "constructor": 1, "b": 2}')).toEqual({ b: 2 })
  })

  it('refuses what is longer than an event may be, or too deep, without writing it first', () => {
    const long = { ...EVENT, data: { s: 'x'.repeat(400_000), deep: JSON.parse('['.repeat(70) + ']'.repeat(70)) } }
    const spec = (cel: string) => ({ payload: { cel }, redaction: 'none' as const })
    expect(shapeEvent(long, spec('{"a": [data.s, data.s, data.s]}'), TYPES)).toMatchObject({ code: 'payload_invalid' })
    expect(shapeEvent(long, spec('{"a": data.deep}'), TYPES)).toMatchObject({ code: 'payload_invalid' })
    expect(shapeEvent(long, spec('{"a": data.s}'), TYPES)).toMatchObject({ outcome: 'shaped' })
  })
})
