/**
 * The query protocol: forms in, XML out, as boto2, the AWS command line before 2.13 and UW's C library speak it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fault } from '../../src/index.js'
import { type Aws, startAws } from '../../test/aws/world.js'
import { type FoundElement, readXml } from '../xml.js'
import { readForm } from './form.js'
import { aws as profile } from './index.js'
import { signatureOf, stamp } from './signature.js'

let aws: Aws
beforeAll(async () => {
  aws = await startAws('memory')
})
afterAll(() => aws.close())

/** A form, signed as a client does it. */
async function ask(service: 'sqs' | 'sns', path: string, fields: Readonly<Record<string, string>>) {
  const body = String(new URLSearchParams(fields))
  const now = Date.now()
  const scope = [stamp(now).slice(0, 8), 'us-east-1', service] as const
  const { host } = new URL(aws.url)
  const headers = { host, 'x-amz-date': stamp(now), 'content-type': 'application/x-www-form-urlencoded' }
  const claim = { accessKey: aws.admin.accessKeyId, service, scope, time: stamp(now), presigned: false }
  const signedHeaders = ['content-type', 'host', 'x-amz-date']
  const request = { method: 'POST', url: path, headers, body: Buffer.from(body) }
  const signature = signatureOf({ ...claim, signedHeaders }, request, aws.admin.secretAccessKey)
  const authorization = `AWS4-HMAC-SHA256 Credential=${[claim.accessKey, ...scope].join('/')}/aws4_request, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
  const answer = await fetch(aws.url + path, { method: 'POST', body, headers: { ...headers, authorization } })
  const text = await answer.text()
  return { status: answer.status, text, root: readXml(Buffer.from(text), 'answer') }
}

const find = (element: FoundElement, name: string): readonly FoundElement[] => [
  ...(element.name === name ? [element] : []),
  ...element.children.flatMap((child) => find(child, name)),
]
const textIn = (text: string, name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? ''

describe('SQS by the query protocol', () => {
  const Version = '2012-11-05'

  it('makes a queue, sends, receives and deletes, the queue named by its path', async () => {
    const made = await ask('sqs', '/', {
      Action: 'CreateQueue',
      Version,
      QueueName: 'old',
      'Attribute.1.Name': 'VisibilityTimeout',
      'Attribute.1.Value': '60',
      'Tag.1.Key': 'a',
      'Tag.1.Value': 'b',
    })
    const url = textIn(made.text, 'QueueUrl')
    expect(url).toMatch(/\/\d{12}\/old$/)
    const path = new URL(url).pathname
    const sent = await ask('sqs', path, {
      Action: 'SendMessage',
      Version,
      MessageBody: '{"a":"<&"}',
      'MessageAttribute.1.Name': 'n',
      'MessageAttribute.1.Value.DataType': 'String',
      'MessageAttribute.1.Value.StringValue': 'v',
    })
    expect(textIn(sent.text, 'MD5OfMessageBody')).toMatch(/^[0-9a-f]{32}$/)
    const got = await ask('sqs', path, {
      Action: 'ReceiveMessage',
      Version,
      'AttributeName.1': 'All',
      'MessageAttributeName.1': 'All',
    })
    expect(got.text).toContain('<Body>{&quot;a&quot;:&quot;&lt;&amp;&quot;}</Body>')
    expect(got.text).toContain(
      '<MessageAttribute><Name>n</Name><Value><DataType>String</DataType><StringValue>v</StringValue></Value></MessageAttribute>',
    )
    expect(find(got.root, 'Attribute').length).toBeGreaterThan(3)
    const gone = await ask('sqs', path, {
      Action: 'DeleteMessage',
      Version,
      ReceiptHandle: textIn(got.text, 'ReceiptHandle'),
    })
    expect([gone.status, gone.root.name]).toEqual([200, 'DeleteMessageResponse'])
    const told = await ask('sqs', path, {
      Action: 'GetQueueAttributes',
      Version,
      'AttributeName.1': 'VisibilityTimeout',
    })
    expect(told.text).toContain('<Attribute><Name>VisibilityTimeout</Name><Value>60</Value></Attribute>')
    const empty = await ask('sqs', path, { Action: 'ReceiveMessage', Version })
    expect(empty.text).toContain('<ReceiveMessageResult></ReceiveMessageResult>')
  })

  it('tells batches and errors in the old words', async () => {
    const made = await ask('sqs', '/', { Action: 'CreateQueue', Version, QueueName: 'batch' })
    const path = new URL(textIn(made.text, 'QueueUrl')).pathname
    const batch = 'SendMessageBatchRequestEntry'
    const sent = await ask('sqs', path, {
      Action: 'SendMessageBatch',
      Version,
      [`${batch}.1.Id`]: 'a',
      [`${batch}.1.MessageBody`]: 'x',
      [`${batch}.2.Id`]: 'b',
      [`${batch}.2.MessageBody`]: '\u0008',
    })
    expect([
      find(sent.root, 'SendMessageBatchResultEntry').length,
      find(sent.root, 'BatchResultErrorEntry').length,
    ]).toEqual([1, 1])
    const missing = await ask('sqs', '/', { Action: 'GetQueueUrl', Version, QueueName: 'none' })
    expect([missing.status, textIn(missing.text, 'Code'), textIn(missing.text, 'Type')]).toEqual([
      400,
      'AWS.SimpleQueueService.NonExistentQueue',
      'Sender',
    ])
    const unknown = await ask('sqs', '/', { Action: 'Nothing', Version })
    expect([unknown.status, textIn(unknown.text, 'Code')]).toEqual([400, 'InvalidAction'])
  })
})

describe('a form', () => {
  it('that names two actions is refused', () => {
    expect(() => readForm('Action=ListQueues&Action=DeleteQueue', 'sqs')).toThrow('two actions')
  })

  it('is read into what the JSON protocol has', () => {
    const text =
      'Action=Publish&Version=2010-03-31&TopicArn=t&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=b&Tags.member.1.Key=k&Tags.member.1.Value=v&TagKeys.member.1=k&__proto__.x=1'
    const { action, fields } = readForm(text, 'sns')
    expect(action).toBe('Publish')
    expect(fields).toMatchObject({
      TopicArn: 't',
      MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } },
      Tags: { k: 'v' },
      TagKeys: ['k'],
    })
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })
})

it('answers SNS errors in XML, also to who is not known', async () => {
  const { status, text } = await ask('sns', '/', {
    Action: 'Publish',
    Version: '2010-03-31',
    TopicArn: 'arn:aws:sns:us-east-1:1:x',
    Message: 'm',
  })
  expect([status, textIn(text, 'Code')]).toEqual([404, 'NotFound'])
  const unsigned = await fetch(`${aws.url}/`, {
    method: 'POST',
    body: 'Action=ListTopics',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect([unsigned.status, textIn(await unsigned.text(), 'Code')]).toEqual([403, 'MissingAuthenticationToken'])
})

it('says to who signs by version 2 what would be right', async () => {
  const old = {
    AWSAccessKeyId: aws.admin.accessKeyId,
    SignatureVersion: '2',
    SignatureMethod: 'HmacSHA256',
    Signature: 'x',
  }
  const query = String(new URLSearchParams({ Action: 'ReceiveMessage', Timestamp: '2026-11-29T08:00:00Z', ...old }))
  const byGet = await fetch(`${aws.url}/000000000000/q?${query}`)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const byPost = await fetch(`${aws.url}/`, { method: 'POST', body: query, headers })
  for (const answer of [byGet, byPost]) {
    const text = await answer.text()
    expect([answer.status, textIn(text, 'Code')]).toEqual([403, 'InvalidSecurity'])
    expect(textIn(text, 'Message')).toContain('version 4')
  }
})

it('tells what is our fault in the words of the protocol', () => {
  const route = profile.routes?.find(({ operationId }) => operationId === 'awsCall')
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const form = route?.refuse?.(new Fault('internal', 'The disk is gone.'), { id: 'r1', url: '/', headers })
  expect(form).toMatchObject({ status: 500, body: expect.stringContaining('<Code>InternalError</Code>') })
  const json = { 'content-type': 'application/x-amz-json-1.0' }
  const answer = route?.refuse?.(new Fault('internal', 'The disk is gone.'), { id: 'r1', url: '/', headers: json })
  expect(JSON.parse(String(answer?.body))).toMatchObject({ __type: 'com.amazonaws.sqs#InternalError' })
  const odd = route?.refuse?.(new Fault('internal', 'The disk is gone.'), { id: 'r1', url: '/?%zz', headers })
  expect(odd?.body).toBe(form?.body)
  expect(`${form?.body}${answer?.body}`).not.toContain('disk')
})

describe('a call of SQS by JSON', () => {
  it('is signed for SQS, not for SNS', async () => {
    const { host } = new URL(aws.url)
    const now = stamp(Date.now())
    const statusFor = async (service: 'sqs' | 'sns') => {
      const headers = { host, 'x-amz-date': now, 'x-amz-target': 'AmazonSQS.ListQueues' }
      const { accessKeyId: accessKey, secretAccessKey } = aws.admin
      const scope = [now.slice(0, 8), 'us-east-1', service] as const
      const signedHeaders = Object.keys(headers)
      const claim = { accessKey, service, scope, time: now, presigned: false, signedHeaders }
      const signature = signatureOf(
        claim,
        { method: 'POST', url: '/', headers, body: Buffer.from('{}') },
        secretAccessKey,
      )
      const authorization = `AWS4-HMAC-SHA256 Credential=${[accessKey, ...scope].join('/')}/aws4_request, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
      const type = 'application/x-amz-json-1.0'
      const answer = await fetch(aws.url, {
        method: 'POST',
        body: '{}',
        headers: { ...headers, authorization, 'content-type': type },
      })
      return [answer.status, await answer.text()]
    }
    expect(await statusFor('sqs')).toMatchObject([200, expect.any(String)])
    expect(await statusFor('sns')).toMatchObject([403, expect.stringContaining('signed for sqs')])
  })
})
