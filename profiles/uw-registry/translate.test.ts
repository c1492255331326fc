import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type BadMessage, proveProfile, refusal, translated } from '../../test/profile-conformance.js'
import { samples, uwRegistry } from './index.js'
import { ENVIRONMENTS, TOPIC_ARN_PREFIX, TOPICS } from './topics.js'

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'))
interface Vector {
  signed: string
  encrypted: string
  context: { system_type: string; topic: string; tags: string[] }
  body: { type: string; regid: string; uwnetid: string }
}
const vectors: { uwit1: Vector; uwit2: Vector } = fixture('envelopes')
const production: { header: Record<string, string>; body: string } = fixture('production-2015')
const reference: {
  arnPrefix: string
  environments: Record<string, { host: string; topic_prefix: string; system_type: string }>
  topics: Record<string, { types: string[]; fields: string[]; tags: string[] }>
} = fixture('reference')

const context = { system_type: 'prod', version: 'v1', topic: 'uwnetid', tags: ['person'] }
const body = { type: 'insert', regid: 'R1', uwnetid: 'javerage' }
const base64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64')
const withHeader = (change: Record<string, unknown>) => ({ ...production, header: { ...production.header, ...change } })
const changed = (contextChange: Record<string, unknown>, bodyChange: Record<string, unknown> = {}) => ({
  context: { ...context, ...contextChange },
  body: { ...body, ...bodyChange },
})
const sns = (Message: unknown, rest = {}) => ({ Type: 'Notification', MessageId: 'm', Message, ...rest })

