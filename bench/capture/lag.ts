/**
 * From a row's change to its event at a steady rate: a hundred transactions a second, as many changes in each as the rate asks.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Figures } from '../contest.js'
import { admitted, type Method, type Registry, rowsFrom, withCapture } from './source.js'

const RATE = 2_000
const A_SECOND = 100
const CHANGES = RATE / A_SECOND

/** @returns milliseconds from a transaction's commit until all its events are in the log, p50 and p99; and of how many */
export const lag = (registry: Registry, method: Method, seconds: number): Promise<Figures> =>
  withCapture(registry, method, async (hub) => {
    await registry.client.query(rowsFrom(0, RATE))
    while (admitted(hub) < RATE) await sleep(10)
    const transactions = Math.max(2, Math.ceil(seconds * A_SECOND))
    const committed: number[] = []
    const waited: number[] = []
    const before = admitted(hub)
    const watch = setInterval(() => {
      const done = Math.floor((admitted(hub) - before) / CHANGES)
      while (waited.length < done) waited.push(performance.now() - (committed[waited.length] ?? 0))
    }, 1)
    const started = performance.now()
    for (let index = 0; index < transactions; index++) {
      const early = started + (index * 1_000) / A_SECOND - performance.now()
      if (early > 0) await sleep(early)
      const first = (index * CHANGES) % RATE
      await registry.client.query('UPDATE person SET rev = rev + 1, at = now() WHERE id >= $1 AND id < $2', [
        first,
        first + CHANGES,
      ])
      committed.push(performance.now())
    }
    const rate = (transactions * CHANGES * 1_000) / (performance.now() - started)
    while (waited.length < transactions) await sleep(5)
    clearInterval(watch)
    return { p50: percentile(waited, 0.5), p99: percentile(waited, 0.99), rate }
  })

const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * part)] ?? Number.NaN
