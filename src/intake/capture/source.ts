/**
 * The source: a PostgreSQL of somebody else, reached by the guarded way. Nothing of this process's own environment
 * (`PGPASSWORD`, the password file) goes there, and no error repeats the password.
 */
import type { Socket } from 'node:net'
import type { Client, ClientConfig, QueryResultRow } from 'pg'
import { InvalidInput, isTocsinError, messageOf, Unavailable } from '../../errors.js'
import type { Connection } from './mapping.js'
import { WRITTEN_BY } from './values.js'

/** What capturing asks of the guarded client. */
export interface Egress {
  /** @throws InvalidInput `target_refused` */
  checkHost(host: string, secure: boolean, field?: string): Promise<void>
  socket(secure: boolean): Socket
}

/** Milliseconds: to make a connection; a statement; a wait for a lock in it. */
const CONNECT = 10_000
const STATEMENT = 60_000
const LOCK = 10_000

const SESSION = Object.entries(WRITTEN_BY).map(([name, value]) => `${name}=${value}`)

export type Use = 'questions' | 'reading' | 'replication'

/** @throws InvalidInput `invalid_request`, `target_refused`; Unavailable */
export async function connect(connection: Connection, egress: Egress, use: Use): Promise<Client> {
  const { default: pg } = await import('pg')
  const client = new pg.Client(configOf(connection, egress, use))
  // Whoever waits for an answer is told too; unheard, it would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    client.end().catch(() => {})
    throw sourceError(error)
  }
}

function configOf(connection: Connection, egress: Egress, use: Use): ClientConfig {
  const { host, port = 5432, database, user, password, tls = 'verify', ca } = connection
  const secure = tls === 'verify'
  const limits = use === 'questions' ? [`statement_timeout=${STATEMENT}`, `lock_timeout=${LOCK}`] : []
  return {
    ...{ host, port, database, user },
    // A function: a password that is not given would be looked for in the environment.
    password: () => password ?? '',
    ssl: secure && { rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    stream: () => egress.socket(secure),
    connectionTimeoutMillis: CONNECT,
    keepAlive: true,
    application_name: 'tocsin capture',
    options: [...SESSION, ...limits].map((setting) => `-c ${setting}`).join(' '),
    ...(use === 'replication' && { replication: 'database' }),
  }
}

/** Works with a connection of its own. What it throws that is no answer of the source goes on as it is. @throws as `connect` */
export async function withSource<Result>(
  connection: Connection,
  egress: Egress,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(connection, egress, 'questions')
  try {
    return await work(client)
  } catch (error) {
    throw codeOf(error) === '' ? error : sourceError(error)
  } finally {
    await client.end().catch(() => {})
  }
}

export async function rows<Found extends QueryResultRow>(
  client: Client,
  query: string,
  values: readonly unknown[] = [],
): Promise<readonly Found[]> {
  return (await client.query<Found>(query, [...values])).rows
}

/** SQLSTATE classes and codes that stay wrong however often it is tried. */
const LASTING = /^(28|3D|42|0L|0P|22|23)/

/** What TLS says of a certificate that it does not take (Node, `tls`, `X509 certificate error codes`; `ERR_TLS_CERT_ALTNAME_INVALID`). */
const UNTRUSTED = /CERT|^UNABLE_TO_/

const isSqlState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code)

export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

/** Ours as they are; the source's own with its SQLSTATE in `data`. */
export function sourceError(error: unknown): Error {
  if (isTocsinError(error)) return error
  if (error instanceof TypeError || error instanceof RangeError) return error
  const code = codeOf(error)
  const message = `The source database says: ${messageOf(error)}`.replace(/\.*$/, '.')
  const detail = { field: 'connection', ...(code !== '' && { data: { code } }), cause: error }
  if (UNTRUSTED.test(code))
    return new InvalidInput('invalid_request', `The source's certificate is refused: ${messageOf(error)}.`, {
      ...{ field: 'connection.ca', data: { code }, cause: error },
      expected: 'the PEM of the authority that signed it, and a host that it names',
    })
  if (code === 'blocked') return new InvalidInput('target_refused', message, detail)
  if (isSqlState(code) && LASTING.test(code)) return new InvalidInput('invalid_request', message, detail)
  return new Unavailable('unavailable', message, { ...detail, retryAfter: 5 })
}
