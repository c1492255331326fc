/**
 * Rows in a database: each event by one statement in one transaction, with a guard by which a repeat changes nothing.
 */
import { untilAborted } from '../abort.js'
import { excerptsWithout } from '../excerpt.js'
import { folderOf } from '../file-path.js'
import { isTest } from '../mapping.js'
import { badTarget } from '../target.js'
import type { DataCheck, OutgoingMessage, Sender, SendOutcome, Transport } from '../transport.js'
import type { Database, Done } from './database.js'
import { type Dialect, MARIADB, POSTGRES, SQLITE } from './dialect.js'
import { mariadbDatabase, mysql2 } from './mariadb.js'
import { type Plan, planOf } from './plan.js'
import { postgresDatabase, type SqlEgress } from './postgres.js'
import { readServer } from './server.js'
import { outcomeOfError } from './sql-outcome.js'
import { readSqlTarget, SQL_TARGET, type SqlTarget } from './sql-target.js'
import { sqliteDatabase } from './sqlite.js'

export type { SqlEgress }

export interface SqlOptions {
  readonly egress: SqlEgress
  /** The folder below which SQLite files lie, each tenant's in its own; without it there are none. */
  readonly filesRoot?: string | undefined
}

export function sqlTransport(options: SqlOptions): Transport {
  return {
    name: 'sql',
    title: 'Database',
    promise: 'effectively once; acknowledged when the transaction is committed, and a repeat changes nothing',
    target: SQL_TARGET,
    defaultFormat: 'cloudevents',
    async check(target, reads) {
      const { url, tls } = read(target, options, reads).target
      if (url === undefined) return
      const { kind, host } = readServer(url)
      if (kind === 'mariadb') await mysql2()
      await options.egress.checkHost(host, tls !== 'off', 'target.url')
    },
    open(target) {
      const { plan, target: known } = read(target, options)
      return sqlSender(plan, databasesOf(known, options), known.password)
    },
  }
}

function read(
  given: Readonly<Record<string, unknown>>,
  { filesRoot }: SqlOptions,
  reads?: DataCheck,
): { target: SqlTarget; plan: Plan } {
  const target = readSqlTarget(given)
  if (target.file !== undefined && filesRoot === undefined)
    throw badTarget('.file', 'The operator opened no folder for files.', 'a url, or files.root in the settings')
  return { target, plan: planOf(target, dialectOf(target), reads) }
}

const dialectOf = ({ url }: SqlTarget): Dialect =>
  url === undefined ? SQLITE : readServer(url).kind === 'mariadb' ? MARIADB : POSTGRES

/** One for all, or one for each tenant's file. */
type Databases = (tenant: string) => Database

function databasesOf(target: SqlTarget, { egress, filesRoot = '' }: SqlOptions): Databases {
  const open = (tenant: string): Database => {
    if (target.url === undefined)
      return sqliteDatabase(filesRoot, [folderOf(tenant), ...(target.file ?? '').split('/')])
    const server = readServer(target.url)
    return server.kind === 'mariadb'
      ? mariadbDatabase(target, server, egress)
      : postgresDatabase(target, server, egress)
  }
  // A subscription belongs to one tenant.
  let database: Database | null = null
  return (tenant) => {
    database ??= open(tenant)
    return database
  }
}

function sqlSender(plan: Plan, databases: Databases, password: string | undefined): Sender {
  const excerpts = excerptsWithout(password === undefined ? [] : [password])
  let used: Database | null = null

  async function write(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    used = databases(message.event.tenant ?? 'default')
    return isTest(message) ? tried(used, plan, signal) : told(await used.run(plan.work(message), signal))
  }

  return {
    send: (message, signal) =>
      untilAborted(signal, () =>
        write(message, signal).catch((error: unknown) => {
          signal.throwIfAborted()
          return outcomeOfError(error, excerpts)
        }),
      ),
    close: async () => used?.close(),
  }
}

async function tried(database: Database, { tried: text }: Plan, signal: AbortSignal): Promise<SendOutcome> {
  await database.check(text ?? 'SELECT 1', signal)
  const response =
    text === null ? 'Connected; a call is not tried.' : 'Connected; the statement was checked and not run.'
  return { outcome: 'delivered', code: 'checked', response }
}

function told(done: Done): SendOutcome {
  if (done === 'told')
    return { outcome: 'delivered', code: 'unchanged', response: 'Told before, or a newer event was.' }
  if (done === 0) return { outcome: 'delivered', code: 'unchanged', response: 'No row was changed.' }
  return { outcome: 'delivered', response: done === 1 ? '1 row changed.' : `${done} rows changed.` }
}
