/**
 * The raw limit: bare SQLite through the same driver, one table as wide as ours with a unique id, nothing looked up,
 * nothing matched. Callers that wait together share a commit.
 */
import { Worker } from 'node:worker_threads'
import { openRaw, type RawRow } from './raw-table.js'

export interface RawStore {
  /** Answers when the row is on the disk. */
  insert(row: RawRow): Promise<void>
  close(): Promise<void>
}

interface Waiting {
  readonly row: RawRow
  done(): void
}

/** Callers of the same microtask turn share a commit. */
export function rawOnMain(path: string): RawStore {
  const table = openRaw(path)
  let waiting: Waiting[] = []
  const flush = () => {
    const group = waiting
    waiting = []
    table.insert(group.map(({ row }) => row))
    for (const { done } of group) done()
  }
  return {
    insert: (row) =>
      new Promise((done) => {
        if (waiting.length === 0) queueMicrotask(flush)
        waiting.push({ row, done })
      }),
    close: async () => table.close(),
  }
}

/** The same on another thread: what arrives while it commits shares the next commit. */
export async function rawOnWorker(path: string): Promise<RawStore> {
  const module = new URL('./raw-worker.ts', import.meta.url).href
  const worker = new Worker(new URL('../raw/thread.mjs', import.meta.url), { workerData: { module, given: path } })
  const answered = () => new Promise<unknown>((resolve) => worker.once('message', resolve))
  await answered()
  const sent: Waiting[] = []
  let waiting: Waiting[] = []
  worker.on('message', (count: number) => {
    for (const { done } of sent.splice(0, count)) done()
  })
  const post = () => {
    worker.postMessage(waiting.map(({ row }) => row))
    sent.push(...waiting)
    waiting = []
  }
  return {
    insert: (row) =>
      new Promise((done) => {
        if (waiting.length === 0) queueMicrotask(post)
        waiting.push({ row, done })
      }),
    close: async () => {
      const ended = new Promise((resolve) => worker.once('exit', resolve))
      worker.postMessage('close')
      await ended
    },
  }
}
