import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type BadMessage, proveProfile, refusal, translated } from '../../test/profile-conformance.js'
import { catalogue } from './catalogue.js'
import { aps, samples } from './index.js'

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'))
const notifications: Record<string, Record<string, unknown>> = fixture('notifications')
const eventTypes: string[] = fixture('event-types')

const event = (name: string) => translated(aps, notifications[name])
const changed = notifications.changed ?? {}
const id = '75ef0e91-5b69-4165-b202-adb01972532f'

const bad: readonly BadMessage[] = [
  ['no event', { ...changed, event: undefined }, 'event'],
  ['an event as a number', { ...changed, event: 5 }, 'event'],
  ['the short name of an event', { ...changed, event: 'changed' }, 'event'],
  ['an event of somebody else', { ...changed, event: 'http://aps-standard.org/core/events/renamed' }, 'event'],
  ['no source', { event: changed.event }, 'source'],
  ['a source as text', { ...changed, source: id }, 'source'],
  ['a source as a list', { ...changed, source: [{ id }] }, 'source'],
  ['a source without id', { ...changed, source: { type: 'x' } }, 'source.id'],
  ['a source with an empty id', { ...changed, source: { id: '' } }, 'source.id'],
  ['an id as a number', { ...changed, source: { id: 1e308 } }, 'source.id'],
  ['a type as an object', { ...changed, source: { id, type: {} } }, 'source.type'],
  ['parameters as a list', { ...changed, parameters: [] }, 'parameters'],
  ['a lone surrogate', { ...changed, source: { id: '\ud800' } }, 'source.id'],
  ['a forbidden key', JSON.parse(`{"event":"x","parameters":{"__proto__":1}}`), 'parameters.__proto__'],
  ['headers as a list', { headers: [], body: changed }, 'headers'],
  ['a header as a number', { headers: { 'APS-Transaction-ID': 7 }, body: changed }, 'headers.APS-Transaction-ID'],
  ['a header with a line break', { headers: { 'APS-Actor-ID': 'a\r\nb' }, body: changed }, 'headers.APS-Actor-ID'],
  [
    'a controller that is no URI',
    { headers: { 'APS-Controller-URI': 'here' }, body: changed },
    'headers.APS-Controller-URI',
  ],
  ['a wrapper with more', { headers: {}, body: changed, query: {} }, 'query'],
  ['a wrong field in the body', { headers: {}, body: { ...changed, source: {} } }, 'body.source.id'],
]

describe('aps', () => proveProfile(aps, samples, bad))

describe('the event types', () => {
  it('are the URIs of the reference, and are named in a refusal', () => {
    expect(catalogue.map((type) => type.name)).toEqual(eventTypes)
    const error = refusal(aps, { ...changed, event: 'changed' })
    expect(error.code).toBe('unknown_type')
    for (const uri of eventTypes) expect(error.expected).toContain(uri)
  })
  it('are cases of resource types, the removal urgent and never asynchronous', () => {
    expect(catalogue.every((type) => type.category === 'resource')).toBe(true)
    expect(catalogue.find((type) => type.name.endsWith('/removed'))).toMatchObject({
      asynchronous: false,
      defaults: { priority: 'high' },
    })
  })
})

describe('an event', () => {
  it('is thin: type, source and subject', () => {
    expect(event('changed')).toEqual({ source: '/systems/one', type: changed.event, subject: id, data: { id } })
  })
  it('takes the headers, in any spelling', () => {
    expect(event('changed, with headers')).toEqual({
      source: 'https://controller.example/',
      type: changed.event,
      subject: id,
      actor: 'actor-1',
      transactionId: 't-4711',
      data: {
        id,
        type: 'http://aps-standard.org/types/core/user/1.0',
        instanceId: '5d1e4c57-9a53-4b8c-8d2e-3f403fb2c9a0',
      },
    })
  })
  it('is done by the identity where there is no actor', () => {
    const headers = { 'aps-identity-id': 'identity-1' }
    expect(translated(aps, { headers, body: changed }).actor).toBe('identity-1')
  })
  it('of a link says where the link starts', () => {
    expect(event('linked').data).toEqual({ id, from: id })
  })
  it('keeps its parameters', () => {
    expect(event('bound to a domain').data).toEqual({ id, parameters: { domainName: 'example.com' } })
  })
  it('of a renewal names the period', () => {
    expect(event('renewed').data).toMatchObject({
      period: 12,
      periodType: 'month',
      expirationDate: '2026-12-31T00:00:00Z',
    })
  })
  it('of a renewal with parameters of other kinds keeps them unnamed', () => {
    const parameters = { newPeriod: { period: 'twelve', periodType: 3 }, expirationDate: 1795255200, startDate: 'soon' }
    expect(translated(aps, { ...notifications.renewed, parameters }).data).toEqual({ id, parameters })
  })
  it('has no id, as nothing in a notification identifies it', () => {
    expect(event('changed, with headers')).not.toHaveProperty('id')
  })
  it('leaves out members that nothing proves', () => {
    expect(translated(aps, { ...changed, serial: 7, time: 'now' })).toEqual(event('changed'))
  })
})
