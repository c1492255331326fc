/**
 * What is refused, by the name, the code and the status that the stock clients tell.
 */
import * as sns from '@aws-sdk/client-sns'
import * as sqs from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Aws, startAws } from '../../test/aws/world.js'

let aws: Aws
let QueueUrl = ''
let fifo = ''
let TopicArn = ''
beforeAll(async () => {
  aws = await startAws('memory')
  const make = async (QueueName: string) =>
    (await aws.sqs().send(new sqs.CreateQueueCommand({ QueueName, Attributes: ATTRIBUTES[QueueName] ?? {} }))).QueueUrl
  QueueUrl = (await make('q')) ?? ''
  fifo = (await make('q.fifo')) ?? ''
  TopicArn = (await aws.sns().send(new sns.CreateTopicCommand({ Name: 't' }))).TopicArn ?? ''
  await Promise.all([permitQueue({ Label: 'taken' }), permitTopic({ Label: 'taken' })].map((asks) => asks(clients())))
})
afterAll(() => aws.close())

const clients = () => ({ sqs: aws.sqs(), sns: aws.sns() })
const ATTRIBUTES: Readonly<Record<string, Record<string, string>>> = { 'q.fifo': { FifoQueue: 'true' } }

type Asks = (clients: { sqs: sqs.SQSClient; sns: sns.SNSClient }) => Promise<unknown>
/** What is wrong, the name, the old code where it is another, the status. */
type Case = readonly [what: string, name: string, code: string, status: number, asks: Asks]

const OLD = 'AWS.SimpleQueueService'
const entries = (count: number, Id = (n: number) => `${n}`) =>
  Array.from({ length: count }, (_, n) => ({ Id: Id(n), MessageBody: 'm' }))
const batch =
  (Entries: sqs.SendMessageBatchRequestEntry[]): Asks =>
  (on) =>
    on.sqs.send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries }))
const create =
  (QueueName: string, Attributes: Record<string, string> = {}): Asks =>
  (on) =>
    on.sqs.send(new sqs.CreateQueueCommand({ QueueName, Attributes }))
const message =
  (more: Partial<sqs.SendMessageCommandInput>): Asks =>
  (on) =>
    on.sqs.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'm', ...more }))
const receive =
  (more: Partial<sqs.ReceiveMessageCommandInput>): Asks =>
  (on) =>
    on.sqs.send(new sqs.ReceiveMessageCommand({ QueueUrl, ...more }))

const permitQueue =
  (more: Partial<sqs.AddPermissionCommandInput>): Asks =>
  (on) =>
    on.sqs.send(
      new sqs.AddPermissionCommand({
        ...{ QueueUrl, Label: 'l', AWSAccountIds: [accountOf(TopicArn)], Actions: ['SendMessage'] },
        ...more,
      }),
    )
const permitTopic =
  (more: Partial<sns.AddPermissionCommandInput>): Asks =>
  (on) =>
    on.sns.send(
      new sns.AddPermissionCommand({
        ...{ TopicArn, Label: 'l', AWSAccountId: [accountOf(TopicArn)], ActionName: ['Publish'] },
        ...more,
      }),
    )
