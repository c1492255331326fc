#!/usr/bin/env node
/**
 * A consumer that reads the Identity Registry's messages from an SQS queue, by the stock client of AWS: it makes its queue, subscribes
 * it to a topic, and deletes what it believes. What it does not believe stays, and is received again.
 *
 *     npm install @aws-sdk/client-sns @aws-sdk/client-sqs
 *     node queue-consumer.mjs --queue mine --topic idreg-dev-v1-uwnetid --certificate https://idreg.example.edu/sign1.crt=sign1.crt
 *
 * AWS_ENDPOINT_URL, AWS_REGION and the access key are read from the environment.
 */
import { ListTopicsCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { tell, trustIn, valuesOf } from './consumer.mjs'

const args = process.argv.slice(2)
const trust = trustIn(args)
const [QueueName] = valuesOf('queue', args)
const [topic] = valuesOf('topic', args)
const endpoint = process.env.AWS_ENDPOINT_URL
const sqs = new SQSClient({ endpoint })
const sns = new SNSClient({ endpoint })

const { Topics } = await sns.send(new ListTopicsCommand())
const TopicArn = Topics.map((each) => each.TopicArn).find((arn) => arn.endsWith(`:${topic}`))
const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }))
const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes.QueueArn }))
console.error(`Reads ${QueueUrl}, which hears ${TopicArn}`)

for (;;) {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))
  for (const { Body, ReceiptHandle } of Messages)
    if (tell(JSON.parse(Body).Message, trust)) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
}
