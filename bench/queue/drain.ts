/**
 * How fast a backlog is worked off by a handler that does nothing, until the last job is finished for good.
 */
import type { Contest } from '../contest.js'
import { among, drained, type Field, perSecondIn } from './contender.js'
import { filled, jobAt } from './job.js'

export const drain = (field: Field, count: number): Contest =>
  among(field, [{ work: 'drain of a backlog', unit: '1/s', figure: 'rate', goal: 1, atLeast: 65_000 }], (contender) =>
    filled(contender, count, async (queue) => ({ rate: perSecondIn(count, await drained(queue, count)) })),
  )

/** Nobody else here keeps order by key without a queue of its own for each. */
export const busyKeys = ({ ours }: Field, count: number): Contest => ({
  lines: [{ work: 'drain, 90 % of the tasks on 10 keys', unit: '1/s', figure: 'rate', atLeast: 25_000 }],
  ours: () =>
    filled(
      ours,
      count,
      async (queue) => ({ rate: perSecondIn(count, await drained(queue, count)) }),
      (number) => jobAt(number, subjectOf(number)),
    ),
})

const subjectOf = (number: number): string =>
  number % 10 === 0 ? `user-${number}` : `busy-${(number + Math.floor(number / 10)) % 10}`
