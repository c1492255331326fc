/**
 * How long it takes from publish to handler at a steady rate that is far from the limit.
 */
import { Worker } from 'node:worker_threads'
import type { Figures } from './contest.js'

export interface Pace {
  /** A second. */
  readonly rate: number
  readonly count: number
}

/** Sends one; told its number. */
export type Send = (index: number) => Promise<unknown>

/**
 * @param begin answers how one is sent, and calls `arrived` with its number when its handler is called.
 * @returns milliseconds: p50 and p99
 */
export async function paced(pace: Pace, begin: (arrived: (index: number) => void) => Promise<Send>): Promise<Figures> {
  const waited: number[] = []
  let done = () => {}
  const all = new Promise<void>((resolve) => {
    done = resolve
  })
  // Measured from when it should have left: a stall of ours counts against all that waited behind it.
  const dueAt: number[] = []
  const send = await begin((index) => {
    waited.push(performance.now() - (dueAt[index] ?? Number.NaN))
    if (waited.length === pace.count) done()
  })
  await steadily(pace, (index, late) => {
    dueAt[index] = performance.now() - late
    return send(index)
  })
  await all
  return { p50: percentile(waited, 0.5), p99: percentile(waited, 0.99) }
}

/**
 * Begins so many at a steady rate, whatever becomes of those before; ends when all have. Another thread has the clock: timers
 * are a millisecond late, and to look at it in every turn of the loop leaves the collector more than what is measured does.
 * @param send told a number, and how many milliseconds ago it should have left.
 */
export async function steadily(
  { rate, count }: Pace,
  send: (index: number, late: number) => Promise<unknown>,
): Promise<void> {
  const sent: Promise<unknown>[] = []
  const clock = new Worker(new URL('./beat.mjs', import.meta.url), { workerData: { rate, count } })
  await new Promise<void>((resolve, reject) => {
    clock.on('error', reject)
    clock.on('message', ([index, due]: [number, number]) => {
      sent.push(send(index, performance.timeOrigin + performance.now() - due))
      if (sent.length === count) resolve()
    })
  })
  await Promise.all(sent)
}

export const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * part)] ?? Number.NaN
