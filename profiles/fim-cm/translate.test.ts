import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type BadMessage, proveProfile, refusal, translated } from '../../test/profile-conformance.js'
import { looksSecret } from '../secrets.js'
import { catalogue } from './catalogue.js'
import { fimCm, samples } from './index.js'
import { KINDS, NAMED_UNPROVEN } from './kinds.js'
import { REQUEST_PROPERTIES, STATUSES } from './request.js'

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'))
const messages: Record<string, { Request: Record<string, unknown> }> = fixture('messages')
const reference: {
  notificationTypes: { name: string; applicability: string; semantics: string[] }[]
  requestProperties: string[]
  requestStatus: string[]
  requestTypes: string[]
} = fixture('reference')

const event = (name: string) => translated(fimCm, messages[name])
const approved = messages['request approved'] ?? { Request: {} }
const withRequest = (name: string, change: Record<string, unknown>) => {
  const message = messages[name]
  return { ...message, Request: { ...message?.Request, ...change } }
}
const NONE = '00000000-0000-0000-0000-000000000000'

const bad: readonly BadMessage[] = [
  ['no type', { ...approved, NotificationType: undefined }, 'NotificationType'],
  ['a type as a number', { ...approved, NotificationType: 3 }, 'NotificationType'],
  ['an unknown type', { ...approved, NotificationType: 'EnrollSmartcard' }, 'NotificationType'],
  [
    'a type that is only named as a request type',
    { ...approved, NotificationType: 'RecoverProfile' },
    'NotificationType',
  ],
  ['a success as text', { ...approved, IsSuccess: 'true' }, 'IsSuccess'],
  ['no success', { ...approved, IsSuccess: null }, 'IsSuccess'],
  ['an actor that is no GUID', { ...approved, ActorUserUuid: 'jdoe' }, 'ActorUserUuid'],
  ['a start that is no time', { ...approved, Started: 'yesterday' }, 'Started'],
  ['a start on a day that is none', { ...approved, Started: '2026-02-29T00:00:00Z' }, 'Started'],
  ['a completion beyond all years', { ...approved, Completed: '/Date(999999999999999)/' }, 'Completed'],
  ['an unknown property', { ...approved, OneTimePasswords: ['x'] }, 'OneTimePasswords'],
  ['no request', { ...approved, Request: undefined }, 'Request'],
  ['a request that is an array', { ...approved, Request: [] }, 'Request'],
  ['a request without id', withRequest('request approved', { Uuid: NONE }), 'Request.Uuid'],
  ['an unknown request property', withRequest('request approved', { AdminPin: '1234' }), 'Request.AdminPin'],
  ['an unknown status', withRequest('request approved', { Status: 'Abandoned' }), 'Request.Status'],
  ['a status below all', withRequest('request approved', { Status: -1 }), 'Request.Status'],
  ['a status beyond a byte', withRequest('request approved', { Status: 256 }), 'Request.Status'],
  ['a software request to unblock', withRequest('request approved', { RequestType: 'Unblock' }), 'Request.RequestType'],
  ['a status that is no integer', withRequest('request approved', { Status: 1.5 }), 'Request.Status'],
  ['a request type with spaces', withRequest('request approved', { RequestType: 'Enroll me' }), 'Request.RequestType'],
  ['a priority beyond a byte', withRequest('request approved', { Priority: 256 }), 'Request.Priority'],
  ['a huge flag', withRequest('request approved', { Flags: 1e308 }), 'Request.Flags'],
  ['collected data that is no list', withRequest('request approved', { DataCollection: {} }), 'Request.DataCollection'],
  [
    'a collected item that is text',
    withRequest('request approved', { DataCollection: ['x'] }),
    'Request.DataCollection[0]',
  ],
  [
    'a collected value that is an object',
    withRequest('request approved', { DataCollection: [{ Name: 'a', Value: {} }] }),
    'Request.DataCollection[0].Value',
  ],
  [
    'a card event of a software request',
    withRequest('smart card disabled', { IsSmartcard: false }),
    'Request.IsSmartcard',
  ],
  ['a PFX download of a card request', withRequest('download begun', { IsSmartcard: true }), 'Request.IsSmartcard'],
  ['a lone surrogate', withRequest('request approved', { Comment: '\udc00' }), 'Request.Comment'],
  ['a forbidden key', withRequest('request approved', JSON.parse('{"constructor":{}}')), 'Request.constructor'],
]

describe('fim-cm', () => proveProfile(fimCm, samples, bad))

describe('the kinds', () => {
  it('are the fifteen the reference proves', () => {
    expect(KINDS.map((kind) => kind.name)).toEqual(reference.notificationTypes.map((type) => type.name))
    expect(KINDS).toHaveLength(15)
  })
  it('apply where the reference says', () => {
    const words: Record<string, string> = { 'smart card only': 'smartcard', 'software profiles only': 'software' }
    const theirs = reference.notificationTypes.map((type) => words[type.applicability] ?? type.applicability)
    expect(KINDS.map((kind) => kind.applies)).toEqual(theirs)
  })
  it('come before the deed where the reference says BEFORE', () => {
    const before = reference.notificationTypes.filter((type) => type.semantics.some((text) => text.includes('BEFORE')))
    expect(KINDS.filter((kind) => kind.phase === 'pre').map((kind) => kind.name)).toEqual(
      before.map((type) => type.name),
    )
    expect(before).toHaveLength(2)
  })
  it('read the 21 properties of a request and its statuses', () => {
    expect(REQUEST_PROPERTIES).toEqual(reference.requestProperties)
    expect([...STATUSES].sort()).toEqual([...reference.requestStatus].sort())
    for (const RequestType of reference.requestTypes) {
      expect(translated(fimCm, withRequest('request approved', { RequestType, IsSmartcard: true })).data).toMatchObject(
        {
          requestType: RequestType,
        },
      )
    }
  })
  it('that are only named say so', () => {
    for (const name of NAMED_UNPROVEN) {
      const error = refusal(fimCm, { ...approved, NotificationType: name })
      expect(error).toMatchObject({ code: 'unknown_type', expected: expect.stringContaining('ApproveRequest') })
      expect(error.message).toContain('not proven')
    }
  })
})

