/**
 * A subscription that reads the log by its cursor: no row is kept for what it is told.
 */
import { inDatabase } from '../../test/services/postgres.js'
import type { Contest, Figures } from '../contest.js'
import { withHubOn } from '../place.js'
import { drained, perSecondIn } from '../queue/contender.js'
import { fill, filled, jobAt } from '../queue/job.js'
import type { PostgresField } from './field.js'

/** Against the drain of as many jobs, which is how the others tell everybody. */
export const fanOut = ({ server, peers, absent }: PostgresField, count: number): Contest => ({
  lines: [{ work: 'told from the log, no row for each event', unit: '1/s', figure: 'rate', goal: 2.5 }],
  ours: () => inDatabase(server, (url) => read(url, count)),
  against: Object.fromEntries(
    peers.map((peer) => [
      peer.name,
      () => filled(peer, count, async (queue) => ({ rate: perSecondIn(count, await drained(queue, count)) })),
    ]),
  ),
  absent,
})

const read = (url: string, count: number): Promise<Figures> =>
  withHubOn(url, async (hub) => {
    await fill({ enqueueMany: (jobs) => hub.publishMany(jobs) }, 0, count, jobAt)
    let left = count
    const { promise: all, resolve } = settled()
    hub.handle('count', () => {
      left -= 1
      if (left === 0) resolve()
    })
    const started = performance.now()
    await hub.subscriptions.create(hub.local, {
      ...{ name: 'all', types: ['*'], transport: 'local', target: { handler: 'count' } },
      ...{ delivery: 'log', start: 'earliest' },
    })
    await all
    return { rate: perSecondIn(count, performance.now() - started) }
  })

function settled() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
