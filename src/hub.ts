/**
 * The hub: constructs every part, hands each what it asks for, and forwards. The one file that knows them all.
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { uuidv7 } from 'uuidv7'
import { createAccess, DEFAULT_TENANT } from './access/access.js'
import { localPrincipal, type Principal, requireScope } from './access/principal.js'
import { classesIn } from './class-table.js'
import { resolveConfig } from './config.js'
import { oidcOf } from './config-oidc.js'
import type { Config, ConfigInput } from './config-schema.js'
import { NotFound, type TocsinError } from './errors.js'
import type { EventInput } from './event/envelope.js'
import { BUILT_IN_FORMATS } from './formats/built-in.js'
import { toBody } from './formats/cloudevents.js'
import { newSigningKey } from './formats/standard-webhooks.js'
import { HostedPlugins } from './hosted-plugins.js'
import { Definitions, typesReader } from './hub-definitions.js'
import { listenTo, lookAgain } from './hub-hears.js'
import {
  broughtBy,
  byName,
  implementing,
  matchTypesOf,
  oneOf,
  sealsOf,
  tellsBefore,
  typesOfResources,
  withRounds,
} from './hub-parts.js'
import { processorsFrom, processorsOf } from './hub-processors.js'
import { agesOf, retain } from './hub-retention.js'
import { readingTypes, typesFrom } from './hub-types.js'
import { Captures } from './intake/capture/captures.js'
import { Intake } from './intake/intake.js'
import { likenessOf } from './pipeline/likeness.js'
import type { Processor } from './pipeline/processor.js'
import type { Plugin } from './plugin.js'
import { checkFit, ourselves } from './plugin-fit.js'
import type { ClassTable } from './registrar.js'
import { Registrations } from './registrations.js'
import { announcing } from './store/announcing.js'
import { type AuditEntry, Auditor } from './store/auditor.js'
import { Clock } from './store/clock.js'
import type { Cluster } from './store/cluster.js'
import type { Ended } from './store/ending-rules.js'
import { KeptSecrets } from './store/kept-secrets.js'
import { Membership } from './store/membership.js'
import { noticing } from './store/noticing.js'
import { openCluster, openStore } from './store/open.js'
import { listPartitions } from './store/partition-views.js'
import type { Store, StoreInfo } from './store/port.js'
import type { Explanation } from './subscriptions/explain.js'
import { Explainer } from './subscriptions/explainer.js'
import { IndexCache } from './subscriptions/index-cache.js'
import { ROW_EXPRESSIONS } from './subscriptions/row-expressions.js'
import { Subscriptions } from './subscriptions/subscriptions.js'
import type { Addressees } from './tasks/admit/addressed.js'
import type { PublishOptions } from './tasks/admit/publisher.js'
import type { Receipt } from './tasks/admit/receipt.js'
import { eraser } from './tasks/erasing.js'
import { type Lag, lagOf } from './tasks/lag.js'
import { operatorPrincipal } from './tasks/operator-events.js'
import type { ReplayOptions, ReplayRange } from './tasks/replays.js'
import { sendTest } from './tasks/send-test.js'
import { createTasks } from './tasks/tasks.js'
import type { SettledOptions, TransactionView } from './tasks/transactions.js'
import type { AttemptView } from './tasks/views.js'
import { createLogger, createMetrics, inShort } from './telemetry.js'
import { builtInTransports } from './transports/built-in.js'
import { createDeliver } from './transports/deliver.js'
import { type LocalHandler, localTransport } from './transports/local.js'
import { storedLedger } from './transports/smtp/ledger.js'
import { transportsOf } from './transports/transports.js'

export const VERSION = '0.1.0'

/** Who has its store alone has its time alone. */
const OWN_CLOCK = { now: Date.now, follow: async (ask: () => Promise<number>) => void (await ask()) }

/** What is taken up without a restart; without `classes` their table stays. */
type Listed = Pick<Config, 'plugins' | 'folder'> & Partial<Pick<Config, 'classes'>>

