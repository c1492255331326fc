/**
 * SNS by the stock client of JavaScript, its notifications checked by a public validator.
 */
import { createVerify, X509Certificate } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as sns from '@aws-sdk/client-sns'
import * as sqs from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Aws, oneOf, STORES, startAws, until } from '../../test/aws/world.js'

interface Posted {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** An endpoint that keeps what it is told, and answers as it is told to. */
async function startEndpoint() {
  const posted: Posted[] = []
  const endpoint = { posted, status: 200 }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      posted.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(endpoint.status).end()
    })
  }).listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  const { port } = server.address() as AddressInfo
  return Object.assign(endpoint, {
    url: `http://127.0.0.1:${port}/hook`,
    close: () => new Promise((closed) => server.close(closed) && server.closeAllConnections()),
  })
}

type Envelope = Readonly<Record<string, string>>

/** As receivers do it, by the certificate that the message names. */
async function isRightlySigned(envelope: Envelope): Promise<boolean> {
  const pem = await (await fetch(envelope.SigningCertURL ?? '')).text()
  const names =
    envelope.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
  const text = names.flatMap((name) => (envelope[name] === undefined ? [] : [`${name}\n${envelope[name]}\n`])).join('')
  const verify = createVerify(envelope.SignatureVersion === '2' ? 'RSA-SHA256' : 'RSA-SHA1').update(text)
  return verify.verify(new X509Certificate(pem).publicKey, envelope.Signature ?? '', 'base64')
}

let counted = 0

