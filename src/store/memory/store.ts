import { randomUUID } from 'node:crypto'
import { Unavailable } from '../../errors.js'
import type { Store } from '../port.js'
import { memoryAccess } from './access.js'
import { admitOne, releaseOne } from './admit.js'
import { memoryAudit } from './audit.js'
import { memoryCapturedRows } from './captured-rows.js'
import { configure } from './configure.js'
import { erase } from './erase.js'
import { memorySlices } from './fan-out.js'
import { memoryImports } from './imports.js'
import { memoryLog } from './log.js'
import { memoryMail } from './mail.js'
import { prune, pruneTasks } from './maintenance.js'
import { memoryProcessors } from './processors.js'
import { memoryRegistry } from './registry.js'
import { memorySettings } from './settings.js'
import { memorySubscriptions } from './subscriptions.js'
import { emptyTables } from './tables.js'
import { memoryTasks } from './tasks.js'

/** A store for tests and trials: everything is gone when the process ends. */
export function openMemoryStore(): Store {
  const tables = emptyTables()
  const info = { epoch: randomUUID(), schemaVersion: 0, details: {} }
  return {
    features: { name: 'memory', durable: false, shared: false },
    log: memoryLog(tables),
    tasks: memoryTasks(tables),
    slices: memorySlices(tables),
    subscriptions: memorySubscriptions(tables),
    registry: memoryRegistry(tables),
    imports: memoryImports(tables),
    access: memoryAccess(tables),
    processors: memoryProcessors(tables),
    settings: memorySettings(tables),
    mail: memoryMail(tables),
    capturedRows: memoryCapturedRows(tables),
    audit: memoryAudit(tables),
    admit: async (admissions, lease) => admissions.map((admission) => admitOne(tables, admission, lease)),
    release: async (release, lease) => releaseOne(tables, release, lease),
    erase: async (tenant, subject, at, dryRun) => erase(tables, tenant, subject, at, dryRun),
    configure: async (changes) => configure(tables, changes),
    ping: async () => info,
    backup: async () => {
      throw new Unavailable('unavailable', 'The memory store keeps nothing on disk, so there is nothing to back up.')
    },
    prune: async (before, limit) => prune(tables, before, limit),
    pruneTasks: async (before, limit) => pruneTasks(tables, before, limit),
    close: async () => {},
  }
}