export interface HubOptions {
  /** The SQLite file, the URL of a PostgreSQL database, or `memory`; short for `config.database`. */
  readonly database?: string
  readonly config?: ConfigInput | Config
  /** Profiles and plug-ins, beside those that the configuration names. */
  readonly plugins?: readonly Plugin[]
  /** Reads the configuration anew when its plug-ins and classes are reloaded. Default: the lists it began with. */
  readonly reread?: () => Listed | Promise<Listed>
  /** What stands behind the classes that other systems' configurations register. */
  readonly classes?: ClassTable
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

export type Hub = Awaited<ReturnType<typeof assemble>>

/**
 * Opens the database and begins to work off what is due.
 * @throws InvalidInput `invalid_config`; Unavailable when the database cannot be opened
 */
export async function createHub({ database, ...options }: HubOptions = {}) {
  const config = resolveConfig({ ...options.config, ...(database !== undefined && { database }) })
  const store = await openStore(config.database, config.store, config.node)
  const cluster = await openCluster(config.database, config.store, config.node).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  const opened: { close(): Promise<void> }[] = []
  try {
    const hub = await assemble(store, cluster, config, options, opened)
    hub.plugins.start((plugin) => plugin.start?.(hub))
    return hub
  } catch (error) {
    for (const each of opened) await each.close()
    await cluster.close()
    await store.close()
    throw error
  }
}

async function assemble(
  opened: Store,
  cluster: Cluster,
  config: Config,
  options: HubOptions,
  toClose: { close(): Promise<void> }[],
) {
  const { plugins: program = [], reread, log = createLogger(config.log) } = options
  const { shared } = opened.features
  const ended = (tenant: string, { keys, subscriptions }: Ended) => {
    if (keys.length > 0) access.keys.forget()
    for (const id of subscriptions) changed(tenant, id)
    if (!shared) return
    if (keys.length > 0) cluster.tell({ of: 'access' })
    for (const id of subscriptions) cluster.tell({ of: 'subscription', tenant, id })
  }
  const store = noticing(shared ? announcing(opened, cluster.tell) : opened, ended)
  const { epoch } = await store.ping()
  const { node } = config
  const clock = new Clock(Date.now(), () => performance.now())
  const now = shared ? () => clock.now() : Date.now
  const failed = (error: unknown) => log.error(inShort(error), 'background work failed')
  const metrics = createMetrics()
  const auditor = new Auditor(store.audit)
  const audit = (entry: AuditEntry) => auditor.append(entry)
  const local = localPrincipal(DEFAULT_TENANT)

  const volatile = !store.features.durable
  const { sealing, egress: reach } = config
  const entered = ({ tenant, id, name, roles, resource }: Principal) =>
    audit({ tenant, at: now(), actor: id, action: 'session.begin', object: name, detail: { roles, resource } })
  const signingIn = { oidc: oidcOf(config), entered }
  const access = await createAccess({
    ...{ store: store.access, sealing, egress: reach, signIn: signingIn, volatile, now, audit },
  })
  const { keys, sessions, signIn, tenants, egress, openTypes } = access
  const sealer = sealsOf(access.sealer)

  const http = { egress, agent: `Tocsin/${VERSION}`, now }
  const handlers = localTransport()
  const { root: filesRoot } = config.files
  const mailed = storedLedger(store.mail, now)
  const builtIn = builtInTransports({
    ...{ egress, version: VERSION, logger: log, local: handlers, mailed, filesRoot },
    requireProof: config.egress.requireProof,
    categoryOf: (type) => catalogue.get(type)?.category,
  })
  const watched = {
    crashed: (module: string, error: Error) => {
      metrics.crashed(module)
      log.error({ module, error: error.message }, 'registered class crashed')
    },
  }
  const hosted = await HostedPlugins.load({
    ...{ program, listed: config, audit, log, now },
    reread: async () => {
      const read = await (reread?.() ?? config)
      const { classes, folder } = read
      if (classes) await registrations.useClasses(classesIn({ classes, folder }, watched))
      return read
    },
    ourselves: ourselves(builtIn, config),
    checkFit: (there, candidate) => checkFit(there, candidate, http),
    processorsOf: (plugin) => processorsOf(plugin, http),
    crashed: (plugin) => metrics.crashed(plugin),
  })
  toClose.push(hosted)
  const plugins = hosted.plugins()
  const { catalogue, resourceTypes } = typesFrom(plugins)
  const ownTypes = { catalogue, resourceTypes, store }
  const readTypes = typesReader(ownTypes)
  await readTypes()
  const types = matchTypesOf(catalogue, resourceTypes)
  const formats = byName([...BUILT_IN_FORMATS, ...plugins.flatMap((plugin) => plugin.formats ?? [])])
  const { eventBytes: maxBytes, depth: maxDepth } = config.limits
  const intake = new Intake({ catalogue, maxBytes, maxDepth, now, newId: uuidv7 })

  const { lineUp, processors } = await processorsFrom({
    ...{ plugins, program, config, catalogue, resourceTypes, store, sealer: access.sealer, http, audit, now },
  })
  const membership = new Membership({
    ...{ cluster, clock: shared ? clock : OWN_CLOCK, failed },
    self: { id: node, version: VERSION, host: hostname(), pid: process.pid },
    running: () => worker.running,
    processors: () => lineUp.list().map(({ processor }) => processor.name),
    beaten: () => shared && lookAgain(hearing),
    gone: () => void readLogs().catch(failed),
  })

  hosted.attach(
    (leaving, coming) => {
      lineUp.replace(leaving, coming)
      membership.changed()
    },
    () => lineUp.list().map(({ processor }) => processor),
  )

  const secrets = new KeptSecrets({ settings: store.settings, cluster, sealer: access.sealer, now })
  const brought = broughtBy(plugins, {
    ...{ egress, agent: `tocsin/${VERSION}` },
    resource: (tenant, id) => tasks.resources.get({ ...local, tenant }, id),
    consumerSecret: (tenant, key) => keys.consumerSecret(tenant, key),
    secret: (name, make) => secrets.get(name, make),
    send: (tenant, message) => tasks.queue.send({ ...local, tenant }, message),
  })
  const transports = transportsOf([...builtIn, ...brought])
  const deliver = createDeliver({ transports, formats, types, sealer, now, onCloseError: failed })

  const index = new IndexCache(store.subscriptions, types)
  /** Whoever keeps something of a subscription forgets it. */
  const changed = (tenant: string, id: string) => {
    index.forget(tenant)
    tasks.errands.forget({ tenant, subscription: id })
    deliver.forget(tenant, id)
    tasks.catchingUp.begin(tenant, id)
    tasks.logReaders.begin(tenant, id)
    tasks.digests.begin(tenant, id)
    tasks.worker.giveBack((lane) => lane.tenant === tenant && lane.subscription === id)
    tasks.worker.wake()
  }
  /** A receiver that was mended, or answers a test, is not waited for. */
  const mended = (tenant: string, subscription: string) => {
    tasks.breakers.mend({ tenant, subscription })
    tasks.worker.wake()
  }
  const tasks = createTasks({
    ...config.delivery,
    ...{ store, cluster, node, epoch, types, intake, lineUp, index, openTypes, audit, changed, log, failed, now },
    typeNames: () => catalogue.list().map(({ name }) => name),
    foreign: () => membership.foreignProcessors.some((name) => !lineUp.has(name)),
    deliver: deliver.deliver,
    deliverTogether: deliver.deliverTogether,
    write: deliver.write,
    principal: (id, tenant) => keys.principal(id, tenant),
    measure: metrics,
    processing: config.processing,
    likeness: (event, told) => likenessOf(event, catalogue.get(event.type), told),
    tellsBefore: (type) => tellsBefore(catalogue, type),
    resourceTypes: typesOfResources(resourceTypes),
    implementing: (resourceType) => implementing(resourceTypes, resourceType),
    random: Math.random,
  })
  const { publisher, events, worker, catchingUp, logReaders, digests } = tasks
  const newId = () => `sub_${randomBytes(8).toString('hex')}`
  const subscriptions = new Subscriptions({
    ...{ store, transports, formats, catalogue, sealer, openTypes, newSigningKey, newId, now, audit, changed, mended },
  })
  const registrations = new Registrations({
    classes: options.classes ?? {},
    listed: classesIn(config, watched),
    ...{ lineUp, store: store.settings, sealer: access.sealer, registry: tasks.resources, audit, failed, now },
    registrars: plugins.flatMap((plugin) => plugin.registrars ?? []),
    changed: () => membership.changed(),
  })
  const captures = new Captures({
    ...{ settings: store.settings, capturedRows: store.capturedRows, sealer: access.sealer, egress, openTypes, node },
    expressions: ROW_EXPRESSIONS,
    ...{ lead: cluster.lead.bind(cluster), audit, failed, now },
    types: { has: (name) => catalogue.get(name) !== undefined, names: () => catalogue.list().map(({ name }) => name) },
    publish: (events, caller) => publisher.publishInOrder(events, caller),
    tell: (tenant, event) => void publisher.publish(event, operatorPrincipal(tenant)).catch(failed),
    log: (fields, message) => log.info(fields, message),
    newIncarnation: () => randomBytes(4).toString('hex'),
  })
  const definitions = new Definitions({
    ...{ ...ownTypes, processors, subscriptions, audit, now },
    changed: () => index.forgetAll(),
  })
  const explainer = new Explainer({ store, types, row: (caller, id, source) => events.row(caller, id, source) })

  const { errands, elsewhere, breakers, processing, fanOut } = tasks
  const readLogs = async () => {
    for (const { tenant, id } of await withRounds(store)) {
      catchingUp.begin(tenant, id)
      logReaders.begin(tenant, id)
      digests.begin(tenant, id)
    }
  }
  const hearing = {
    readTypes: async () => {
      if (await readTypes()) index.forgetAll()
    },
    access,
    index,
    errands,
    elsewhere,
    breakers,
    worker,
    fanOut,
    processing,
    processors,
    registrations,
    captures,
    changed,
    failed,
  }
  // The file has one owner: whoever had leases before is gone.
  if (!shared) await store.tasks.takeOver(now())
  await membership.start()
  const stopListening = listenTo(cluster, hearing)
  const stopRetention = retain(store, cluster, config, { now, failed })
  metrics.observe({
    queueDepth: () => store.tasks.counts(null),
    untold: () => store.slices.left(null),
    openLeases: () => worker.running,
    breakers: () => worker.lanes.breakers(now()),
    inbox: () => tasks.inside.inbox.measure(),
    nodes: () => membership.counts(),
    plugins: () => hosted.counts(),
    captures: () => captures.measured(),
  })
  await tasks.processing.start()
  await registrations.load()
  worker.start()
  fanOut.begin()
  await readLogs()
  tasks.inside.start()
  await captures.load()

  return {
    node,
    version: VERSION,
    config,
    log,
    /** The host application itself: operator of the tenant `default`. */
    local,
    /** What the plug-ins bring to a server, by plug-in. */
    routes: plugins.map(({ name, routes = [] }) => ({ plugin: name, routes })),

    /** Registers a processor; answers a function that takes it away again. */
    use(processor: Processor): () => void {
      const take = lineUp.register(processor)
      membership.changed()
      return () => {
        take()
        membership.changed()
      }
    },
    /** Registers a function that subscriptions with the transport `local` name as their handler. */
    handle: (name: string, handler: LocalHandler): (() => void) => handlers.register(name, handler),

    /** @throws TocsinError: whatever refuses it, with code and field */
    publish: (
      event: EventInput,
      { as = local, ...options }: PublishOptions & { as?: Principal } = {},
    ): Promise<Receipt> => publisher.publish(event, as, options),
    /** Each on its own: a receipt or the error that refused it, in the order given. */
    publishMany: (
      inputs: readonly EventInput[],
      { as = local }: { as?: Principal } = {},
    ): Promise<readonly (Receipt | TocsinError)[]> => publisher.publishMany(inputs, as),
    /** Another system's message, by the translator of that name. @throws NotFound; InvalidInput when it cannot be read */
    async translate(
      name: string,
      message: unknown,
      { as = local, source }: { as?: Principal; source?: string | undefined } = {},
    ) {
      requireScope(as, 'events:publish')
      const translators = byName(hosted.plugins().flatMap((plugin) => plugin.translators ?? []))
      const translator = translators.get(name)
      if (!translator) throw new NotFound('translator', name, oneOf(translators))
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
      head: events.head.bind(events),
      tree: events.tree.bind(events),
      resume: tasks.resumer.resume.bind(tasks.resumer),
    },
    types: readingTypes(catalogue, 'event type'),
    resourceTypes: readingTypes(resourceTypes, 'resource type'),
    /** The ways out, as their descriptions tell them. */
    transports: [...transports.values()].map(({ name, title, promise, target, defaultFormat, digest }) => ({
      name,
      title,
      promise,
      target,
      defaultFormat,
      ...(digest && { digest }),
    })),
    /** What was published inside hosts' transactions and is no event yet, or cannot be one. */
    inbox: tasks.inside.inbox,
    resources: tasks.resources,
    /** Many resources at once, from JSON lines. */
    imports: tasks.imports,
    subscriptions: Object.assign(subscriptions, {
      /** How far it is behind. @throws NotFound */
      lag: (caller: Principal, id: string): Promise<Lag> => lagOf(store, caller, id),
      /** All of a tenant, as this process knows them: for who looks at them at every call. */
      known: (tenant: string): Addressees | Promise<Addressees> => index.get(tenant),
      /** Sends a test event by the real path and answers what came of it. @throws NotFound */
      async test(caller: Principal, id: string): Promise<AttemptView> {
        const subscription = await subscriptions.own(caller, id)
        const answer = await sendTest(subscription, { node, deliver: deliver.deliver, toBody, newId: uuidv7, now })
        if (answer.outcome === 'delivered') mended(subscription.tenant, id)
        return answer
      },
      /** What one like this would have heard of the latest events. @throws InvalidInput, AccessDenied */
      async preview(caller: Principal, input: unknown, limit: number) {
        const draft = await subscriptions.draft(caller, input)
        const { items } = await events.list(caller, {}, { limit })
        const explained = await explainer.preview(
          caller,
          draft,
          items.map(({ event: { id, source } }) => ({ id: String(id), source: String(source) })),
        )
        return items.map((view, index) => ({ ...explained[index], event: view }))
      },
    }),
    tasks: tasks.queue,
    /** Resolves when processors have nothing left to do for a transaction. @throws NotFound, Unavailable when it takes too long */
    settled: (transactionId: string, { as = local, ...options }: SettledOptions = {}): Promise<TransactionView> =>
      tasks.transactions.settled(as, transactionId, options),
    transactions: tasks.transactions,
    /** Blanks what is told of a person. @throws AccessDenied */
    erase: eraser({ store, audit, now }),
    /** Types, processors and subscriptions as one file. */
    definitions,
    /** Whether processing is asynchronous, and whether it is stopped. */
    processing: tasks.processing,
    processors,
    /** The plug-ins, and reloading those of the configuration. */
    plugins: hosted,
    /** Classes that other systems' configurations register for their events. */
    registrations,
    /** Tables of other databases whose changes become events. */
    captures,
    keys,
    /** Of people at a browser. */
    sessions,
    /** By OpenID Connect. */
    signIn,
    /** A secret of the instance, made when first asked for and then always the same, on every node. */
    secret: (name: string, make: () => string): Promise<string> => secrets.get(name, make),
    tenants,
    audit: auditor,
    explain: (caller: Principal, event: string, subscription: string, source?: string): Promise<Explanation> =>
      explainer.explain(caller, event, subscription, source),
    replay: (caller: Principal, subscription: string, range: ReplayRange, options?: ReplayOptions) =>
      tasks.replays.replay(caller, subscription, range, options),

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
    /** The nodes that share the database, this one among them. */
    nodes: (caller: Principal) => membership.list(caller),
    /** How the database lies in partitions; none but on PostgreSQL. */
    partitions: (caller: Principal) => listPartitions(store, agesOf(config), caller),
    /** Prometheus text format. */
    metrics: () => metrics.text(),
    /** A consistent copy of the database in a new file. @throws AccessDenied unless the caller is an operator */
    async backup(caller: Principal, path: string): Promise<void> {
      requireScope(caller, 'tenants:write')
      await store.backup(path)
    },
    /** Takes no more, waits for what is under way, and loses nothing. */
    async close(): Promise<void> {
      await membership.drain()
      await captures.close()
      await tasks.inside.stop()
      await publisher.close()
      tasks.processing.stop()
      stopListening()
      await Promise.all([
        fanOut.stop(),
        catchingUp.stop(),
        logReaders.stop(),
        digests.stop(),
        stopRetention(),
        worker.stop(config.delivery.shutdown),
      ])
      await registrations.close()
      await hosted.close()
      await deliver.close()
      await egress.close()
      await membership.leave()
      await cluster.close()
      await store.close()
    },
  }
}
