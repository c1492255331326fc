/**
 * The hub: opens the database, has its parts made, and forwards what it is asked to them.
 */
import type { Logger } from 'pino'
import { uuidv7 } from 'uuidv7'
import { type Principal, requireScope } from './access/principal.js'
import { NotFound, type TocsinError } from './errors.js'
import type { EventInput } from './event/envelope.js'
import { toBody } from './formats/cloudevents.js'
import type { Processor } from './pipeline/processor.js'
import type { Plugin } from './plugin.js'
import { openCluster, openStore } from './store/open.js'
import { listPartitions } from './store/partition-views.js'
import type { StoreInfo } from './store/port.js'
import type { Explanation } from './subscriptions/explain.js'
import type { Addressees } from './tasks/admit/addressed.js'
import type { PublishOptions } from './tasks/admit/publisher.js'
import type { Receipt } from './tasks/admit/receipt.js'
import { eraser } from './tasks/erasing.js'
import { type Lag, lagOf } from './tasks/lag.js'
import type { ReplayOptions, ReplayRange } from './tasks/replays.js'
import { sendTest } from './tasks/send-test.js'
import type { SettledOptions, TransactionView } from './tasks/transactions.js'
import type { AttemptView } from './tasks/views.js'
import type { LocalHandler } from './transports/local.js'
import { assemble } from './wiring/assembly.js'
import { resolveConfig } from './wiring/config/config.js'
import type { Config, ConfigInput } from './wiring/config/schema.js'
import { byName, oneOf } from './wiring/parts.js'
import type { ClassTable } from './wiring/registrar.js'
import { agesOf } from './wiring/retention.js'
import { readingTypes } from './wiring/types.js'
import { VERSION } from './wiring/version.js'

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

export type Hub = ReturnType<typeof forwarding>

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
    const hub = forwarding(await assemble(store, cluster, config, options, opened))
    hub.plugins.start((plugin) => plugin.start?.(hub))
    return hub
  } catch (error) {
    for (const each of opened) await each.close()
    await cluster.close()
    await store.close()
    throw error
  }
}

type Parts = Awaited<ReturnType<typeof assemble>>

/** What may be asked of a hub. */
function forwarding(parts: Parts) {
  const { config, store, log, local, now, audit, auditor, metrics, membership, access, secrets } = parts
  const { handlers, hosted, catalogue, resourceTypes, transports, deliver, mended, index } = parts
  const { lineUp, processors, registrations, captures, subscriptions, definitions, explainer, tasks, close } = parts
  const { keys, sessions, signIn, tenants } = access
  const { publisher, events, worker } = tasks
  const { node } = config
  const plugins = hosted.plugins()
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
    close,
  }
}
