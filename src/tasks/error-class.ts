/**
 * What kind of failure an attempt was: few, closed classes over the many codes, for lists, alarms and people in a hurry.
 */
import type { AttemptRow } from '../store/rows.js'

export const ERROR_CLASSES = {
  connection: 'no connection, or it ended early',
  tls: 'the handshake failed, or the certificate is not trusted',
  timeout: 'no answer in time',
  protocol: 'the answer is not what the protocol allows, or a redirect',
  authentication: 'the receiver, or its token server, does not know us',
  throttled: 'the receiver asks us to wait',
  answer: 'the receiver answered that it did not take it',
  content: 'this event cannot be written for this subscription',
  policy: 'the target may not be reached',
  ours: 'nothing of the receiver: a fault, a stop, a missing plug-in or key',
} as const

export type ErrorClass = keyof typeof ERROR_CLASSES

const BY_CODE: Readonly<Record<string, ErrorClass>> = {
  ...classed('connection', ['connect', 'reset', 'unresolved', 'token_connect', 'token_reset']),
  ...classed('tls', ['tls', 'token_tls']),
  ...classed('timeout', ['timeout', 'token_timeout']),
  ...classed('protocol', ['protocol', 'redirect', 'token_protocol', 'token_unreadable']),
  ...classed('authentication', ['401', '403', '407', 'authentication', 'token_refused']),
  ...classed('throttled', ['429']),
  ...classed('content', ['payload_failed', 'payload_invalid', 'format_failed', 'template_failed', 'too_long']),
  ...classed('content', ['too_large', 'no_address', 'no_utf8', 'content_deleted']),
  ...classed('policy', ['target_refused', 'blocked', 'token_blocked']),
  ...classed('ours', ['fault', 'aborted', 'transport_missing', 'format_missing', 'seal_broken', 'returned']),
  ...classed('ours', ['rate_limited', 'mailed_elsewhere', 'lease_expired', 'lease_lost', 'exhausted']),
}

/** Null of what was delivered. A code we do not know is one of a receiver's own, or a plug-in's. */
export function errorClassOf({ outcome, code }: Pick<AttemptRow, 'outcome' | 'code'>): ErrorClass | null {
  if (outcome === 'delivered') return null
  const known = code !== null && Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined
  return known ?? (outcome === 'release' ? 'ours' : 'answer')
}

function classed(of: ErrorClass, codes: readonly string[]): Readonly<Record<string, ErrorClass>> {
  return Object.fromEntries(codes.map((code) => [code, of]))
}
