/**
 * What has ended is written even if the store is away for a while: once its lease ran out, its receiver would hear of it again.
 */
import { Unavailable } from '../errors.js'
import { type StopSignal, toAbortSignal } from '../pipeline/stop.js'
import { pause } from './rounds.js'

/** Milliseconds before a write is tried again: twice as many each time, up to a second. */
const FIRST = 50
const LONGEST = 1_000

export interface Insistence {
  /** Aborted: nobody waits for it any more. */
  readonly signal: StopSignal
  /** Told of the first failure; of the others nothing new can be said. */
  failed(error: unknown): void
}

/**
 * Writes, and writes again what could not be written, until it is.
 * @throws why it was not written, unless that is {@link Unavailable}; that too, once the signal is aborted.
 */
export const insist = <Result>(write: () => Promise<Result>, insistence: Insistence): Promise<Result> =>
  write().catch((reason: unknown) => insistAfter(reason, write, insistence))

/** @param reason why what was written first, perhaps with more, could not be. */
export async function insistAfter<Result>(
  reason: unknown,
  write: () => Promise<Result>,
  { signal, failed }: Insistence,
): Promise<Result> {
  let latest = reason
  for (let wait = FIRST; latest instanceof Unavailable && !signal.aborted; wait = Math.min(2 * wait, LONGEST)) {
    if (latest === reason) failed(reason)
    await pause(wait, toAbortSignal(signal))
    try {
      return await write()
    } catch (error) {
      latest = error
    }
  }
  throw latest
}
