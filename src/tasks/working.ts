/**
 * Those who work: the worker, what it does for a lane, and who tells an event to very many.
 */

import type { Lane, LeasedTask } from '../store/port.js'
import { eventOf } from '../subscriptions/present.js'
import { withSpan } from '../telemetry.js'
import type { Attempted } from './attempt.js'
import { Breakers } from './breakers.js'
import type { Common } from './common.js'
import { Errands } from './errands.js'
import { FanOut } from './fan-out.js'
import { isLocal, LOCAL_LANES, processorTerms } from './local.js'
import { LocalErrands, type LocalErrandsDependencies } from './local-errands.js'
import { logAttempt, measureAttempt } from './log-attempt.js'
import { POLL, type TasksOptions } from './options.js'
import { paced } from './paced.js'
import { taskId } from './views.js'
import { Worker } from './worker.js'

/** What processors do that work on an event: publish its children, and let it go on where it was suspended. */
export type Onward = Pick<LocalErrandsDependencies, 'publishChild' | 'resume'>

export type Working = ReturnType<typeof createWorking>

export function createWorking(options: TasksOptions, common: Common, onward: Onward) {
  const { store, cluster, measure, log, failed, now, random } = options
  const { bell, publisherOf, processing, resourceType, tell } = common
  const local = new LocalErrands({
    ...{ lineUp: options.lineUp, store, publisherOf, resourceType, failed, now, random },
    ...onward,
    terms: processorTerms(options.processing.concurrency, options.processing.attempts),
    read: eventOf,
    processorFailed: measure.processorFailed,
  })
  const errands = new Errands({
    ...{ store, local, deliverTogether: options.deliverTogether, tell, changed: options.changed, now },
    deliver: (leased, subscription, signal) =>
      withSpan('tocsin.deliver', spanOf(leased, subscription.spec.transport), () =>
        options.deliver(leased, subscription, signal),
      ),
  })
  const pacing = { cluster, lanes: () => worker.lanes, now }
  /** Rates are those of all nodes together. */
  const errandFor = async (lane: Lane) => {
    const errand = await errands.for(lane)
    return errand && store.features.shared ? paced(errand, lane, pacing) : errand
  }
  const breakers = new Breakers({ cluster, lanes: () => worker.lanes, failed })
  const closed = () => (options.foreign() ? LOCAL_LANES : processing.closed)
  const attempted = (leased: LeasedTask, attempt: Attempted) => {
    logAttempt(log, leased, attempt)
    measureAttempt(measure, attempt)
  }
  const settled = (leased: LeasedTask, attempt: Attempted) => {
    const isOurs = isLocal(leased.task.subscription)
    attempted(leased, attempt)
    if (isOurs) common.told(leased, attempt.settlement)
    errands.settled(leased, attempt).catch(failed)
  }
  const worker: Worker = new Worker(
    { ...options, poll: POLL },
    {
      ...{ store, errand: errandFor, weight: options.weight, closed, settled, failed, now, random },
      limits: (lane) => errands.limits(lane),
      ...(store.features.shared && { breaker: (breaker) => breakers.tell(breaker) }),
    },
  )
  const fanOut = new FanOut({
    ...{ store, failed, now },
    told: ({ tenant, tasks, called }) => {
      if (called > 0) worker.wake()
      if (tasks > called) bell.ringTenant(tenant)
    },
  })
  return { local, errands, breakers, closed, attempted, settled, worker, fanOut }
}

const spanOf = ({ task, event }: LeasedTask, transport: string) => ({
  'tocsin.task': taskId(task),
  'tocsin.type': event.type,
  'tocsin.transport': transport,
})