describe('an event', () => {
  it('about a request is about the request, in order with the person it is for', () => {
    expect(event('request approved')).toEqual({
      id: expect.stringMatching(/^[\w-]{43}$/),
      source: '/systems/one',
      type: 'fim-cm.ApproveRequest',
      subject: '3fb2c9a0-5d1e-4c57-9a53-0b8c1d2e3f40',
      time: '2026-11-21T10:00:01.5000001Z',
      partitionKey: '22222222-2222-4222-8222-222222222222',
      actor: '33333333-3333-4333-8333-333333333333',
      outcome: 'success',
      phase: 'post',
      transactionId: '3fb2c9a0-5d1e-4c57-9a53-0b8c1d2e3f40',
      data: {
        about: 'request',
        startedAt: '2026-11-21T10:00:00.1234567Z',
        completedAt: '2026-11-21T10:00:01.5000001Z',
        requestId: '3fb2c9a0-5d1e-4c57-9a53-0b8c1d2e3f40',
        requestType: 'Enroll',
        status: 'Pending',
        smartcard: false,
        originatorId: '11111111-1111-4111-8111-111111111111',
        userId: '22222222-2222-4222-8222-222222222222',
        profileTemplateId: '44444444-4444-4444-8444-444444444444',
        submittedAt: '2026-11-20T08:00:00Z',
        requestPriority: 0,
        enrollmentAgent: false,
        collectionComplete: true,
        flags: 0,
        collectionFlags: 0,
        comment: '',
        securityDescriptor: 'O:BAG:DUD:(A;;GA;;;BA)',
        collected: [],
      },
    })
  })
  it('has the same id for the same notification, another for another approval', () => {
    expect(event('request approved').id).toBe(event('request approved').id)
    const later = translated(fimCm, { ...approved, Started: '2026-11-21T10:00:00.1234568' })
    const byAnother = translated(fimCm, { ...approved, ActorUserUuid: '88888888-8888-4888-8888-888888888888' })
    expect(new Set([event('request approved').id, later.id, byAnother.id]).size).toBe(3)
  })
  it('never carries a one-time password or an admin key', () => {
    const { data } = event('profile created')
    expect(JSON.stringify(data)).not.toContain('canary')
    expect(data).toMatchObject({
      about: 'profile',
      collected: [
        { name: 'Department', value: 'Radiology' },
        { name: 'OneTimePassword', removed: true },
        { name: 'AdminKey', removed: true },
        { name: 'Room', value: null },
      ],
    })
    expect(
      catalogue.every((type) => type.sensitive?.includes('collected') && type.sensitive.includes('securityDescriptor')),
    ).toBe(true)
  })
  it('does not show a refused value', () => {
    const error = refusal(fimCm, withRequest('request approved', { AdminPin: 'canary' }))
    expect(JSON.stringify([error.message, error.expected, error.data])).not.toContain('canary')
  })
  it('about a card comes before its certificates are revoked', () => {
    expect(event('smart card disabled')).toMatchObject({
      phase: 'pre',
      subject: '66666666-6666-4666-8666-666666666666',
      data: {
        about: 'smartcard',
        deviceId: '66666666-6666-4666-8666-666666666666',
        profileId: '77777777-7777-4777-8777-777777777777',
      },
    })
  })
  it('about a card whose id is not known yet is about the request', () => {
    const created = event('smart card created, id not yet known')
    expect(created).toMatchObject({ subject: '3fb2c9a0-5d1e-4c57-9a53-0b8c1d2e3f40', data: { about: 'request' } })
    expect(created.data).not.toHaveProperty('newDeviceId')
  })
  it('that is not completed has the time of its start', () => {
    expect(event('download begun')).toMatchObject({ time: '2026-11-21T10:00:00.1234567Z' })
    expect(event('download begun').data).not.toHaveProperty('completedAt')
  })
  it('takes numbers as REST gives them, and names only what was seen', () => {
    expect(event('unblock request as REST writes it').data).toMatchObject({ requestType: 'Unblock', status: '3' })
  })
  it('that failed, by nobody, with the times of .NET 3.5', () => {
    const failed = event('request failed')
    expect(failed).toMatchObject({ outcome: 'failure', time: '2026-11-21T10:00:00.000Z' })
    expect(failed).not.toHaveProperty('actor')
  })
})

describe('secret names', () => {
  it.each([
    'password',
    'newPassword',
    'Admin PIN',
    'admin_key',
    'OneTimePassword',
    'passwords',
    'unlockCode',
    'PIN',
    'api-key',
  ])('%s', (name) => {
    expect(looksSecret(name)).toBe(true)
  })
  it.each(['Department', 'key', 'pinnacle', 'opinion', 'codeList', 'Spinal', ''])('not %s', (name) => {
    expect(looksSecret(name)).toBe(false)
  })
})
