/**
 * `postgres`: publishes, a backlog, latency and deliveries on one PostgreSQL, by one node and by several, beside other
 * queues on the same server.
 */
import type { Contest } from '../contest.js'
import { busyKeys, drain } from '../queue/drain.js'
import { inBulk, oneByOne } from '../queue/enqueue.js'
import { latency } from '../queue/latency.js'
import { fanOut } from './fan-out.js'
import type { PostgresField } from './field.js'
import { draining, publishing } from './nodes.js'
import { scheduled } from './scheduled.js'
import { deliveries } from './webhooks.js'

/** @param scale divides the amount of work. */
export function postgres(field: PostgresField, scale: number): readonly Contest[] {
  const some = (count: number) => Math.ceil(count / scale)
  return [
    oneByOne(field, some(20_000), { goal: 8, atLeast: 22_000 }),
    inBulk(field, some(50_000), { goal: 1.2 }),
    drain(field, some(50_000), { goal: 1, atLeast: 28_000 }),
    fanOut(field, some(50_000)),
    latency(field, 8 / scale, { p50: 1, p99: 5 }),
    busyKeys(field, some(50_000), { goal: 1, atLeast: 20_000 }),
    ...[2, 4].map((nodes) => publishing(field, nodes, some(20_000))),
    ...[2, 4].map((nodes) => draining(field, nodes, some(50_000))),
    ...[1, 2, 4].map((nodes) => deliveries(field, nodes, some(10_000))),
    scheduled(field.ours, scale),
  ]
}
