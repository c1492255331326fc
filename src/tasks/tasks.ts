/**
 * The work, put together: publishing, the worker and what they tell each other.
 */
import type { Principal } from '../access/principal.js'
import { QuotaKeeper, whenItMay } from '../access/quota-keeper.js'
import type { TenantRecord } from '../access/tenants.js'
import type { AnyEvent, EventInput } from '../event/envelope.js'
import { toBody } from '../formats/cloudevents.js'
import type { WireMessage } from '../formats/format.js'
import { fromBody } from '../formats/read-cloudevents.js'
import type { Intake } from '../intake/intake.js'
import type { LineUp } from '../pipeline/line-up.js'
import { Imports } from '../registry/imports.js'
import { Resources, type TypesOfResources } from '../registry/resources.js'
import type { AuditEntry } from '../store/auditor.js'
import type { Cluster } from '../store/cluster.js'
import type { AdmittedReceipt, Lane, LeasedTask, Settlement, Store, TaskCounts } from '../store/port.js'
import { type EventRow, UNFINISHED_STATES } from '../store/rows.js'
import type { IndexCache } from '../subscriptions/index-cache.js'
import { fitsType, type MatchTypes } from '../subscriptions/match-index.js'
import { eventOf, present, presentFor } from '../subscriptions/present.js'
import type { SubscriptionSpec } from '../subscriptions/subscription.js'
import { inShort, withSpan } from '../telemetry.js'
import { Addressed } from './admit/addressed.js'
import { Committer } from './admit/committer.js'
import { Publisher } from './admit/publisher.js'
import type { Receipt } from './admit/receipt.js'
import { Receipts } from './admit/receipts.js'
import { Resumer } from './admit/resumer.js'
import { Subjects } from './admit/subjects.js'
import type { Attempted } from './attempt.js'
import { Bell } from './bell.js'
import { Breakers } from './breakers.js'
import { CatchingUp } from './catching-up.js'
import { Digests } from './digests.js'
import { Elsewhere } from './elsewhere.js'
import { Errands, type ErrandsDependencies } from './errands.js'
import { Events } from './events.js'
import { FanOut } from './fan-out.js'
import { admittedBefore } from './inbox/admitted.js'
import { createInside } from './inbox/create.js'
import { isLocal, LOCAL_LANES, PUBLISHING, processorTerms } from './local.js'
import { LocalErrands } from './local-errands.js'
import { type AttemptLog, type AttemptMeasure, logAttempt, measureAttempt } from './log-attempt.js'
import { LogReaders } from './log-readers.js'
import { Moving } from './moving.js'
import { News } from './news.js'
import { Notices } from './notices.js'
import * as own from './operator-events.js'
import { paced } from './paced.js'
import { Processing, type Switches } from './processing.js'
import { Publishers } from './publishers.js'
import { Pull, UNSHAPED, type Untold } from './pull.js'
import { Queue } from './queue.js'
import { Replays } from './replays.js'
import { Transactions } from './transactions.js'
import { taskId } from './views.js'
import { Waiting } from './waiting.js'
import { Worker, type WorkerOptions } from './worker.js'

/** Milliseconds after which we look for ourselves: another node may have written. */
const POLL = 1_000

export interface TasksOptions extends Omit<WorkerOptions, 'poll'> {
  readonly store: Store
  readonly cluster: Cluster
  /** Another node has processors that this one lacks: what they are part of is for that node. */
  foreign(): boolean
  readonly epoch: string
  readonly types: MatchTypes
  /** Of the event types in the catalogue. */
  typeNames(): readonly string[]
  readonly intake: Intake
  readonly lineUp: LineUp
  readonly index: IndexCache
  readonly deliver: ErrandsDependencies['deliver']
  readonly deliverTogether: ErrandsDependencies['deliverTogether']
  /** The message of an event in a subscription's format. */
  write(event: EventRow, spec: SubscriptionSpec): WireMessage | Untold
  openTypes(tenant: string): boolean | Promise<boolean>
  /** What is known of a tenant; a promise only if the store is asked. @throws NotFound */
  tenant(id: string): TenantRecord | Promise<TenantRecord>
  /** Of the workers, beside other tenants. */
  weight(tenant: string): number
  /** Who a stored principal stands for. */
  principal(id: string, tenant: string): Promise<Principal>
  audit(entry: AuditEntry): Promise<void>
  /** A subscription was changed by us. */
  changed(tenant: string, id: string): void
  readonly measure: Measure
  readonly processing: ProcessingOptions
  /** What two like events have in common; null: the event is like no other. */
  likeness(event: AnyEvent, told?: string): string | null
  /** Whether events of the type may tell the state before them. */
  tellsBefore(type: string): boolean
  readonly resourceTypes: TypesOfResources
  /** The resource type itself and all that implement it. */
  implementing(resourceType: string): readonly string[]
  readonly log: AttemptLog
  failed(error: unknown): void
  now(): number
  random(): number
}

