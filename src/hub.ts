/**
 * The hub: constructs every part, hands each what it asks for, and forwards. The one file that knows them all.
 */
import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { uuidv7 } from 'uuidv7'
import { EgressClient } from './access/egress/client.js'
import { createPolicy } from './access/egress/guard.js'
import { Keys } from './access/keys.js'
import { localPrincipal, type Principal, requireScope } from './access/principal.js'
import { createSealer, type Sealer } from './access/sealer.js'
import { TenantDirectory } from './access/tenant-directory.js'
import { Tenants } from './access/tenants.js'
import { resolveConfig } from './config.js'
import type { Config, ConfigInput } from './config-schema.js'
import { NotFound, type TocsinError } from './errors.js'
import { TypeCatalogue, type TypeDefinition } from './event/catalogue.js'
import type { EventInput } from './event/envelope.js'
import { NATIVE_TYPES } from './event/native/all.js'
import { BUILT_IN_FORMATS } from './formats/built-in.js'
import { toBody } from './formats/cloudevents.js'
import { fromBody } from './formats/read-cloudevents.js'
import { generateSecret } from './formats/standard-webhooks.js'
import { Intake } from './intake/intake.js'
import { LineUp } from './pipeline/line-up.js'
import type { Processor } from './pipeline/processor.js'
import { Processors } from './pipeline/processors.js'
import type { Plugin } from './plugin.js'
import { Resources } from './registry/resources.js'
import { type AuditEntry, Auditor } from './store/auditor.js'
import { openStore } from './store/open.js'
import type { Store, StoreInfo } from './store/port.js'
import { keepFor } from './store/retention.js'
import type { EventRow } from './store/rows.js'
import type { Explanation } from './subscriptions/explain.js'
import { Explainer } from './subscriptions/explainer.js'
import { IndexCache } from './subscriptions/index-cache.js'
import { fitsType, type MatchTypes } from './subscriptions/match-index.js'
import { eventOf, present, presentFor } from './subscriptions/present.js'
import type { Sealer as SubscriptionSealer } from './subscriptions/subscription-secrets.js'
import { Subscriptions } from './subscriptions/subscriptions.js'
import { Committer } from './tasks/admit/committer.js'
import { Publisher } from './tasks/admit/publisher.js'
import type { Receipt } from './tasks/admit/receipt.js'
import { Resumer } from './tasks/admit/resumer.js'
import type { Attempted } from './tasks/attempt.js'
import { CatchingUp } from './tasks/catching-up.js'
import { Errands } from './tasks/errands.js'
import { Events } from './tasks/events.js'
import { isLocal } from './tasks/local.js'
import { LocalErrands } from './tasks/local-errands.js'
import { News } from './tasks/news.js'
import * as own from './tasks/operator-events.js'
import { Queue } from './tasks/queue.js'
import { type ReplayRange, Replays } from './tasks/replays.js'
import { sendTest } from './tasks/send-test.js'
import type { AttemptView } from './tasks/views.js'
import { Worker } from './tasks/worker.js'
import { createLogger, createMetrics, inShort, type Metrics } from './telemetry.js'
import { builtInTransports } from './transports/built-in.js'
import { createDeliver } from './transports/deliver.js'
import { type LocalHandler, localTransport } from './transports/local.js'
import { transportsOf } from './transports/transports.js'

export const VERSION = '0.1.0'
/** The tenant every instance has. */
export const DEFAULT_TENANT = 'default'

export interface HubOptions {
  /** The SQLite file, or `memory`; short for `config.database`. */
  readonly database?: string
  readonly config?: ConfigInput | Config
  /** Profiles and plug-ins. */
  readonly plugins?: readonly Plugin[]
  /** Default: JSON lines on standard output, as `config.log` says. */
  readonly log?: Logger
}

export interface Health {
  readonly status: 'ok' | 'unavailable'
  readonly node: string
  readonly version: string
  /** With the epoch and details when it answers. */
  readonly store: { readonly name: string; readonly durable: boolean } & Partial<StoreInfo>
  /** Attempts under way in this process. */
  readonly running: number
}

export type Hub = Awaited<ReturnType<typeof createHub>>

/**
 * Opens the database and begins to work off what is due.
 * @throws InvalidInput `invalid_config`; Unavailable when the database cannot be opened
 */
