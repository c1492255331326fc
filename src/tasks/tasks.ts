/**
 * The work, put together: publishing, the worker and what they tell each other.
 */
import type { Principal } from '../access/principal.js'
import type { EventInput } from '../event/envelope.js'
import { toBody } from '../formats/cloudevents.js'
import { fromBody } from '../formats/read-cloudevents.js'
import type { Intake } from '../intake/intake.js'
import type { LineUp } from '../pipeline/line-up.js'
import { Resources } from '../registry/resources.js'
import type { AuditEntry } from '../store/auditor.js'
import type { LeasedTask, Store } from '../store/port.js'
import type { IndexCache } from '../subscriptions/index-cache.js'
import { fitsType, type MatchTypes } from '../subscriptions/match-index.js'
import { eventOf, present, presentFor } from '../subscriptions/present.js'
import { withSpan } from '../telemetry.js'
import { Committer } from './admit/committer.js'
import { Publisher } from './admit/publisher.js'
import type { Receipt } from './admit/receipt.js'
import { Resumer } from './admit/resumer.js'
import type { Attempted } from './attempt.js'
import { CatchingUp } from './catching-up.js'
import { Errands, type ErrandsDependencies } from './errands.js'
import { Events } from './events.js'
import { isLocal } from './local.js'
import { LocalErrands } from './local-errands.js'
import { News } from './news.js'
import * as own from './operator-events.js'
import { Pull } from './pull.js'
import { Queue } from './queue.js'
import { Replays } from './replays.js'
import { taskId } from './views.js'
import { Worker, type WorkerOptions } from './worker.js'

/** Milliseconds after which we look for ourselves: another node may have written. */
const POLL = 1_000

export interface TasksOptions extends Omit<WorkerOptions, 'poll'> {
  readonly store: Store
  readonly epoch: string
  readonly types: MatchTypes
  readonly intake: Intake
  readonly lineUp: LineUp
  readonly index: IndexCache
  readonly deliver: ErrandsDependencies['deliver']
  openTypes(tenant: string): Promise<boolean>
  /** Who a stored principal stands for. */
  principal(id: string, tenant: string): Promise<Principal>
  audit(entry: AuditEntry): Promise<void>
  /** A subscription was changed by us. */
  changed(tenant: string, id: string): void
  readonly measure: Measure
  readonly log: AttemptLog
  failed(error: unknown): void
  now(): number
  random(): number
}

export interface Measure {
  published(result: string, seconds: number): void
  attempted(kind: string, outcome: string, seconds: number): void
  taskEnded(state: string): void
  committed(admissions: number): void
}

/** What attempts are told to, one wide line each. */
export type AttemptLog = Readonly<Record<'debug' | 'info' | 'warn', (fields: object, message: string) => void>>