export interface Measure extends AttemptMeasure {
  published(result: string, seconds: number): void
  committed(admissions: number): void
  processorFailed(name: string): void
}

/** How asynchronous processors are worked off. */
export interface ProcessingOptions extends Switches {
  /** Chains of one tenant at once. */
  readonly concurrency: number
  /** Before a chain is given up. */
  readonly attempts: number
  /** A line of the log for each event that is queued for them. */
  readonly notify: boolean
}

export function createTasks(options: TasksOptions) {
  const { store, types, intake, lineUp, index, openTypes, measure, failed, now, random } = options
  const news = new News(POLL)
  const bell = new Bell()
  const publishers = new Publishers(options.principal, now)
  const publisherOf = ({ principal, tenant }: { principal: string; tenant: string }) =>
    publishers.get(principal, tenant)
  const tell = (tenant: string, event: EventInput) => void publisher.tell(tenant, event).catch(failed)

  const processing = new Processing({
    ...{ store, defaults: options.processing, audit: options.audit, failed, now },
    wake: () => worker.wake(),
  })
  const subjects = new Subjects({ store, lineUp, tellsBefore: options.tellsBefore, now })
  const resourceType = subjects.resourceType.bind(subjects)
  const waiting = new Waiting()
  /** Work of processors was settled. */
  const done = new News(POLL)
  const told = (leased: LeasedTask, settled: Pick<Settlement, 'next' | 'results'>) => {
    waiting.tell(leased.task, settled)
    done.tell(leased.task.tenant)
  }

  const elsewhere = new Elsewhere({ store, news, bell, done, waiting, failed })
  const breakers = new Breakers({ cluster: options.cluster, lanes: () => worker.lanes, failed })
  const closed = () => (options.foreign() ? LOCAL_LANES : processing.closed)

  const local: LocalErrands = new LocalErrands({
    ...{ lineUp, store, publisherOf, resourceType, failed, now, random },
    terms: processorTerms(options.processing.concurrency, options.processing.attempts),
    read: eventOf,
    publishChild: (parent, child, caller, under) => publisher.publishChild(parent, child, caller, under),
    resume: async (row) => (await resumer.resumeRow(row)).until,
    processorFailed: measure.processorFailed,
  })
  const errands = new Errands({
    store,
    local,
    deliver: (leased, subscription, signal) =>
      withSpan('tocsin.deliver', spanOf(leased, subscription.spec.transport), () =>
        options.deliver(leased, subscription, signal),
      ),
    deliverTogether: options.deliverTogether,
    tell,
    changed: options.changed,
    now,
  })
  const pacing = { cluster: options.cluster, lanes: () => worker.lanes, now }
  /** Rates are those of all nodes together. */
  const errandFor = async (lane: Lane) => {
    const errand = await errands.for(lane)
    return errand && store.features.shared ? paced(errand, lane, pacing) : errand
  }
  const settled = (leased: LeasedTask, attempted: Attempted) => {
    const isOurs = isLocal(leased.task.subscription)
    logAttempt(options.log, leased, attempted)
    measureAttempt(measure, attempted)
    if (isOurs) told(leased, attempted.settlement)
    errands.settled(leased, attempted).catch(failed)
  }
  const worker: Worker = new Worker(
    { ...options, poll: POLL },
    {
      store,
      errand: (lane) => errandFor(lane),
      limits: (lane) => errands.limits(lane),
      weight: options.weight,
      closed,
      ...(store.features.shared && { breaker: (breaker) => breakers.tell(breaker) }),
      settled,
      failed,
      now,
      random,
    },
  )
  const fanOut = new FanOut({
    ...{ store, failed, now },
    told: ({ tenant, tasks, called }) => {
      if (called > 0) worker.wake()
      if (tasks > called) bell.ringTenant(tenant)
    },
  })
  const toldAll = (tenant: string, signal?: AbortSignal) => fanOut.told(tenant, signal)
  const committer = new Committer({
    store,
    lineUp,
    asynchronous: () => processing.asynchronous,
    likeness: options.likeness,
    failed: (processor, error) => options.log.warn({ processor, ...inShort(error) }, 'processor asked'),
    hands: worker,
    matching: (tenant) => index.get(tenant),
    rematch: async (tenant, version) => void (await index.reload(tenant, version)),
    resourceType: async (tenant, id) => (await store.registry.get(tenant, id))?.type ?? null,
    toBody,
    committed: measure.committed,
    now,
  })
  const notices = new Notices({
    ...{ log: options.log, enabled: options.processing.notify, tell, failed },
    hears: (tenant, type) => {
      const known = index.get(tenant)
      return known instanceof Promise ? known.then((loaded) => loaded.hears(type)) : known.hears(type)
    },
  })
  const admitted = (tenant: string, rows: readonly AdmittedReceipt[]) => {
    news.tell(tenant)
    for (const { tasks } of rows) for (const subscription of tasks) bell.ring({ tenant, subscription })
    if (rows.some(({ untold }) => untold > 0)) fanOut.begin()
    // What was born leased is in good hands already, and what is stopped is nobody's yet.
    const isOpen = (subscription: string) => !closed().includes(subscription)
    if (rows.some(({ tasks, untold, leased }) => tasks.filter(isOpen).length - untold > leased.length)) worker.wake()
  }
  const receipts = new Receipts({
    ...{ lineUp, store, waiting, resourceType },
    witness: async (leased, event, caller, witnesses) => {
      const settled = await worker.hold([leased], () => local.witnessNow(leased, event, caller, witnesses))
      told(leased, settled)
      return settled
    },
    take: (leased) => worker.take(leased),
    work: async (leased) => (await worker.work(leased))?.settlement ?? null,
    freed: () => worker.wake(),
    hasRoom: (lane) => worker.hasRoom(lane),
    queued: (event, { sequence }, caller, chain) => notices.queued(event, sequence, caller, chain),
    admitted,
  })
  const receive = async (input: EventInput, caller: Principal) =>
    subjects.introduce(intake.receive(input, caller, await openTypes(caller.tenant)), caller.tenant, null)
  const inside = createInside(store, {
    ...{ committer, receipts, lineUp, receive, publisherOf, tell, failed, now },
    recheck: intake.recheck.bind(intake),
    changed: (tenant) => subjects.changed(tenant),
    audit: options.audit,
    lead: options.cluster.lead,
  })
  const quotas = new QuotaKeeper({
    tenant: options.tenant,
    takeTurns: (tenant, rate, turns) => options.cluster.takeTurns({ tenant, subscription: PUBLISHING }, rate, turns),
    unfinishedTasks: async (tenant) => unfinishedIn(await store.tasks.counts(tenant)),
    now,
  })
  const takeQuota = quotas.take.bind(quotas)
  const publisher: Publisher = new Publisher({
    ...{ intake, lineUp, committer, receipts, subjects, store, openTypes, takeQuota, now },
    inside: inside.inside,
    published: measure.published,
  })
  const resources = new Resources<Receipt>({
    store: store.registry,
    types: options.resourceTypes,
    submit: (operation, caller, committed) =>
      publisher.submit(operation, caller, () => {
        subjects.changed(caller.tenant)
        committed()
      }),
  })
  const imports = new Imports({
    ...{ store: store.imports, audit: options.audit, now },
    changes: {
      get: resources.get.bind(resources),
      change: (caller, change) => whenItMay(() => resources.change(caller, change)),
    },
    checkProperties: (type, properties) => options.resourceTypes.checkProperties(type, properties),
    imported: (tenant) => subjects.changed(tenant),
  })
  const events = new Events({
    store,
    epoch: options.epoch,
    present: (row, reader) => present(row, reader, types),
    news: (tenant, signal) => news.wait(tenant, signal),
    hears: (pattern, type) => fitsType(pattern, types.lineage(type)),
  })
  const resumer = new Resumer({
    ...{ lineUp, committer, store, receipts, subjects, resourceType, intake, openTypes },
    row: (caller, id, source) => events.row(caller, id, source),
    publisherOf,
    derive: (tenant, change) => resources.derive(tenant, change),
    tell,
    fromBody,
    toBody,
    now,
  })
  const turned = () => {
    worker.wake()
    bell.ringAll()
  }
  const { lead } = options.cluster
  const replaying = { store, types, fromBody, turned, now, likeness: options.likeness }
  const queue = new Queue({
    ...{ store, audit: options.audit, implementing: options.implementing, wake: turned, told: toldAll, now },
    abort: (key) => {
      worker.abort(key)
      waiting.dismiss(key)
    },
  })
  const pull = new Pull({
    ...{ store, bell, wake: () => worker.wake(), now, random },
    subscription: async (tenant, id) => (await index.get(tenant)).subscription(id),
    present: ({ event: row }, { spec }) => {
      const event = presentFor(row, spec, types)
      if (event === null) return UNSHAPED
      const written = spec.format === undefined ? null : options.write(row, spec)
      if (written === null) return { event }
      return 'outcome' in written ? written : { event, message: { headers: written.headers, body: written.body } }
    },
  })
  const addressed = new Addressed({
    ...{ admitted, toBody, now },
    add: (admission) => committer.add(admission),
    find: (tenant, id, source) => store.log.find(tenant, id, source),
    addressees: (tenant) => index.get(tenant),
    reload: async (tenant, version) => void (await index.reload(tenant, version)),
  })
  const moving = new Moving({ store, bell, wake: () => worker.wake(), now })
  return {
    publisher,
    resources,
    imports,
    events,
    resumer,
    errands,
    elsewhere,
    breakers,
    worker,
    replays: new Replays({ ...replaying, typeNames: options.typeNames, audit: options.audit, told: toldAll }),
    catchingUp: new CatchingUp({
      ...replaying,
      lead,
      caughtUp: (subscription) => tell(subscription.tenant, own.caughtUp(subscription)),
      failed,
    }),
    digests: new Digests({
      ...{ store, node: options.node, lead, settled, failed, now, random },
      worker: () => worker,
      errand: (lane) => errands.together(lane),
    }),
    logReaders: new LogReaders({
      ...{ store, types, fromBody, node: options.node, tell, changed: options.changed, failed, now, random },
      lead,
      errand: (lane) => errands.for(lane),
      news: (tenant, signal) => news.wait(tenant, signal),
      attempted: (leased, attempted) => {
        logAttempt(options.log, leased, attempted)
        measureAttempt(measure, attempted)
      },
    }),
    processing,
    fanOut,
    inside,
    transactions: new Transactions({
      store,
      told: async (tenant, signal) => {
        await admittedBefore(store.inbox, tenant, signal)
        await toldAll(tenant, signal)
      },
      news: (tenant, signal) => done.wait(tenant, signal),
    }),
    /** What follows from events: nobody is asked whether it may be sent. */
    send: addressed.send.bind(addressed),
    queue: forwarded(queue, pull, moving, {
      async send(caller, message) {
        await takeQuota(caller.tenant, 1)
        return addressed.send(caller, message)
      },
    }),
  }
}

/** People, pull consumers and protocols with queues of their own reach the queue in one place. */
const forwarded = (queue: Queue, pull: Pull, moving: Moving, sending: Pick<Addressed, 'send'>) =>
  Object.assign(queue, {
    ...sending,
    lease: pull.lease.bind(pull),
    take: pull.take.bind(pull),
    settle: pull.settle.bind(pull),
    release: pull.release.bind(pull),
    prolong: pull.prolong.bind(pull),
    move: moving.move.bind(moving),
  })

const unfinishedIn = (counts: TaskCounts): number =>
  UNFINISHED_STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0)

const spanOf = ({ task, event }: LeasedTask, transport: string) => ({
  'tocsin.task': taskId(task),
  'tocsin.type': event.type,
  'tocsin.transport': transport,
})
