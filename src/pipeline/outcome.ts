/**
 * What came of a processor, as rows: one for each operation result it told, or one for the whole.
 */
import { isTocsinError, messageOf } from '../errors.js'
import type { Accepted } from './accepted.js'
import { causeOf, cutCause } from './cause.js'
import type { Placed } from './line-up.js'
import { type Answered, OPERATION_STATES, type OperationResult } from './operation-result.js'
import type { Answer } from './processor.js'
import type { Outcomes, ProcessorOutcome, RunningProcessor } from './run.js'
import { proceed, type Verdict } from './verdict.js'

export interface Span {
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number
}

/**
 * It answered. A judge's verdict stands in each of its rows; results of others stand with `continue`, so that an exception
 * among them is told from a throw.
 */
export function outcomesOf(placed: Placed, answer: Answer, span: Span): Outcomes {
  const verdict = placed.processor.kind === 'judge' && isObject(answer) && 'verdict' in answer ? answer : null
  const [first, ...rest] = resultsOf(placed, answer)
  if (first === undefined) return [plainOutcome(placed, verdict, span)]
  return [
    operationOutcome(placed, verdict ?? proceed(), first, 0, span),
    ...rest.map((result, index) => operationOutcome(placed, verdict ?? proceed(), result, index + 1, span)),
  ]
}

/** Each is a row that people read. */
const MOST_RESULTS = 1_000

/** What witnesses and asynchronous processors answer besides results is ignored. */
function resultsOf({ processor }: Placed, answer: Answer): readonly OperationResult[] {
  const results = isObject(answer) ? answer.results : undefined
  if (results === undefined) return []
  if (!Array.isArray(results)) throw new TypeError(`The processor ${processor.name} answered results that are no list.`)
  if (results.length > MOST_RESULTS)
    throw new TypeError(
      `The processor ${processor.name} answered ${results.length} results; ${MOST_RESULTS} are kept at most.`,
    )
  const bad = results.findIndex((result) => !isResult(result))
  if (bad === -1) return results
  throw new TypeError(
    `The processor ${processor.name} answered results[${bad}], which is none: a state of ${OPERATION_STATES.join(', ')}; code, message and cause are texts.`,
  )
}

const isObject = (value: Answer): value is Verdict | Answered => typeof value === 'object' && value !== null

const isResult = (result: OperationResult | null): boolean =>
  typeof result === 'object' &&
  result !== null &&
  OPERATION_STATES.includes(result.state) &&
  [result.code, result.message, result.cause].every((told) => told === undefined || typeof told === 'string')

function plainOutcome({ processor, order }: Placed, verdict: Verdict | null, span: Span): ProcessorOutcome {
  const rejection = verdict?.verdict === 'reject' ? verdict : null
  return {
    processor: processor.name,
    number: 0,
    kind: processor.kind,
    order,
    state: 'executed',
    verdict: verdict?.verdict ?? null,
    code: rejection?.code ?? null,
    message: rejection?.message ?? null,
    cause: null,
    startedAt: span.startedAt,
    endedAt: span.endedAt,
  }
}

function operationOutcome(
  placed: Placed,
  verdict: Verdict,
  { state, code, message, cause }: OperationResult,
  number: number,
  span: Span,
): ProcessorOutcome {
  const told = { code: cut(code), message: cut(message), cause: cut(cause) }
  return { ...plainOutcome(placed, verdict, span), number, state, ...told }
}

const cut = (text: string | undefined): string | null => (text === undefined ? null : cutCause(text))

/** It threw `Accepted`: it succeeded. */
export const acceptedOutcome = (placed: Placed, verdict: Verdict | null, accepted: Accepted, span: Span): Outcomes => [
  { ...plainOutcome(placed, verdict, span), code: messageOf(accepted.code), message: cutCause(messageOf(accepted)) },
]

/** It threw, or missed its deadline. */
export const exceptionOutcome = (placed: Placed, error: unknown, span: Span): Outcomes => [
  {
    ...plainOutcome(placed, null, span),
    state: 'exception',
    code: isTocsinError(error) ? error.code : 'processor_failed',
    message: cutCause(messageOf(error)),
    cause: causeOf(error),
  },
]

/** Whether it threw or was late, by one of its rows; an exception among results that it told itself is no failure. */
export const hasFailed = ({ state, verdict }: { readonly state: string; readonly verdict: string | null }): boolean =>
  state === 'exception' && verdict === null

/** It has not answered yet. */
export const runningOutcome = (placed: Placed, startedAt: number): RunningProcessor => ({
  ...plainOutcome(placed, null, { startedAt, endedAt: startedAt }),
  state: 'running',
  endedAt: null,
})
