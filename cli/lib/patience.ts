/**
 * Asking again after 429 and 503: nothing was accepted then, so nothing is done twice.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from './failure.js'

const TRIES = 5
/** Who has used up a quota gets its turn, but others of the tenant may come before. */
const TRIES_OF_QUOTA = 100
const LONGEST = 30_000

/** Asks at most five times, of a quota a hundred, waiting as long as the server says, else 1, 2, 4, 8 seconds. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask()
    } catch (error) {
      if (!mayAskAgain(error) || tried === triesFor(error)) throw error
      await sleep(pauseOf(error, tried), null, { signal })
    }
  }
}

/** Only the server's own word counts: a lost connection does not say what became of the request. */
const mayAskAgain = (error: unknown): error is Failure =>
  error instanceof Failure &&
  (error.facts.code === 'quota_exceeded' ||
    (error.facts.code === 'unavailable' && error.facts.retryAfter !== undefined))

const triesFor = ({ facts }: Failure): number => (facts.code === 'quota_exceeded' ? TRIES_OF_QUOTA : TRIES)

const pauseOf = ({ facts }: Failure, tried: number): number =>
  Math.min(LONGEST, (facts.retryAfter ?? 2 ** (tried - 1)) * 1000)
