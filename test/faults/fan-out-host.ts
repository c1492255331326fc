/**
 * A program of its own with very many subscriptions, so that it can be killed while an event is being told to them. Started by
 * `journeys/fan-out-killed.test.ts`.
 */
import { appendFileSync } from 'node:fs'
import { createHub } from '../../src/index.js'

export interface FanOutOrders {
  readonly life: number
  readonly database: string
  readonly ledger: string
  /** How many subscriptions there are. */
  readonly many: number
  /** In this life they are made, the events published, and the first that is told of one ends it, as kill -9 does. */
  readonly publish: readonly string[]
}

const { life, database, ledger, many, publish } = JSON.parse(process.argv[2] ?? '') as FanOutOrders
const note = (what: string) => appendFileSync(ledger, `${life} ${what}\n`)

const hub = await createHub({
  database,
  config: { log: { level: 'silent' }, node: 'one', sealing: { key: Buffer.alloc(32, 'k7').toString('base64') } },
})
const untold = async () => Number(/^tocsin_untold_subscriptions (\d+)$/m.exec(await hub.metrics())?.[1])

/** One ends the process, one notes what it is told, and all others pull. */
hub.handle('called', ({ id }) => note(`told ${id}`))
if (publish.length > 0) {
  hub.handle('killer', async () => {
    note(`untold ${await untold()}`)
    process.kill(process.pid, 'SIGKILL')
  })
  const specs = Array.from({ length: many }, (_, index) => {
    const handler = index === 0 ? 'killer' : index === many - 1 ? 'called' : null
    const way = handler === null ? { transport: 'pull' } : { transport: 'local', target: { handler } }
    return { name: `many ${index}`, types: ['user.created'], ...way }
  })
  for (let start = 0; start < many; start += 50) {
    await Promise.all(specs.slice(start, start + 50).map((spec) => hub.subscriptions.create(hub.local, spec)))
  }
  const publishes = publish.map((id) => hub.publish({ type: 'user.created', source: '/hr', id, subject: 'ann' }))
  for (const receipt of await Promise.all(publishes)) note(`receipt ${receipt.id} ${receipt.tasks}`)
} else {
  hub.handle('killer', () => {})
  while ((await untold()) > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  for (const id of ['1', '2']) {
    const { tasks } = await hub.settled(id)
    note(`tasks ${id} ${Object.values(tasks).reduce((sum, count) => sum + count, 0)}`)
  }
  note('ready')
}
// Until its input ends.
process.stdin.on('end', () => void hub.close().then(() => process.exit())).resume()
