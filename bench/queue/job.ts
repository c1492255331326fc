/**
 * The job of all rows: the event of the bench, one in four with a high priority, some for each owner.
 */
import { eventAt } from '../event.js'
import type { Contender, Queue } from './contender.js'

export type Job = ReturnType<typeof jobAt>

/** Owners whose jobs must stay in order, where nothing else is said. */
const OWNERS = 5_000

/** Jobs whose numbers differ are not alike. */
export function jobAt(number: number, subject = `user-${number % OWNERS}`) {
  const { data, ...event } = eventAt(number)
  const priority = number % 4 === 0 ? ('high' as const) : ('normal' as const)
  return { ...event, subject, priority, data: { ...data, number } }
}

/** What is handed over in one call where jobs are handed over in bulk. */
export const BULK = 1_000

/** In bulk, from number `from` to before `till`. */
export async function fill(
  queue: Pick<Queue, 'enqueueMany'>,
  from: number,
  till: number,
  job: (number: number) => Job = jobAt,
) {
  for (let first = from; first < till; first += BULK) {
    const length = Math.min(BULK, till - first)
    await queue.enqueueMany(Array.from({ length }, (_, index) => job(first + index)))
  }
}

/** A queue with `count` jobs that wait. */
export const filled = <Result>(
  contender: Contender,
  count: number,
  work: (queue: Queue) => Promise<Result>,
  job: (number: number) => Job = jobAt,
): Promise<Result> =>
  contender.use(async (queue) => {
    await fill(queue, 0, count, job)
    return work(queue)
  })
