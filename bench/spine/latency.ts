/**
 * From publish to a local handler at a steady rate that is far from the limit.
 */
import type { Contest } from '../contest.js'
import { eventAt } from '../event.js'
import { paced } from '../paced.js'
import { withHub } from '../place.js'

const RATE = 500

export const latency = (seconds: number): Contest => ({
  lines: [
    { work: `publish to handler at ${RATE}/s, p50`, unit: 'ms', figure: 'p50' },
    { work: `publish to handler at ${RATE}/s, p99`, unit: 'ms', figure: 'p99', atMost: 15 },
  ],
  ours: () =>
    withHub((hub) =>
      paced({ rate: RATE, count: Math.ceil(seconds * RATE) }, async (arrived) => {
        hub.handle('bench', (event) => arrived(Number(event.subject?.slice('user-'.length))))
        const target = { transport: 'local', target: { handler: 'bench' }, concurrency: 50 }
        await hub.subscriptions.create(hub.local, { name: 'bench', types: ['user.*'], ...target })
        return (index) => hub.publish(eventAt(index))
      }),
    ),
})
