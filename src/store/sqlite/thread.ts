/** The store's threads: one that writes, one that moves the WAL, one for each backup. All of them run `worker.ts`. */
import { Worker } from 'node:worker_threads'
import { built } from '../../built.js'
import type { EngineOptions } from './engine.js'
import type { WalOptions } from './wal.js'

export interface WorkerTask {
  readonly engine?: EngineOptions
  readonly wal?: WalOptions
  readonly backup?: { readonly from: string; readonly to: string }
}

/** The host's own flags are not for this thread; some, such as `--input-type`, would keep it from starting. */
export const startWorker = (task: WorkerTask): Worker =>
  new Worker(built('programs/sqlite-store.js'), { workerData: task, execArgv: [] })
