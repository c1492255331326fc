/**
 * Events through a hub, from publish to settled, against the bare client that hands over the same.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Contest, Figures } from '../contest.js'
import { eventAt } from '../event.js'
import { inFolder, perSecond, withHub } from '../place.js'
import { rawOnSqlite } from '../raw/sqlite.js'
import { rawJob } from '../raw/work.js'
import type { Hub } from '../tocsin.js'
import { costOf } from './cost.js'
import type { Place, Way } from './way.js'

/** That publish at once. */
const PUBLISHERS = 50

/** @param place opened when it is first asked for. */
export const contestOf = (way: Way, place: () => Promise<Place>): Contest => {
  const { name, goal, atLeast, against, count } = way
  return {
    lines: [
      { work: name, unit: '1/s', figure: 'rate', goal, ...(atLeast !== undefined && { atLeast }) },
      { work: `${name}, our processor time for 1,000`, unit: 'ms', figure: 'cpu' },
      { work: `${name}, heap left by 1,000`, unit: 'kB', figure: 'heap', alone: true },
    ],
    ours: async () => throughHub(way, await place(), count),
    against: { [against]: async () => throughClient(way, await place(), count) },
    limits: { 'the same, kept before and its end after': async () => throughStore(way, await place(), count) },
  }
}

/** Its rows name the server that is not here. */
export const contestWithout = (way: Way, reason: string): Contest => ({
  ...contestOf(way, () => Promise.reject(new TypeError(reason))),
  ours: async () => ({ rate: Number.NaN, cpu: Number.NaN, heap: Number.NaN }),
  against: {},
  limits: {},
  absent: { [way.against]: reason },
  runs: 1,
})

const throughHub = ({ transport, delivery, inFlight }: Way, place: Place, count: number): Promise<Figures> =>
  withHub(async (hub, folder) => {
    const { id } = await hub.subscriptions.create(hub.local, {
      name: transport,
      types: ['user.*'],
      transport,
      target: await place.target(folder),
      concurrency: inFlight,
      order: 'none',
      ...(delivery && { delivery }),
    })
    return costOf(count, async () => {
      await perSecond(count, PUBLISHERS, (index) => hub.publish(eventAt(index)))
      await (delivery === 'log' ? allRead(hub, id) : allDelivered(hub, count))
    })
  })

/** @throws Error if one was not, as then nothing was measured. */
async function allDelivered(hub: Hub, count: number): Promise<void> {
  while ((await hub.health()).running > 0 || (await hub.tasks.counts(hub.local, {})).unprocessed > 0) await sleep(5)
  const { states } = await hub.tasks.counts(hub.local, {})
  if (states.done !== count) throw new Error(`Of ${count} deliveries it became ${JSON.stringify(states)}.`)
}

/** Until its cursor stands at the last. */
async function allRead(hub: Hub, id: string): Promise<void> {
  const last = await hub.events.head(hub.local)
  while (Number((await hub.subscriptions.get(hub.local, id)).cursor) < last) await sleep(5)
}

const throughClient = ({ inFlight }: Way, place: Place, count: number): Promise<Figures> =>
  inFolder(async (folder) => {
    const client = await place.client(folder)
    try {
      return await costOf(count, () => perSecond(count, inFlight, (index) => client.send(eventAt(index))))
    } finally {
      await client.close()
    }
  })

/** The raw limit: an event is on the disk before it is handed over, and its end is before it counts. Nothing else is ours. */
const throughStore = ({ inFlight }: Way, place: Place, count: number): Promise<Figures> =>
  inFolder(async (folder) => {
    const [client, raw] = [await place.client(folder), await rawOnSqlite(join(folder, 'raw.db'))]
    const inTurn = atMost(inFlight)
    const handed: Promise<void>[] = []
    try {
      return await costOf(count, async () => {
        await perSecond(count, PUBLISHERS, async (index) => {
          const event = eventAt(index)
          const sequence = await raw.enqueue(rawJob(event))
          handed.push(
            inTurn(async () => {
              await client.send(event)
              await raw.finish(sequence)
            }),
          )
        })
        await Promise.all(handed.splice(0))
      })
    } finally {
      await Promise.all([client.close(), raw.close()])
    }
  })

/** So many at a time, the others in their turn. */
function atMost(most: number): (work: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = []
  let free = most
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    await work()
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
}
