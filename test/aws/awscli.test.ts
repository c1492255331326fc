/**
 * Debian's `aws`, as people type it: SQS and SNS by the query protocol, the endpoint given in each call.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isLacking, type Need, named } from '../faults/tools.js'
import { type Aws, startAws } from './world.js'

/** Others that are on the path may be newer, and speak JSON. */
const COMMAND = '/usr/bin/aws'
const AWSCLI: Need = { there: existsSync(COMMAND), without: 'awscli' }

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

describe.skipIf(isLacking(AWSCLI))(named("Debian's aws", AWSCLI), () => {
  const home = mkdtempSync(join(tmpdir(), 'tocsin-awscli-'))
  let aws: Aws
  beforeAll(async () => {
    aws = await startAws('memory')
  })
  afterAll(async () => {
    await aws.close()
    rmSync(home, { recursive: true })
  })

  async function run(...words: readonly string[]): Promise<Ran> {
    const { accessKeyId, secretAccessKey } = aws.admin
    const env = {
      ...{
        PATH: '/usr/bin:/bin',
        HOME: home,
        AWS_PAGER: '',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    }
    const args = ['--endpoint-url', aws.url, '--output', 'json', ...words]
    return promisify(execFile)(COMMAND, args, { env }).then(
      ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
      ({ code, stdout, stderr }) => ({ code, out: stdout, err: stderr }),
    )
  }
  /** What it printed. */
  async function ask(...words: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const { code, out, err } = await run(...words)
    expect([words, code, err]).toEqual([words, 0, ''])
    return out === '' ? {} : JSON.parse(out)
  }

  it('does what a consumer does, and is told what is wrong in the words it knows', async () => {
    const { QueueUrl } = await ask(
      'sqs',
      'create-queue',
      '--queue-name',
      'cli',
      '--attributes',
      'VisibilityTimeout=60',
      '--tags',
      'a=b',
    )
    const queue = ['--queue-url', String(QueueUrl)]
    const [told, listed, tags, { TopicArn }] = await Promise.all([
      ask('sqs', 'get-queue-attributes', ...queue, '--attribute-names', 'All'),
      ask('sqs', 'list-queues'),
      ask('sqs', 'list-queue-tags', ...queue),
      ask('sns', 'create-topic', '--name', 'cli'),
    ])
    const attributes = told.Attributes as Readonly<Record<string, string>>
    expect(attributes).toMatchObject({ VisibilityTimeout: '60', ApproximateNumberOfMessages: '0' })
    expect([listed, tags]).toEqual([{ QueueUrls: [QueueUrl] }, { Tags: { a: 'b' } }])

    const topic = ['--topic-arn', String(TopicArn)]
    const endpoint = ['--protocol', 'sqs', '--notification-endpoint', attributes.QueueArn ?? '']
    const { SubscriptionArn } = await ask('sns', 'subscribe', ...topic, ...endpoint)
    const { Subscriptions } = await ask('sns', 'list-subscriptions-by-topic', ...topic)
    expect(Subscriptions).toMatchObject([{ SubscriptionArn, Endpoint: attributes.QueueArn }])

    const text = 'a "b" <&> é\r\n'
    const kind = '{"kind":{"DataType":"String","StringValue":"x"}}'
    const { MessageId } = await ask(
      'sns',
      'publish',
      ...topic,
      '--message',
      text,
      '--subject',
      'hello',
      '--message-attributes',
      kind,
    )
    const got = await ask('sqs', 'receive-message', ...queue, '--wait-time-seconds', '5', '--attribute-names', 'All')
    const [message] = got.Messages as readonly Readonly<Record<string, string>>[]
    expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' })
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({ MessageId, Message: text, Subject: 'hello' })
    const handle = ['--receipt-handle', message?.ReceiptHandle ?? '']
    await ask('sqs', 'change-message-visibility', ...queue, ...handle, '--visibility-timeout', '30')
    await ask('sqs', 'delete-message', ...queue, ...handle)

    const entries = JSON.stringify([1, 2].map((n) => ({ Id: `${n}`, MessageBody: `m${n}` })))
    const sent = await ask('sqs', 'send-message-batch', ...queue, '--entries', entries)
    expect(sent.Successful).toHaveLength(2)
    const { Messages } = await ask('sqs', 'receive-message', ...queue, '--max-number-of-messages', '10')
    expect((Messages as readonly Readonly<Record<string, string>>[]).map(({ Body }) => Body).sort()).toEqual([
      'm1',
      'm2',
    ])
    expect(await ask('sqs', 'receive-message', ...queue)).toEqual({})
    const [missing, nowhere] = await Promise.all([
      run('sqs', 'get-queue-url', '--queue-name', 'none'),
      run('sns', 'publish', '--topic-arn', `${TopicArn}x`, '--message', 'm'),
    ])
    const code = 'AWS.SimpleQueueService.NonExistentQueue'
    expect([missing.code, missing.err]).toEqual([254, expect.stringContaining(code)])
    expect([nowhere.code, nowhere.err]).toEqual([254, expect.stringContaining('(NotFound)')])
    await Promise.all([
      ask('sqs', 'purge-queue', ...queue),
      ask('sns', 'unsubscribe', '--subscription-arn', String(SubscriptionArn)),
    ])
    await Promise.all([ask('sns', 'delete-topic', ...topic), ask('sqs', 'delete-queue', ...queue)])
  }, 300_000)
})