describe.each(STORES)('SNS on %s', (kind) => {
  let aws: Aws
  let client: sns.SNSClient
  let queues: sqs.SQSClient
  let endpoint: Awaited<ReturnType<typeof startEndpoint>>

  beforeAll(async () => {
    aws = await startAws(kind)
    client = aws.sns()
    queues = aws.sqs()
    endpoint = await startEndpoint()
  })
  afterAll(async () => {
    await aws.close()
    await endpoint.close()
  })

  async function topic(Attributes: Record<string, string> = {}, suffix = ''): Promise<string> {
    counted += 1
    const { TopicArn } = await client.send(new sns.CreateTopicCommand({ Name: `t${counted}${suffix}`, Attributes }))
    return TopicArn ?? ''
  }
  async function queue(Attributes: Record<string, string> = {}, suffix = '') {
    counted += 1
    const made = await queues.send(new sqs.CreateQueueCommand({ QueueName: `q${counted}${suffix}`, Attributes }))
    const QueueUrl = made.QueueUrl ?? ''
    const told = await queues.send(new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
    return { url: QueueUrl, arn: told.Attributes?.QueueArn ?? '' }
  }
  const subscribe = (TopicArn: string, Endpoint: string, Attributes: Record<string, string> = {}, Protocol = 'sqs') =>
    client.send(new sns.SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true }))
  const publish = (TopicArn: string, Message: string, more: Partial<sns.PublishCommandInput> = {}) =>
    client.send(new sns.PublishCommand({ TopicArn, Message, ...more }))
  const receive = async ({ url: QueueUrl }: { url: string }, more: Partial<sqs.ReceiveMessageCommandInput> = {}) =>
    (
      await queues.send(
        new sqs.ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'], ...more }),
      )
    ).Messages ?? []
  const envelopeIn = ([message]: readonly sqs.Message[]) => JSON.parse(message?.Body ?? '{}') as Envelope

  it('tells its queues in a signed envelope, and raw, in both versions; the certificate survives a restart', async () => {
    const [arn, plain, raw] = [await topic(), await queue(), await queue()]
    await subscribe(arn, plain.arn)
    await subscribe(arn, raw.arn, { RawMessageDelivery: 'true' })
    const attributes = { tag: { DataType: 'String', StringValue: 'person' } }
    const { MessageId } = await publish(arn, '{"a":1}', { Subject: 'iam-message', MessageAttributes: attributes })
    const envelope = envelopeIn(await receive(plain))
    expect(envelope).toMatchObject({
      Type: 'Notification',
      MessageId,
      Message: '{"a":1}',
      Subject: 'iam-message',
      SignatureVersion: '1',
      TopicArn: arn,
    })
    expect(envelope.MessageAttributes).toEqual({ tag: { Type: 'String', Value: 'person' } })
    expect(await isRightlySigned(envelope)).toBe(true)
    expect(await isRightlySigned({ ...envelope, Message: 'x' })).toBe(false)
    expect(await receive(raw)).toMatchObject([{ Body: '{"a":1}', MessageAttributes: attributes }])
    await client.send(
      new sns.SetTopicAttributesCommand({ TopicArn: arn, AttributeName: 'SignatureVersion', AttributeValue: '2' }),
    )
    if (kind !== 'memory') await aws.restart()
    await publish(arn, 'two')
    const second = envelopeIn(await receive(plain))
    expect(second).toMatchObject({
      SignatureVersion: '2',
      Message: 'two',
      ...(kind !== 'memory' && { SigningCertURL: envelope.SigningCertURL }),
    })
    expect(await isRightlySigned(second)).toBe(true)
  })

  // Who waits looks by itself each second: that would be later. The best of some, as a busy machine is nobody's fault.
  it('wakes who waits at a queue', async () => {
    const [arn, target] = [await topic(), await queue()]
    await subscribe(arn, target.arn)
    async function wakes(): Promise<boolean> {
      const waiting = receive(target, { WaitTimeSeconds: 20 }).then((messages) => ({ messages, at: performance.now() }))
      await new Promise((resolve) => setTimeout(resolve, 50))
      const sentAt = performance.now()
      await publish(arn, 'now')
      const { messages, at } = await waiting
      expect(messages).toHaveLength(1)
      return at - sentAt < 900
    }
    expect(await oneOf(5, wakes)).toBe(true)
  })

  it('filters by attributes and by body, and refuses a policy that is wrong', async () => {
    const [arn, some, body] = [await topic(), await queue(), await queue()]
    await subscribe(arn, some.arn, { FilterPolicy: '{"kind":["a"]}' })
    await subscribe(arn, body.arn, { FilterPolicy: '{"n":[{"numeric":[">",1]}]}', FilterPolicyScope: 'MessageBody' })
    const kindOf = (StringValue: string) => ({ MessageAttributes: { kind: { DataType: 'String', StringValue } } })
    await publish(arn, '{"n":1}', kindOf('a'))
    await publish(arn, '{"n":2}', kindOf('b'))
    expect((await receive(some)).map(({ Body }) => JSON.parse(Body ?? '').Message)).toEqual(['{"n":1}'])
    expect((await receive(body)).map(({ Body }) => JSON.parse(Body ?? '').Message)).toEqual(['{"n":2}'])
    await expect(subscribe(arn, some.arn, { FilterPolicy: '{"kind":[{"like":"a"}]}' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
  })

  it('keeps the order of FIFO topics into FIFO queues, and takes a message once', async () => {
    const arn = await topic({ FifoTopic: 'true', ContentBasedDeduplication: 'true' }, '.fifo')
    const target = await queue({ FifoQueue: 'true' }, '.fifo')
    await subscribe(arn, target.arn, { RawMessageDelivery: 'true' })
    const first = await publish(arn, 'one', { MessageGroupId: 'g' })
    await publish(arn, 'two', { MessageGroupId: 'g' })
    expect(await publish(arn, 'one', { MessageGroupId: 'g' })).toMatchObject({ MessageId: first.MessageId })
    const messages = await receive(target, { MessageSystemAttributeNames: ['MessageGroupId'] })
    expect(messages.map(({ Body, Attributes }) => [Body, Attributes?.MessageGroupId])).toEqual([
      ['one', 'g'],
      ['two', 'g'],
    ])
    for (const { ReceiptHandle } of messages)
      await queues.send(new sqs.DeleteMessageCommand({ QueueUrl: target.url, ReceiptHandle }))
    expect(await receive(target)).toEqual([])
  })

  it('takes a message of a FIFO topic again if the topic was removed and made again meanwhile', async () => {
    const fifo = { FifoTopic: 'true', ContentBasedDeduplication: 'true' }
    const arn = await topic(fifo, '.fifo')
    const first = await publish(arn, 'one', { MessageGroupId: 'g' })
    await client.send(new sns.DeleteTopicCommand({ TopicArn: arn }))
    await client.send(new sns.CreateTopicCommand({ Name: arn.split(':').at(-1) ?? '', Attributes: fifo }))
    expect((await publish(arn, 'one', { MessageGroupId: 'g' })).MessageId).not.toBe(first.MessageId)
  })

  it('tells in envelopes of a FIFO topic their sequence number', async () => {
    const arn = await topic({ FifoTopic: 'true', ContentBasedDeduplication: 'true' }, '.fifo')
    const target = await queue({ FifoQueue: 'true' }, '.fifo')
    await subscribe(arn, target.arn)
    const { SequenceNumber } = await publish(arn, 'one', { MessageGroupId: 'g' })
    const envelope = envelopeIn(await receive(target))
    expect([envelope.SequenceNumber, await isRightlySigned(envelope)]).toEqual([SequenceNumber, true])
  })

  it('moves a message of a topic to the dead-letter queue of its queue, which names that, and back', async () => {
    const [arn, dead] = [await topic(), await queue()]
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 })
    const [other, target] = [
      await queue({ VisibilityTimeout: '0' }),
      await queue({ RedrivePolicy, VisibilityTimeout: '0' }),
    ]
    for (const each of [other, target]) await subscribe(arn, each.arn, { RawMessageDelivery: 'true' })
    await publish(arn, 'poison')
    expect(await receive(target)).toHaveLength(1)
    expect(await receive(target)).toHaveLength(0)
    const [letter] = await receive(dead, { VisibilityTimeout: 0, MessageSystemAttributeNames: ['All'] })
    expect([letter?.Body, letter?.Attributes?.DeadLetterQueueSourceArn]).toEqual(['poison', target.arn])
    await queues.send(new sqs.StartMessageMoveTaskCommand({ SourceArn: dead.arn }))
    expect((await receive(target, { WaitTimeSeconds: 5 }))[0]?.Body).toBe('poison')
  })

  it('asks an HTTP endpoint first, tells it, tries again, and lays what fails into a queue; it may leave', async () => {
    const [arn, dead] = [await topic(), await queue()]
    const policy = { healthyRetryPolicy: { numRetries: 1, numNoDelayRetries: 1, minDelayTarget: 1, maxDelayTarget: 1 } }
    endpoint.posted.length = 0
    const { SubscriptionArn } = await subscribe(
      arn,
      endpoint.url,
      { DeliveryPolicy: JSON.stringify(policy), RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }) },
      'http',
    )
    await until(() => endpoint.posted.length === 1, 'the endpoint is asked')
    const asked = JSON.parse(endpoint.posted[0]?.body ?? '') as Envelope
    expect(endpoint.posted[0]?.headers).toMatchObject({
      'x-amz-sns-message-type': 'SubscriptionConfirmation',
      'x-amz-sns-topic-arn': arn,
    })
    expect(await isRightlySigned(asked)).toBe(true)
    await publish(arn, 'nobody yet')
    const listed = async () =>
      (await client.send(new sns.ListSubscriptionsByTopicCommand({ TopicArn: arn }))).Subscriptions
    expect(await listed()).toMatchObject([{ SubscriptionArn: 'PendingConfirmation', Protocol: 'http' }])
    // A scanner of mails follows the link too.
    for (const _ of ['scanner', 'reader']) expect((await fetch(asked.SubscribeURL ?? '')).status).toBe(200)
    expect(await listed()).toMatchObject([{ SubscriptionArn }])
    await publish(arn, 'hello')
    await until(() => endpoint.posted.length === 2, 'the endpoint is told')
    const told = JSON.parse(endpoint.posted[1]?.body ?? '') as Envelope
    expect(told).toMatchObject({ Message: 'hello', Type: 'Notification' })
    expect(await isRightlySigned(told)).toBe(true)
    endpoint.status = 500
    await publish(arn, 'lost')
    await until(() => endpoint.posted.length === 4, 'it is tried twice')
    endpoint.status = 200
    const letter = JSON.parse((await receive(dead, { WaitTimeSeconds: 5 }))[0]?.Body ?? '{}') as Envelope
    expect(letter).toMatchObject({ Message: 'lost', TopicArn: arn })
    expect((await fetch(told.UnsubscribeURL ?? '')).status).toBe(200)
    await until(() => endpoint.posted.length === 5, 'it hears that it has left')
    const left = JSON.parse(endpoint.posted[4]?.body ?? '') as Envelope
    expect(left.Type).toBe('UnsubscribeConfirmation')
    expect(await isRightlySigned(left)).toBe(true)
    expect((await fetch(asked.SubscribeURL ?? '')).status).toBe(400)
    expect(await listed()).toEqual([])
    await client.send(new sns.ConfirmSubscriptionCommand({ TopicArn: arn, Token: left.Token }))
    expect(await listed()).toMatchObject([{ SubscriptionArn }])
  })

  it('tells who has no delivery policy by that of the topic, also when that changes', async () => {
    const [arn, dead] = [await topic({ DeliveryPolicy: '{"http":{}}' }), await queue()]
    const posted = () => endpoint.posted.filter(({ body }) => body.includes(arn))
    await subscribe(arn, endpoint.url, { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }) }, 'http')
    await until(() => posted().length === 1, 'the endpoint is asked')
    await fetch((JSON.parse(posted()[0]?.body ?? '') as Envelope).SubscribeURL ?? '')
    const once = { numRetries: 1, numNoDelayRetries: 1, minDelayTarget: 1, maxDelayTarget: 1 }
    const http = { defaultHealthyRetryPolicy: once, defaultRequestPolicy: { headerContentType: 'application/json' } }
    const changed = { AttributeName: 'DeliveryPolicy', AttributeValue: JSON.stringify({ http }) }
    await client.send(new sns.SetTopicAttributesCommand({ TopicArn: arn, ...changed }))
    endpoint.status = 500
    await publish(arn, 'lost')
    await until(() => posted().length === 3, 'it is tried twice')
    const [letter] = await receive(dead, { WaitTimeSeconds: 5 })
    endpoint.status = 200
    expect(JSON.parse(letter?.Body ?? '{}')).toMatchObject({ Message: 'lost' })
    expect(posted()[2]?.headers['content-type']).toBe('application/json')
    expect(posted()).toHaveLength(3)
  })

  it('lays a raw message with eleven attributes into the dead-letter queue of the subscription', async () => {
    const [arn, target, dead] = [await topic(), await queue(), await queue()]
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn })
    await subscribe(arn, target.arn, { RawMessageDelivery: 'true', RedrivePolicy })
    const attributes = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`a${i}`, { DataType: 'Number', StringValue: `${i}` }]),
      )
    await publish(arn, 'ten', { MessageAttributes: attributes(10) })
    await publish(arn, 'eleven', { MessageAttributes: attributes(11) })
    expect((await receive(target)).map(({ Body }) => Body)).toEqual(['ten'])
    expect(envelopeIn(await receive(dead)).Message).toBe('eleven')
  })

  it('names in the event who could not be reached and has no dead-letter queue', async () => {
    const [arn, target] = [await topic(), await queue()]
    const { SubscriptionArn } = await subscribe(arn, target.arn)
    await queues.send(new sqs.DeleteQueueCommand({ QueueUrl: target.url }))
    const { MessageId = '' } = await publish(arn, 'nobody is there')
    const { event } = await aws.hub.events.get(aws.hub.local, MessageId)
    expect(event.data).toMatchObject({ message: 'nobody is there', queues: {}, unreached: [SubscriptionArn] })
  })

  it('makes, lists, changes, tags and removes topics and subscriptions', async () => {
    const arn = await topic({ DisplayName: 'One' })
    const target = await queue()
    const { SubscriptionArn } = await subscribe(arn, target.arn)
    expect(await subscribe(arn, target.arn)).toMatchObject({ SubscriptionArn })
    await client.send(
      new sns.SetSubscriptionAttributesCommand({
        SubscriptionArn,
        AttributeName: 'RawMessageDelivery',
        AttributeValue: 'true',
      }),
    )
    const { Attributes } = await client.send(new sns.GetSubscriptionAttributesCommand({ SubscriptionArn }))
    expect(Attributes).toMatchObject({ RawMessageDelivery: 'true', Endpoint: target.arn, PendingConfirmation: 'false' })
    await client.send(new sns.TagResourceCommand({ ResourceArn: arn, Tags: [{ Key: 'team', Value: 'x' }] }))
    expect((await client.send(new sns.ListTagsForResourceCommand({ ResourceArn: arn }))).Tags).toEqual([
      { Key: 'team', Value: 'x' },
    ])
    expect((await client.send(new sns.GetTopicAttributesCommand({ TopicArn: arn }))).Attributes).toMatchObject({
      DisplayName: 'One',
      SubscriptionsConfirmed: '1',
    })
    expect((await client.send(new sns.ListTopicsCommand({}))).Topics).toContainEqual({ TopicArn: arn })
    const batch = {
      TopicArn: arn,
      PublishBatchRequestEntries: [
        { Id: 'a', Message: 'a' },
        { Id: 'b', Message: 'b', Subject: 'two\nlines' },
      ],
    }
    const sent = await client.send(new sns.PublishBatchCommand(batch))
    expect([sent.Successful?.map(({ Id }) => Id), sent.Failed?.map(({ Id, Code }) => [Id, Code])]).toEqual([
      ['a'],
      [['b', 'InvalidParameter']],
    ])
    expect((await receive(target)).map(({ Body }) => Body)).toEqual(['a'])
    await client.send(new sns.UnsubscribeCommand({ SubscriptionArn }))
    await client.send(new sns.DeleteTopicCommand({ TopicArn: arn }))
    await expect(publish(arn, 'x')).rejects.toMatchObject({
      name: 'NotFoundException',
      $metadata: { httpStatusCode: 404 },
    })
    await expect(client.send(new sns.PublishCommand({ PhoneNumber: '+1', Message: 'x' }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
    await expect(
      client.send(new sns.CreatePlatformApplicationCommand({ Name: 'x', Platform: 'APNS', Attributes: {} })),
    ).rejects.toMatchObject({ name: 'InvalidAction' })
  })

  it('chooses among the events of a bound topic by what they are and by their tags', async () => {
    const admin = { ...aws.hub.local, roles: ['admin'] as const }
    const [name, tagged, other] = [`tagged${kind}`, await queue(), await queue()]
    const { TopicArn = '' } = await client.send(new sns.CreateTopicCommand({ Name: name }))
    await subscribe(TopicArn, tagged.arn, { FilterPolicy: '{"tags":["mail"]}', RawMessageDelivery: 'true' })
    await subscribe(TopicArn, other.arn, { FilterPolicy: '{"tags":[{"exists":false}],"type":["credential.revoked"]}' })
    const place = { tenant: 'default', region: 'us-east-1', account: TopicArn.split(':')[4], origin: aws.url }
    await aws.hub.subscriptions.update(admin, `sns.${name}`, { types: ['credential.*'], target: { place } })
    const about = { type: 'credential.revoked', source: '/ca', data: {} }
    await aws.hub.publish({ ...about, subject: 'ann', tags: ['door', 'mail'] })
    await aws.hub.publish({ ...about, subject: 'bob' })
    expect(await receive(tagged)).toMatchObject([
      {
        MessageAttributes: {
          subject: { StringValue: 'ann' },
          tags: { DataType: 'String.Array', StringValue: '["door","mail"]' },
        },
      },
    ])
    expect((await receive(other)).map(({ Body = '' }) => JSON.parse(Body).MessageAttributes)).toEqual([
      {
        type: { Type: 'String', Value: 'credential.revoked' },
        source: { Type: 'String', Value: '/ca' },
        subject: { Type: 'String', Value: 'bob' },
      },
    ])
  })

  it('erases of a person what still waits in queues, and in a dead-letter queue', async () => {
    const admin = { ...aws.hub.local, roles: ['admin'] as const }
    const [name, target, dead] = [`bound${kind}`, await queue(), await queue()]
    const { TopicArn = '' } = await client.send(new sns.CreateTopicCommand({ Name: name }))
    await subscribe(TopicArn, target.arn)
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn })
    const hook = await subscribe(TopicArn, endpoint.url, { RedrivePolicy }, 'http')
    await until(() => endpoint.posted.some(({ body }) => body.includes(TopicArn)), 'the confirmation')
    const { Token } = JSON.parse(endpoint.posted.find(({ body }) => body.includes(TopicArn))?.body ?? '')
    await client.send(new sns.ConfirmSubscriptionCommand({ TopicArn, Token }))
    endpoint.status = 400
    const place = { tenant: 'default', region: 'us-east-1', account: TopicArn.split(':')[4], origin: aws.url }
    await aws.hub.subscriptions.update(admin, `sns.${name}`, { types: ['credential.*'], target: { place } })
    const about = { type: 'credential.revoked', source: '/ca', data: {} }
    await aws.hub.publish({ ...about, subject: 'ann' })
    await aws.hub.publish({ ...about, subject: 'card', superOwner: 'ann' })
    await aws.hub.publish({ ...about, subject: 'bob' })
    const subscription = (url: string) => `sqs.${url.split('/').at(-1)}`
    const waiting = async ({ url }: { url: string }) =>
      (await aws.hub.tasks.counts(admin, { subscription: subscription(url) })).unprocessed
    await until(async () => (await waiting(target)) === 3 && (await waiting(dead)) === 3, 'all have them')
    endpoint.status = 200
    await aws.hub.erase(admin, 'ann')
    expect([await waiting(target), await waiting(dead)]).toEqual([1, 1])
    for (const each of [target, dead]) {
      const left = await receive(each)
      expect(left.map(({ Body }) => Body?.includes('bob'))).toEqual([true])
    }
    expect(hook.SubscriptionArn).toContain(name)
  })
})

