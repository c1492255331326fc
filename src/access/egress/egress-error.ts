/**
 * What went wrong on the way to a receiver. The codes are stable: they are kept with attempts and shown to people.
 */
import { messageOf } from '../../errors.js'

export const EGRESS_CODES = {
  blocked: 'The address may not be reached',
  connect: 'No connection could be made',
  tls: 'The TLS handshake failed',
  reset: 'The connection ended before the answer was complete',
  protocol: 'The answer is not valid HTTP/1.1',
  timeout: 'The time was up before the answer was complete',
  aborted: 'The request was cancelled',
  exhausted: 'This process can open no more connections',
} as const

export type EgressCode = keyof typeof EGRESS_CODES

/** Never holds headers, bodies or looked-up addresses: its message is shown to subscribers. */
export class EgressError extends Error {
  readonly code: EgressCode

  constructor(code: EgressCode, detail?: string, cause?: unknown) {
    const message = detail === undefined ? EGRESS_CODES[code] : `${EGRESS_CODES[code]}: ${detail}`
    super(`${message}.`, cause === undefined ? undefined : { cause })
    this.name = 'EgressError'
    this.code = code
  }
}

export const isEgressError = (error: unknown): error is EgressError => error instanceof EgressError

/** What this machine lacks, whoever is to be reached: files that may be open, memory for sockets. */
export const isOurLimit = (code: string): boolean => ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'].includes(code)

/** Node's own words name addresses: only its code is repeated. */
export function egressErrorOf(error: unknown, code: EgressCode): EgressError {
  if (isEgressError(error)) return error
  const detail = error instanceof Error && 'code' in error ? String(error.code) : messageOf(error)
  return new EgressError(isOurLimit(detail) ? 'exhausted' : code, detail, error)
}
