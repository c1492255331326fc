/**
 * kill -9 while clients of SNS publish: the ledger of what was answered is the client's own, that of what stands in the queue
 * is read at the end by the stock client.
 */
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { type Instance, initInstance, makeFolder, removeFolder, type Server, serve } from './instance.js'

export interface AwsKills {
  readonly answered: readonly string[]
  readonly received: readonly string[]
}

interface Clients {
  readonly sns: SNSClient
  readonly sqs: SQSClient
}

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Senders at once. */
const SENDERS = 4

/**
 * @param chance in [0, 1): when each round ends
 * @param database a URL of PostgreSQL; otherwise a file
 */
export async function awsKills(rounds: number, chance: () => number, database?: string): Promise<AwsKills> {
  const folder = makeFolder()
  const answered: string[] = []
  try {
    const instance = await initInstance(folder, database)
    const start = () => serve(instance, database === undefined ? {} : { set: { database } })
    let keys: Keys | null = null
    let topic: string | null = null
    for (let round = 0; round < rounds; round++) {
      const server = await start()
      keys ??= await makeKeys(instance, server)
      const clients = clientsFor(server, keys)
      const TopicArn: string = topic ?? (await standing(clients)).TopicArn
      topic = TopicArn
      const senders = Array.from({ length: SENDERS }, (_, sender) =>
        send(clients, TopicArn, `${round}.${sender}`, answered),
      )
      await new Promise((resolve) => setTimeout(resolve, 20 + chance() * 200))
      await server.kill()
      await Promise.all(senders)
    }
    const server = await start()
    const received = await drain(clientsFor(server, keys ?? (await makeKeys(instance, server))))
    await server.stop()
    return { answered, received }
  } finally {
    removeFolder(folder)
  }
}

async function makeKeys({ key }: Instance, { url }: Server): Promise<Keys> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ name: 'client', roles: ['admin'], kind: 'sigv4' })
  const answer = await fetch(`${url}/v1/keys`, { method: 'POST', headers, body })
  if (!answer.ok) throw new Error(`No key: ${await answer.text()}`)
  const { id, secretAccessKey } = (await answer.json()) as { id: string; secretAccessKey: string }
  return { accessKeyId: id, secretAccessKey }
}

function clientsFor({ url: endpoint }: Server, credentials: Keys): Clients {
  const options = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }
  return { sns: new SNSClient(options), sqs: new SQSClient(options) }
}

/** Made, or found as they are. */
async function standing({ sns, sqs }: Clients) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }))
  const told = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 't' }))
  const Attributes = { RawMessageDelivery: 'true' }
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: told.Attributes?.QueueArn, Attributes }))
  return { TopicArn: TopicArn ?? '', QueueUrl }
}

/** Until the server is gone. */
async function send({ sns }: Clients, TopicArn: string, name: string, answered: string[]): Promise<void> {
  for (let count = 0; ; count++) {
    const Message = `${name}.${count}`
    const sent = await sns.send(new PublishCommand({ TopicArn, Message })).catch(() => null)
    if (sent === null) return
    answered.push(Message)
  }
}

async function drain(clients: Clients): Promise<readonly string[]> {
  const { QueueUrl } = await standing(clients)
  const received: string[] = []
  for (;;) {
    const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    if (Messages.length === 0) return received
    received.push(...Messages.map(({ Body = '' }) => Body))
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }))
    await clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
  }
}
