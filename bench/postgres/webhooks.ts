/**
 * Signed webhooks from publish to settled, where the delivering nodes share one database.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { inDatabase, type PostgresAddress } from '../../test/services/postgres.js'
import { type Child, child } from '../child.js'
import type { Contest, Figures } from '../contest.js'
import { eventAt } from '../event.js'
import { perSecond, withHubOn } from '../place.js'
import type { Hub } from '../tocsin.js'
import type { PostgresField } from './field.js'
import type { Order } from './node-process.js'

const IN_FLIGHT = 50

export const deliveries = ({ server }: PostgresField, nodes: number, count: number): Contest => ({
  lines: [{ work: `signed webhooks, ${nodes} nodes`, unit: '1/s', figure: 'rate' }],
  ours: () => inDatabase(server, (url) => delivered(server, url, nodes, count)),
})

async function delivered(server: PostgresAddress, url: string, nodes: number, count: number): Promise<Figures> {
  const receiver = await child(new URL('../spine/receiver.ts', import.meta.url))
  const others: Child[] = []
  try {
    return await withHubOn(url, async (hub) => {
      await subscribe(hub, Number(receiver.hello))
      for (let index = 1; index < nodes; index++) {
        const node = await child(new URL('./node-process.ts', import.meta.url))
        others.push(node)
        await node.ask({ do: 'open', recipe: { queue: 'tocsin-postgres', server }, url } satisfies Order)
      }
      const started = performance.now()
      const all = receiver.ask(count)
      await perSecond(count, IN_FLIGHT, (index) => hub.publish(eventAt(index)))
      await all
      while ((await hub.health()).running > 0) await sleep(1)
      return { rate: (count / (performance.now() - started)) * 1_000 }
    })
  } finally {
    await Promise.all(others.map((node) => node.close()))
    await receiver.close()
  }
}

const subscribe = (hub: Hub, port: number) =>
  hub.subscriptions.create(hub.local, {
    name: 'receiver',
    types: ['user.*'],
    transport: 'webhook',
    target: { url: `http://127.0.0.1:${port}/` },
    concurrency: IN_FLIGHT,
    order: 'none',
  })
