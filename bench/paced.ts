/**
 * How long it takes from publish to handler at a steady rate that is far from the limit.
 */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
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
export async function paced(
  { rate, count }: Pace,
  begin: (arrived: (index: number) => void) => Promise<Send>,
): Promise<Figures> {
  const waited: number[] = []
  let done = () => {}
  const all = new Promise<void>((resolve) => {
    done = resolve
  })
  let started = 0
  // Measured from when it should have left: a stall of ours counts against all that waited behind it.
  const dueAt = (index: number) => started + (index * 1_000) / rate
  const send = await begin((index) => {
    waited.push(performance.now() - dueAt(index))
    if (waited.length === count) done()
  })
  started = performance.now()
  const sent: Promise<unknown>[] = []
  for (let index = 0; index < count; index++) {
    await until(dueAt(index))
    sent.push(send(index))
  }
  await Promise.all([...sent, all])
  return { p50: percentile(waited, 0.5), p99: percentile(waited, 0.99) }
}

/** Begins so many at a steady rate, whatever becomes of those before; ends when all have. */
export async function steadily({ rate, count }: Pace, send: Send): Promise<void> {
  const started = performance.now()
  const sent: Promise<unknown>[] = []
  for (let index = 0; index < count; index++) {
    await until(started + (index * 1_000) / rate)
    sent.push(send(index))
  }
  await Promise.all(sent)
}

/** A timer is a millisecond late or more; the last two are waited for turn by turn of the loop. */
async function until(time: number): Promise<void> {
  for (let left = time - performance.now(); left > 0; left = time - performance.now()) {
    await (left > 2 ? sleep(left - 2) : turn())
  }
}

export const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * part)] ?? Number.NaN
