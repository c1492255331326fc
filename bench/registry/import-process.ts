/**
 * A process of its own, whose memory is that of the import alone.
 */
import type { Figures } from '../contest.js'
import { withHubOn } from '../place.js'
import type { Hub } from '../tocsin.js'
import { linesOf, type Size } from './model.js'

export interface Order {
  readonly database: string
  readonly size: Size
}

const EVERY = 20

process.on('message', (order: Order) => {
  withHubOn(order.database, (hub) => imported(hub, order.size)).then(
    (figures) => process.send?.(figures),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

/** Rows a second, microseconds of our processor time a row, and the most memory seen, in MB. */
async function imported(hub: Hub, size: Size): Promise<Figures> {
  let most = 0
  const look = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, EVERY)
  const started = performance.now()
  const before = process.cpuUsage()
  const { created, links } = await hub.imports.run(hub.local, linesOf(size))
  const { user, system } = process.cpuUsage(before)
  const took = performance.now() - started
  clearInterval(look)
  const rows = size.resources + size.links
  if (created + links !== rows) throw new Error(`The import took ${created} resources and ${links} links.`)
  return { rate: (rows / took) * 1_000, cpu: (user + system) / rows, resident: most / 1e6 }
}
