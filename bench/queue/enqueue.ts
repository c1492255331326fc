/**
 * How many jobs a second are taken in, durably, while nothing is worked off.
 */
import type { Contest } from '../contest.js'
import { perSecond } from '../place.js'
import { amongAndLimit, type Field } from './contender.js'
import { BULK, fill, jobAt } from './job.js'

const CALLERS = 50

export interface Wanted {
  /** The least that ours divided by each peer should be. */
  readonly goal: number
  /** The least that ours should be. */
  readonly atLeast?: number
}

export const oneByOne = (field: Field, count: number, wanted: Wanted): Contest =>
  amongAndLimit(
    field,
    [{ work: `enqueue one by one, ${CALLERS} callers`, unit: '1/s', figure: 'rate', ...wanted }],
    ({ use }) =>
      use(async (queue) => ({ rate: await perSecond(count, CALLERS, (number) => queue.enqueue(jobAt(number))) })),
  )

export const inBulk = (field: Field, count: number, wanted: Wanted): Contest =>
  amongAndLimit(field, [{ work: `enqueue ${BULK} in a call`, unit: '1/s', figure: 'rate', ...wanted }], ({ use }) =>
    use(async (queue) => ({ rate: count * (await perSecond(1, 1, () => fill(queue, 0, count))) })),
  )
