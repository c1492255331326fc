/**
 * Signed webhooks from publish to settled, against bare posts of the same bytes with the same signature.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { child } from '../child.js'
import type { Contest, Figures, Measure } from '../contest.js'
import { eventAt } from '../event.js'
import { perSecond, withHub } from '../place.js'
import { type AnyEvent, type Hub, signWebhook, toWire } from '../tocsin.js'

const IN_FLIGHT = 50

export const webhooks = (order: 'none' | 'strict', count: number): Contest => ({
  lines: [{ work: `signed webhooks, order ${order}, ${IN_FLIGHT} in flight`, unit: '1/s', figure: 'rate', goal: 0.4 }],
  ours: withReceiver((port, received) => withHub((hub) => delivered(hub, { order, count, port, received }))),
  against: { 'undici Pool.dispatch': withReceiver((port) => posted(port, count)) },
})

type Received = (count: number) => Promise<unknown>

const withReceiver =
  (work: (port: number, received: Received) => Promise<Figures>): Measure =>
  async () => {
    const receiver = await child(new URL('./receiver.ts', import.meta.url))
    try {
      return await work(Number(receiver.hello), (count) => receiver.ask(count))
    } finally {
      await receiver.close()
    }
  }

interface Delivery {
  readonly order: 'none' | 'strict'
  readonly count: number
  readonly port: number
  readonly received: Received
}

/** The time ends when the last is received and settled. */
async function delivered(hub: Hub, { order, count, port, received }: Delivery): Promise<Figures> {
  await hub.subscriptions.create(hub.local, {
    name: 'receiver',
    types: ['user.*'],
    transport: 'webhook',
    target: { url: `http://127.0.0.1:${port}/` },
    concurrency: IN_FLIGHT,
    order,
  })
  const started = performance.now()
  const all = received(count)
  await perSecond(count, IN_FLIGHT, (index) => hub.publish(eventAt(index)))
  await all
  while ((await hub.health()).running > 0) await sleep(1)
  return { rate: (count / (performance.now() - started)) * 1_000 }
}

const SECRET = `whsec_${Buffer.alloc(32, 'bench').toString('base64')}`

async function posted(port: number, count: number): Promise<Figures> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: IN_FLIGHT, pipelining: 1 })
  const rate = await perSecond(count, IN_FLIGHT, (index) => post(pool, eventAt(index)))
  await pool.close()
  return { rate }
}

/** With a signature, as ours have one. */
export function post(pool: Pool, event: AnyEvent): Promise<void> {
  const body = JSON.stringify(toWire(event))
  const timestampSeconds = Math.floor(Date.now() / 1_000)
  const signature = signWebhook({ id: `msg_${event.id}`, timestampSeconds, body, secrets: [SECRET] })
  const headers = { 'content-type': 'application/cloudevents+json', ...signature }
  return new Promise((resolve, reject) => {
    pool.dispatch(
      { path: '/', method: 'POST', headers, body },
      {
        // undici knows a handler of the new kind by this one.
        onRequestStart: () => undefined,
        onResponseEnd: () => resolve(),
        onResponseError: (_, error) => reject(error),
      },
    )
  })
}
