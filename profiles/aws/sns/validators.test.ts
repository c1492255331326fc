/**
 * Signatures, checked by the validators that receivers use, which fetch the certificate over TLS.
 */
import https, { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import * as sns from '@aws-sdk/client-sns'
import * as sqs from '@aws-sdk/client-sqs'
import MessageValidator from 'sns-validator'
import { expect, it, onTestFinished } from 'vitest'
import { startAws } from '../../../test/aws/world.js'
import { selfSigned } from '../../../test/certificate.js'

it.each(['1', '2'])('version %s', async (SignatureVersion) => {
  const certificate = selfSigned('localhost')
  let behind = ''
  // As a proxy in front that speaks TLS.
  const proxy = createServer(certificate, async (request, response) => {
    const answer = await fetch(behind + request.url)
    response.writeHead(answer.status).end(await answer.text())
  }).listen(0, '127.0.0.1')
  await new Promise((listening) => proxy.once('listening', listening))
  onTestFinished(() => void proxy.close())
  const before = https.globalAgent.options.ca
  https.globalAgent.options.ca = certificate.cert
  onTestFinished(() => void Object.assign(https.globalAgent.options, { ca: before }))
  const url = `https://localhost:${(proxy.address() as AddressInfo).port}`
  const aws = await startAws('memory', { profiles: { aws: { region: 'us-east-1', url } } })
  onTestFinished(() => aws.close())
  behind = aws.url
  const [topics, queues] = [aws.sns(), aws.sqs()]
  const { QueueUrl } = await queues.send(new sqs.CreateQueueCommand({ QueueName: 'q' }))
  const told = await queues.send(new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  const { TopicArn } = await topics.send(new sns.CreateTopicCommand({ Name: 't', Attributes: { SignatureVersion } }))
  await topics.send(new sns.SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: told.Attributes?.QueueArn }))
  await topics.send(new sns.PublishCommand({ TopicArn, Message: 'über', Subject: 's' }))
  const { Messages } = await queues.send(new sqs.ReceiveMessageCommand({ QueueUrl }))
  const validator = new MessageValidator(/^localhost:\d+$/)
  const validate = (message: object) =>
    new Promise((resolve) => {
      validator.validate({ ...message }, (error, valid) => resolve(error ? String(error.message) : valid))
    })
  const message = JSON.parse(Messages?.[0]?.Body ?? '{}') as object
  expect(await validate(message)).toMatchObject({ Message: 'über', SignatureVersion })
  expect(await validate({ ...message, Message: 'uber' })).toBe('The message signature is invalid.')
})