it('tells all of a topic that has more than a thousand subscribers, in the commit of the message', async () => {
  const aws = await startAws('memory')
  try {
    const [client, queues, admin] = [aws.sns(), aws.sqs(), { ...aws.hub.local, roles: ['admin'] as const }]
    const { TopicArn = '' } = await client.send(new sns.CreateTopicCommand({ Name: 'wide' }))
    await queues.send(new sqs.CreateQueueCommand({ QueueName: 'q' }))
    const arn = TopicArn.replace(':sns:', ':sqs:').replace(/wide$/, 'q')
    await client.send(new sns.SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn }))
    const { items } = await aws.hub.subscriptions.list(admin, {})
    const model = (transport: string) => items.find((each) => each.transport === transport)?.target ?? {}
    const { queue } = model('pull') as { queue: { sqs: object } }
    for (let n = 1; n <= 1_100; n++) {
      const [name, id] = [`q${n}`, `id-${n}`]
      const pulled = {
        name,
        types: ['aws.message'],
        transport: 'pull',
        target: { queue: { sqs: { ...queue.sqs, name } } },
      }
      await aws.hub.subscriptions.create(admin, { ...pulled, order: 'none' }, `sqs.${name}`)
      const target = { ...model('sns-sqs'), id, endpoint: `${arn}${n}` }
      await aws.hub.subscriptions.create(admin, { ...pulled, transport: 'sns-sqs', target, order: 'none' }, `sns-${id}`)
    }
    await client.send(new sns.PublishCommand({ TopicArn, Message: 'to all' }))
    expect((await aws.hub.tasks.counts(admin, {})).states).toMatchObject({ due: 1_101 })
  } finally {
    await aws.close()
  }
})
