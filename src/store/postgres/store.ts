/**
 * Many nodes on one PostgreSQL, every acknowledged write on its disk.
 */
import { randomUUID } from 'node:crypto'
import { Conflict } from '../../errors.js'
import type { Store, StoreInfo } from '../port.js'
import { postgresAccess } from './access.js'
import { admitSteps, releaseOne } from './admit.js'
import { postgresAudit } from './audit.js'
import { postgresCapturedRows } from './captured-rows.js'
import { configure } from './configure.js'
import { type Database, openDatabase } from './database.js'
import { dropEvents, dropTasks } from './dropping.js'
import { erase } from './erase.js'
import { failureOf } from './failures.js'
import { postgresSlices } from './fan-out.js'
import { postgresImports } from './imports.js'
import { postgresInbox } from './inbox.js'
import { joinPostgres } from './join.js'
import { postgresLog } from './log.js'
import { postgresMail } from './mail.js'
import { prune, pruneTasks } from './maintenance.js'
import { emptyMemory } from './memory.js'
import { migrate } from './migrate.js'
import { SCHEMA_VERSION } from './migrations/all.js'
import { listPartitions, prepare } from './partitions.js'
import { DEFAULT_SCHEMA, openPool, type PostgresOptions } from './pool.js'
import { postgresProcessors } from './processors.js'
import { postgresRegistry } from './registry.js'
import { requireServer, type ServerFacts } from './requirements.js'
import { postgresSettings } from './settings.js'
import { statement } from './statement.js'
import { postgresSubscriptions } from './subscriptions.js'
import { postgresTasks } from './tasks.js'

/**
 * @throws InvalidInput `invalid_config` when an option is wrong; Unavailable when the server cannot be reached, is too old
 *   or not durable, or when the schema is another program's or a newer Tocsin's.
 */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const pool = await openPool(options)
  const schema = options.schema ?? DEFAULT_SCHEMA
  try {
    const facts = await requireServer(pool)
    await migrate(pool, schema, (options.epoch ?? randomUUID)())
    const database = openDatabase(pool, schema, emptyMemory())
    return storeOver(database, { ...facts, schema }, await epochOf(database))
  } catch (error) {
    await pool.end()
    throw failureOf(error)
  }
}

function storeOver(database: Database, details: ServerFacts & { schema: string }, epoch: string): Store {
  const { read, write, share } = database
  return {
    features: { name: 'postgres', durable: true, shared: true },
    log: postgresLog(database),
    tasks: postgresTasks(database),
    slices: postgresSlices(database),
    subscriptions: postgresSubscriptions(database),
    registry: postgresRegistry(read),
    imports: postgresImports(database),
    access: postgresAccess(database),
    processors: postgresProcessors(database),
    settings: postgresSettings(database),
    mail: postgresMail(database),
    capturedRows: postgresCapturedRows(database),
    audit: postgresAudit(database),
    admit: (admissions, lease) => share(admitSteps(admissions, lease)),
    release: (release, lease) => write((session) => releaseOne(session, release, lease)),
    inbox: {
      ...postgresInbox(database),
      join: (transaction) => joinPostgres(`"${details.schema}"`, epoch, transaction),
    },
    erase: (tenant, subject, at, dryRun) => write((session) => erase(session, tenant, subject, at, dryRun)),
    configure: (changes) => write((session) => configure(session, changes)),
    ping: () => ping(database, { ...details }),
    partitions: {
      list: () => listPartitions(database),
      prepare: (now, width) => prepare(database, now, width),
      dropEvents: (before) => dropEvents(database, before),
      dropTasks: (before) => dropTasks(database, before),
    },
    prune: (before, limit) => prune(database, before, limit),
    pruneTasks: (before, limit) => pruneTasks(database, before, limit),
    backup: async () => {
      throw new Conflict('wrong_state', 'A PostgreSQL database is not copied into a file here.', {
        expected: 'pg_dump, or a base backup of the whole server',
      })
    },
    close: once(() => database.close()),
  }
}

function once(end: () => Promise<void>): () => Promise<void> {
  let ended: Promise<void> | null = null
  return () => {
    ended ??= end()
    return ended
  }
}

const PING = statement(
  "INSERT INTO meta (name, value) VALUES ('pinged', 'yes') ON CONFLICT (name) DO UPDATE SET value = 'yes'",
)
const EPOCH = statement("SELECT value FROM meta WHERE name = 'epoch'")

const epochOf = async ({ read }: Database): Promise<string> => String((await read.get(EPOCH))?.[0])

/** Writes, so that it fails when writing does. */
async function ping(database: Database, details: StoreInfo['details']): Promise<StoreInfo> {
  await database.read.all(PING)
  return { epoch: await epochOf(database), schemaVersion: SCHEMA_VERSION, details }
}
