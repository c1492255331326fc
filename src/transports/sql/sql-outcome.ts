/**
 * What a database's error means for the task. One table, in `docs/transports.md` too. What lies at the event's own values is
 * refused: it would fail for ever. All else (server, login, rights, tables, locks) can be put right over there, and is tried again.
 * SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html; MariaDB: https://mariadb.com/kb/en/mariadb-error-codes/; SQLite: https://sqlite.org/rescode.html
 */
import { isEgressError } from '../../access/egress/egress-error.js'
import { isTocsinError, messageOf } from '../../errors.js'
import type { Excerpts } from '../excerpt.js'
import { ValueFailed } from '../mapping.js'
import { errnoOf } from '../open-below.js'
import type { SendOutcome } from '../transport.js'
import { SqliteFailed } from './sqlite-threads.js'

type Failure = Extract<SendOutcome, { outcome: 'retry' | 'refused' }>

/** @throws the error itself if it is neither the database's nor the way's to it: a fault of ours. */
export function outcomeOfError(error: unknown, excerpts: Excerpts): SendOutcome {
  const outcome = failureOf(error)
  if (outcome === null) throw error
  return { ...outcome, message: excerpts.mask(outcome.message) }
}

function failureOf(error: unknown): Failure | null {
  if (error instanceof ValueFailed) return { outcome: 'refused', code: 'mapping_failed', message: error.message }
  if (error instanceof SqliteFailed) return ofSqlite(error)
  if (isTocsinError(error)) return { outcome: 'refused', code: error.code, message: error.message }
  if (isEgressError(error)) {
    const isBlocked = error.code === 'blocked'
    return {
      outcome: isBlocked ? 'refused' : 'retry',
      code: isBlocked ? 'target_refused' : error.code,
      message: error.message,
    }
  }
  const code = errnoOf(error)
  if (code !== undefined && error instanceof Error && 'errno' in error && 'sqlState' in error)
    return ofMariadb(code, String(error.sqlState), messageOf(error))
  if (code !== undefined && Object.hasOwn(MARIADB_CLIENT, code)) return MARIADB_CLIENT[code] ?? null
  // First, as EPIPE is as long as a SQLSTATE.
  if (code !== undefined && NETWORK.test(code)) return ofNetwork(code)
  if (code !== undefined && SQLSTATE.test(code)) return ofSqlState(code, messageOf(error))
  return ofWords(messageOf(error))
}

const SQLSTATE = /^[0-9A-Z]{5}$/

/** Data exceptions, broken constraints, a view's check option, what a trigger raises. */
const OF_THE_VALUES = /^(22|23|44|P0001)/
/** Whom it refers to may still come. */
const FOREIGN_KEY = '23503'

const TELLING: Readonly<Record<string, string>> = {
  '08': 'The connection to the database was lost',
  '22': 'The database refuses a value',
  '23': 'The row would break a constraint of the database',
  '23503': 'The row refers to another one that is not there',
  '25006': 'The database is read-only: a standby, or told so',
  '28': 'The database refuses the user or the password',
  '3D': 'There is no such database',
  '40': 'The database could not put concurrent work in order',
  '42': 'The database refuses the statement',
  '42501': 'The user may not do that',
  '42P01': 'There is no such table',
  '42703': 'There is no such column',
  '42P10': 'The key is neither primary nor unique',
  '53': 'The database has not enough room: disk, memory or connections',
  '55P03': 'A lock was not free in time',
  '57': 'The database stopped the statement, or is stopping or starting itself',
}

function ofSqlState(code: string, said: string): Failure {
  const telling = TELLING[code] ?? TELLING[code.slice(0, 2)] ?? 'The database failed'
  const isOfTheValues = OF_THE_VALUES.test(code) && code !== FOREIGN_KEY
  return { outcome: isOfTheValues ? 'refused' : 'retry', code, message: `${telling}: ${said}` }
}

