/**
 * From handing a job over to its handler at a steady rate that is far from the limit.
 */
import type { Contest } from '../contest.js'
import { paced } from '../paced.js'
import { among, type Field } from './contender.js'
import { jobAt } from './job.js'

const RATE = 500

export const latency = (
  field: Field,
  seconds: number,
  atMost: { readonly p50: number; readonly p99: number },
): Contest =>
  among(
    field,
    [
      {
        work: `publish to processor at ${RATE}/s, p50`,
        unit: 'ms',
        figure: 'p50',
        less: true,
        goal: 1,
        atMost: atMost.p50,
      },
      {
        work: `publish to processor at ${RATE}/s, p99`,
        unit: 'ms',
        figure: 'p99',
        less: true,
        goal: 1,
        atMost: atMost.p99,
      },
    ],
    ({ use }) =>
      use((queue) =>
        paced({ rate: RATE, count: Math.ceil(seconds * RATE) }, async (arrived) => {
          await queue.work(arrived)
          return (number) => queue.enqueue(jobAt(number))
        }),
      ),
  )
