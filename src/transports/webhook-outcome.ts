/**
 * What an answer, or its absence, means for a webhook's task. One table, in `docs/transports.md` too.
 */
import { isEgressError } from '../access/egress/egress-error.js'
import type { EgressResponse } from '../access/egress/exchange.js'
import type { Excerpts } from './excerpt.js'
import { TokenRefused } from './oauth2.js'
import { retryAfterIn } from './retry-after.js'
import type { SendOutcome } from './transport.js'

/**
 * 2xx delivered; 410 refused, and nothing more is wanted; everything else is tried again: a 4xx is most often a
 * receiver's configuration, and configurations heal. Redirects are not followed (a redirect could lead inside).
 */
export function outcomeOfAnswer(answer: EgressResponse, now: number, excerpts: Excerpts): SendOutcome {
  const { status } = answer
  const code = String(status)
  const response = excerpts.of(answer.body, answer.truncated)
  if (status >= 200 && status <= 299) return { outcome: 'delivered', code, response }
  if (status === 410) {
    return { outcome: 'refused', code, message: 'The receiver wants nothing more (410 Gone).', disable: true, response }
  }
  if (status >= 300 && status <= 399) {
    const message = `The receiver answered ${code}; redirects are not followed.`
    return { outcome: 'retry', code: 'redirect', message, response }
  }
  const after = retryAfterIn(answer, now)
  const message = `The receiver answered ${code}.`
  return { outcome: 'retry', code, message, ...(after !== undefined && { after }), response }
}

/**
 * No answer. `blocked` is our own policy, which trying again does not change; `aborted` is our own client, closing;
 * `exhausted` is this process, which has no room for a connection.
 * All else is tried again.
 * @throws the error itself if it is not the guarded client's: a fault of ours, or the reason of an abort.
 */
export function outcomeOfError(error: unknown, excerpts: Excerpts): SendOutcome {
  if (error instanceof TokenRefused) {
    const { code, after } = error
    return { outcome: 'retry', code, message: excerpts.mask(error.message), ...(after !== undefined && { after }) }
  }
  if (!isEgressError(error)) throw error
  const { code } = error
  const message = excerpts.mask(error.message)
  if (code === 'blocked') return { outcome: 'refused', code: 'target_refused', message }
  if (code === 'aborted' || code === 'exhausted') return { outcome: 'release', code, message }
  return { outcome: 'retry', code, message }
}
