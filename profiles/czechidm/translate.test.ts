import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type BadMessage, proveProfile, translated } from '../../test/profile-conformance.js'
import { catalogue } from './catalogue.js'
import { ENTITIES, entityOf } from './entities.js'
import { czechidm, samples } from './index.js'

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'))
const rows: Record<string, Record<string, unknown>> = fixture('rows')
const reference: { eventTypesByEntity: Record<string, string[]>; eventTypesOfProcessors: Record<string, string[]> } =
  fixture('reference')

const event = (name: string) => translated(czechidm, rows[name])
const updated = rows['identity updated'] ?? {}
const typeNamed = (name: string) => catalogue.find((type) => type.name === name)

const bad: readonly BadMessage[] = [
  ['no owner type', { ...updated, ownerType: null }, 'ownerType'],
  ['an owner type as a list', { ...updated, ownerType: ['x'] }, 'ownerType'],
  ['an owner type that is no class', { ...updated, ownerType: 'eu.bcvsolutions.' }, 'ownerType'],
  ['no owner', { ...updated, ownerId: '' }, 'ownerId'],
  ['an owner as a number', { ...updated, ownerId: 7 }, 'ownerId'],
  ['no event type', { ...updated, eventType: undefined }, 'eventType'],
  ['an event type as an object', { ...updated, eventType: { name: 'UPDATE' } }, 'eventType'],
  ['an event type with a line break', { ...updated, eventType: 'UPDATE\n' }, 'eventType'],
  ['an id as a number', { ...updated, id: 7 }, 'id'],
  ['an unknown priority', { ...updated, priority: 'LOW' }, 'priority'],
  ['a priority named like a property of all objects', { ...updated, priority: 'toString' }, 'priority'],
  ['a priority as its number', { ...updated, priority: 5 }, 'priority'],
  ['a date that is none', { ...updated, executeDate: 'tonight' }, 'executeDate'],
  ['a day that is none', { ...updated, created: '2026-02-30T10:00:00Z' }, 'created'],
  ['a huge time', { ...updated, created: 1e308 }, 'created'],
  ['half a millisecond', { ...updated, created: 1.5 }, 'created'],
  ['properties as a list', { ...updated, properties: [] }, 'properties'],
  [
    'a wrong internal property',
    { ...updated, priority: null, properties: { 'idm:priority': 5 } },
    'properties.idm:priority',
  ],
  ['a flag as a number', { ...updated, properties: { 'idm:skip-notify': 1 } }, 'properties.idm:skip-notify'],
  ['content as text', { ...updated, content: 'novak' }, 'content'],
  ['content as a list', { ...updated, content: [] }, 'content'],
  ['an original source as text', { ...updated, originalSource: 'x' }, 'originalSource'],
  ['a user name as a number', { ...updated, content: { username: 7 } }, 'content.username'],
  [
    'a forbidden key in the content',
    { ...updated, content: JSON.parse('{"a":[{"__proto__":{}}]}') },
    'content.a[0].__proto__',
  ],
  ['a lone surrogate in the content', { ...updated, content: { firstName: '\ud83d' } }, 'content.firstName'],
]

describe('czechidm', () => proveProfile(czechidm, samples, bad))

describe('the entities and types', () => {
  it('are all of those the processors listen to, abstract ones apart', () => {
    for (const [dto, types] of Object.entries(reference.eventTypesOfProcessors)) {
      if (/^Abstract|^FormableDto$/.test(dto)) continue
      const known = ENTITIES.get(entityOf(dto)) ?? []
      expect(known, dto).toEqual(expect.arrayContaining(types.filter((type) => !type.startsWith('*'))))
    }
  })
  it('are no others than the reference names', () => {
    const named = new Set(
      [...Object.values(reference.eventTypesByEntity), ...Object.values(reference.eventTypesOfProcessors)].flat(),
    )
    for (const type of [...ENTITIES.values()].flat()) expect(named).toContain(type)
  })
  it('of identities are those of users', () => {
    const natives = [...(ENTITIES.get('Identity') ?? [])].map((type) => [
      type,
      typeNamed(`czechidm.Identity.${type}`)?.caseOf,
    ])
    expect(Object.fromEntries(natives)).toEqual({
      CREATE: 'user.created',
      UPDATE: 'user.updated',
      DELETE: 'user.deleted',
      EAV_SAVE: 'user.updated',
      NOTIFY: 'user.updated',
      PASSWORD: 'user.password-changed',
      PASSWORD_EXPIRED: 'user.password-expired',
    })
  })
  it('refuse asynchronous processors for DELETE alone', () => {
    const synchronous = catalogue.filter((type) => type.asynchronous === false)
    expect(synchronous.every((type) => type.name.endsWith('.DELETE'))).toBe(true)
    expect(synchronous).toHaveLength(catalogue.filter((type) => type.name.endsWith('.DELETE')).length)
  })
  it.each([
    ['eu.bcvsolutions.idm.core.model.entity.IdmIdentity', 'Identity'],
    ['eu.bcvsolutions.idm.core.api.dto.IdmIdentityDto', 'Identity'],
    ['IdmRole', 'Role'],
    ['eu.bcvsolutions.idm.acc.entity.SysSystem', 'SysSystem'],
    ['com.example.Idmuse', 'Idmuse'],
    ['com.example.Dto', 'Dto'],
  ])('%s is %s', (ownerType, entity) => expect(entityOf(ownerType)).toBe(entity))
})

