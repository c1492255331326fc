/** The store's threads: one that writes, one that moves the WAL, one for each backup. All of them run `worker.ts`. */
import { Worker } from 'node:worker_threads'
import { built } from '../../built.js'
import type { EngineOptions } from './engine.js'
import { type Gate, gateOfProcess } from './gate.js'
import type { WalOptions } from './wal.js'

export type WorkerTask = Work & { readonly gate: Gate }

interface Work {
  readonly engine?: EngineOptions
  readonly wal?: WalOptions
  readonly backup?: { readonly from: string; readonly to: string }
}

/** A thread that starts another hands on its gate. The host's own flags are not for this thread; some, such as `--input-type`, would keep it from starting. */
export const startWorker = (work: Work, gate = gateOfProcess()): Worker =>
  new Worker(built('programs/sqlite-store.js'), { workerData: { ...work, gate } satisfies WorkerTask, execArgv: [] })
