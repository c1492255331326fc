/**
 * The judges run one after another, before the commit. Each may change the event or stop it.
 */

import { isTocsinError, messageOf, ProcessorFailed } from '../errors.js'
import type { AnyEvent, EventInput } from '../event/envelope.js'
import { Accepted } from './accepted.js'
import { type Circumstances, call } from './call.js'
import type { Placed } from './line-up.js'
import { acceptedOutcome, exceptionOutcome, outcomesOf } from './outcome.js'
import type { Answer } from './processor.js'
import { type Run, step } from './run.js'
import { proceed, type Verdict } from './verdict.js'

export interface JudgeDependencies {
  readonly circumstances: Pick<Circumstances, 'tenant' | 'principal'>
  /** Of an event that a judge changed. @throws InvalidInput if it is none any more */
  recheck(event: AnyEvent, before: AnyEvent): void
  now(): number
}

/**
 * Takes a run to its end. Awaits only judges that answer a promise.
 * @param after start in the middle: only judges strictly after that order.
 * @throws ProcessorFailed when a judge under the error policy `reject` throws or is late.
 */
export async function judge(
  start: Run,
  judges: readonly Placed[],
  { circumstances: { tenant, principal }, recheck, now }: JudgeDependencies,
  after: number | null = null,
): Promise<Run> {
  let run = start
  for (const placed of judges) {
    if (run.end !== null) break
    if (after !== null && placed.order <= after) continue
    const children: EventInput[] = []
    const publish = async (child: EventInput) => void children.push(child)
    const startedAt = now()
    try {
      const answered = call(placed, run.event, { tenant, principal, results: run.outcomes, publish })
      if (answered === null) continue
      const verdict = verdictOf(answered instanceof Promise ? await answered : answered, placed)
      const next = step(run, verdict, outcomesOf(placed, verdict, { startedAt, endedAt: now() }), children)
      if (next.event !== run.event) checkChanged(placed, () => recheck(next.event, run.event))
      run = next
    } catch (error) {
      const span = { startedAt, endedAt: now() }
      if (error instanceof Accepted) {
        run = step(run, proceed(), acceptedOutcome(placed, proceed(), error, span), children)
        continue
      }
      if (placed.processor.onError !== 'continue') throw failure(error, placed)
      // Children of a judge that failed are not published: it did not finish its thought.
      run = step(run, proceed(), exceptionOutcome(placed, error, span))
    }
  }
  return run
}

const VERDICTS = ['continue', 'close', 'suspend', 'reject']

/** Nothing is `proceed()`, and so are results alone. */
function verdictOf(answer: Answer, placed: Placed): Verdict {
  if (!answer) return proceed()
  if ('verdict' in answer && VERDICTS.includes(answer.verdict) && hasTime(answer)) return answer
  if (!('verdict' in answer) && Array.isArray(answer.results)) return { ...proceed(), results: answer.results }
  throw new TypeError(`The processor ${placed.processor.name} answered something that is no verdict.`)
}

/** The longest that a date of JavaScript can tell. */
const LAST = 8.64e15

/** What is stored must be a time. */
const hasTime = (verdict: Verdict): boolean =>
  verdict.verdict !== 'suspend' ||
  verdict.until === undefined ||
  (typeof verdict.until === 'number' && verdict.until >= 0 && verdict.until <= LAST)

/** The publisher's event was right: what a judge made of it is the judge's failure, and its error policy holds. */
function checkChanged({ processor: { name: processor } }: Placed, check: () => void): void {
  try {
    check()
  } catch (error) {
    const { field, expected } = isTocsinError(error) ? error : {}
    throw new ProcessorFailed('processor_answer', `The processor ${processor} spoils the event: ${messageOf(error)}`, {
      data: { processor, ...(field !== undefined && { field }), ...(expected !== undefined && { expected }) },
    })
  }
}

function failure(error: unknown, placed: Placed): Error {
  if (isTocsinError(error)) return error
  return new ProcessorFailed('processor_failed', `The processor ${placed.processor.name} failed: ${messageOf(error)}`, {
    data: { processor: placed.processor.name },
    cause: error,
  })
}