export async function createHub({ database, config: input, plugins = [], log: logger }: HubOptions = {}) {
  const config = resolveConfig({ ...input, ...(database !== undefined && { database }) })
  const log = logger ?? createLogger(config.log)
  const store = await openStore(config.database, config.store.thread)
  const { epoch } = await store.ping()
  const metrics = createMetrics()
  const { node } = config
  const now = Date.now
  const random = Math.random
  const failed = (error: unknown) => log.error(inShort(error), 'background work failed')

  // ------------------------------------------------------------------------------------------ access
  const directory = new TenantDirectory(store.access)
  const openTypes = (tenant: string) => directory.openTypes(tenant)
  const keys = new Keys(store.access, { now, random: randomBytes })
  const tenants = new Tenants(store.access, {
    now,
    changed: (tenant) => {
      directory.forget(tenant)
      keys.forget()
    },
  })
  const sealer = createSealer(config.sealing, !store.features.durable)
  const egress = new EgressClient({ policy: createPolicy(config.egress) })
  const auditor = new Auditor(store.audit)
  const audit = (entry: AuditEntry) => auditor.append(entry)

  // ------------------------------------------------------------------------------------------ event, formats, intake, pipeline
  const catalogue = new TypeCatalogue([...NATIVE_TYPES, ...plugins.flatMap((plugin) => plugin.catalogue ?? [])])
  const types = matchTypesOf(catalogue)
  const formats = byName([...BUILT_IN_FORMATS, ...plugins.flatMap((plugin) => plugin.formats ?? [])])
  const translators = byName(plugins.flatMap((plugin) => plugin.translators ?? []))
  const { eventBytes: maxBytes, depth: maxDepth } = config.limits
  const intake = new Intake({ catalogue, maxBytes, maxDepth, now, newId: uuidv7 })
  const lineUp = new LineUp(types.lineage)
  for (const processor of plugins.flatMap((plugin) => plugin.processors ?? [])) lineUp.register(processor)
  for (const [name, setting] of Object.entries(config.processors)) lineUp.set(name, setting)
  const processors = new Processors({
    lineUp,
    store: store.processors,
    audit: ({ tenant, id: actor }, action, object, detail) =>
      audit({ tenant, at: now(), actor, action, object, detail }),
    now,
  })

  // ------------------------------------------------------------------------------------------ transports
  const local = localTransport()
  const builtIn = builtInTransports({ egress, version: VERSION, logger: log, local, filesRoot: config.files.root })
  const transports = transportsOf([...builtIn, ...plugins.flatMap((plugin) => plugin.transports ?? [])])
  const seals = sealsOf(sealer)
  const deliver = createDeliver({
    transports,
    formats,
    types,
    sealer: seals,
    now,
    onCloseError: failed,
  })

  // ------------------------------------------------------------------------------------------ tasks
  const news = new News(1_000)
  const index = new IndexCache(store.subscriptions, types)
  const publisherOf = ({ tenant, principal }: EventRow) => keys.principal(principal, tenant)
  const tell = (tenant: string, event: EventInput) =>
    void publisher.publish(event, own.operatorPrincipal(tenant)).catch(failed)
  const localErrands: LocalErrands = new LocalErrands({
    lineUp,
    store,
    read: eventOf,
    publisherOf,
    publishChild: (parent, child, caller) => publisher.publishChild(parent, child, caller),
    resume: async (row) => void (await resumer.resumeRow(row)),
    now,
    random,
  })
  const errands = new Errands({
    store,
    local: localErrands,
    deliver: deliver.deliver,
    tell,
    changed: (tenant, id) => changed(tenant, id),
    failures: (lane) => worker.lanes.failures(lane),
    now,
  })
  const worker: Worker = new Worker(
    { node, ...config.delivery, poll: 1_000 },
    {
      store,
      errand: (lane) => errands.for(lane),
      settled: (leased, attempted) => {
        measure(metrics, attempted, leased.task.subscription)
        errands.settled(leased, attempted).catch(failed)
      },
      failed,
      now,
      random,
    },
  )
  const committer = new Committer({
    store,
    lineUp,
    hands: worker,
    matching: (tenant) => index.get(tenant),
    rematch: async (tenant) => void (await index.reload(tenant)),
    resourceType: async (tenant, id) => (await store.registry.get(tenant, id))?.type ?? null,
    toBody,
    committed: metrics.committed,
    now,
  })
  const publisher: Publisher = new Publisher({
    intake,
    lineUp,
    committer,
    store,
    openTypes,
    witness: (leased, event, caller) => localErrands.witnessNow(leased, event, caller),
    take: (leased) => worker.take(leased),
    admitted: (tenant) => {
      news.tell(tenant)
      worker.wake()
    },
    published: metrics.published,
    now,
  })
  const events = new Events({
    store,
    epoch,
    present: (row, redacted) => present(row, redacted, types),
    news: (tenant, signal) => news.wait(tenant, signal),
    hears: (pattern, type) => fitsType(pattern, types.lineage(type)),
  })
  const row = (caller: Principal, id: string, source?: string) => events.row(caller, id, source)
  const resources = new Resources<Receipt>({
    store: store.registry,
    submit: (operation, caller) => publisher.submit(operation, caller),
  })
  const derive: Resources<Receipt>['derive'] = (tenant, change) => resources.derive(tenant, change)
  const resumer = new Resumer({
    lineUp,
    committer,
    store,
    publisher,
    intake,
    openTypes,
    row,
    publisherOf,
    derive,
    tell,
    fromBody,
    toBody,
    now,
  })
  const explainer = new Explainer({ store, types, row })

  const turned = () => worker.wake()
  const replaying = { store, types, fromBody, turned, now }
  const replays = new Replays({ ...replaying, audit })
  const catchingUp = new CatchingUp({
    ...replaying,
    caughtUp: (subscription) => tell(subscription.tenant, own.caughtUp(subscription)),
    failed,
  })

  // ------------------------------------------------------------------------------------------ subscriptions
  /** Whoever keeps something of a subscription forgets it. */
  const changed = (tenant: string, id: string) => {
    index.forget(tenant)
    errands.forget({ tenant, subscription: id })
    deliver.forget(tenant, id)
    catchingUp.begin(tenant, id)
    worker.wake()
  }
  const subscriptions = new Subscriptions({
    store,
    transports,
    formats,
    catalogue,
    sealer: seals,
    openTypes,
    generateSecret,
    newId: () => `sub_${randomBytes(8).toString('hex')}`,
    now,
    audit,
    changed,
  })
  const queue = new Queue({
    store,
    node,
    present: ({ event }, { spec }) => presentFor(event, spec, types),
    abort: (key) => worker.abort(key),
    wake: turned,
    now,
    random,
  })

  // ------------------------------------------------------------------------------------------ start
  if (!(await store.access.getTenant(DEFAULT_TENANT))) {
    await store.access.putTenant({
      id: DEFAULT_TENANT,
      name: 'Default',
      openTypes: false,
      createdAt: now(),
      disabledAt: null,
    })
  }
  await processors.load()
  // The file has one owner: whoever had leases before is gone.
  if (!store.features.shared) await store.tasks.takeOver(now())
  for (const [tenant, id] of await unfinished(store)) catchingUp.begin(tenant, id)
  const stopRetention = keepFor(store, { age: config.retention.events * 86_400_000, every: 3_600_000, now, failed })
  metrics.observe({
    queueDepth: () => store.tasks.counts(null),
    openLeases: () => worker.running,
    breakers: () => worker.lanes.breakers(now()),
  })
  worker.start()

  return {
    node,
    version: VERSION,
    config,
    log,
    /** The host application itself: operator of the tenant `default`. */
    local: localPrincipal(DEFAULT_TENANT),

    /** Registers a processor; answers a function that takes it away again. */
    use: (processor: Processor): (() => void) => lineUp.register(processor),
    /** Registers a function that subscriptions with the transport `local` name as their handler. */
    handle: (name: string, handler: LocalHandler): (() => void) => local.register(name, handler),

    /** @throws TocsinError: whatever refuses it, with code and field */
    publish: (event: EventInput, { as = localPrincipal(DEFAULT_TENANT) }: { as?: Principal } = {}): Promise<Receipt> =>
      publisher.publish(event, as),
    /** Each on its own: a receipt or the error that refused it, in the order given. */
    publishMany: (
      inputs: readonly EventInput[],
      { as = localPrincipal(DEFAULT_TENANT) }: { as?: Principal } = {},
    ): Promise<readonly (Receipt | TocsinError)[]> => publisher.publishMany(inputs, as),
    /** Another system's message, by the translator of that name. @throws NotFound; InvalidInput when it cannot be read */
    async translate(
      name: string,
      message: unknown,
      { as = localPrincipal(DEFAULT_TENANT), source }: { as?: Principal; source?: string | undefined } = {},
    ) {
      requireScope(as, 'events:publish')
      const translator = translators.get(name)
      if (!translator) throw new NotFound('translator', name)
      return publisher.publishMany(
        translator.translate(message, { source: source ?? `/${name}`, receivedAt: now() }),
        as,
      )
    },

    events: {
      get: events.get.bind(events),
      list: events.list.bind(events),
      timeline: events.timeline.bind(events),
      tail: events.tail.bind(events),
      resume: resumer.resume.bind(resumer),
    },
    types: {
      list(caller: Principal): readonly TypeDefinition[] {
        requireScope(caller, 'types:read')
        return catalogue.list()
      },
      /** @throws NotFound */
      get(caller: Principal, name: string): TypeDefinition {
        requireScope(caller, 'types:read')
        const definition = catalogue.get(name)
        if (!definition) throw new NotFound('event type', name)
        return definition
      },
    },
    /** The ways out, as their descriptions tell them. */
    transports: [...transports.values()].map(({ name, title, promise, target, defaultFormat }) => ({
      name,
      title,
      promise,
      target,
      defaultFormat,
    })),
    resources,
    subscriptions: Object.assign(subscriptions, {
      /** Sends a test event by the real path and answers what came of it. @throws NotFound */
      async test(caller: Principal, id: string): Promise<AttemptView> {
        const subscription = await subscriptions.own(caller, id)
        return sendTest(subscription, { node, deliver: deliver.deliver, toBody, newId: uuidv7, now })
      },
    }),
    tasks: queue,
    processors,
    keys,
    tenants,
    audit: auditor,
    explain: (caller: Principal, event: string, subscription: string, source?: string): Promise<Explanation> =>
      explainer.explain(caller, event, subscription, source),
    replay: (caller: Principal, subscription: string, range: ReplayRange, options?: { dryRun?: boolean | undefined }) =>
      replays.replay(caller, subscription, range, options),

    async health(): Promise<Health> {
      const { name, durable } = store.features
      const info = await store.ping().catch(() => null)
      return {
        status: info ? 'ok' : 'unavailable',
        node,
        version: VERSION,
        store: { name, durable, ...info },
        running: worker.running,
      }
    },
    /** Prometheus text format. */
    metrics: () => metrics.text(),
    /** A consistent copy of the database in a new file. @throws AccessDenied unless the caller is an operator */
    async backup(caller: Principal, path: string): Promise<void> {
      requireScope(caller, 'tenants:write')
      await store.backup(path)
    },
    /** Takes no more, waits for what is under way, and loses nothing. */
    async close(): Promise<void> {
      await publisher.close()
      await Promise.all([catchingUp.stop(), stopRetention(), worker.stop(config.delivery.shutdown)])
      await deliver.close()
      await egress.close()
      await store.close()
    },
  }
}