/** What Node tells of a connection that cannot be made or broke. Its words name addresses: only the code is repeated. */
const NETWORK = /^(E[A-Z]+|ERR_(TLS|SSL|SOCKET)_\w+|ERR_STREAM_\w+|[A-Z_]*CERT[A-Z_]*|DEPTH_ZERO_SELF_SIGNED_CERT)$/
const TLS = /TLS|SSL|CERT/

const ofNetwork = (code: string): Failure =>
  TLS.test(code)
    ? { outcome: 'retry', code: 'tls', message: `TLS with the database failed: ${code}.` }
    : { outcome: 'retry', code: 'connect', message: `The database cannot be reached: ${code}.` }

/** What `pg` says without a code. */
function ofWords(message: string): Failure | null {
  if (/does not support SSL|establishing an SSL connection/.test(message))
    return {
      outcome: 'retry',
      code: 'tls',
      message: 'The database does not speak TLS; in a network the operator opened tls may be off.',
    }
  if (/timeout/i.test(message))
    return { outcome: 'retry', code: 'timeout', message: 'No connection to the database was free or made in time.' }
  if (/Connection terminated|connection error|not queryable|Client was closed/i.test(message))
    return { outcome: 'retry', code: 'connect', message: 'The connection to the database was lost.' }
  if (/SASL|password|authentication/i.test(message))
    return { outcome: 'retry', code: 'login', message: 'The database wants another way of logging in, or a password.' }
  return null
}

/** Its own names say more than its SQLSTATEs, which are often HY000. */
function ofMariadb(code: string, state: string, said: string): Failure {
  if (LOGIN.has(code)) return { outcome: 'retry', code, message: `${TELLING['28']}: ${said}` }
  const isOfTheValues = /^(22|23|45)/.test(state) || code === 'WARN_DATA_TRUNCATED'
  const isMissing = code.startsWith('ER_NO_REFERENCED_ROW')
  const telling = isMissing ? TELLING[FOREIGN_KEY] : (TELLING[state] ?? TELLING[state.slice(0, 2)])
  const outcome = isOfTheValues && !isMissing ? 'refused' : 'retry'
  return { outcome, code, message: `${telling ?? 'The database failed'}: ${said}` }
}

/** What `mysql2` says by itself. */
const MARIADB_CLIENT: Readonly<Record<string, Failure>> = {
  PROTOCOL_CONNECTION_LOST: { outcome: 'retry', code: 'connect', message: 'The connection to the database was lost.' },
  HANDSHAKE_NO_SSL_SUPPORT: {
    outcome: 'retry',
    code: 'tls',
    message: 'The database does not speak TLS; in a network the operator opened tls may be off.',
  },
  HANDSHAKE_SSL_ERROR: { outcome: 'retry', code: 'tls', message: 'TLS with the database failed.' },
  AUTH_SWITCH_PLUGIN_ERROR: {
    outcome: 'retry',
    code: 'login',
    message: 'The database wants another way of logging in, or a password.',
  },
}

const LOGIN: ReadonlySet<string> = new Set(['ER_ACCESS_DENIED_ERROR', 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR'])

const SQLITE_NAMES: Readonly<Record<number, string>> = {
  1: 'SQLITE_ERROR',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  18: 'SQLITE_TOOBIG',
  19: 'SQLITE_CONSTRAINT',
  20: 'SQLITE_MISMATCH',
  26: 'SQLITE_NOTADB',
}
const OF_THE_VALUES_IN_SQLITE = [18, 19, 20]
const SQLITE_FOREIGN_KEY = 787

function ofSqlite({ errcode, message }: SqliteFailed): Failure {
  if (errcode === null) return { outcome: 'retry', code: 'no_file', message }
  const primary = errcode & 0xff
  const isOfTheValues = OF_THE_VALUES_IN_SQLITE.includes(primary) && errcode !== SQLITE_FOREIGN_KEY
  const code = SQLITE_NAMES[primary] ?? `SQLITE_${primary}`
  return { outcome: isOfTheValues ? 'refused' : 'retry', code, message: `The database refuses: ${message}` }
}
