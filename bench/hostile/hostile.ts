/**
 * `hostile`: what good receivers pay for bad neighbours, and tenants for one that floods.
 */
import { child } from '../child.js'
import type { Contest, Figures, Measure } from '../contest.js'
import { eventAt } from '../event.js'
import { type Pace, percentile, steadily } from '../paced.js'
import { withHub } from '../place.js'
import type { Hub } from '../tocsin.js'

const GOOD = 50
const HOSTILE = 50
const TENANTS = 20
/** Of the flooding tenant, each waiting for its receipt. */
const FLOODERS = 50

/** Events a second that all endpoints hear; and of each tenant. */
const RATE = 10

/** @param seconds of each measurement: longer than an attempt may take. */
export const hostile = (seconds: number): readonly Contest[] => [
  {
    lines: [
      { work: `${GOOD} good endpoints beside ${HOSTILE} hostile, p50`, unit: 'ms', figure: 'p50' },
      {
        work: `${GOOD} good endpoints beside ${HOSTILE} hostile, p99`,
        unit: 'ms',
        figure: 'p99',
        goal: 1.5,
        less: true,
      },
    ],
    ours: endpoints(HOSTILE, seconds),
    against: { 'the good alone': endpoints(0, seconds) },
    warm: false,
  },
  {
    lines: [
      { work: `${TENANTS - 1} tenants beside one that floods, p50`, unit: 'ms', figure: 'p50' },
      { work: `${TENANTS - 1} tenants beside one that floods, p99`, unit: 'ms', figure: 'p99', goal: 1.5, less: true },
      { work: 'events of the one that floods', unit: '1/s', figure: 'flood', alone: true },
    ],
    ours: tenants(true, seconds),
    against: { 'without it': tenants(false, seconds) },
    warm: false,
  },
]

interface Ports {
  readonly good: readonly number[]
  readonly hostile: readonly number[]
}

interface Receivers {
  readonly ports: Ports
  /** Milliseconds each of so many took. */
  waited(count: number): Promise<readonly number[]>
}

const withReceivers =
  (good: number, bad: number, work: (receivers: Receivers) => Promise<Figures>): Measure =>
  async () => {
    const process_ = await child(new URL('./receivers-process.ts', import.meta.url))
    try {
      const ports = (await process_.ask({ good, hostile: bad })) as Ports
      return await work({ ports, waited: async (count) => (await process_.ask({ count })) as readonly number[] })
    } finally {
      await process_.close()
    }
  }

const figuresOf = (waited: readonly number[]): Figures => ({
  p50: percentile(waited, 0.5),
  p99: percentile(waited, 0.99),
})

const now = (): number => Number(process.hrtime.bigint()) / 1e6

/** With when it should have left: a stall of ours counts against all that waited behind it. */
const dueEvent = (index: number) => {
  const event = eventAt(index)
  return { ...event, data: { ...event.data, dueAt: now() } }
}

function endpoints(bad: number, seconds: number): Measure {
  const pace: Pace = { rate: RATE, count: Math.ceil(RATE * seconds) }
  return withReceivers(GOOD, bad, ({ ports, waited }) =>
    withHub(async (hub) => {
      for (const port of [...ports.good, ...ports.hostile]) await subscribe(hub, hub.local, port)
      const [all] = await Promise.all([
        waited(pace.count * GOOD),
        steadily(pace, (index) => hub.publish(dueEvent(index))),
      ])
      return figuresOf(all)
    }),
  )
}

function tenants(floods: boolean, seconds: number): Measure {
  const others = TENANTS - 1
  const pace: Pace = { rate: RATE * others, count: Math.ceil(RATE * others * seconds) }
  return withReceivers(others, 1, ({ ports, waited }) =>
    withHub(async (hub) => {
      const callers: Hub['local'][] = []
      for (const port of ports.good) callers.push(await tenant(hub, `t${callers.length}`, port))
      const flood = floods ? await flooding(hub) : null
      const [all] = await Promise.all([
        waited(pace.count),
        steadily(pace, (index) => hub.publish(dueEvent(index), as(callers[index % others]))),
      ])
      return { ...figuresOf(all), flood: (await flood?.stop()) ?? 0 }
    }),
  )
}

async function tenant(hub: Hub, id: string, port: number): Promise<Hub['local']> {
  await hub.tenants.create(hub.local, { id, name: id })
  const caller = { ...hub.local, tenant: id }
  await subscribe(hub, caller, port)
  return caller
}

/** As fast as it is let in; its events go to a handler that does nothing. */
async function flooding(hub: Hub) {
  await hub.tenants.create(hub.local, { id: 'flood', name: 'flood' })
  const caller = { ...hub.local, tenant: 'flood' }
  hub.handle('flood', () => undefined)
  const target = { transport: 'local', target: { handler: 'flood' } }
  await hub.subscriptions.create(caller, { name: 'flood', types: ['user.*'], ...target })
  const started = performance.now()
  let ended = false
  let count = 0
  const loop = async () => {
    while (!ended) await hub.publish(eventAt(count++), as(caller))
  }
  const loops = Array.from({ length: FLOODERS }, loop)
  return {
    /** Events a second. */
    async stop() {
      ended = true
      await Promise.all(loops)
      return (count / (performance.now() - started)) * 1_000
    },
  }
}

const subscribe = (hub: Hub, caller: Hub['local'], port: number) =>
  hub.subscriptions.create(caller, {
    ...{ name: `port ${port}`, types: ['user.*'], order: 'none' },
    ...{ transport: 'webhook', target: { url: `http://127.0.0.1:${port}/` } },
  })

const as = (caller: Hub['local'] | undefined) => (caller === undefined ? {} : { as: caller })