const byName = <Part extends { readonly name: string }>(parts: readonly Part[]): ReadonlyMap<string, Part> =>
  new Map(parts.map((part) => [part.name, part]))

const matchTypesOf = (catalogue: TypeCatalogue): MatchTypes => ({
  lineage: (type) => catalogue.lineage(type),
  get: (type) => catalogue.get(type),
  implemented: (resourceType) => [resourceType],
})

/** Subscriptions seal by a context of their own; the sealer wants to know where a secret lives. */
const sealsOf = (sealer: Sealer): SubscriptionSealer => ({
  seal: (plain: string, record: string) => sealer.seal(plain, placeOf(record)),
  open: (sealed: string, record: string) => sealer.open(sealed, placeOf(record)),
})

const placeOf = (record: string) => ({ tenant: String((JSON.parse(record) as unknown[])[1]), record, path: 'secrets' })

function measure(metrics: Metrics, { settlement: { attempt, next } }: Attempted, subscription: string): void {
  if (attempt)
    metrics.attempted(
      isLocal(subscription) ? 'processors' : 'subscription',
      attempt.outcome,
      (attempt.endedAt - attempt.startedAt) / 1_000,
    )
  if (next.state !== 'due' && next.state !== 'waiting') metrics.taskEnded(next.state)
}

/** Subscriptions that were still catching up when the process ended. */
async function unfinished(store: Store): Promise<readonly (readonly [string, string])[]> {
  const tenants = await store.access.listTenants({ after: null, limit: 1_000 })
  const loaded = await Promise.all(tenants.map(({ id }) => store.subscriptions.load(id)))
  return loaded.flatMap(({ rows }) =>
    rows.filter(({ state }) => state === 'catching-up').map(({ tenant, id }) => [tenant, id] as const),
  )
}