describe('an event', () => {
  it('maps the row to attributes and leaves its state out', () => {
    expect(event('identity updated')).toEqual({
      id: '0b8c1d2e-3f40-4fb2-89a0-5d1e4c579a53',
      source: '/systems/one',
      type: 'czechidm.Identity.UPDATE',
      subject: '33333333-3333-4333-8333-333333333333',
      time: '2026-11-21T10:00:00.123+01:00',
      actor: 'hr',
      transactionId: '22222222-2222-4222-8222-222222222222',
      parentId: '44444444-4444-4444-8444-444444444444',
      rootId: '55555555-5555-4555-8555-555555555555',
      parentType: 'CREATE',
      priority: 'high',
      executeAt: '2026-11-22T02:00:00.000+01:00',
      skipNotify: true,
      data: {
        id: '33333333-3333-4333-8333-333333333333',
        type: 'eu.bcvsolutions.idm.core.model.entity.IdmIdentity',
        entity: 'Identity',
        eventType: 'UPDATE',
        creatorId: '11111111-1111-4111-8111-111111111111',
        userId: '33333333-3333-4333-8333-333333333333',
        userName: 'novak',
        properties: { reason: 'moved' },
        before: { id: '33333333-3333-4333-8333-333333333333', username: 'novak', firstName: 'Honza' },
        content: {
          id: '33333333-3333-4333-8333-333333333333',
          username: 'novak',
          firstName: 'Jan',
          passwordExpired: true,
          _eav: [
            {
              values: [
                { id: 'v1', confidential: true },
                { id: 'v2', confidential: false, stringValue: 'open', value: 'open' },
              ],
            },
          ],
        },
      },
    })
  })
  it.each(Object.keys(rows))('never carries a secret: %s', (name) => {
    expect(JSON.stringify(event(name))).not.toContain('canary')
  })
  it('is the same while the state of its row changes', () => {
    const later = {
      ...updated,
      closed: true,
      processedOrder: 1000,
      modified: '2026-11-21T11:00:00Z',
      result: { state: 'EXECUTED' },
    }
    expect(translated(czechidm, later)).toEqual(event('identity updated'))
  })
  it('that is immediate does not wait, and without a row has no id', () => {
    const password = event('password changed')
    expect(password).toMatchObject({ type: 'czechidm.Identity.PASSWORD', priority: 'immediate' })
    expect(password).not.toHaveProperty('executeAt')
    expect(password).not.toHaveProperty('id')
    expect(password.data).not.toHaveProperty('properties')
  })
  it.each([
    [true, true],
    ['true', true],
    ['TRUE', true],
    [false, undefined],
    ['false', undefined],
    ['yes', undefined],
    [null, undefined],
  ])('skips what is set to %j as CzechIdM reads it', (flag, skips) => {
    const properties = { 'idm:skip-notify': flag, 'idm:skip-notification': flag }
    const { skipNotify, skipNotification, data } = translated(czechidm, { ...updated, properties })
    expect([skipNotify, skipNotification]).toEqual([skips, skips])
    expect(data).not.toHaveProperty('properties')
  })
  it('keeps the properties of callers and never the internal ones', () => {
    const properties = { 'force-delete': true, 'idm:permission': ['ADMIN'], 'idm:anything': 1, reason: 'x' }
    expect(translated(czechidm, { ...updated, properties }).data).toMatchObject({
      properties: { 'force-delete': true, reason: 'x' },
    })
    expect(JSON.stringify(translated(czechidm, { ...updated, properties }))).not.toMatch(/idm:|permission/)
  })
  it('has a super owner where it is another than the owner', () => {
    expect(event('role assigned')).toMatchObject({
      subject: '77777777-7777-4777-8777-777777777777',
      superOwner: '33333333-3333-4333-8333-333333333333',
      time: '2026-11-21T10:00:00.000Z',
      parentType: 'CREATE',
    })
    expect(event('identity updated')).not.toHaveProperty('superOwner')
  })
  it('takes from the internal properties what the row lacks', () => {
    expect(event('properties alone tell')).toEqual({
      id: '99999999-9999-4999-8999-999999999999',
      source: '/systems/one',
      type: 'czechidm.RoleRequest.CREATE',
      subject: '88888888-8888-4888-8888-888888888888',
      superOwner: '33333333-3333-4333-8333-333333333333',
      transactionId: 't',
      parentId: 'p',
      rootId: 'r',
      parentType: 'EXCECUTE',
      priority: 'normal',
      executeAt: '2026-11-22T02:00:00Z',
      data: {
        id: '88888888-8888-4888-8888-888888888888',
        type: 'eu.bcvsolutions.idm.core.model.entity.IdmRoleRequest',
        entity: 'RoleRequest',
        eventType: 'CREATE',
        requestId: '88888888-8888-4888-8888-888888888888',
        before: { state: 'CONCEPT' },
      },
    })
  })
  it('a module invented is accepted under a type of its own', () => {
    expect(event('invented by a module')).toMatchObject({
      type: 'czechidm.custom',
      data: { entity: 'ParkingPermit', eventType: 'WAIT' },
    })
    expect(event("core type of a module's entity")).toMatchObject({ type: 'czechidm.DELETE' })
    expect(typeNamed('czechidm.DELETE')?.caseOf).toBe('resource.removed')
    expect(typeNamed('czechidm.custom')).not.toHaveProperty('caseOf')
    expect(translated(czechidm, { ...updated, eventType: 'CONSTRUCTED' }).type).toBe('czechidm.custom')
  })
})
