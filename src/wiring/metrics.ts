/**
 * The numbers of an instance, in a registry of its own: two hubs in one process have two.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What is read when somebody looks at the metrics, not before. */
export interface Readings {
  /** Tasks by state. */
  queueDepth(): Promise<Readonly<Record<string, number>>>
  /** Subscriptions that are still to be told of events, as tasks that are not there yet. */
  untold(): Promise<number>
  /** Tasks this node is working on. */
  openLeases(): number
  /** Breakers by state: closed, open, half-open. */
  breakers(): Readonly<Record<string, number>>
  /** Entries of the inbox by state, and milliseconds since the oldest pending one was written; null: there is no inbox. */
  inbox(): Promise<{ readonly pending: number; readonly refused: number; readonly age: number } | null>
  /** Nodes by state: ready, draining, lost. */
  nodes(): Promise<Readonly<Record<string, number>>>
  /** Plug-ins of the configuration by state: running, starting, waiting, broken. */
  plugins(): Readonly<Record<string, number>>
  /** Captures that this node leads: seconds from a change to its event, bytes that the source keeps for us, events. */
  captures(): readonly {
    readonly name: string
    readonly state: string
    readonly lag: number
    readonly retained: number
    readonly admitted: number
    readonly skipped: number
  }[]
}

export interface Metrics {
  /** One publish ended: `admitted`, `duplicate`, `closed`, `suspended`, `rejected`, `failed`. */
  published(result: string, seconds: number): void
  /** One attempt ended: `delivered`, `retry`, `release`, `refused`. */
  attempted(transport: string, outcome: string, seconds: number): void
  /** A task ended: `done`, `refused`, `exhausted`, `not-executed`, `cancelled`. */
  taskEnded(state: string): void
  /** One commit of the store took so many admissions. */
  committed(admissions: number): void
  /** The process of an isolated plug-in ended; it is named by its module. */
  crashed(module: string): void
  /** A witness or an asynchronous processor threw or was late. */
  processorFailed(processor: string): void
  /** Who answers the gauges; until it is called they are absent. */
  observe(readings: Readings): void
  /** The Prometheus text format, version 0.0.4. */
  text(): Promise<string>
  readonly contentType: string
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const BATCHES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

/** The numbers of one instance, in a registry of its own. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const events = new Counter({
    name: 'tocsin_events_published_total',
    help: 'Publishes by result.',
    labelNames: ['result'],
    registers,
  })
  const publishing = new Histogram({
    name: 'tocsin_publish_seconds',
    help: 'Time from publish to receipt.',
    buckets: SECONDS,
    registers,
  })
  const attempts = new Histogram({
    name: 'tocsin_attempt_seconds',
    help: 'Time of one attempt, by transport and outcome.',
    labelNames: ['transport', 'outcome'],
    buckets: SECONDS,
    registers,
  })
  const tasks = new Counter({
    name: 'tocsin_tasks_ended_total',
    help: 'Tasks by final state.',
    labelNames: ['state'],
    registers,
  })
  const failures = new Counter({
    name: 'tocsin_processor_failures_total',
    help: 'Witnesses and asynchronous processors that threw or were late, by name.',
    labelNames: ['processor'],
    registers,
  })
  const batches = new Histogram({
    name: 'tocsin_commit_admissions',
    help: 'Admissions per commit.',
    buckets: BATCHES,
    registers,
  })
  const crashes = new Counter({
    name: 'tocsin_plugin_crashes_total',
    help: 'Crashes of isolated plug-ins, by module.',
    labelNames: ['module'],
    registers,
  })
  return {
    published(result, seconds) {
      events.inc({ result })
      publishing.observe(seconds)
    },
    attempted: (transport, outcome, seconds) => attempts.observe({ transport, outcome }, seconds),
    taskEnded: (state) => tasks.inc({ state }),
    committed: (admissions) => batches.observe(admissions),
    crashed: (module) => crashes.inc({ module }),
    processorFailed: (processor) => failures.inc({ processor }),
    observe: (readings) => addGauges(registers, readings),
    text: () => registry.metrics(),
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
  }
}

/** Milliseconds that whoever looks at the metrics waits for what the store knows. */
const PATIENCE = 2_000

/** Null: it is not known just now. The rest is told all the same. */
async function known<Answer>(reading: Promise<Answer>): Promise<Answer | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE)
  })
  try {
    return await Promise.race([reading.catch(() => null), late])
  } finally {
    clearTimeout(timer)
  }
}

function addGauges(registers: Registry[], readings: Readings): void {
  let depth: Promise<unknown> = Promise.resolve(null)
  const readDepth = () => {
    const reading = readings.queueDepth()
    depth = known(reading)
    return reading
  }
  const byState = (name: string, help: string, read: () => Promise<Readonly<Record<string, number>>>) =>
    new Gauge({
      name,
      help,
      labelNames: ['state'],
      registers,
      async collect() {
        const counts = await known(read())
        this.reset()
        for (const [state, count] of Object.entries(counts ?? {})) this.set({ state }, count)
      },
    })
  byState('tocsin_tasks', 'Tasks in the queue and its history, by state.', readDepth)
  new Gauge({
    name: 'tocsin_untold_subscriptions',
    help: 'Subscriptions still to be told of events that very many see: tasks to come.',
    registers,
    async collect() {
      const count = await known(readings.untold())
      if (count === null) this.remove()
      else this.set(count)
    },
  })
  byState('tocsin_breakers', 'Breakers by state.', async () => readings.breakers())
  byState('tocsin_inbox', "What was published inside hosts' transactions and is no event, by state.", async () => {
    const { age: _, ...states } = (await readings.inbox()) ?? { age: 0 }
    return states
  })
  new Gauge({
    name: 'tocsin_inbox_oldest_seconds',
    help: 'How long the oldest pending entry of the inbox has waited.',
    registers,
    async collect() {
      const age = await known(readings.inbox().then((inbox) => inbox?.age ?? 0))
      if (age === null) this.remove()
      else this.set(age / 1_000)
    },
  })
  new Gauge({
    name: 'tocsin_store_up',
    help: 'Whether the store answered just now: 1 or 0. What it knows is left out when it did not.',
    registers,
    async collect() {
      this.set((await depth) === null ? 0 : 1)
    },
  })
  byState('tocsin_nodes', 'Nodes on the database, by state.', readings.nodes)
  addCaptures(registers, readings)
  byState('tocsin_plugins', 'Plug-ins of the configuration, by state.', async () => readings.plugins())
  new Gauge({
    name: 'tocsin_open_leases',
    help: 'Tasks this node is working on.',
    registers,
    collect() {
      this.set(readings.openLeases())
    },
  })
}

/** They are counted by who leads them: a node that leads none shows none. */
function addCaptures(registers: Registry[], { captures }: Readings): void {
  type Capture = ReturnType<Readings['captures']>[number]
  const each = (name: string, help: string, value: (capture: Capture) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['capture'],
      registers,
      collect() {
        this.reset()
        for (const capture of captures()) this.set({ capture: capture.name }, value(capture))
      },
    })
  each('tocsin_capture_up', 'Whether a capture reads its source: 1 or 0.', ({ state }) => Number(state === 'running'))
  each('tocsin_capture_lag_seconds', 'From the last change to its event.', ({ lag }) => lag)
  each('tocsin_capture_retained_bytes', 'What the source keeps until it is read.', ({ retained }) => retained)
  each('tocsin_capture_events', 'Events since the capture began.', ({ admitted }) => admitted)
  each('tocsin_capture_skipped', 'Changes that were passed over since it began.', ({ skipped }) => skipped)
}
