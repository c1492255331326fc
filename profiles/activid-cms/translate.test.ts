import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type BadMessage, proveProfile, refusal, translated } from '../../test/profile-conformance.js'
import { catalogueOf } from './catalogue.js'
import { actividCms, samples } from './index.js'
import { KINDS, Kinds, NAMED_WITHOUT_NUMBER } from './kinds.js'

const catalogue = catalogueOf(new Kinds())

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'))
const messages: Record<string, Record<string, unknown>> = fixture('messages')
const reference: {
  gaps: string[]
  namedWithoutNumber: string[]
  auditRows: { auditEventId: number; token: string; notificationWithSameId?: string }[]
  events: { eventId: number; token: string; timing: string; category: string; slots: Record<string, string> | null }[]
} = fixture('reference')

const event = (name: string) => translated(actividCms, messages[name])
const issued = messages['device issued'] ?? {}

const bad: readonly BadMessage[] = [
  ['an EventID as text', { ...issued, EventID: '10001' }, 'EventID'],
  ['an EventID that is no integer', { ...issued, EventID: 10001.5 }, 'EventID'],
  ['a huge EventID', { ...issued, EventID: 1e308 }, 'EventID'],
  ['an unknown EventID', { ...issued, EventID: 10003 }, 'EventID'],
  ['no EventID', { ...issued, EventID: undefined }, 'EventID'],
  ['a status out of range', { ...issued, Status: 2 }, 'Status'],
  ['a status as text', { ...issued, Status: '0' }, 'Status'],
  ['no status', { ...issued, Status: null }, 'Status'],
  ['a serial number as a number', { ...issued, ClientID: 12 }, 'ClientID'],
  ['a serial number with a line break', { ...issued, ClientID: 'A\nB' }, 'ClientID'],
  ['a lone surrogate', { ...issued, ClientID: 'A\ud800' }, 'ClientID'],
  ['a flag that is neither 0 nor 1', { ...issued, AdditionalInfoNum1: 2 }, 'AdditionalInfoNum1'],
  ['a number beyond 32 bits', { ...issued, AdditionalInfoNum2: 2 ** 31 }, 'AdditionalInfoNum2'],
  ['a text slot with an object', { ...issued, AdditionalInfoChar1: {} }, 'AdditionalInfoChar1'],
  ['a text slot with an array', { ...issued, AdditionalInfoChar2: [] }, 'AdditionalInfoChar2'],
  ['a misspelt attribute', { ...issued, AdditionalInfoChar21: 'x' }, 'AdditionalInfoChar21'],
  ['a bag on an event that has none', { ...issued, CredentialValues: {} }, 'CredentialValues'],
  ['a bag that is an array', { ...messages['create credential'], CredentialValues: [] }, 'CredentialValues'],
  ['an audit row with the same number', { ...issued, EventID: 20003, Description: 'RequestIssuance' }, 'Description'],
  ['a forbidden key', JSON.parse('{"EventID":10001,"Status":0,"__proto__":{}}'), '__proto__'],
  ['a wrapper with other members', { event: issued, when: 'now' }, 'when'],
  ['a wrapper with a bad time', { event: issued, time: '2026-02-30T00:00:00Z' }, 'time'],
  ['a wrapper with a number as id', { event: issued, id: 7 }, 'id'],
  ['a wrapper around an array', { event: [issued] }, 'event'],
  ['a wrong field inside a wrapper', { event: { ...issued, Status: 9 } }, 'event.Status'],
]

describe('activid-cms', () => proveProfile(actividCms, samples, bad))

describe('the kinds', () => {
  it('are those the reference proves, with its tokens and phases', () => {
    const ours = KINDS.map(({ eventId, token, phase }) => ({ eventId, token, phase }))
    const theirs = reference.events.map(({ eventId, token, timing }) => ({
      eventId,
      token,
      phase: timing.startsWith('pre') ? 'pre' : 'post',
    }))
    expect(ours).toEqual(theirs)
  })
  it('name the slots the reference names, and no unused or unread one', () => {
    for (const { eventId, slots } of reference.events) {
      const named = Object.entries(slots ?? {}).filter(
        ([, token]) => token !== null && !['0', 'null', 'varies'].includes(token),
      )
      expect(Object.keys(KINDS.find((kind) => kind.eventId === eventId)?.slots ?? {}).sort()).toEqual(
        named.map(([name]) => name).sort(),
      )
    }
  })
  it('put the user where each event has it', () => {
    for (const { eventId, slots } of reference.events) {
      const theirs = Object.entries(slots ?? {}).find(([, token]) => token === 'UserID')?.[0]
      const ours = Object.entries(KINDS.find((kind) => kind.eventId === eventId)?.slots ?? {}).find(
        ([, slot]) => 'userId' in slot.gives,
      )?.[0]
      expect(ours).toBe(theirs)
    }
  })
  it('leave out every number that was not found', () => {
    const numbers = reference.gaps.filter((gap) => /^\d+$/.test(gap)).map(Number)
    expect(numbers.length).toBeGreaterThan(3)
    for (const EventID of numbers) {
      const error = refusal(actividCms, { ...issued, EventID })
      expect(error.code).toBe('unknown_type')
      expect(error.expected).toContain('10001')
      for (const native of NAMED_WITHOUT_NUMBER) expect(error.message).toContain(native)
    }
    expect(NAMED_WITHOUT_NUMBER).toHaveLength(reference.namedWithoutNumber.length)
  })
  it('are not mistaken for audit rows of the same number', () => {
    for (const { auditEventId, token } of reference.auditRows.filter((row) => row.notificationWithSameId)) {
      expect(refusal(actividCms, { ...issued, EventID: auditEventId, Description: token }).field).toBe('Description')
    }
  })
})

