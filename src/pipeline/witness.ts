/**
 * Witnesses: they hear what is true already and can change nothing about it.
 */
import type { AnyEvent } from '../event/envelope.js'
import { Accepted } from './accepted.js'
import { type Circumstances, call } from './call.js'
import type { Placed } from './line-up.js'
import { acceptedOutcome, exceptionOutcome, outcomesOf } from './outcome.js'
import type { Outcomes, ProcessorOutcome } from './run.js'

/** Runs a witness or an asynchronous processor and tells what came of it; never throws. Null: it did not want the event. */
export async function hear(
  placed: Placed,
  event: AnyEvent,
  circumstances: Circumstances,
  now: () => number,
): Promise<Outcomes | null> {
  const startedAt = now()
  try {
    const answer = call(placed, event, circumstances)
    if (answer === null) return null
    return outcomesOf(placed, await answer, { startedAt, endedAt: now() })
  } catch (error) {
    const span = { startedAt, endedAt: now() }
    return error instanceof Accepted
      ? acceptedOutcome(placed, null, error, span)
      : exceptionOutcome(placed, error, span)
  }
}

/** Witnesses one after another, each awaited; one that throws stops nobody. Those named in `done` are passed over. */
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
    const results = [...(circumstances.results ?? []), ...outcomes]
    outcomes.push(...((await hear(placed, event, { ...circumstances, results }, now)) ?? []))
  }
  return outcomes
}
