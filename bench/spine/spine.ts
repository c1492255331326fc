/**
 * `spine`: an event on its way from a publisher to a subscriber, on SQLite.
 */
import type { Contest } from '../contest.js'
import { dispatch } from './dispatch.js'
import { http } from './http.js'
import { latency } from './latency.js'
import { memory } from './memory.js'
import { publish } from './publish.js'
import { webhooks } from './webhooks.js'

/** @param scale divides the amount of work. */
export function spine(scale: number): readonly Contest[] {
  const some = (count: number) => Math.ceil(count / scale)
  return [
    publish(50, some(20_000)),
    publish(500, some(20_000)),
    http(some(20_000)),
    webhooks('none', some(10_000)),
    webhooks('strict', some(10_000)),
    dispatch('synchronous', some(200_000)),
    dispatch('asynchronous', some(200_000)),
    latency(8 / scale),
    memory(some(100_000)),
  ]
}
