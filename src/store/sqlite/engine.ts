/**
 * The store as synchronous functions over one connection: opened, checked, brought to the present schema.
 */
import { Unavailable } from '../../errors.js'
import { sqliteAccess } from './access.js'
import { admitOne, releaseOne } from './admit.js'
import { sqliteAudit } from './audit.js'
import { sqliteCapturedRows } from './captured-rows.js'
import { configure } from './configure.js'
import type { Connection } from './driver.js'
import { openConnection, sqliteVersion } from './driver.js'
import { erase, truncateWal, vacuum } from './erase.js'
import { failureOf } from './failures.js'
import { sqliteSlices } from './fan-out.js'
import { sqliteImports } from './imports.js'
import { sqliteInbox } from './inbox.js'
import { lockFile } from './lock.js'
import { sqliteLog } from './log.js'
import { sqliteMail } from './mail.js'
import { ping, prune, pruneTasks } from './maintenance.js'
import { migrate } from './migrate.js'
import { sqliteProcessors } from './processors.js'
import { sqliteRegistry } from './registry.js'
import { Session } from './session.js'
import { sqliteSettings } from './settings.js'
import { sqliteSubscriptions } from './subscriptions.js'
import type { SyncStore } from './sync.js'
import { sqliteTasks } from './tasks.js'

export interface EngineOptions {
  readonly path: string
  readonly synchronous: 'FULL' | 'NORMAL'
  readonly pageSize: number
  /** For a new file. */
  readonly epoch: string
}

export interface Engine {
  readonly session: Session
  readonly store: SyncStore
  close(): void
}

/** @throws Unavailable if the file is in use, is not ours, is newer than we are, or the settings did not take effect. */
export function openEngine(options: EngineOptions): Engine {
  const unlock = options.path === ':memory:' ? () => {} : lockFile(options.path)
  try {
    const connection = prepareConnection(options)
    const session = new Session(connection)
    const details = { sqlite: sqliteVersion(connection), synchronous: options.synchronous }
    return { session, store: syncStore(session, details), close: () => closeAll(session, unlock) }
  } catch (error) {
    unlock()
    throw failureOf(error, options.path)
  }
}

function closeAll(session: Session, unlock: () => void): void {
  session.close()
  unlock()
}

const syncStore = (session: Session, details: Readonly<Record<string, string>>): SyncStore => ({
  log: sqliteLog(session),
  tasks: sqliteTasks(session),
  slices: sqliteSlices(session),
  subscriptions: sqliteSubscriptions(session),
  registry: sqliteRegistry(session),
  imports: sqliteImports(session),
  access: sqliteAccess(session),
  processors: sqliteProcessors(session),
  settings: sqliteSettings(session),
  mail: sqliteMail(session),
  capturedRows: sqliteCapturedRows(session),
  audit: sqliteAudit(session),
  inbox: sqliteInbox(session),
  admit: (admissions, lease) => admissions.map((admission) => admitOne(session, admission, lease)),
  release: (release, lease) => releaseOne(session, release, lease),
  erase: (tenant, subject, at, dryRun) => erase(session, tenant, subject, at, dryRun),
  vacuum: () => vacuum(session),
  truncateWal: () => truncateWal(session),
  configure: (changes) => configure(session, changes),
  ping: () => ping(session, details),
  prune: (before, limit) => prune(session, before, limit),
  pruneTasks: (before, limit) => pruneTasks(session, before, limit),
})

function prepareConnection(options: EngineOptions): Connection {
  const connection = openConnection(options.path, { timeout: 5_000 })
  try {
    connection.exec(`PRAGMA page_size = ${options.pageSize}`)
    connection.exec('PRAGMA journal_mode = WAL')
    connection.exec(`PRAGMA synchronous = ${options.synchronous}`)
    connection.exec('PRAGMA cache_size = -65536')
    connection.exec('PRAGMA temp_store = MEMORY')
    // Checkpoints are ours (writer.ts): an automatic one would hide a failing disk.
    connection.exec('PRAGMA wal_autocheckpoint = 0')
    requireDurable(connection, options)
    migrate(connection, options.epoch)
    // From here on nobody waits inside SQLite, where nothing else could be answered meanwhile (line.ts).
    connection.exec('PRAGMA busy_timeout = 0')
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/** A setting that did not take effect would break the promise that what was acknowledged survives. */
function requireDurable(connection: Connection, { path, synchronous }: EngineOptions): void {
  const wanted = [
    ['journal_mode', path === ':memory:' ? 'memory' : 'wal'],
    ['synchronous', synchronous === 'FULL' ? 2 : 1],
  ] as const
  for (const [setting, value] of wanted) {
    const statement = connection.prepare(`PRAGMA ${setting}`)
    statement.setReturnArrays(true)
    const row = statement.get()
    const present: unknown = Array.isArray(row) ? row[0] : undefined
    if (present === value) continue
    throw new Unavailable('unavailable', `The database ${path} does not take ${setting} ${value}; it is ${present}.`)
  }
}
