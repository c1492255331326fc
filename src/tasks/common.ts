/**
 * What the parts of the work share: whom they tell that something is new, who an event is published by, what it is about.
 */
import type { EventInput } from '../event/envelope.js'
import type { LeasedTask, Settlement } from '../store/port.js'
import { Subjects } from './admit/subjects.js'
import { Bell } from './bell.js'
import { News } from './news.js'
import { POLL, type TasksOptions } from './options.js'
import { Processing } from './processing.js'
import { Publishers } from './publishers.js'
import { Waiting } from './waiting.js'

export type Common = ReturnType<typeof createCommon>

/**
 * @param tell publishes an event of our own; nobody waits for it.
 * @param wake the worker
 */
export function createCommon(
  options: TasksOptions,
  tell: (tenant: string, event: EventInput) => void,
  wake: () => void,
) {
  const { store, lineUp, tellsBefore, audit, failed, now } = options
  const publishers = new Publishers(options.principal, now)
  const subjects = new Subjects({ store, lineUp, tellsBefore, now })
  const waiting = new Waiting()
  /** Work of processors was settled. */
  const done = new News(POLL)
  return {
    tell,
    news: new News(POLL),
    bell: new Bell(),
    done,
    waiting,
    told: (leased: LeasedTask, settled: Pick<Settlement, 'next' | 'results'>) => {
      waiting.tell(leased.task, settled)
      done.tell(leased.task.tenant)
    },
    publisherOf: ({ principal, tenant }: { principal: string; tenant: string }) => publishers.get(principal, tenant),
    processing: new Processing({ store, defaults: options.processing, audit, failed, now, wake }),
    subjects,
    resourceType: subjects.resourceType.bind(subjects),
  }
}
