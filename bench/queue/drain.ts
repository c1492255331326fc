/**
 * How fast a backlog is worked off by a handler that does nothing, until the last job is finished for good.
 */
import type { Contest } from '../contest.js'
import { among, amongAndLimit, drained, type Field, perSecondIn, type Queue } from './contender.js'
import type { Wanted } from './enqueue.js'
import { filled, jobAt } from './job.js'

export const drain = (field: Field, count: number, wanted: Wanted): Contest =>
  amongAndLimit(field, [{ work: 'drain of a backlog', unit: '1/s', figure: 'rate', ...wanted }], (contender) =>
    filled(contender, count, async (queue) => ({ rate: perSecondIn(count, await drained(queue, count)) })),
  )

/** Against those alone that keep order too; a tenth is enough for them, as they take minutes and no longer for each. */
export const busyKeys = (field: Field, count: number, wanted: Wanted): Contest =>
  among(
    { ...field, peers: field.peers.flatMap(({ ordered }) => ordered ?? []) },
    [{ work: 'drain, 90 % of the tasks on 10 keys', unit: '1/s', figure: 'rate', ...wanted }],
    (contender) => {
      const some = contender === field.ours ? count : Math.ceil(count / 10)
      const rate = async (queue: Queue) => ({ rate: perSecondIn(some, await drained(queue, some)) })
      return filled(contender, some, rate, (number) => jobAt(number, subjectOf(number)))
    },
  )

const subjectOf = (number: number): string =>
  number % 10 === 0 ? `user-${number}` : `busy-${(number + Math.floor(number / 10)) % 10}`
