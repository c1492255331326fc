/**
 * `hostile`: what good receivers pay for bad neighbours, and tenants for one that floods.
 */
import { setTimeout as sleep } from 'node:timers/promises'
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

/** Events a second of it, in the last rows. */
const QUOTA = 200

/** Events a second that all endpoints hear; and of each tenant. */
const RATE = 10

/** Seconds before a measurement, for code to be compiled: with as many others that are hostile, which are gone when it begins. */
const WARM = 6

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
    ours: tenants({ quota: null }, seconds),
    against: { 'without it': tenants(null, seconds) },
    warm: false,
  },
  {
    lines: [
      { work: `the same, it may publish ${QUOTA} a second, p50`, unit: 'ms', figure: 'p50' },
      { work: `the same, it may publish ${QUOTA} a second, p99`, unit: 'ms', figure: 'p99', goal: 1.5, less: true },
      { work: 'events of the one that floods, within that', unit: '1/s', figure: 'flood', alone: true },
    ],
    ours: tenants({ quota: QUOTA }, seconds),
    against: { 'without it': tenants(null, seconds) },
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

/** The good ones and the others are two processes: what the latter do is not to keep the former from looking at the clock. */
const withReceivers =
  (good: number, bad: number, work: (receivers: Receivers) => Promise<Figures>): Measure =>
  async () => {
    const processes = await Promise.all([receivers(), receivers()])
    const [theirs, others] = processes
    try {
      const ports = (await theirs.ask({ good, hostile: 0 })) as Ports
      const { hostile } = (await others.ask({ good: 0, hostile: bad })) as Ports
      const waited = async (count: number) => (await theirs.ask({ count })) as readonly number[]
      return await work({ ports: { ...ports, hostile }, waited })
    } finally {
      await Promise.all(processes.map((each) => each.close()))
    }
  }

const receivers = () => child(new URL('./receivers-process.ts', import.meta.url))

const figuresOf = (waited: readonly number[]): Figures => ({
  p50: percentile(waited, 0.5),
  p99: percentile(waited, 0.99),
})

const now = (): number => Number(process.hrtime.bigint()) / 1e6

/** With when it should have left: a stall of ours counts against all that waited behind it. */
const dueEvent = (index: number, late: number) => {
  const event = eventAt(index)
  return { ...event, data: { ...event.data, dueAt: now() - late } }
}

function endpoints(bad: number, seconds: number): Measure {
  const pace: Pace = { rate: RATE, count: Math.ceil(RATE * seconds) }
  return withReceivers(GOOD, HOSTILE + bad, ({ ports, waited }) =>
    withHub(async (hub) => {
      const told = async ({ rate, count }: Pace, from: number) => {
        const publish = (index: number, late: number) => hub.publish(dueEvent(from + index, late))
        const [all] = await Promise.all([waited(count * GOOD), steadily({ rate, count }, publish)])
        return all
      }
      for (const port of ports.good) await subscribe(hub, hub.local, port)
      const before = []
      for (const port of ports.hostile.slice(0, HOSTILE)) before.push(await subscribe(hub, hub.local, port))
      await told({ rate: RATE, count: RATE * WARM }, pace.count)
      for (const { id } of before) await hub.subscriptions.remove(hub.local, id)
      for (const port of ports.hostile.slice(HOSTILE)) await subscribe(hub, hub.local, port)
      return figuresOf(await told(pace, 0))
    }),
  )
}

interface Flood {
  /** Events a second that it may publish; null: no limit. */
  readonly quota: number | null
}

function tenants(flooder: Flood | null, seconds: number): Measure {
  const others = TENANTS - 1
  const pace: Pace = { rate: RATE * others, count: Math.ceil(RATE * others * seconds) }
  return withReceivers(others, 1, ({ ports, waited }) =>
    withHub(async (hub) => {
      const callers: Hub['local'][] = []
      for (const port of ports.good) callers.push(await tenant(hub, `t${callers.length}`, port))
      const told = async ({ rate, count }: Pace, from: number) => {
        const publish = (index: number, late: number) =>
          hub.publish(dueEvent(from + index, late), as(callers[index % others]))
        const [all] = await Promise.all([waited(count), steadily({ rate, count }, publish)])
        return all
      }
      const flood = flooder && (await flooding(hub, flooder))
      await told({ ...pace, count: pace.rate * WARM }, pace.count)
      const all = await told(pace, 0)
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

/** As fast as it is let in; who is refused comes again when told. Its events go to a handler that does nothing. */
async function flooding(hub: Hub, { quota }: Flood) {
  await hub.tenants.create(hub.local, { id: 'flood', name: 'flood', eventsPerSecond: quota })
  const caller = { ...hub.local, tenant: 'flood' }
  hub.handle('flood', () => undefined)
  const target = { transport: 'local', target: { handler: 'flood' } }
  await hub.subscriptions.create(caller, { name: 'flood', types: ['user.*'], ...target })
  const started = performance.now()
  let ended = false
  let tried = 0
  let count = 0
  const accepted = () => {
    count += 1
    return 0
  }
  const loop = async () => {
    while (!ended) {
      const wait = await hub.publish(eventAt(tried++), as(caller)).then(accepted, toldToWait)
      if (wait > 0) await sleep(wait)
    }
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

/** Milliseconds. @throws what is no refusal for a quota */
function toldToWait(error: unknown): number {
  const { code, retryAfter = 1 } = error as { code?: string; retryAfter?: number }
  if (code !== 'quota_exceeded') throw error
  return retryAfter * 1_000
}

const subscribe = (hub: Hub, caller: Hub['local'], port: number) =>
  hub.subscriptions.create(caller, {
    ...{ name: `port ${port}`, types: ['user.*'], order: 'none' },
    ...{ transport: 'webhook', target: { url: `http://127.0.0.1:${port}/` } },
  })

const as = (caller: Hub['local'] | undefined) => (caller === undefined ? {} : { as: caller })