export function createTasks(options: TasksOptions) {
  const { store, types, intake, lineUp, index, openTypes, measure, failed, now, random } = options
  const news = new News(POLL)
  const publisherOf = ({ principal, tenant }: { principal: string; tenant: string }) =>
    options.principal(principal, tenant)
  const tell = (tenant: string, event: EventInput) =>
    void publisher.publish(event, own.operatorPrincipal(tenant)).catch(failed)

  const local: LocalErrands = new LocalErrands({
    lineUp,
    store,
    read: eventOf,
    publisherOf,
    publishChild: (parent, child, caller) => publisher.publishChild(parent, child, caller),
    resume: async (row) => (await resumer.resumeRow(row)).until,
    now,
    random,
  })
  const errands = new Errands({
    store,
    local,
    deliver: (leased, subscription, signal) =>
      withSpan('tocsin.deliver', spanOf(leased, subscription.spec.transport), () =>
        options.deliver(leased, subscription, signal),
      ),
    tell,
    changed: options.changed,
    failures: (lane) => worker.lanes.failures(lane),
    now,
  })
  const worker: Worker = new Worker(
    { ...options, poll: POLL },
    {
      store,
      errand: (lane) => errands.for(lane),
      settled: (leased, attempted) => {
        logAttempt(options.log, leased, attempted)
        measureAttempt(measure, attempted, isLocal(leased.task.subscription) ? 'processors' : 'subscription')
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
    rematch: async (tenant, version) => void (await index.reload(tenant, version)),
    resourceType: async (tenant, id) => (await store.registry.get(tenant, id))?.type ?? null,
    toBody,
    committed: measure.committed,
    now,
  })
  const publisher: Publisher = new Publisher({
    intake,
    lineUp,
    committer,
    store,
    openTypes,
    witness: (leased, event, caller) => worker.hold(leased, () => local.witnessNow(leased, event, caller)),
    take: (leased) => worker.take(leased),
    admitted: (tenant, receipts) => {
      news.tell(tenant)
      // What was born leased is in good hands already.
      if (receipts.some(({ tasks, leased }) => tasks.length > leased.length)) worker.wake()
    },
    published: measure.published,
    now,
  })
  const resources = new Resources<Receipt>({
    store: store.registry,
    submit: (operation, caller, committed) => publisher.submit(operation, caller, committed),
  })
  const events = new Events({
    store,
    epoch: options.epoch,
    present: (row, redacted) => present(row, redacted, types),
    news: (tenant, signal) => news.wait(tenant, signal),
    hears: (pattern, type) => fitsType(pattern, types.lineage(type)),
  })
  const resumer = new Resumer({
    lineUp,
    committer,
    store,
    publisher,
    intake,
    openTypes,
    row: (caller, id, source) => events.row(caller, id, source),
    publisherOf,
    derive: (tenant, change) => resources.derive(tenant, change),
    tell,
    fromBody,
    toBody,
    now,
  })
  const turned = () => worker.wake()
  const replaying = { store, types, fromBody, turned, now }
  const queue = new Queue({ store, abort: (key) => worker.abort(key), wake: turned, now })
  const pull = new Pull({
    store,
    present: ({ event }, { spec }) => presentFor(event, spec, types),
    wake: turned,
    now,
    random,
  })
  return {
    publisher,
    resources,
    events,
    resumer,
    errands,
    worker,
    replays: new Replays({ ...replaying, audit: options.audit }),
    catchingUp: new CatchingUp({
      ...replaying,
      caughtUp: (subscription) => tell(subscription.tenant, own.caughtUp(subscription)),
      failed,
    }),
    queue: forwarded(queue, pull),
  }
}

/** People and pull consumers reach the queue in one place. */
const forwarded = (queue: Queue, pull: Pull) =>
  Object.assign(queue, {
    lease: pull.lease.bind(pull),
    settle: pull.settle.bind(pull),
    release: pull.release.bind(pull),
  })

function measureAttempt(measure: Measure, { settlement: { attempt, next } }: Attempted, kind: string): void {
  if (attempt) measure.attempted(kind, attempt.outcome, (attempt.endedAt - attempt.startedAt) / 1_000)
  if (next.state !== 'due' && next.state !== 'waiting') measure.taskEnded(next.state)
}

/** Success is for who looks closely; a failure that is tried again is news; one that is not is a warning. */
const LEVELS = { delivered: 'debug', release: 'debug', retry: 'info', refused: 'warn' } as const

const spanOf = ({ task, event }: LeasedTask, transport: string) => ({
  'tocsin.task': taskId(task),
  'tocsin.type': event.type,
  'tocsin.transport': transport,
})

function logAttempt(log: AttemptLog, { task, event }: LeasedTask, { settlement, outcome, breaker }: Attempted): void {
  const { attempt, next } = settlement
  const { tenant, attempts, subscription } = task
  const level = next.state === 'exhausted' ? 'warn' : LEVELS[outcome.outcome]
  log[level](
    {
      ...{ tenant, task: taskId(task), subscription, attempt: attempts, event: event.id, type: event.type },
      ...{ outcome: outcome.outcome, state: next.state, code: next.code, reason: next.message },
      ...(attempt && { milliseconds: attempt.endedAt - attempt.startedAt }),
      ...(breaker && { breaker }),
    },
    'attempt',
  )
}
