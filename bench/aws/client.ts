/**
 * The two clients that are compared: one of SQS and SNS, which signs each call, and one of our own API. Nothing but HTTP, so
 * that they cost little of the machine they share with the server.
 */
import { Pool } from 'undici'
import { signatureOf, stamp } from '../../profiles/aws/signature.js'

/** A queue as a load sees it. */
export interface Queue {
  /** All in one request. */
  send(bodies: readonly string[]): Promise<void>
  /** Up to ten. */
  receive(): Promise<readonly Received[]>
  remove(handles: readonly string[]): Promise<void>
  close(): Promise<void>
}

export interface Received {
  readonly handle: string
  readonly body: string
}

export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Each waits for its answer before it sends again. */
export const CLIENTS = 16
const MOST = 10

const connected = (origin: string): Pool => new Pool(origin, { connections: 2 * CLIENTS, pipelining: 1 })

async function ask(pool: Pool, path: string, headers: Readonly<Record<string, string>>, body: string) {
  const answer = await pool.request({ method: 'POST', path, headers, body })
  const text = await answer.body.text()
  if (answer.statusCode >= 300) throw new Error(`${path} was answered ${answer.statusCode}: ${text}`)
  return text
}

/** Signs as the stock clients do. */
export function signed(
  origin: string,
  { accessKeyId: accessKey, secretAccessKey }: Keys,
  service: 'sqs' | 'sns',
  fields: Readonly<Record<string, string>>,
  body: string,
): Readonly<Record<string, string>> {
  const time = stamp(Date.now())
  const scope = [time.slice(0, 8), 'us-east-1', service] as const
  const headers = { ...fields, host: new URL(origin).host, 'x-amz-date': time }
  const signedHeaders = Object.keys(headers).sort()
  const request = { method: 'POST', url: '/', headers, body: Buffer.from(body) }
  const claim = { accessKey, service, scope, time, signedHeaders, presigned: false }
  const signature = signatureOf(claim, request, secretAccessKey)
  const credential = [accessKey, ...scope, 'aws4_request'].join('/')
  const parts = [`Credential=${credential}`, `SignedHeaders=${signedHeaders.join(';')}`, `Signature=${signature}`]
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${parts.join(', ')}` }
}

interface Messages {
  readonly Messages?: readonly { readonly ReceiptHandle: string; readonly Body: string }[]
}

export function sqsQueue(origin: string, keys: Keys, QueueUrl: string): Queue {
  const pool = connected(origin)
  const call = async (action: string, parameters: object): Promise<unknown> => {
    const body = JSON.stringify({ QueueUrl, ...parameters })
    const fields = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` }
    return JSON.parse(await ask(pool, '/', signed(origin, keys, 'sqs', fields, body), body))
  }
  return {
    async send(bodies) {
      await call('SendMessageBatch', { Entries: bodies.map((MessageBody, index) => ({ Id: `${index}`, MessageBody })) })
    },
    async receive() {
      const asked = { MaxNumberOfMessages: MOST, WaitTimeSeconds: 1, VisibilityTimeout: 600 }
      const { Messages = [] } = (await call('ReceiveMessage', asked)) as Messages
      return Messages.map(({ ReceiptHandle: handle, Body: body }) => ({ handle, body }))
    },
    async remove(handles) {
      const Entries = handles.map((ReceiptHandle, index) => ({ Id: `${index}`, ReceiptHandle }))
      await call('DeleteMessageBatch', { Entries })
    },
    close: () => pool.close(),
  }
}

export function snsTopic(origin: string, keys: Keys, TopicArn: string) {
  const pool = connected(origin)
  return {
    async publish(Message: string): Promise<void> {
      const body = String(new URLSearchParams({ Action: 'Publish', Version: '2010-03-31', TopicArn, Message }))
      const fields = { 'content-type': 'application/x-www-form-urlencoded' }
      await ask(pool, '/', signed(origin, keys, 'sns', fields, body), body)
    },
    close: () => pool.close(),
  }
}

interface Leases {
  readonly leases: readonly { readonly lease: string }[]
}

/** The same by our own API: a pull subscription, whose events are published. */
export function restQueue(origin: string, key: string, subscription: string): Queue {
  const pool = connected(origin)
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const call = async (path: string, body: object) =>
    JSON.parse((await ask(pool, path, headers, JSON.stringify(body))) || '{}')
  const path = `/v1/subscriptions/${subscription}`
  return {
    async send(bodies) {
      const events = bodies.map((text) => ({
        ...{
          specversion: '1.0',
          id: text.slice(0, 36),
          source: '/hr',
          type: 'user.updated',
          subject: text.slice(0, 36),
        },
        data: { displayName: text },
      }))
      const batch = { ...headers, 'content-type': 'application/cloudevents-batch+json' }
      await ask(pool, '/v1/events', batch, JSON.stringify(events))
    },
    async receive() {
      const { leases } = (await call(`${path}/lease`, { limit: MOST, seconds: 600 })) as Leases
      return leases.map(({ lease: handle }) => ({ handle, body: '' }))
    },
    async remove(leases) {
      await call(`${path}/settle`, { leases })
    },
    close: () => pool.close(),
  }
}
