/**
 * The parts of a hub: constructs each, hands it what it asks for, and starts them. The one file that knows them all.
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { uuidv7 } from 'uuidv7'
import { createAccess, DEFAULT_TENANT } from '../access/access.js'
import { localPrincipal, type Principal } from '../access/principal.js'
import { BUILT_IN_FORMATS } from '../formats/built-in.js'
import { newSigningKey } from '../formats/standard-webhooks.js'
import type { HubOptions } from '../hub.js'
import { Captures } from '../intake/capture/captures.js'
import { Intake } from '../intake/intake.js'
import { likenessOf } from '../pipeline/likeness.js'
import { announcing } from '../store/announcing.js'
import { type AuditEntry, Auditor } from '../store/auditor.js'
import { Clock } from '../store/clock.js'
import type { Cluster } from '../store/cluster.js'
import type { Ended } from '../store/ending-rules.js'
import { KeptSecrets } from '../store/kept-secrets.js'
import { Membership } from '../store/membership.js'
import { noticing } from '../store/noticing.js'
import type { Store } from '../store/port.js'
import { Explainer } from '../subscriptions/explainer.js'
import { IndexCache } from '../subscriptions/index-cache.js'
import { ROW_EXPRESSIONS } from '../subscriptions/row-expressions.js'
import { Subscriptions } from '../subscriptions/subscriptions.js'
import { createTasks } from '../tasks/tasks.js'
import { inShort } from '../telemetry.js'
import { builtInTransports } from '../transports/built-in.js'
import { createDeliver } from '../transports/deliver.js'
import { localTransport } from '../transports/local.js'
import { storedLedger } from '../transports/smtp/ledger.js'
import { transportsOf } from '../transports/transports.js'
import { classesIn } from './class-table.js'
import { oidcOf } from './config/oidc.js'
import type { Config } from './config/schema.js'
import { Definitions, typesReader } from './definitions.js'
import { listenTo, lookAgain } from './hears.js'
import { HostedPlugins } from './hosted-plugins.js'
import { createLogger } from './logger.js'
import { createMetrics } from './metrics.js'
import {
  broughtBy,
  byName,
  implementing,
  matchTypesOf,
  sealsOf,
  tellsBefore,
  typesOfResources,
  withRounds,
} from './parts.js'
import { checkFit, ourselves } from './plugin-fit.js'
import { processorsFrom, processorsOf } from './processors.js'
import { Registrations } from './registrations.js'
import { retain } from './retention.js'
import { typesFrom } from './types.js'
import { VERSION } from './version.js'

/** Who has its store alone has its time alone. */
const OWN_CLOCK = { now: Date.now, follow: async (ask: () => Promise<number>) => void (await ask()) }

/** Every part of a hub, at work. What must be closed if it fails midway is put into `toClose`. */
export async function assemble(
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
  const madeAt = async (tenant: string, id: string) => {
    const resource = await store.registry.get(tenant, id)
    return resource === null || resource.removedAt !== null ? null : resource.createdAt
  }
  const access = await createAccess({
    madeAt,
    ...{ store: store.access, sealing, egress: reach, signIn: signingIn, volatile, now, audit },
  })
  const { keys, egress, openTypes } = access
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
    ...{
      plugins,
      program,
      config,
      catalogue,
      resourceTypes,
      store,
      sealer: access.sealer,
      http,
      openTypes,
      audit,
      now,
    },
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
    send: (tenant, message) => tasks.send({ ...local, tenant }, message),
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
    tenant: access.tenant,
    weight: access.weight,
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
    tell: (tenant, event) => void publisher.tell(tenant, event).catch(failed),
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

  const close = async (): Promise<void> => {
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
  }

  return {
    ...{ config, store, log, local, now, audit, auditor, metrics, membership, access, secrets },
    ...{ handlers, hosted, catalogue, resourceTypes, transports, deliver, mended, index },
    ...{ lineUp, processors, registrations, captures, subscriptions, definitions, explainer, tasks, close },
  }
}
