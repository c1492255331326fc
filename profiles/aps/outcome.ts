/**
 * What an answer means: 200 and 204 end it, 202 is not yet, everything else is a failure, of which there are ten at most
 * (https://docs.cloudblue.com/cbc/sdk/8.2/concepts/events/aps-event/event-processing/).
 */
import { type Excerpts, retryAfter, type SendOutcome } from '../../src/index.js'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
  readonly truncated: boolean
}

/** @param now milliseconds; a wait that the receiver asks for may be a date */
export function outcomeOf(answer: Answer, now: number, excerpts: Excerpts): SendOutcome {
  const code = String(answer.status)
  const response = excerpts.of(answer.body, answer.truncated)
  if (answer.status === 200 || answer.status === 204) return { outcome: 'delivered', code, response }
  const after = waitOf(answer, now)
  const more = after === undefined ? {} : { after }
  if (answer.status === 202)
    return { outcome: 'release', code, message: 'The application is not ready yet (202).', ...more }
  return { outcome: 'retry', code, message: `The application answered ${code}.`, ...more, response }
}

/** `APS-Retry-Timeout` in seconds is known from provisioning; that it holds for events too is ours. */
function waitOf({ headers }: Answer, now: number): number | undefined {
  const of = (name: string): string | undefined => [headers[name]].flat()[0]
  return retryAfter(of('aps-retry-timeout') ?? of('retry-after'), of('date'), now)
}
