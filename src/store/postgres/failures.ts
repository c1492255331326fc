/**
 * What PostgreSQL and the way to it throw, told apart by what it means for the store
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
import { Fault, InvalidInput, messageOf, TocsinError, Unavailable } from '../../errors.js'

/** By code, else by class (its first two letters). */
const TELLING: Readonly<Record<string, string>> = {
  '08': 'The connection to PostgreSQL was lost.',
  '25006': 'PostgreSQL is read-only: it is a standby, or it was told so.',
  '25P03': 'PostgreSQL ended a transaction that took too long.',
  '28': 'PostgreSQL refuses the user or the password.',
  '3D': 'PostgreSQL has no such database.',
  '42501': 'The PostgreSQL user may not do that; the schema belongs to another one.',
  '40': 'PostgreSQL could not put concurrent work in order.',
  '53': 'PostgreSQL has not enough room: disk, memory or connections.',
  '55P03': 'PostgreSQL made us wait too long for a lock.',
  '57': 'PostgreSQL stopped the statement, or is stopping or starting itself.',
  '58': 'The disk of PostgreSQL failed.',
  XX: 'PostgreSQL is damaged or failed inside.',
}

/** `character_not_in_repertoire`: ours is always UTF-8, so it can only be that one. */
const NO_SUCH_CHARACTER = '22021'

/** What Node tells of a connection that cannot be made or broke. */
const NETWORK = /^(E[A-Z]+|ERR_(TLS|SSL)_\w+|[A-Z_]*CERT[A-Z_]*|DEPTH_ZERO_SELF_SIGNED_CERT)$/
/** What `pg` says without a code. */
const BROKEN =
  /Connection terminated|connection error|timeout|Client was closed|Cannot use a pool after|does not support SSL/i

const CUT = /Connection terminated|connection error/

const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null

/** The same work may succeed at once: nothing of it was written. */
export const isPassing = (error: unknown): boolean => {
  const code = codeOf(error)
  return code === '40001' || code === '40P01'
}

const SQLSTATE = /^[0-9A-Z]{5}$/

/** The connection is gone, perhaps for long: another may be had at once. */
export function isCut(error: unknown): boolean {
  const code = codeOf(error)
  if (code === null) return CUT.test(messageOf(error))
  return ['57P01', '57P02', 'ECONNRESET', 'EPIPE'].includes(code)
}

/** Surely nothing was written. Of a connection that broke nobody knows: the commit may have been the last it brought. */
export function isUndone(error: unknown): boolean {
  if (error instanceof TocsinError || error instanceof TypeError) return true
  const code = codeOf(error)
  return code !== null && SQLSTATE.test(code) && !NETWORK.test(code) && !/^(08|57)/.test(code)
}

/** What the caller is told: misuse stays a TypeError, the server's trouble is `Unavailable`, anything else our fault. */
export function failureOf(error: unknown): Error {
  if (error instanceof TocsinError || error instanceof TypeError) return error
  if (codeOf(error) === NO_SUCH_CHARACTER)
    return new InvalidInput('invalid_request', 'PostgreSQL keeps no text that holds U+0000.', { cause: error })
  const telling = tellingOf(error)
  if (telling === null) return new Fault('internal', `The store failed: ${messageOf(error)}`, { cause: error })
  const data = { postgres: codeOf(error) }
  return new Unavailable('unavailable', `${telling} (${messageOf(error)})`, { cause: error, data })
}

function tellingOf(error: unknown): string | null {
  const code = codeOf(error)
  // First, as EPIPE is as long as a SQLSTATE.
  if (code !== null && NETWORK.test(code)) return 'PostgreSQL cannot be reached.'
  if (code !== null && SQLSTATE.test(code)) return TELLING[code] ?? TELLING[code.slice(0, 2)] ?? null
  if (/timeout exceeded when trying to connect/.test(messageOf(error))) return 'There was no free connection in time.'
  return BROKEN.test(messageOf(error)) ? 'The connection to PostgreSQL was lost.' : null
}
