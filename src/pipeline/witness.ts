/**
 * Witnesses and asynchronous processors: they hear what is true already and can change nothing about it.
 */
import type { AnyEvent } from '../event/envelope.js'
import { type Circumstances, call } from './call.js'
import { exceptionOf, outcomeOf } from './judge.js'
import type { Placed } from './line-up.js'
import type { ProcessorOutcome } from './run.js'

/** Runs one and tells what came of it; never throws. Null: it did not want the event. */
export async function hear(
  placed: Placed,
  event: AnyEvent,
  circumstances: Circumstances,
  now: () => number,
): Promise<ProcessorOutcome | null> {
  const startedAt = now()
  try {
    const answer = call(placed, event, circumstances)
    if (answer === null) return null
    await answer
    return outcomeOf(placed, null, startedAt, now())
  } catch (error) {
    return exceptionOf(placed, error, startedAt, now())
  }
}

/** Witnesses in registration order, each awaited; one that throws stops nobody. Those named in `done` are passed over. */
export async function witness(
  witnesses: readonly Placed[],
  event: AnyEvent,
  circumstances: Circumstances,
  now: () => number,
  done: ReadonlySet<string> = new Set(),
): Promise<readonly ProcessorOutcome[]> {
  const outcomes: ProcessorOutcome[] = []
  for (const placed of witnesses) {
    if (done.has(placed.processor.name)) continue
    const outcome = await hear(placed, event, circumstances, now)
    if (outcome) outcomes.push(outcome)
  }
  return outcomes
}

/**
 * The ordered chain of asynchronous processors; stops at the first failure under `onError: reject`, to be tried again from there.
 * @param keep told of each outcome before the next one runs.
 * @returns the failure that stopped it, or null.
 */
export async function processLater(
  chain: readonly Placed[],
  event: AnyEvent,
  circumstances: Circumstances,
  now: () => number,
  done: ReadonlySet<string>,
  keep: (outcome: ProcessorOutcome) => Promise<void>,
): Promise<ProcessorOutcome | null> {
  for (const placed of chain) {
    if (done.has(placed.processor.name)) continue
    circumstances.signal?.throwIfAborted()
    const outcome = await hear(placed, event, circumstances, now)
    // Stopped from outside: that is no failure of the processor.
    circumstances.signal?.throwIfAborted()
    if (outcome) await keep(outcome)
    if (outcome?.state === 'exception' && placed.processor.onError !== 'continue') return outcome
  }
  return null
}
