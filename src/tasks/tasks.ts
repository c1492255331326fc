/**
 * The work, put together: those who let events in, those who work, and those who are asked.
 */
import { requireScope } from '../access/principal.js'
import type { EventInput } from '../event/envelope.js'
import { fromBody } from '../formats/read-cloudevents.js'
import { fitsType } from '../subscriptions/match-index.js'
import { present, presentFor } from '../subscriptions/present.js'
import type { Addressed } from './admit/addressed.js'
import { CatchingUp } from './catching-up.js'
import { createCommon } from './common.js'
import { Digests } from './digests.js'
import { Elsewhere } from './elsewhere.js'
import { Events } from './events.js'
import { admittedBefore } from './inbox/admitted.js'
import { LogReaders } from './log-readers.js'
import { Moving } from './moving.js'
import * as own from './operator-events.js'
import type { TasksOptions } from './options.js'
import { createPublishing } from './publishing.js'
import { Pull, UNSHAPED } from './pull.js'
import { Queue } from './queue.js'
import { Replays } from './replays.js'
import { Transactions } from './transactions.js'
import { createWorking } from './working.js'

export function createTasks(options: TasksOptions) {
  const { store, types, index, node, audit, failed, now, random } = options
  const { lead } = options.cluster
  const tell = (tenant: string, event: EventInput) => void publisher.tell(tenant, event).catch(failed)
  const common = createCommon(options, tell, () => worker.wake())
  const { news, bell, done, waiting, processing } = common
  const working = createWorking(options, common, {
    publishChild: (parent, child, caller, under) => publisher.publishChild(parent, child, caller, under),
    resume: async (row) => (await resumer.resumeRow(row)).until,
  })
  const { errands, breakers, settled, attempted, fanOut } = working
  const worker: typeof working.worker = working.worker
  const newsOf = (tenant: string, signal: AbortSignal) => news.wait(tenant, signal)
  const events = new Events({
    ...{ store, epoch: options.epoch, news: newsOf },
    present: (row, reader) => present(row, reader, types),
    hears: (pattern, type) => fitsType(pattern, types.lineage(type)),
  })
  const publishing = createPublishing(options, common, working, events)
  const { resources, imports, inside, addressed, takeQuota } = publishing
  const publisher: typeof publishing.publisher = publishing.publisher
  const resumer: typeof publishing.resumer = publishing.resumer

  const turned = () => {
    worker.wake()
    bell.ringAll()
  }
  const toldAll = (tenant: string, signal?: AbortSignal) => fanOut.told(tenant, signal)
  const replaying = { store, types, fromBody, turned, now, likeness: options.likeness }
  const queue = new Queue({
    ...{ store, audit, implementing: options.implementing, wake: turned, told: toldAll, now },
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
  const moving = new Moving({ store, bell, wake: () => worker.wake(), now })
  return {
    ...{ publisher, resources, imports, events, resumer, errands, breakers, worker, processing, fanOut, inside },
    elsewhere: new Elsewhere({ store, news, bell, done, waiting, failed }),
    replays: new Replays({ ...replaying, typeNames: options.typeNames, audit, told: toldAll }),
    catchingUp: new CatchingUp({
      ...{ ...replaying, lead, failed },
      caughtUp: (subscription) => tell(subscription.tenant, own.caughtUp(subscription)),
    }),
    digests: new Digests({
      ...{ store, node, lead, settled, failed, now, random },
      worker: () => worker,
      errand: (lane) => errands.together(lane),
    }),
    logReaders: new LogReaders({
      ...{ store, types, fromBody, node, tell, changed: options.changed, failed, now, random },
      ...{ lead, news: newsOf, attempted },
      errand: (lane) => errands.for(lane),
    }),
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
        requireScope(caller, 'events:publish')
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
