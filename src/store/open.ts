/**
 * The store that a database setting names.
 */
import { alone } from './alone.js'
import type { Cluster } from './cluster.js'
import { openMemoryStore } from './memory/store.js'
import type { Store } from './port.js'
import { openSqliteStore } from './sqlite/store.js'

/**
 * @param database `memory`, or the path of a SQLite file.
 * @throws Unavailable when the file cannot be opened, is newer than this program, or belongs to another process.
 */
export async function openStore(database: string, thread: 'worker' | 'main'): Promise<Store> {
  return database === 'memory' ? openMemoryStore() : openSqliteStore({ path: database, thread })
}

/** What binds the processes that share the database; nothing where one has it alone. */
export async function openCluster(_database: string): Promise<Cluster> {
  return alone()
}
