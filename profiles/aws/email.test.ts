/**
 * E-mail subscribers of topics, told by a mail server on the loopback.
 */
import * as sns from '@aws-sdk/client-sns'
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Aws, startAws, until } from '../../test/aws/world.js'
import { type MailServer, smtpError, startMailServer } from '../../test/services/smtp.js'

const ADDRESS = 'ann@example.org'

describe('e-mail subscribers', () => {
  let server: MailServer
  let aws: Aws
  let client: sns.SNSClient

  beforeAll(async () => {
    const refuses = smtpError(550, 'nobody here')
    server = await startMailServer({
      onRcptTo: (_, __, done) => done(refusing ? refuses : null),
    })
    const email = {
      host: '127.0.0.1',
      port: server.port,
      encryption: 'none' as const,
      from: 'Topics <topics@example.org>',
    }
    aws = await startAws('memory', { profiles: { aws: { region: 'us-east-1', email } } })
    client = aws.sns()
  })
  afterAll(async () => {
    await aws.close()
    await server.close()
  })

  const topic = async (Name: string) => (await client.send(new sns.CreateTopicCommand({ Name }))).TopicArn ?? ''
  const subscribe = (TopicArn: string, Protocol: string, more: Partial<sns.SubscribeCommandInput> = {}) =>
    client.send(new sns.SubscribeCommand({ TopicArn, Protocol, Endpoint: ADDRESS, ...more }))
  const publish = (TopicArn: string, more: Partial<sns.PublishCommandInput> = {}) =>
    client.send(new sns.PublishCommand({ TopicArn, Message: 'Your card is ready.\n', ...more }))
  /** The mail that comes next. */
  const next = async (said: string) => {
    const at = read++
    await until(() => server.mails.length > at, said)
    const { mail, to } = server.mails[at] ?? {}
    return { subject: mail?.subject, text: mail?.text ?? '', from: mail?.from, to }
  }
  let read = 0
  let refusing = false
  const linkIn = (text: string) => /^http\S+/m.exec(text)?.[0] ?? ''

  it('confirm by the link in a mail, are told, and leave by a link', async () => {
    const arn = await topic('cards')
    expect(await subscribe(arn, 'email')).toMatchObject({ SubscriptionArn: 'pending confirmation' })
    await publish(arn)
    const asked = await next('the mail that asks')
    expect(asked).toMatchObject({ to: [ADDRESS], subject: 'Confirm your subscription to cards' })
    expect(asked.from).toEqual({ name: 'Topics', address: 'topics@example.org' })
    expect((await fetch(linkIn(asked.text))).status).toBe(200)
    await publish(arn, { Subject: 'News' })
    const told = await next('the mail that tells')
    expect(told).toMatchObject({ to: [ADDRESS], subject: 'News' })
    expect(told.text.startsWith('Your card is ready.\n')).toBe(true)
    expect((await fetch(linkIn(told.text))).status).toBe(200)
    expect(await next('the mail that says goodbye')).toMatchObject({ subject: 'You have left cards' })
    await publish(arn)
    const { Subscriptions } = await client.send(new sns.ListSubscriptionsByTopicCommand({ TopicArn: arn }))
    expect(Subscriptions).toEqual([])
  })

  it('get the signed envelope as email-json, and what is meant for them alone', async () => {
    const arn = await topic('json')
    await subscribe(arn, 'email-json')
    const { Type, Token } = JSON.parse((await next('the mail that asks')).text)
    expect(Type).toBe('SubscriptionConfirmation')
    await client.send(new sns.ConfirmSubscriptionCommand({ TopicArn: arn, Token }))
    await publish(arn, {
      Message: JSON.stringify({ default: 'x', 'email-json': 'for mails' }),
      MessageStructure: 'json',
    })
    const { text, subject } = await next('the mail that tells')
    expect(subject).toBe('Notification of json')
    expect(JSON.parse(text)).toMatchObject({
      Type: 'Notification',
      Message: 'for mails',
      Signature: expect.any(String),
    })
  })

  it('whose server refuses them leave the message to the dead-letter queue', async () => {
    const [arn, sqs] = [await topic('refused'), aws.sqs()]
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }))
    const told = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
    const Attributes = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: told.Attributes?.QueueArn }) }
    await subscribe(arn, 'email', { Attributes })
    const asked = await next('the mail that asks')
    expect((await fetch(linkIn(asked.text))).status).toBe(200)
    refusing = true
    await publish(arn)
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))
    expect(Messages[0]?.Body).toContain('Your card is ready.')
    refusing = false
  })

  it('are refused with what is wrong: no address, raw, a FIFO topic', async () => {
    const arn = await topic('wrong')
    const refused = (work: Promise<unknown>, message: RegExp) =>
      expect(work).rejects.toMatchObject({ name: 'InvalidParameterException', message: expect.stringMatching(message) })
    await refused(subscribe(arn, 'email', { Endpoint: 'nobody' }), /Endpoint/)
    await refused(subscribe(arn, 'email', { Attributes: { RawMessageDelivery: 'true' } }), /RawMessageDelivery/)
    await refused(subscribe(arn, 'sms'), /email-json/)
    const { TopicArn = '' } = await client.send(
      new sns.CreateTopicCommand({ Name: 'f.fifo', Attributes: { FifoTopic: 'true' } }),
    )
    await refused(subscribe(TopicArn, 'email'), /FIFO/)
  })
})

it('are refused where no mail server is configured', async () => {
  const aws = await startAws('memory')
  try {
    const client = aws.sns()
    const { TopicArn } = await client.send(new sns.CreateTopicCommand({ Name: 't' }))
    const subscribed = client.send(new sns.SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: ADDRESS }))
    await expect(subscribed).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('need a mail server'),
    })
  } finally {
    await aws.close()
  }
})
