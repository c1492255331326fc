/**
 * SQS by the stock client of JavaScript, on every store.
 */
import * as sqs from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Aws, oneOf, STORES, startAws } from '../../test/aws/world.js'

let counted = 0

describe.each(STORES)('SQS on %s', (kind) => {
  let aws: Aws
  let client: sqs.SQSClient

  beforeAll(async () => {
    aws = await startAws(kind)
    client = aws.sqs()
  })
  afterAll(() => aws.close())

  /** A queue of its own, by its address. */
  async function queue(attributes: Record<string, string> = {}, suffix = ''): Promise<string> {
    counted += 1
    const QueueName = `q${counted}${suffix}`
    const { QueueUrl } = await client.send(new sqs.CreateQueueCommand({ QueueName, Attributes: attributes }))
    return QueueUrl ?? ''
  }
  const fifo = (attributes: Record<string, string> = {}) => queue({ FifoQueue: 'true', ...attributes }, '.fifo')
  const send = (QueueUrl: string, MessageBody: string, more: Partial<sqs.SendMessageCommandInput> = {}) =>
    client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody, ...more }))
  const receive = async (QueueUrl: string, more: Partial<sqs.ReceiveMessageCommandInput> = {}) =>
    (await client.send(new sqs.ReceiveMessageCommand({ QueueUrl, ...more }))).Messages ?? []
  const remove = (QueueUrl: string, { ReceiptHandle }: sqs.Message) =>
    client.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
  const change = (QueueUrl: string, { ReceiptHandle }: sqs.Message, VisibilityTimeout: number) =>
    client.send(new sqs.ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }))
  const attributesOf = async (QueueUrl: string) =>
    (await client.send(new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {}
  const arnOf = async (QueueUrl: string) => (await attributesOf(QueueUrl)).QueueArn ?? ''

  it('sends, receives, deletes; an empty answer has no messages', async () => {
    const url = await queue()
    expect(await client.send(new sqs.ReceiveMessageCommand({ QueueUrl: url }))).not.toHaveProperty('Messages')
    const sent = await send(url, 'hello', {
      MessageAttributes: {
        topic: { DataType: 'String', StringValue: 'a' },
        n: { DataType: 'Number', StringValue: '1' },
        bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
      },
    })
    expect(sent.MD5OfMessageAttributes).toMatch(/^[0-9a-f]{32}$/)
    const [message] = await receive(url, { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] })
    expect(message).toMatchObject({
      Body: 'hello',
      MessageId: sent.MessageId,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
    })
    expect(message?.MessageAttributes).toMatchObject({ bytes: { BinaryValue: new Uint8Array([0, 255]) } })
    expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SenderId: aws.admin.accessKeyId })
    expect(await receive(url)).toEqual([])
    expect(await attributesOf(url)).toMatchObject({
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessages: '0',
    })
    await remove(url, message ?? {})
    await remove(url, message ?? {})
    expect(await attributesOf(url)).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '0' })
  })

  it('gives a message again after its visibility, with a new handle and count, and at once after 0', async () => {
    const url = await queue({ VisibilityTimeout: '0' })
    await send(url, 'again')
    const [first] = await receive(url, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] })
    const [second] = await receive(url, {
      VisibilityTimeout: 30,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    })
    expect([first, second].map((each) => each?.Attributes?.ApproximateReceiveCount)).toEqual(['1', '2'])
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle)
    expect(await receive(url)).toEqual([])
    await change(url, second ?? {}, 0)
    const [third] = await receive(url, { VisibilityTimeout: 30 })
    expect(third?.Body).toBe('again')
    await change(url, third ?? {}, 1)
    expect((await receive(url, { WaitTimeSeconds: 5 }))[0]?.Body).toBe('again')
    await expect(change(url, second ?? {}, 5)).rejects.toMatchObject({ name: 'MessageNotInflight' })
  })

  // Who waits looks by itself each second: that would be later. The best of some, as a busy machine is nobody's fault.
  it('wakes who waits: on a send, on the end of a delay, on visibility 0', async () => {
    const url = await queue()
    async function wakes(deed: () => Promise<unknown>): Promise<boolean> {
      const waiting = receive(url, { WaitTimeSeconds: 20 }).then((messages) => ({ messages, at: performance.now() }))
      await new Promise((resolve) => setTimeout(resolve, 50))
      const done = performance.now()
      await deed()
      const { messages, at } = await waiting
      expect(messages).toHaveLength(1)
      await remove(url, messages[0] ?? {})
      return at - done < 900
    }
    async function released(): Promise<boolean> {
      await send(url, 'again')
      const [message] = await receive(url)
      return wakes(() => change(url, message ?? {}, 0))
    }
    expect(await oneOf(5, () => wakes(() => send(url, 'now')))).toBe(true)
    expect(await oneOf(5, released)).toBe(true)
    const sentAt = Date.now()
    await send(url, 'later', { DelaySeconds: 1 })
    expect((await receive(url, { WaitTimeSeconds: 20 }))[0]?.Body).toBe('later')
    expect(Date.now() - sentAt).toBeGreaterThanOrEqual(1_000)
    await send(url, 'much later', { DelaySeconds: 900 })
    expect(await attributesOf(url)).toMatchObject({ ApproximateNumberOfMessagesDelayed: '1' })
  })

  it('takes batches apart: each entry succeeds or fails by itself', async () => {
    const url = await queue()
    const Entries = [
      { Id: 'a', MessageBody: 'a' },
      { Id: 'b', MessageBody: 'b\u0008' },
      { Id: 'c', MessageBody: 'c' },
    ]
    const sent = await client.send(new sqs.SendMessageBatchCommand({ QueueUrl: url, Entries }))
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c'])
    expect(sent.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidMessageContents', SenderFault: true }])
    const messages = await receive(url, { MaxNumberOfMessages: 10 })
    expect(messages.map(({ Body }) => Body).sort()).toEqual(['a', 'c'])
    const handles = messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }))
    const longer = handles.map((each) => ({ ...each, VisibilityTimeout: 60 }))
    const changed = await client.send(new sqs.ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries: longer }))
    expect(changed.Successful).toHaveLength(2)
    const bad = { Id: 'x', ReceiptHandle: 'bm90IG9uZQ==' }
    const gone = await client.send(new sqs.DeleteMessageBatchCommand({ QueueUrl: url, Entries: [...handles, bad] }))
    expect(gone.Successful).toHaveLength(2)
    expect(gone.Failed).toMatchObject([{ Id: 'x', Code: 'ReceiptHandleIsInvalid' }])
    expect(await attributesOf(url)).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '0' })
  })

  it('gives a FIFO group in order, up to ten at once, and no more of it until all of these are back or gone', async () => {
    const url = await fifo({ ContentBasedDeduplication: 'true' })
    for (const [body, MessageGroupId] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
      ['a3', 'a'],
    ] as const)
      await send(url, body, { MessageGroupId })
    const bodiesOf = (messages: readonly sqs.Message[]) => messages.map(({ Body }) => Body)
    const [a1 = {}, a2 = {}, ...more] = await receive(url, { MaxNumberOfMessages: 2, AttributeNames: ['All'] })
    expect(bodiesOf([a1, a2, ...more])).toEqual(['a1', 'a2'])
    expect(a1.Attributes).toMatchObject({ MessageGroupId: 'a', SequenceNumber: expect.stringMatching(/^\d{20}$/) })
    expect(bodiesOf(await receive(url, { MaxNumberOfMessages: 10 }))).toEqual(['b1'])
    await remove(url, a2)
    await send(url, 'a4', { MessageGroupId: 'a' })
    expect(await receive(url)).toEqual([])
    await change(url, a1, 0)
    const again = await receive(url, { MaxNumberOfMessages: 10 })
    expect(bodiesOf(again)).toEqual(['a1', 'a3', 'a4'])
    // An old handle after visibility 0 deletes nothing.
    await remove(url, a1)
    for (const message of again.slice(1)) await change(url, message, 0)
    expect(await receive(url)).toEqual([])
    await change(url, again[0] ?? {}, 0)
    expect(bodiesOf(await receive(url, { MaxNumberOfMessages: 2 }))).toEqual(['a1', 'a3'])
  })

  it('gives what became visible of a FIFO group before what comes after it, when the rest is through', async () => {
    const url = await fifo({ ContentBasedDeduplication: 'true' })
    for (const body of ['1', '2', '3', '4']) await send(url, body, { MessageGroupId: 'g' })
    const [one = {}, two = {}, three = {}] = await receive(url, { MaxNumberOfMessages: 3 })
    await change(url, two, 1)
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect(await receive(url)).toEqual([])
    const Entries = [one, three].map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }))
    const waiting = receive(url, { MaxNumberOfMessages: 10, WaitTimeSeconds: 20 })
    await client.send(new sqs.DeleteMessageBatchCommand({ QueueUrl: url, Entries }))
    expect((await waiting).map(({ Body }) => Body)).toEqual(['2', '4'])
  })

  it('takes a message to a FIFO queue once in five minutes, also across a restart', async () => {
    const url = await fifo()
    const more = { MessageGroupId: 'g', MessageDeduplicationId: 'd' }
    const first = await send(url, 'one', more)
    expect(await send(url, 'another', more)).toMatchObject({
      MessageId: first.MessageId,
      SequenceNumber: first.SequenceNumber,
    })
    if (kind !== 'memory') {
      await aws.restart()
      expect(await send(url, 'another', more)).toMatchObject({ MessageId: first.MessageId })
    }
    const [message] = await receive(url)
    await remove(url, message ?? {})
    expect(await send(url, 'one', more)).toMatchObject({ MessageId: first.MessageId })
    expect(await receive(url)).toEqual([])
    expect(message?.Body).toBe('one')
  })

  it('takes a message to a FIFO queue again if the queue was removed and made again meanwhile', async () => {
    const url = await fifo({ ContentBasedDeduplication: 'true' })
    const first = await send(url, 'one', { MessageGroupId: 'g' })
    await client.send(new sqs.DeleteQueueCommand({ QueueUrl: url }))
    const QueueName = url.split('/').at(-1) ?? ''
    const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true' }
    await client.send(new sqs.CreateQueueCommand({ QueueName, Attributes }))
    expect((await send(url, 'one', { MessageGroupId: 'g' })).MessageId).not.toBe(first.MessageId)
    expect((await receive(url)).map(({ Body }) => Body)).toEqual(['one'])
  })

  it('moves what was received too often to the dead-letter queue, and back when asked', async () => {
    const dead = await queue()
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await arnOf(dead), maxReceiveCount: 2 })
    const url = await queue({ RedrivePolicy, VisibilityTimeout: '0' })
    await send(url, 'poison')
    expect(await receive(url)).toHaveLength(1)
    expect(await receive(url)).toHaveLength(1)
    expect(await receive(url)).toHaveLength(0)
    const [message] = await receive(dead, { VisibilityTimeout: 0, AttributeNames: ['All'] })
    expect(message).toMatchObject({ Body: 'poison', Attributes: { DeadLetterQueueSourceArn: await arnOf(url) } })
    const sources = await client.send(new sqs.ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }))
    expect(sources.queueUrls).toEqual([url])
    const SourceArn = await arnOf(dead)
    await client.send(new sqs.StartMessageMoveTaskCommand({ SourceArn }))
    expect((await receive(url, { WaitTimeSeconds: 5 }))[0]?.Body).toBe('poison')
    const { Results } = await client.send(new sqs.ListMessageMoveTasksCommand({ SourceArn }))
    expect(Results).toMatchObject([{ ApproximateNumberOfMessagesMoved: 1, SourceArn }])
    await receive(url)
    expect(await receive(url)).toHaveLength(0)
    expect((await receive(dead))[0]?.Body).toBe('poison')
  })

  it('takes no redrive policy whose queue is not there, or does not take it', async () => {
    const [target, url] = [await queue(), await queue()]
    const set = (QueueUrl: string, Attributes: Record<string, string>) =>
      client.send(new sqs.SetQueueAttributesCommand({ QueueUrl, Attributes }))
    const to = (deadLetterTargetArn: string) => ({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn }) })
    const arn = await arnOf(target)
    await expect(set(url, to(`${arn}-none`))).rejects.toMatchObject({ name: 'InvalidParameterValue' })
    await expect(queue(to(`${arn}-none`))).rejects.toMatchObject({ name: 'InvalidParameterValue' })
    await expect(set(target, to(arn))).rejects.toMatchObject({ name: 'InvalidParameterValue' })
    await set(target, { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' })
    await expect(set(url, to(arn))).rejects.toMatchObject({ name: 'InvalidParameterValue' })
    await set(target, { RedriveAllowPolicy: '' })
    await set(url, to(arn))
    expect((await attributesOf(url)).RedrivePolicy).toBe(
      JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 10 }),
    )
  })

  it('makes, lists, tags, changes, empties and removes queues', async () => {
    const url = await queue({ DelaySeconds: '3' })
    const QueueName = url.split('/').at(-1) ?? ''
    const create = (Attributes: Record<string, string>) =>
      client.send(new sqs.CreateQueueCommand({ QueueName, Attributes }))
    expect(await create({ DelaySeconds: '3' })).toMatchObject({ QueueUrl: url })
    await expect(create({ DelaySeconds: '4' })).rejects.toMatchObject({
      name: 'QueueNameExists',
      Code: 'QueueAlreadyExists',
    })
    expect(await client.send(new sqs.GetQueueUrlCommand({ QueueName }))).toMatchObject({ QueueUrl: url })
    const listed = await client.send(new sqs.ListQueuesCommand({ QueueNamePrefix: QueueName }))
    expect(listed.QueueUrls).toContain(url)
    await client.send(new sqs.TagQueueCommand({ QueueUrl: url, Tags: { team: 'x', env: 'y' } }))
    await client.send(new sqs.UntagQueueCommand({ QueueUrl: url, TagKeys: ['env'] }))
    expect((await client.send(new sqs.ListQueueTagsCommand({ QueueUrl: url }))).Tags).toEqual({ team: 'x' })
    await client.send(new sqs.SetQueueAttributesCommand({ QueueUrl: url, Attributes: { DelaySeconds: '0' } }))
    await send(url, 'x')
    await client.send(new sqs.PurgeQueueCommand({ QueueUrl: url }))
    await expect(client.send(new sqs.PurgeQueueCommand({ QueueUrl: url }))).rejects.toMatchObject({
      name: 'PurgeQueueInProgress',
    })
    expect(await receive(url)).toEqual([])
    await client.send(new sqs.DeleteQueueCommand({ QueueUrl: url }))
    await expect(send(url, 'x')).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
    })
  })

  it('hides one tenant from another, and keeps a key to its scopes', async () => {
    const url = await queue()
    await aws.hub.tenants.create(aws.hub.local, { id: 'foreign', name: 'Foreign' })
    const foreign = aws.sqs(await aws.credentials(['admin'], [], 'foreign'))
    await expect(foreign.send(new sqs.ReceiveMessageCommand({ QueueUrl: url }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    })
    expect(await foreign.send(new sqs.ListQueuesCommand({}))).not.toHaveProperty('QueueUrls')
    const sender = aws.sqs(await aws.credentials(['publisher']))
    await expect(sender.send(new sqs.ReceiveMessageCommand({ QueueUrl: url }))).rejects.toMatchObject({
      name: 'AccessDenied',
    })
    expect(await sender.send(new sqs.SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }))).toHaveProperty(
      'MessageId',
    )
    const forged = aws.sqs({ ...aws.admin, secretAccessKey: 'x' })
    await expect(forged.send(new sqs.ListQueuesCommand({}))).rejects.toMatchObject({
      name: 'InvalidSecurity',
      $metadata: { httpStatusCode: 403 },
    })
  })

  it('carries 1 MiB, and refuses more and what XML cannot hold', async () => {
    const url = await queue()
    const big = 'é'.repeat(524_288)
    await send(url, big)
    expect((await receive(url))[0]?.Body === big).toBe(true)
    await expect(send(url, `${big}x`)).rejects.toMatchObject({ name: 'InvalidParameterValue' })
    await expect(send(url, 'a\ufffe')).rejects.toMatchObject({ name: 'InvalidMessageContents' })
    await expect(send(url, 'a', { MessageGroupId: 'g' })).rejects.toMatchObject({ name: 'InvalidParameterValue' })
  })
})
