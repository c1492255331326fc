/**
 * `queue`: jobs handed over, kept and worked off by a processor that does nothing, beside other durable queues.
 */
import type { Contest } from '../contest.js'
import type { Field } from './contender.js'
import { depth } from './depth.js'
import { busyKeys, drain } from './drain.js'
import { duplicates } from './duplicates.js'
import { inBulk, oneByOne } from './enqueue.js'
import { latency } from './latency.js'
import { memory } from './memory.js'
import { neighbours } from './neighbours.js'
import { owners } from './owners.js'

/** @param scale divides the amount of work. */
export function queue(field: Field, scale: number): readonly Contest[] {
  const some = (count: number) => Math.ceil(count / scale)
  const { ours } = field
  return [
    oneByOne(field, some(20_000), { goal: 1, atLeast: 30_000 }),
    inBulk(field, some(50_000), { goal: 1 }),
    drain(field, some(50_000), { goal: 1, atLeast: 65_000 }),
    latency(field, 8 / scale, { p50: 0.5, p99: 3 }),
    ...[0, 1, 9].flatMap((repeats) => duplicates(ours, repeats, some(20_000))),
    busyKeys(field, some(50_000), { goal: 1, atLeast: 25_000 }),
    neighbours(ours, some(100_000), some(20_000)),
    depth(ours, scale, some(20_000)),
    owners(ours),
    memory(field, some(100_000)),
  ]
}
