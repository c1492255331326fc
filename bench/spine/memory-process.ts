/**
 * A process of its own, since what others left behind would be counted too.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Figures } from '../contest.js'
import { eventAt } from '../event.js'
import { perSecond, withHub } from '../place.js'
import type { Hub } from '../tocsin.js'

process.on('message', async (count: number) => process.send?.(await withHub((hub) => held(hub, count))))
process.on('disconnect', () => process.exit())
process.send?.('ready')

/** The first fifth fills caches and is not counted as growth. */
async function held(hub: Hub, count: number): Promise<Figures> {
  hub.handle('bench', () => undefined)
  const target = { transport: 'local', target: { handler: 'bench' }, concurrency: 50 }
  await hub.subscriptions.create(hub.local, { name: 'bench', types: ['user.*'], ...target })
  const first = Math.ceil(count / 5)
  const before = await heapAfter(hub, first)
  const after = await heapAfter(hub, count - first)
  return {
    resident: process.memoryUsage.rss() / 1e6,
    heap: after / 1e6,
    gained: (after - before) / (count - first),
  }
}

/** Bytes of heap that are in use when all is delivered and what is not needed is collected. */
async function heapAfter(hub: Hub, count: number): Promise<number> {
  await perSecond(count, 50, (index) => hub.publish(eventAt(index)))
  while ((await hub.health()).running > 0) await sleep(5)
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
