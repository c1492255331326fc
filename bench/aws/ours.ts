/**
 * A server with queues and topics, and the three ways to its queue that are compared.
 */
import type { AddressInfo } from 'node:net'
import { profiles } from '../../dist/profiles/index.js'
import { child } from '../child.js'
import type { Figures } from '../contest.js'
import { createHub, createServer, type Hub } from '../tocsin.js'
import { type Keys, type Queue, signed } from './client.js'
import type { Load } from './load.js'
import { phases } from './phases.js'

interface Serving {
  readonly hub: Hub
  readonly origin: string
  readonly keys: Keys
}

const CONFIG = { log: { level: 'silent' as const }, sealing: { key: Buffer.alloc(32, 'bench').toString('base64') } }

async function serving<T>(database: string, work: (serving: Serving) => Promise<T>): Promise<T> {
  const hub = await createHub({ database, config: CONFIG, plugins: profiles })
  const app = createServer(hub)
  try {
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const made = await hub.keys.create(hub.local, { name: 'bench', roles: ['admin'], kind: 'sigv4' })
    const keys = { accessKeyId: made.id, secretAccessKey: made.secretAccessKey ?? '' }
    return await work({ hub, origin: `http://127.0.0.1:${port}`, keys })
  } finally {
    await app.close()
    await hub.close()
  }
}

async function loaded(load: Load): Promise<Figures> {
  const clients = await child(new URL('./load.ts', import.meta.url))
  const figures = (await clients.ask(load)) as Figures
  await clients.close()
  return figures
}

async function queueOf({ origin, keys }: Serving): Promise<string> {
  const body = JSON.stringify({ QueueName: 'bench' })
  const fields = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.CreateQueue' }
  const answer = await fetch(origin, { method: 'POST', body, headers: signed(`${origin}/`, keys, 'sqs', fields, body) })
  return ((await answer.json()) as { QueueUrl: string }).QueueUrl
}

export const bySqs = (database: string, count: number): Promise<Figures> =>
  serving(database, async (server) => {
    const queue = await queueOf(server)
    const { origin, keys } = server
    return loaded({ by: 'sqs', origin, keys, queue, count })
  })

export const byRest = (database: string, count: number): Promise<Figures> =>
  serving(database, async ({ hub, origin }) => {
    const { key } = await hub.keys.create(hub.local, { name: 'bench', roles: ['admin'] })
    const wanted = { name: 'bench', types: ['user.*'], transport: 'pull', order: 'none' }
    const { id: subscription } = await hub.subscriptions.create(hub.local, wanted)
    return loaded({ by: 'rest', origin, key, subscription, count })
  })

/** No HTTP and no protocol. */
export const inProcess = (database: string, count: number): Promise<Figures> =>
  serving(database, async (server) => {
    await queueOf(server)
    return phases(queueIn(server.hub), count)
  })

function queueIn(hub: Hub): Queue {
  const [subscription, principal] = ['sqs.bench', { ...hub.local, roles: ['admin'] as const }]
  const sendOne = (body: string) =>
    hub.tasks.send(principal, {
      ...{ id: body.slice(0, 36), source: 'arn:aws:sqs:bench', type: 'aws.message' },
      tell: () => ({ data: { messageId: body.slice(0, 36), body }, to: [{ subscription, ordered: false }] }),
    })
  return {
    async send(bodies) {
      await Promise.all(bodies.map(sendOne))
    },
    async receive() {
      const leased = await hub.tasks.take(principal, subscription, { limit: 10, seconds: 600 })
      return leased.map(({ task }) => ({ handle: `${task.sequence}.${task.token}`, body: '' }))
    },
    async remove(leases) {
      await hub.tasks.settle(principal, subscription, leases)
    },
    close: async () => {},
  }
}

export const byTopic = (database: string, rate: number, count: number): Promise<Figures> =>
  serving(database, async (server) => {
    const { origin, keys } = server
    const queue = await queueOf(server)
    const call = async (fields: Readonly<Record<string, string>>) => {
      const body = String(new URLSearchParams({ Version: '2010-03-31', ...fields }))
      const type = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await fetch(origin, {
        method: 'POST',
        body,
        headers: signed(`${origin}/`, keys, 'sns', type, body),
      })
      return answer.text()
    }
    const [topic = ''] = /arn:[^<]+/.exec(await call({ Action: 'CreateTopic', Name: 'bench' })) ?? []
    await call({
      ...{ Action: 'Subscribe', TopicArn: topic, Protocol: 'sqs', Endpoint: topic.replace(':sns:', ':sqs:') },
      ...{ 'Attributes.entry.1.key': 'RawMessageDelivery', 'Attributes.entry.1.value': 'true' },
    })
    return loaded({ by: 'sns', origin, keys, queue, topic, rate, count })
  })