const bad: readonly BadMessage[] = [
  ['text that is no base64', 'hello world', 'message'],
  ['base64url', 'eyJ_-w==', 'message'],
  ['base64 of no JSON', base64('{'), 'message'],
  ['base64 of bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0xfd]).toString('base64'), 'message'],
  ['base64 of an array', base64([]), 'message'],
  ['base64 of another object', base64({ type: 'insert' }), 'message'],
  ['base64 of a forbidden key', base64('{"header":{"__proto__":{}}}'), 'message.header.__proto__'],
  ['base64 of a lone surrogate', base64('{"header":{"version":"\\ud800"}}'), 'message.header.version'],
  ['nothing known', { hello: 1 }, 'message'],
  ['the older envelope', { Header: {}, Body: '' }, 'Header'],
  ['a header that is an array', { header: [], body: '' }, 'header'],
  ['an unknown version', withHeader({ version: 'UWIT-3' }), 'header.version'],
  ['another sender', withHeader({ sender: 'gws' }), 'header.sender'],
  ['another content type', withHeader({ contentType: 'xml' }), 'header.contentType'],
  ['a bad timestamp', withHeader({ timestamp: '2015-13-09T19:37:48.432Z' }), 'header.timestamp'],
  ['no context', withHeader({ messageContext: undefined }), 'header.messageContext'],
  ['a context that is no base64', withHeader({ messageContext: '{}' }), 'header.messageContext'],
  ['no body', { ...production, body: undefined }, 'body'],
  ['a body that is a list', { ...production, body: base64([body]) }, 'body'],
  ['an encrypted body', withHeader({ keyId: 'iamcrypt1', iv: 'AAAA' }), 'header.keyId'],
  ['an encrypted message', vectors.uwit1.encrypted, 'message.header.keyId'],
  ['a subscription confirmation', sns('x', { Type: 'SubscriptionConfirmation' }), 'Type'],
  ['an SNS message that is an object', sns({}), 'Message'],
  [
    'an SNS message of another environment',
    sns(vectors.uwit1.signed, { TopicArn: `${TOPIC_ARN_PREFIX}idreg-eval-v1-uwnetid` }),
    'TopicArn',
  ],
  [
    'an SNS message of another topic',
    sns(vectors.uwit1.signed, { TopicArn: `${TOPIC_ARN_PREFIX}idreg-v1-source` }),
    'TopicArn',
  ],
  ['an unknown topic', changed({ topic: 'person' }), 'context.topic'],
  ['an unknown environment', changed({ system_type: 'test' }), 'context.system_type'],
  ['an unknown message version', changed({ version: 'v2' }), 'context.version'],
  ['no environment', changed({ system_type: undefined }), 'context.system_type'],
  ['tags as text', changed({ tags: 'person' }), 'context.tags'],
  ['a tag with a comma', changed({ tags: ['a', 'b,c'] }), 'context.tags[1]'],
  ['a tag that is a number', changed({ tags: [7] }), /tag/],
  ['the type of the samples that is no type', changed({}, { type: 'update' }), 'body.type'],
  ['a type of another topic', changed({}, { type: 'test' }), 'body.type'],
  ['a type as a list', changed({}, { type: ['insert'] }), 'body.type'],
  ['no regid', changed({}, { regid: '' }), 'body.regid'],
  ['a NetID as a number', changed({}, { uwnetid: 1e308 }), 'body.uwnetid'],
  ['a source as a number', changed({ topic: 'source' }, { source: 1, id: 'x' }), 'body.source'],
  ['a body in text that is no JSON', { context, body: '{' }, 'body'],
]

describe('uw-registry', () => proveProfile(uwRegistry, samples, bad))

describe('the topics', () => {
  it('have the types and fields of the reference', () => {
    const ours = Object.fromEntries(
      TOPICS.map(({ name, types, fields }) => [name, { types, fields: ['type', ...fields] }]),
    )
    const theirs = Object.fromEntries(
      Object.entries(reference.topics).map(([name, { types, fields }]) => [name, { types, fields }]),
    )
    expect(ours).toEqual(theirs)
  })
  it('are published by the environments of the reference', () => {
    const theirs = Object.values(reference.environments).map((each) => ({
      systemType: each.system_type,
      source: `https://${each.host}/`,
      topicPrefix: each.topic_prefix,
    }))
    expect(ENVIRONMENTS).toEqual(theirs)
    expect(TOPIC_ARN_PREFIX).toBe(reference.arnPrefix)
  })
  it('have samples with possible tags only', () => {
    for (const sample of samples(200, () => 0.4)) {
      const { record, context } = translated(uwRegistry, sample).data as { record: string; context: { tags: string[] } }
      expect(reference.topics[record]?.tags).toEqual(expect.arrayContaining(context.tags))
    }
  })
  it('name the documented types in the refusal of another', () => {
    expect(refusal(uwRegistry, changed({}, { type: 'update' })).expected).toBe('one of insert, modify, delete, rename')
  })
})

describe('an event', () => {
  it.each(['uwit1', 'uwit2'] as const)('is read from a signed %s envelope, in all its shapes', (name) => {
    const { signed, context, body } = vectors[name]
    const envelope = JSON.parse(Buffer.from(signed, 'base64').toString('utf8'))
    const event = translated(uwRegistry, signed)
    expect(event).toMatchObject({
      type: `uw-registry.uwnetid.${body.type}`,
      subject: body.regid,
      tags: context.tags,
      id: envelope.header.messageId,
    })
    expect(event.data).toEqual({
      record: 'uwnetid',
      personId: body.regid,
      accountName: body.uwnetid,
      message: body,
      context,
    })
    expect(translated(uwRegistry, envelope)).toEqual(event)
    expect(translated(uwRegistry, sns(signed))).toEqual(event)
    const { id: _, time: __, ...rest } = event
    expect(translated(uwRegistry, { context, body })).toEqual(rest)
    expect(translated(uwRegistry, { context: JSON.stringify(context), body: JSON.stringify(body) })).toEqual(rest)
  })
  it('of 2015 has no tags', () => {
    expect(translated(uwRegistry, production)).toEqual({
      id: '7ae41409-c688-a388-0000-000000000000',
      source: 'https://mango.u.washington.edu/',
      type: 'uw-registry.uwnetid.insert',
      subject: '429EBFE518514E0DB5ED3AF0675D3D35',
      time: '2015-04-09T19:37:48.432Z',
      data: {
        record: 'uwnetid',
        personId: '429EBFE518514E0DB5ED3AF0675D3D35',
        accountName: 'cse142bh_sp15',
        message: { type: 'insert', regid: '429EBFE518514E0DB5ED3AF0675D3D35', uwnetid: 'cse142bh_sp15' },
        context: { system_type: 'prod', version: 'v1', topic: 'uwnetid' },
      },
    })
  })
  it('has a time in UTC where the timestamp has no zone', () => {
    expect(translated(uwRegistry, withHeader({ timestamp: '2026-11-21T18:51:58.670437' })).time).toBe(
      '2026-11-21T18:51:58.670437Z',
    )
  })
  it('of one environment never looks like one of another', () => {
    const sources = ['prod', 'eval', 'dev'].map(
      (system_type) => translated(uwRegistry, changed({ system_type })).source,
    )
    expect(new Set(sources).size).toBe(3)
  })
  it('about a subscription is about the account', () => {
    const message = {
      context: { ...context, topic: 'subscription' },
      body: { type: 'delete', subscription: '60', uwnetid: 'javerage' },
    }
    expect(translated(uwRegistry, message)).toMatchObject({
      subject: 'javerage',
      data: { subscription: '60', accountName: 'javerage' },
    })
  })
  it('reads only the fields of its topic', () => {
    const message = changed({ topic: 'regid' }, { uwnetid: 'javerage' })
    expect(translated(uwRegistry, message).data).toMatchObject({ message: { type: 'insert', regid: 'R1' } })
    expect(JSON.stringify(translated(uwRegistry, message))).not.toContain('javerage')
  })
  it('may come by the topic of the reference, or by one of another account', () => {
    const arn = `${TOPIC_ARN_PREFIX}idreg-v1-uwnetid`
    expect(translated(uwRegistry, sns(vectors.uwit1.signed, { TopicArn: arn })).subject).toBe(vectors.uwit1.body.regid)
    expect(
      translated(uwRegistry, sns(vectors.uwit1.signed, { TopicArn: 'arn:aws:sns:us-east-1:000000000000:mine' })).id,
    ).toBeTruthy()
  })
})