describe('an event', () => {
  it('has named fields and the original eleven attributes', () => {
    expect(event('device issued')).toEqual({
      type: 'activid-cms.10001',
      source: '/systems/one',
      subject: '0A1B2C3D4E5F6071',
      actor: 'CN=Ana Ribeiro,OU=Operators,O=Example',
      outcome: 'success',
      phase: 'post',
      data: {
        event: 'CardIssuance',
        serialNumber: '0A1B2C3D4E5F6071',
        deviceType: 'PIV',
        temporary: true,
        userId: 'jdoe',
        activid: issued,
      },
    })
  })
  it('has neither id nor time unless the wrapper gives them', () => {
    expect(event('device issued')).not.toHaveProperty('id')
    expect(event('device issued')).not.toHaveProperty('time')
    const wrapped = translated(actividCms, { id: 'e-1', time: '2026-11-21T10:00:00+01:00', event: issued })
    expect(wrapped).toMatchObject({ id: 'e-1', time: '2026-11-21T10:00:00+01:00', subject: '0A1B2C3D4E5F6071' })
  })
  it('that failed has the same type, the outcome and the error', () => {
    const failed = event('termination failed')
    expect(failed).toMatchObject({
      type: 'activid-cms.10006',
      outcome: 'failure',
      data: { error: 'The CA did not answer.', reason: 'LOST' },
    })
  })
  it('reads the comma-joined lists', () => {
    expect(event('PKI credential issued').data).toMatchObject({
      credentialType: 'PKI',
      certificateType: 'Microsoft CA',
      deviceType: 'PIV',
      certificateSerialNumber: '61000000A1',
      validityStart: '2026-01-01',
      validityEnd: '2029-01-01',
      authorityRequestId: '4711',
      authority: 'CA-1',
    })
    const odd = { ...messages['PKI credential suspended'], AdditionalInfoChar2: 'Card, model 3,61,0' }
    expect(translated(actividCms, odd).data).not.toHaveProperty('certificateSerialNumber')
    expect(translated(actividCms, odd).data).toMatchObject({ activid: { AdditionalInfoChar2: 'Card, model 3,61,0' } })
  })
  it('names nothing of an SKI credential, whose table was not read', () => {
    const ski = { ...messages['PKI credential issued'], AdditionalInfoNum2: 1 }
    expect(Object.keys(translated(actividCms, ski).data ?? {})).toEqual([
      'event',
      'deviceSerialNumber',
      'credentialType',
      'activid',
    ])
  })
  it('that comes before the deed says so', () => {
    expect(event('create credential')).toMatchObject({
      phase: 'pre',
      subject: '0A1B2C3D4E5F6071',
      data: { deviceType: 'PIV', profileId: 'profile-3', providerId: '7', credentialType: 'OATH' },
    })
    expect(catalogue.filter((type) => type.defaults?.phase === 'pre').map((type) => type.name)).toEqual([
      'activid-cms.10002',
      'activid-cms.21001',
    ])
  })
  it('copies nothing else of the bag of 21001', () => {
    const message = {
      ...messages['create credential'],
      CredentialValues: { seed: 'canary', 'com.actividentity.provider/profileId': 'p' },
    }
    expect(JSON.stringify(translated(actividCms, message))).not.toContain('canary')
  })
  it('about a request is about the request, in order with its device', () => {
    expect(event('request submitted')).toMatchObject({
      subject: '4711',
      partitionKey: '0A1B2C3D4E5F6071',
      data: { requestId: '4711', requestType: 'recycle', userId: 'jdoe', deviceType: 'PIV' },
    })
  })
  it('of the workflow is no user event, in spite of its number', () => {
    expect(catalogue.find((type) => type.name === 'activid-cms.40006')).toMatchObject({
      category: 'workflow',
      caseOf: 'workflow.step-run',
    })
    expect(event('plug-in invoked')).toMatchObject({
      subject: 'jdoe',
      data: { side: 'client', stepId: 'DEVICE_ACTIVATE' },
    })
  })
  it('about an operator is marked as such', () => {
    expect(event('operator deleted')).toMatchObject({
      subject: 'CN=Tom Okafor',
      data: { operator: true, userName: 'CN=Tom Okafor' },
    })
  })
  it('tells when a failed login locked the account', () => {
    expect(event('user locked out')).toMatchObject({
      subject: 'jdoe',
      outcome: 'failure',
      data: { locked: true, method: '2' },
    })
    expect(event('user locked out')).not.toHaveProperty('actor')
  })
  it('keeps an absent attribute as the SPI writes an unused one', () => {
    const data = translated(actividCms, { EventID: 10005, Status: 0, ClientID: 'C1' }).data
    expect(data).toMatchObject({ activid: { Description: null, AdditionalInfoNum1: 0, AdditionalInfoChar3: null } })
  })
  it('that takes access away is urgent, as its native type', () => {
    expect(catalogue.find((type) => type.name === 'activid-cms.10006')?.defaults).toEqual({
      priority: 'high',
      phase: 'post',
    })
    expect(catalogue.find((type) => type.name === 'activid-cms.40002')?.asynchronous).toBe(false)
  })
})
