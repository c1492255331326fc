/**
 * Retention: what is old enough goes, in slices, so that nobody waits long for it.
 */
import type { Store } from './port.js'

export interface RoundOptions {
  /** Milliseconds between rounds. */
  readonly every: number
  /** Milliseconds until the first; it begins at once if that is not given. */
  readonly after?: number
  /** Runs the work unless another process does already. */
  lead(work: () => Promise<void>): Promise<unknown>
  failed(error: unknown): void
}

export interface RetentionOptions extends RoundOptions {
  /** Milliseconds an event is kept; 0: for ever. */
  readonly age: number
  now(): number
}

const SLICE = 500

/** Begins at once and goes on in the background. @returns a function that stops it */
export function keepFor(store: Pick<Store, 'prune'>, { age, now, ...options }: RetentionOptions): () => Promise<void> {
  if (age === 0) return async () => {}
  return inRounds(async (isStopped) => {
    while (!isStopped() && (await store.prune(now() - age, SLICE)) === SLICE);
  }, options)
}

/** Goes on in the background. @returns a function that stops it */
export function inRounds(
  work: (isStopped: () => boolean) => Promise<void>,
  { every, after, lead, failed }: RoundOptions,
): () => Promise<void> {
  let stopped = false
  let round: Promise<void> | null = null
  const begin = () => {
    round ??= lead(() => work(() => stopped))
      .catch(failed)
      .then(() => {
        round = null
      })
  }
  const timer = setInterval(begin, every)
  timer.unref()
  const first = after === undefined ? undefined : setTimeout(begin, after).unref()
  if (first === undefined) begin()
  return async () => {
    stopped = true
    clearInterval(timer)
    clearTimeout(first)
    await round
  }
}
