/**
 * A program of its own that holds processors, so that it can be killed: started by `processing.ts`.
 * Every step of every processor is a line of the ledger, written before and after it: `life event processor begun|done`.
 */
import { appendFileSync } from 'node:fs'
import { createHub, type Processor, suspend } from 'tocsin'

/** What it is told to do, as JSON in its first argument. */
export interface Orders {
  readonly life: number
  readonly database: string
  readonly ledger: string
  /** Of the asynchronous processor that never ends in this life. */
  readonly hangsAt?: string
  /** Milliseconds that each takes. */
  readonly slow?: number
  /** A judge suspends every event. */
  readonly suspends?: boolean
  readonly publish?: readonly string[]
  readonly resume?: string
}

const orders = JSON.parse(process.argv[2] ?? '') as Orders
const { life, slow = 0 } = orders
const note = (event: string, what: string) => appendFileSync(orders.ledger, `${life} ${event} ${what}\n`)

const hub = await createHub({
  database: orders.database,
  config: {
    log: { level: 'silent' },
    store: { thread: 'main' },
    processing: { concurrency: 10 },
    sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
  },
})

const run: (name: string) => Processor['run'] = (name) => async (event) => {
  note(event.id, `${name} begun`)
  if (orders.hangsAt === name) await new Promise(() => {})
  if (slow > 0) await new Promise((resolve) => setTimeout(resolve, slow))
  note(event.id, `${name} done`)
}
for (const order of [1, 2, 3]) hub.use({ name: `a:${order}`, kind: 'asynchronous', order, run: run(`a:${order}`) })
if (orders.suspends) {
  for (const order of [1, 2]) {
    const judge: Processor['run'] = (event) => {
      note(event.id, `j:${order} done`)
      return order === 1 ? suspend() : undefined
    }
    hub.use({ name: `j:${order}`, kind: 'judge', order, run: judge })
  }
}

for (const id of orders.publish ?? []) {
  const event = { id, type: 'user.updated', source: '/faults', subject: `owner of ${id}`, data: { userName: id } }
  const { state } = await hub.publish(event)
  note(id, `published ${state}`)
}
if (orders.resume !== undefined) {
  const { state } = await hub.events.resume(hub.local, orders.resume)
  note(orders.resume, `resumed ${state}`)
}
note('-', 'ready')
// Until it is killed, or whoever started it is gone.
process.stdin.on('end', () => process.exit()).resume()
