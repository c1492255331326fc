import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { TypeCatalogue } from '../catalogue.js'
import type { TocsinEvent } from '../envelope.js'
import type { KnownType } from '../types.js'
import { NATIVE_TYPES } from './all.js'

const catalogue = new TypeCatalogue(NATIVE_TYPES)

describe('the native catalogue', () => {
  it('names every type as noun.verb', () => {
    for (const { name, category } of NATIVE_TYPES) {
      expect(name).toMatch(/^(tocsin\.)?[a-z]+\.[a-z]+(-[a-z]+)*$/)
      expect(name.startsWith(`${category}.`)).toBe(true)
    }
  })

  it('declares a TypeScript shape for each type and no other', () => {
    expectTypeOf<(typeof NATIVE_TYPES)[number]['name']>().toEqualTypeOf<KnownType>()
  })

  it('has schemas that ajv compiles in strict mode', () => {
    const ajv = new Ajv2020({ strict: true })
    addFormats.default(ajv)
    for (const { name, schema } of NATIVE_TYPES) {
      const validate = ajv.compile(schema ?? {})
      expect(validate({}), name).toBe(true)
      expect(validate({ somethingElse: [1] }), name).toBe(true)
      expect(validate([]), name).toBe(false)
    }
  })

  it('checks what a field holds', () => {
    const ajv = new Ajv2020()
    addFormats.default(ajv)
    const validate = ajv.compile(catalogue.get('request.approved')?.schema ?? {})
    expect(validate({ approvals: 2, approvalsNeeded: 3, startedAt: '2026-01-01T00:00:00Z' })).toBe(true)
    expect(validate({ approvals: '2' })).toBe(false)
    expect(validate({ startedAt: 'yesterday' })).toBe(false)
    expect(validate({ changes: [{ op: 'replace', path: '/status', value: 'Approved' }] })).toBe(true)
    expect(validate({ changes: [{ op: 'rename', path: '/status' }] })).toBe(false)
  })

  it('has no field for a secret, and redacts only fields it has', () => {
    for (const { name, schema, sensitive = [] } of NATIVE_TYPES) {
      const known = Object.keys((schema as { properties: object }).properties)
      expect(
        known.filter((field) => /pin|password|secret|key$|code$|puk/i.test(field) && field !== 'code'),
        name,
      ).toEqual([])
      expect(known, name).toEqual(expect.arrayContaining([...sensitive]))
    }
  })

  it('says what an event is about where its noun is a type of resource', () => {
    expect(catalogue.get('device.issued')?.resourceType).toBe('device')
    expect(catalogue.get('user.deleted')?.resourceType).toBe('user')
    const free = NATIVE_TYPES.filter((type) => type.resourceType === undefined).map((type) => type.category)
    expect(new Set(free)).toEqual(new Set(['workflow', 'resource', 'registry', 'tocsin']))
  })

  it('counts no field that only names the message, and only fields it has', () => {
    expect(catalogue.get('resource.changed')?.state).toContain('properties')
    for (const { name, schema, state = [] } of NATIVE_TYPES) {
      const known = Object.keys((schema as { properties: object }).properties)
      expect(known, name).toEqual(expect.arrayContaining([...state]))
      expect(state, name).not.toContain('before')
    }
  })

  it('refuses asynchronous processors where nothing is left to work on', () => {
    const refusing = NATIVE_TYPES.filter((type) => type.asynchronous === false).map((type) => type.name)
    expect(refusing).toEqual(['user.deleted', 'resource.removed', 'registry.deleted'])
  })

  it('lets what takes access away go first', () => {
    expect(catalogue.get('credential.revoked')?.defaults).toEqual({ priority: 'high' })
    expect(catalogue.get('credential.issued')?.defaults).toBeUndefined()
  })
})

describe('the types', () => {
  it('narrow data in a switch on the type', () => {
    const describeEvent = (event: TocsinEvent<KnownType>): string => {
      switch (event.type) {
        case 'device.terminated':
          expectTypeOf(event.data.serialNumber).toEqualTypeOf<string | undefined>()
          expectTypeOf(event.data.temporary).toEqualTypeOf<boolean | undefined>()
          return event.data.serialNumber ?? ''
        case 'resource.changed':
          expectTypeOf(event.data.owner).toEqualTypeOf<string | null | undefined>()
          // @ts-expect-error a resource has no serial number
          return event.data.serialNumber ?? ''
        default:
          return event.type
      }
    }
    const event = { id: '1', source: '/cms', type: 'device.terminated', data: { serialNumber: 'A1' } } as const
    expect(describeEvent(event)).toBe('A1')
  })

  it('leave the data of other types unknown', () => {
    expectTypeOf<TocsinEvent<'badge.printed'>['data']>().toBeUnknown()
    expectTypeOf<TocsinEvent<'user.renamed'>['data']['previousUserName']>().toEqualTypeOf<string | undefined>()
  })
})
