/**
 * What waits in the source after somebody wrote very much at once: how fast it becomes events.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Figures } from '../contest.js'
import { admitted, type Method, type Registry, rowsFrom, withCapture } from './source.js'

/** Changes in one transaction of whoever writes. */
const A_TRANSACTION = 1_000

export const catchUp = (registry: Registry, method: Method, changes: number): Promise<Figures> =>
  withCapture(registry, method, async (hub) => {
    const started = performance.now()
    const processor = process.cpuUsage()
    for (let first = 0; first < changes; first += A_TRANSACTION)
      await registry.client.query(rowsFrom(first, Math.min(A_TRANSACTION, changes - first)))
    const written = performance.now() - started
    while (admitted(hub) < changes) await sleep(10)
    const all = performance.now() - started
    const { user, system } = process.cpuUsage(processor)
    const resident = process.resourceUsage().maxRSS / 1_024
    return {
      rate: (changes / all) * 1_000,
      written: (changes / written) * 1_000,
      cpu: (user + system) / changes,
      resident,
    }
  })
