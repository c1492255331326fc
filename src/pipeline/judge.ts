/**
 * The judges run one after another, before the commit. Each may change the event or stop it.
 */

import { isTocsinError, messageOf, ProcessorFailed } from '../errors.js'
import type { EventInput } from '../event/envelope.js'
import { type Circumstances, call } from './call.js'
import type { Placed } from './line-up.js'
import { type ProcessorOutcome, type Run, step } from './run.js'
import { proceed, type Verdict } from './verdict.js'

export interface JudgeDependencies {
  readonly circumstances: Pick<Circumstances, 'tenant' | 'principal'>
  now(): number
}

/**
 * Takes a run to its end. Awaits only judges that answer a promise.
 * @throws ProcessorFailed when a judge under the error policy `reject` throws or is late.
 */
export async function judge(
  start: Run,
  judges: readonly Placed[],
  { circumstances: { tenant, principal }, now }: JudgeDependencies,
): Promise<Run> {
  let run = start
  for (const placed of judges) {
    if (run.end !== null) break
    const children: EventInput[] = []
    const publish = async (child: EventInput) => void children.push(child)
    const startedAt = now()
    try {
      const answered = call(placed, run.event, { tenant, principal, publish })
      if (answered === null) continue
      const verdict = checked((answered instanceof Promise ? await answered : answered) ?? proceed(), placed)
      run = step(run, verdict, outcomeOf(placed, verdict, startedAt, now()), children)
    } catch (error) {
      if (placed.processor.onError !== 'continue') throw failure(error, placed)
      // Children of a judge that failed are not published: it did not finish its thought.
      run = step(run, proceed(), exceptionOf(placed, error, startedAt, now()))
    }
  }
  return run
}

const VERDICTS = ['continue', 'close', 'suspend', 'reject']

function checked(verdict: Verdict, placed: Placed): Verdict {
  if (VERDICTS.includes(verdict.verdict)) return verdict
  throw new TypeError(`The processor ${placed.processor.name} answered something that is no verdict.`)
}

export const outcomeOf = (
  { processor, order }: Placed,
  verdict: Verdict | null,
  startedAt: number,
  endedAt: number,
): ProcessorOutcome => ({
  processor: processor.name,
  kind: processor.kind,
  order,
  state: 'executed',
  verdict: verdict?.verdict ?? null,
  code: verdict?.verdict === 'reject' ? verdict.code : null,
  message: verdict?.verdict === 'reject' ? verdict.message : null,
  startedAt,
  endedAt,
})

export const exceptionOf = (
  { processor, order }: Placed,
  error: unknown,
  startedAt: number,
  endedAt: number,
): ProcessorOutcome => ({
  processor: processor.name,
  kind: processor.kind,
  order,
  state: 'exception',
  verdict: null,
  code: isTocsinError(error) ? error.code : 'processor_failed',
  message: messageOf(error),
  startedAt,
  endedAt,
})

function failure(error: unknown, placed: Placed): Error {
  if (isTocsinError(error)) return error
  return new ProcessorFailed('processor_failed', `The processor ${placed.processor.name} failed: ${messageOf(error)}`, {
    data: { processor: placed.processor.name },
    cause: error,
  })
}
