/**
 * From publish to handler at a steady rate that is far from the limit.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Contest, Figures } from '../contest.js'
import { eventAt } from '../event.js'
import { withHub } from '../place.js'
import type { Hub } from '../tocsin.js'

const RATE = 500

export const latency = (seconds: number): Contest => ({
  lines: [
    { work: `publish to handler at ${RATE}/s, p50`, unit: 'ms', figure: 'p50' },
    { work: `publish to handler at ${RATE}/s, p99`, unit: 'ms', figure: 'p99', atMost: 15 },
  ],
  ours: () => withHub((hub) => paced(hub, Math.ceil(seconds * RATE))),
})

async function paced(hub: Hub, count: number): Promise<Figures> {
  const due: number[] = []
  const waited: number[] = []
  const all = new Promise<void>((resolve) => {
    hub.handle('bench', (event) => {
      waited.push(performance.now() - (due[Number(event.subject?.slice('user-'.length))] ?? 0))
      if (waited.length === count) resolve()
    })
  })
  const target = { transport: 'local', target: { handler: 'bench' }, concurrency: 50 }
  await hub.subscriptions.create(hub.local, { name: 'bench', types: ['user.*'], ...target })
  const started = performance.now()
  const published: Promise<unknown>[] = []
  while (due.length < count) {
    // Measured from when it should have left: a stall of ours counts against all that waited behind it.
    for (let at = nextAt(started, due); at <= performance.now() && due.length < count; at = nextAt(started, due)) {
      published.push(hub.publish(eventAt(due.push(at) - 1)))
    }
    await sleep(1)
  }
  await Promise.all([...published, all])
  return { p50: percentile(waited, 0.5), p99: percentile(waited, 0.99) }
}

const nextAt = (started: number, due: readonly number[]): number => started + (due.length * 1_000) / RATE

const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * part)] ?? Number.NaN