const accountOf = (arn: string) => arn.split(':')[4] ?? ''
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${accountOf(TopicArn)}:${name}`

const OF_SQS: readonly Case[] = [
  [
    'no such queue',
    'QueueDoesNotExist',
    `${OLD}.NonExistentQueue`,
    400,
    (on) => on.sqs.send(new sqs.GetQueueUrlCommand({ QueueName: 'none' })),
  ],
  ['another of that name', 'QueueNameExists', 'QueueAlreadyExists', 400, create('q', { DelaySeconds: '5' })],
  ['a name with a dot', 'InvalidParameterValue', '', 400, create('a.b')],
  ['an attribute nobody knows', 'InvalidAttributeName', '', 400, create('x', { Colour: 'red' })],
  ['an attribute of FIFO queues', 'InvalidAttributeName', '', 400, create('x', { ContentBasedDeduplication: 'true' })],
  ['a delay that is too long', 'InvalidAttributeValue', '', 400, create('x', { DelaySeconds: '901' })],
  [
    'encryption by KMS',
    'UnsupportedOperation',
    `${OLD}.UnsupportedOperation`,
    400,
    create('x', { KmsMasterKeyId: 'k' }),
  ],
  [
    'a policy that names others',
    'InvalidAttributeValue',
    '',
    400,
    create('x', { Policy: '{"Statement":{"Effect":"Allow","Principal":"*"}}' }),
  ],
  ['an empty batch', 'EmptyBatchRequest', `${OLD}.EmptyBatchRequest`, 400, batch([])],
  ['eleven in a batch', 'TooManyEntriesInBatchRequest', `${OLD}.TooManyEntriesInBatchRequest`, 400, batch(entries(11))],
  ['an id twice', 'BatchEntryIdsNotDistinct', `${OLD}.BatchEntryIdsNotDistinct`, 400, batch(entries(2, () => 'a'))],
  ['an id with a space', 'InvalidBatchEntryId', `${OLD}.InvalidBatchEntryId`, 400, batch(entries(1, () => 'a b'))],
  [
    'a batch that is too long',
    'BatchRequestTooLong',
    `${OLD}.BatchRequestTooLong`,
    400,
    batch(entries(2).map((each) => ({ ...each, MessageBody: 'x'.repeat(600_000) }))),
  ],
  [
    'a batch whose attributes are too long',
    'BatchRequestTooLong',
    `${OLD}.BatchRequestTooLong`,
    400,
    batch(
      entries(2).map((each) => ({
        ...each,
        MessageAttributes: { a: { DataType: 'String', StringValue: 'x'.repeat(600_000) } },
      })),
    ),
  ],
  ['a character that XML cannot hold', 'InvalidMessageContents', '', 400, message({ MessageBody: '\u0000' })],
  ['a delay of a message that is too long', 'InvalidParameterValue', '', 400, message({ DelaySeconds: 901 })],
  ['a group in a standard queue', 'InvalidParameterValue', '', 400, message({ MessageGroupId: 'g' })],
  [
    'no group in a FIFO queue',
    'MissingParameter',
    '',
    400,
    (on) => on.sqs.send(new sqs.SendMessageCommand({ QueueUrl: fifo, MessageBody: 'm' })),
  ],
  [
    'no id in a FIFO queue',
    'InvalidParameterValue',
    '',
    400,
    (on) => on.sqs.send(new sqs.SendMessageCommand({ QueueUrl: fifo, MessageBody: 'm', MessageGroupId: 'g' })),
  ],
  [
    'a delay in a FIFO queue',
    'InvalidParameterValue',
    '',
    400,
    (on) =>
      on.sqs.send(
        new sqs.SendMessageCommand({
          QueueUrl: fifo,
          MessageBody: 'm',
          MessageGroupId: 'g',
          MessageDeduplicationId: 'd',
          DelaySeconds: 1,
        }),
      ),
  ],
  ['eleven messages', 'InvalidParameterValue', '', 400, receive({ MaxNumberOfMessages: 11 })],
  ['waiting too long', 'InvalidParameterValue', '', 400, receive({ WaitTimeSeconds: 21 })],
  [
    'a system attribute nobody knows',
    'InvalidAttributeName',
    '',
    400,
    receive({ MessageSystemAttributeNames: ['Colour' as 'All'] }),
  ],
  ['an attempt id', 'InvalidParameterValue', '', 400, receive({ ReceiveRequestAttemptId: 'a' })],
  [
    'a handle that is none',
    'ReceiptHandleIsInvalid',
    '',
    404,
    (on) => on.sqs.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'x' })),
  ],
  [
    'a move from what is no dead-letter queue',
    'InvalidParameterValue',
    '',
    400,
    (on) =>
      on.sqs.send(
        new sqs.StartMessageMoveTaskCommand({ SourceArn: TopicArn.replace(':sns:', ':sqs:').replace(/t$/, 'q') }),
      ),
  ],
  [
    'a move from nowhere',
    'ResourceNotFoundException',
    '',
    404,
    (on) => on.sqs.send(new sqs.ListMessageMoveTasksCommand({ SourceArn: 'arn:aws:sqs:us-east-1:1:x' })),
  ],
  ['a permission for others', 'InvalidParameterValue', '', 400, permitQueue({ AWSAccountIds: ['123456789012'] })],
  ['a permission for nobody', 'MissingParameter', '', 400, permitQueue({ AWSAccountIds: [] })],
  ['a permission for nothing', 'MissingParameter', '', 400, permitQueue({ Actions: [] })],
  ['a permission to do what there is not', 'InvalidParameterValue', '', 400, permitQueue({ Actions: ['Steal'] })],
  ['a permission of the owner', 'InvalidParameterValue', '', 400, permitQueue({ Actions: ['DeleteQueue'] })],
  ['a permission for eight actions', 'OverLimit', '', 403, permitQueue({ Actions: Array(8).fill('SendMessage') })],
  ['a permission with a label of two words', 'InvalidParameterValue', '', 400, permitQueue({ Label: 'a b' })],
  ['a permission with a label that is taken', 'InvalidParameterValue', '', 400, permitQueue({ Label: 'taken' })],
]

const topic =
  (Name: string, Attributes: Record<string, string> = {}): Asks =>
  (on) =>
    on.sns.send(new sns.CreateTopicCommand({ Name, Attributes }))
const publish =
  (more: Partial<sns.PublishCommandInput>): Asks =>
  (on) =>
    on.sns.send(new sns.PublishCommand({ TopicArn, Message: 'm', ...more }))
const subscribe =
  (Protocol: string, Endpoint: string, Attributes: Record<string, string> = {}): Asks =>
  (on) =>
    on.sns.send(new sns.SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }))
const publishBatch =
  (PublishBatchRequestEntries: sns.PublishBatchRequestEntry[]): Asks =>
  (on) =>
    on.sns.send(new sns.PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }))
const HOOK = 'http://127.0.0.1:9/hook'
const several = (count: number) => Array.from({ length: count }, (_, n) => ({ Id: `${n}`, Message: 'm' }))

const OF_SNS: readonly Case[] = [
  [
    'no such topic',
    'NotFoundException',
    'NotFound',
    404,
    (on) => on.sns.send(new sns.PublishCommand({ TopicArn: `${TopicArn}x`, Message: 'm' })),
  ],
  [
    'no such subscription',
    'NotFoundException',
    'NotFound',
    404,
    (on) => on.sns.send(new sns.GetSubscriptionAttributesCommand({ SubscriptionArn: `${TopicArn}:x` })),
  ],
  ['a name with a dot', 'InvalidParameterException', 'InvalidParameter', 400, topic('a.b')],
  ['an attribute nobody knows', 'InvalidParameterException', 'InvalidParameter', 400, topic('x', { Colour: 'red' })],
  ['encryption by KMS', 'InvalidParameterException', 'InvalidParameter', 400, topic('x', { KmsMasterKeyId: 'k' })],
  [
    'a topic that is another',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    topic('t', { DisplayName: 'other' }),
  ],
  ['a subject of two lines', 'InvalidParameterException', 'InvalidParameter', 400, publish({ Subject: 'a\nb' })],
  [
    'a subject of 100 characters',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    publish({ Subject: 'x'.repeat(100) }),
  ],
  [
    'no default',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    publish({ MessageStructure: 'json', Message: '{"sqs":"m"}' }),
  ],
  [
    'more than 256 KiB',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    publish({ Message: 'x'.repeat(262_145) }),
  ],
  [
    'a telephone',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    (on) => on.sns.send(new sns.PublishCommand({ PhoneNumber: '+1', Message: 'm' })),
  ],
  [
    'a protocol that is not here',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    subscribe('lambda', 'arn:aws:lambda:us-east-1:1:function:f'),
  ],
  ['no URL', 'InvalidParameterException', 'InvalidParameter', 400, subscribe('https', HOOK)],
  [
    'a queue of another account',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    subscribe('sqs', 'arn:aws:sqs:us-east-1:123456789012:q'),
  ],
  [
    'a filter policy with an unknown operator',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    subscribe('http', HOOK, { FilterPolicy: '{"a":[{"like":"b"}]}' }),
  ],
  [
    'a subscription role',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    subscribe('http', HOOK, { SubscriptionRoleArn: 'r' }),
  ],
  [
    'a token that is none',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    (on) => on.sns.send(new sns.ConfirmSubscriptionCommand({ TopicArn, Token: 'x' })),
  ],
  [
    'authenticating who leaves',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    (on) =>
      on.sns.send(new sns.ConfirmSubscriptionCommand({ TopicArn, Token: 'x', AuthenticateOnUnsubscribe: 'true' })),
  ],
  [
    'eleven in a batch',
    'TooManyEntriesInBatchRequestException',
    'TooManyEntriesInBatchRequest',
    400,
    publishBatch(several(11)),
  ],
  ['an empty batch', 'EmptyBatchRequestException', 'EmptyBatchRequest', 400, publishBatch([])],
  [
    'tags of nobody',
    'ResourceNotFoundException',
    'ResourceNotFound',
    404,
    (on) => on.sns.send(new sns.ListTagsForResourceCommand({ ResourceArn: `${TopicArn}x` })),
  ],
  [
    'a FIFO queue that would hear another topic',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    (on) => on.sns.send(new sns.SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn('q.fifo') })),
  ],
  [
    'a FIFO queue for the dead letters of another topic',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    (on) => {
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn('q.fifo') })
      const input = { TopicArn, Protocol: 'sqs', Endpoint: queueArn('q'), Attributes: { RedrivePolicy } }
      return on.sns.send(new sns.SubscribeCommand(input))
    },
  ],
  [
    'two topics for one message',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    (on) => on.sns.send(new sns.PublishCommand({ TopicArn, TargetArn: TopicArn, Message: 'm' })),
  ],
  [
    'data protection',
    'InvalidAction',
    'InvalidAction',
    400,
    (on) => on.sns.send(new sns.GetDataProtectionPolicyCommand({ ResourceArn: TopicArn })),
  ],
  [
    'a permission for others',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    permitTopic({ AWSAccountId: ['123456789012'] }),
  ],
  ['a permission for nothing', 'InvalidParameterException', 'InvalidParameter', 400, permitTopic({ ActionName: [] })],
  [
    'a permission to do what there is not',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    permitTopic({ ActionName: ['Steal'] }),
  ],
  [
    'a permission with a label that is taken',
    'InvalidParameterException',
    'InvalidParameter',
    400,
    permitTopic({ Label: 'taken' }),
  ],
  ['SMS', 'InvalidAction', 'InvalidAction', 400, (on) => on.sns.send(new sns.GetSMSAttributesCommand({}))],
]

describe.each([
  ['SQS', OF_SQS],
  ['SNS', OF_SNS],
] as const)('%s refuses', (_, cases) => {
  it.each(cases)('%s: %s', async (_what, name, code, status, asks) => {
    const answer = await asks(clients()).then(
      () => 'nothing was refused',
      (error) => error,
    )
    expect(answer).toMatchObject({ name, Code: code || name, $metadata: { httpStatusCode: status } })
  })
})

describe('a tenant that sends more than it may', () => {
  it('is told so in the words of the service, and of which entries of a batch', async () => {
    const { hub } = aws
    await hub.tenants.create(hub.local, { id: 'small', name: 'Small', eventsPerSecond: 2 })
    const keys = await aws.credentials(['admin'], [], 'small')
    const [queues, topics] = [aws.sqs(keys), aws.sns(keys)]
    const { QueueUrl: url = '' } = await queues.send(new sqs.CreateQueueCommand({ QueueName: 'q' }))
    const { TopicArn: arn = '' } = await topics.send(new sns.CreateTopicCommand({ Name: 't' }))
    const batch = new sqs.SendMessageBatchCommand({ QueueUrl: url, Entries: entries(10) })
    const { Successful = [], Failed = [] } = await queues.send(batch)
    expect(Successful.length + Failed.length).toBe(10)
    expect(Failed[0]).toMatchObject({ Code: 'RequestThrottled', SenderFault: true })
    const sending = queues.send(new sqs.SendMessageCommand({ QueueUrl: url, MessageBody: 'm' }))
    await expect(sending).rejects.toMatchObject({ name: 'RequestThrottled', $metadata: { httpStatusCode: 403 } })
    const publishing = topics.send(new sns.PublishCommand({ TopicArn: arn, Message: 'm' }))
    await expect(publishing).rejects.toMatchObject({ Code: 'Throttled', $metadata: { httpStatusCode: 429 } })
  })
})
