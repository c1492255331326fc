/**
 * The embedded default: one SQLite file, one process, every acknowledged write on the disk.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { IS_SOURCE } from '../../built.js'
import { Unavailable } from '../../errors.js'
import type { Store } from '../port.js'
import type { CallName, Calls } from './calls.js'
import type { EngineOptions } from './engine.js'
import type { Executor } from './executor.js'
import { inlineExecutor, workerExecutor } from './executor.js'
import { joinSqlite } from './join.js'

export interface SqliteOptions {
  /** The file, or `:memory:` (then nothing outlives `close`). */
  readonly path: string
  /**
   * `worker` (the default for files) leaves the host's thread free. `main` runs in it, for `:memory:` and when run from
   * TypeScript sources, where there is no compiled worker.
   */
  readonly thread?: 'worker' | 'main'
  /** `NORMAL` gives up durability: only for the control of the durability test, which must fail with it. */
  readonly synchronous?: 'FULL' | 'NORMAL'
  /** Bytes, for a new file. Default 8,192. */
  readonly pageSize?: number
  /** Names the log of a new file. Default: a random UUID. */
  readonly epoch?: () => string
}

/**
 * @throws Unavailable if the file is in use by another process, is not a Tocsin database or a newer one's, or cannot be
 *   written durably.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const inMemory = options.path === ':memory:'
  const engine: EngineOptions = {
    path: options.path,
    synchronous: options.synchronous ?? 'FULL',
    pageSize: options.pageSize ?? 8_192,
    epoch: (options.epoch ?? randomUUID)(),
  }
  const thread = options.thread ?? (inMemory || IS_SOURCE ? 'main' : 'worker')
  const executor = thread === 'main' ? inlineExecutor(engine) : await workerExecutor(engine)
  const store = storeOver(executor, !inMemory && engine.synchronous === 'FULL')
  return inMemory ? store : { ...store, inbox: inboxOver(executor, options.path) }
}

const asking =
  (executor: Executor) =>
  <Name extends CallName>(name: Name) =>
  (...args: Parameters<Calls[Name]>) =>
    executor.send({ name, args }) as ReturnType<Calls[Name]>

function inboxOver(executor: Executor, path: string): NonNullable<Store['inbox']> {
  const ask = asking(executor)
  return {
    join: async (transaction) => joinSqlite(path, transaction),
    pending: ask('inbox.pending'),
    get: ask('inbox.get'),
    list: ask('inbox.list'),
    counts: ask('inbox.counts'),
    refuse: ask('inbox.refuse'),
    retry: ask('inbox.retry'),
    remove: ask('inbox.remove'),
    prune: ask('inbox.prune'),
  }
}

/** Seconds a reader may hold the emptying of the WAL up. */
const PATIENCE = 30

async function compact(executor: Executor): Promise<void> {
  const ask = asking(executor)
  await ask('vacuum')()
  for (let tries = 0; tries < PATIENCE * 20; tries++) {
    if (await ask('truncateWal')()) return
    await sleep(50)
  }
  throw new Unavailable('unavailable', 'Somebody still reads from the file: what was erased may be left in its WAL.', {
    retryAfter: PATIENCE,
  })
}

function storeOver(executor: Executor, durable: boolean): Store {
  const ask = asking(executor)
  return {
    features: { name: 'sqlite', durable, shared: false },
    log: {
      get: ask('log.get'),
      find: ask('log.find'),
      list: ask('log.list'),
      read: ask('log.read'),
      head: ask('log.head'),
      results: ask('log.results'),
      putResults: ask('log.putResults'),
      refuse: ask('log.refuse'),
      suspend: ask('log.suspend'),
      transaction: ask('log.transaction'),
      children: ask('log.children'),
    },
    tasks: {
      lease: ask('tasks.lease'),
      settle: ask('tasks.settle'),
      heartbeat: ask('tasks.heartbeat'),
      takeOver: ask('tasks.takeOver'),
      get: ask('tasks.get'),
      list: ask('tasks.list'),
      attempts: ask('tasks.attempts'),
      counts: ask('tasks.counts'),
      countsBy: ask('tasks.countsBy'),
      reprioritise: ask('tasks.reprioritise'),
      remove: ask('tasks.remove'),
      cancel: ask('tasks.cancel'),
      retry: ask('tasks.retry'),
      turn: ask('tasks.turn'),
    },
    slices: { tell: ask('slices.tell'), left: ask('slices.left') },
    subscriptions: {
      load: ask('subscriptions.load'),
      get: ask('subscriptions.get'),
      list: ask('subscriptions.list'),
      create: ask('subscriptions.create'),
      update: ask('subscriptions.update'),
      setState: ask('subscriptions.setState'),
      remove: ask('subscriptions.remove'),
    },
    registry: {
      get: ask('registry.get'),
      list: ask('registry.list'),
      links: ask('registry.links'),
      linkPage: ask('registry.linkPage'),
      link: ask('registry.link'),
      facts: ask('registry.facts'),
      byCode: ask('registry.byCode'),
    },
    imports: {
      get: ask('imports.get'),
      take: ask('imports.take'),
      awaited: ask('imports.awaited'),
      settle: ask('imports.settle'),
      finish: ask('imports.finish'),
    },
    access: {
      getKey: ask('access.getKey'),
      listKeys: ask('access.listKeys'),
      putKey: ask('access.putKey'),
      revokeKey: ask('access.revokeKey'),
      spendNonce: ask('access.spendNonce'),
      getTenant: ask('access.getTenant'),
      listTenants: ask('access.listTenants'),
      putTenant: ask('access.putTenant'),
    },
    processors: { settings: ask('processors.settings'), put: ask('processors.put') },
    settings: { get: ask('settings.get'), put: ask('settings.put') },
    mail: { claim: ask('mail.claim'), settle: ask('mail.settle'), prune: ask('mail.prune') },
    capturedRows: {
      find: ask('capturedRows.find'),
      list: ask('capturedRows.list'),
      put: ask('capturedRows.put'),
      clear: ask('capturedRows.clear'),
    },
    audit: { append: ask('audit.append'), list: ask('audit.list') },
    admit: ask('admit'),
    release: ask('release'),
    erase: ask('erase'),
    compact: () => compact(executor),
    configure: ask('configure'),
    ping: ask('ping'),
    prune: ask('prune'),
    pruneTasks: ask('pruneTasks'),
    backup: (path) => executor.backup(path),
    close: () => executor.close(),
  }
}
