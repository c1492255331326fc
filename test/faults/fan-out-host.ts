/**
 * A program of its own with very many subscriptions, so that it can be killed while an event is being told to them. Started by
 * `journeys/fan-out-killed.test.ts`.
 */
import { appendFileSync } from 'node:fs'
import { createHub } from 'tocsin'
import type { Orders } from './lives.js'

export interface FanOutOrders extends Orders {
  /** How many subscriptions there are. */
  readonly many: number
  readonly ids: readonly string[]
  /** In this life they are made, the events of these ids published, and the first that is told of one ends it, as kill -9 does. */
  readonly publishes: boolean
}

const { life, database, ledger, many, ids, publishes } = JSON.parse(process.argv[2] ?? '') as FanOutOrders
const note = (what: string) => appendFileSync(ledger, `${life} ${what}\n`)

const hub = await createHub({
  database,
  config: {
    log: { level: 'silent' },
    node: 'one',
    // The next life waits for it to end.
    delivery: { lease: 10_000 },
    sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
  },
})
const untold = async () => Number(/^tocsin_untold_subscriptions (\d+)$/m.exec(await hub.metrics())?.[1])

/** One ends the process, one notes what it is told, and all others pull. */
hub.handle('called', ({ id }) => note(`told ${id}`))
if (publishes) {
  hub.handle('killer', () => void process.kill(process.pid, 'SIGKILL'))
  const specs = Array.from({ length: many }, (_, index) => {
    const handler = index === 0 ? 'killer' : index === many - 1 ? 'called' : null
    // After a restart it may be called before its handler is there.
    const called = { transport: 'local', target: { handler: `${handler}` }, retry: { firstDelay: 5, maxDelay: 50 } }
    const way = handler === null ? { transport: 'pull' } : called
    return { name: `many ${index}`, types: ['user.created'], ...way }
  })
  for (let start = 0; start < many; start += 50) {
    await Promise.all(specs.slice(start, start + 50).map((spec) => hub.subscriptions.create(hub.local, spec)))
  }
  await Promise.all(ids.map((id) => hub.publish({ type: 'user.created', source: '/hr', id, subject: 'ann' })))
} else {
  hub.handle('killer', () => {})
  note(`untold ${await untold()}`)
  for (const id of ids) {
    const { tasks } = await hub.settled(id)
    note(`tasks ${id} ${Object.values(tasks).reduce((sum, count) => sum + count, 0)}`)
  }
  note('ready')
}
// Until its input ends.
process.stdin.on('end', () => void hub.close().then(() => process.exit())).resume()
