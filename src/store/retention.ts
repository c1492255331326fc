/**
 * Retention: what is old enough goes, in slices, so that nobody waits long for it.
 */
import type { Store } from './port.js'

export interface RetentionOptions {
  /** Milliseconds an event is kept; 0: for ever. */
  readonly age: number
  /** Milliseconds between rounds. */
  readonly every: number
  /** Runs the work unless another process does already. */
  lead(work: () => Promise<void>): Promise<unknown>
  now(): number
  failed(error: unknown): void
}

const SLICE = 500

/** Begins at once and goes on in the background. @returns a function that stops it */
export function keepFor(
  store: Pick<Store, 'prune'>,
  { age, every, lead, now, failed }: RetentionOptions,
): () => Promise<void> {
  if (age === 0) return async () => {}
  let stopped = false
  let round: Promise<void> | null = null
  const run = async () => {
    while (!stopped && (await store.prune(now() - age, SLICE)) === SLICE);
  }
  const begin = () => {
    round ??= lead(run)
      .catch(failed)
      .then(() => {
        round = null
      })
  }
  const timer = setInterval(begin, every)
  timer.unref()
  begin()
  return async () => {
    stopped = true
    clearInterval(timer)
    await round
  }
}
