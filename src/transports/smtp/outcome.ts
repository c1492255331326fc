/**
 * What became of each mail of an event, and what that means for its task. One table, in `docs/transports.md` too.
 */
import { isEgressError } from '../../access/egress/egress-error.js'
import type { Excerpts } from '../excerpt.js'
import { outcomeOfEgress } from '../peer.js'
import type { SendOutcome } from '../transport.js'
import { NoUtf8 } from './connections.js'

/** One person's part. `told`: mailed now, or before, or by another subscription. */
export type Told =
  | { readonly told: 'yes'; readonly response?: string }
  | { readonly told: 'later'; readonly outcome: Extract<SendOutcome, { readonly outcome: 'retry' | 'release' }> }
  | { readonly told: 'never'; readonly outcome: Extract<SendOutcome, { readonly outcome: 'refused' }> }

/** RFC 4954 and its relatives: who we are was not believed. Credentials are put right more often than taken away. */
const AUTHENTICATION: ReadonlySet<number> = new Set([530, 534, 535, 538])

/** @throws the error itself if it is a fault of ours. */
export function toldByError(error: unknown, excerpts: Excerpts): Told {
  if (isEgressError(error)) return asTold(outcomeOfEgress(error))
  if (error instanceof NoUtf8) return { told: 'never', outcome: NO_UTF8 }
  const { code, responseCode, response, command } = smtpErrorOf(error)
  const said = response === undefined ? {} : { response: excerpts.of(response, false) }
  if (code === 'EAUTH' || AUTHENTICATION.has(responseCode ?? 0)) {
    return later({ code: 'authentication', message: 'The mail server did not accept the user and password.', ...said })
  }
  if (responseCode !== undefined && command === 'STARTTLS') {
    return later({ code: 'tls', message: `The mail server does not offer STARTTLS (${responseCode}).`, ...said })
  }
  if (responseCode !== undefined && responseCode >= 500 && command !== 'CONN' && command !== 'EHLO') {
    const message = `The mail server refused the mail (${responseCode}).`
    return { told: 'never', outcome: { outcome: 'refused', code: String(responseCode), message, ...said } }
  }
  if (responseCode !== undefined) {
    return later({ code: String(responseCode), message: `The mail server answered ${responseCode}.`, ...said })
  }
  if (code === 'EMESSAGE') {
    const message = 'The mail is larger than the mail server takes.'
    return { told: 'never', outcome: { outcome: 'refused', code: 'too_large', message } }
  }
  const [kind, message] = NO_ANSWER[code] ?? ['protocol', 'The mail server says what SMTP does not know.']
  return later({ code: kind, message })
}

const NO_UTF8 = {
  outcome: 'refused',
  code: 'no_utf8',
  message: 'The mail server takes no address with letters beyond ASCII before the @ (SMTPUTF8).',
} as const

const NO_ANSWER: Readonly<Record<string, readonly [string, string]>> = {
  ETLS: ['tls', 'The TLS handshake failed.'],
  ECONNECTION: ['reset', 'The mail server closed the connection.'],
  ESOCKET: ['reset', 'The connection to the mail server was lost.'],
  ETIMEDOUT: ['timeout', 'The mail server did not answer in time.'],
}

const later = (what: { readonly code: string; readonly message: string; readonly response?: string }): Told => ({
  told: 'later',
  outcome: { outcome: 'retry', ...what },
})

function asTold(outcome: SendOutcome): Told {
  if (outcome.outcome === 'delivered') return { told: 'yes' }
  return outcome.outcome === 'refused' ? { told: 'never', outcome } : { told: 'later', outcome }
}

interface SmtpError {
  readonly code: string
  readonly responseCode?: number
  readonly response?: string
  /** At which it failed: `MAIL FROM`, `RCPT TO`, `DATA`, `CONN`, ... */
  readonly command?: string
}

function smtpErrorOf(error: unknown): SmtpError {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error
  const { code } = error
  const number = 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : undefined
  const text = 'response' in error && typeof error.response === 'string' ? error.response : undefined
  const command = 'command' in error && typeof error.command === 'string' ? error.command : undefined
  return {
    code,
    ...(number !== undefined && { responseCode: number }),
    ...(text !== undefined && { response: text }),
    ...(command !== undefined && { command }),
  }
}

/**
 * Tried again while somebody may still be told; those who have been are not mailed twice. Refused if somebody never can
 * be: it stays among the dead letters although the others have their mail.
 */
export function outcomeOf(persons: readonly Told[]): SendOutcome {
  const waiting = persons.flatMap((person) => (person.told === 'later' ? [person.outcome] : []))
  const refused = persons.flatMap((person) => (person.told === 'never' ? [person.outcome] : []))
  const next = waiting.find(({ outcome }) => outcome === 'retry') ?? waiting[0] ?? refused[0]
  if (next !== undefined) return next
  const response = persons.map((person) => (person.told === 'yes' ? (person.response ?? '') : '')).find(Boolean)
  return { outcome: 'delivered', ...(response !== undefined && { code: response.slice(0, 3), response }) }
}
