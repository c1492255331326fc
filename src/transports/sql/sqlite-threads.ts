/**
 * The threads on which SQLite files are written, as SQLite answers only when it is done. Few of them serve all files of the
 * process; each does one thing at a time. One whose time is up is left to itself: it takes back what it did, and ends.
 */
import { Worker } from 'node:worker_threads'
import { built, IS_SOURCE } from '../../built.js'
import { gateOfProcess } from '../../store/sqlite/gate.js'
import type { Done, Work } from './database.js'

/** What a thread is asked: works in this order, or a statement to be checked. */
export interface Asked {
  readonly path: string
  readonly works?: readonly Work[]
  readonly check?: string
  /** Shared with the thread: not 0 when nobody waits any more. */
  readonly givenUp: Int32Array
}

export const isGivenUp = ({ givenUp }: Asked): boolean => Atomics.load(givenUp, 0) !== 0

/** What it answers for each. */
export type Outcome =
  | { readonly done: Done }
  | { readonly failed: { readonly message: string; readonly errcode: number | null } }

/** SQLite refused. */
export class SqliteFailed extends Error {
  /** The extended result code (https://sqlite.org/rescode.html); null: there is no file. */
  readonly errcode: number | null

  constructor(message: string, errcode: number | null) {
    super(message)
    this.errcode = errcode
  }
}

const MOST = 4
/** Milliseconds without work after which a thread ends. */
const IDLE = 10_000

interface Thread {
  readonly worker: Worker
  idle?: NodeJS.Timeout
}

class SqliteThreads {
  readonly #free: Thread[] = []
  readonly #waiting: ((thread: Thread) => void)[] = []
  #running = 0

  /** Rejects with the signal's reason when aborted: what was begun is rolled back. */
  async ask(question: Omit<Asked, 'givenUp'>, signal: AbortSignal): Promise<readonly Outcome[]> {
    const thread = await this.#take()
    if (signal.aborted) {
      this.#giveBack(thread)
      throw signal.reason
    }
    try {
      const outcomes = await answerOf(thread.worker, question, signal)
      this.#giveBack(thread)
      return outcomes
    } catch (error) {
      this.#replace()
      throw error
    }
  }

  #take(): Thread | Promise<Thread> {
    const thread = this.#free.pop()
    if (thread) clearTimeout(thread.idle)
    if (thread) return thread
    if (this.#running >= MOST) return new Promise((resolve) => this.#waiting.push(resolve))
    return this.#start()
  }

  #start(): Thread {
    this.#running += 1
    return { worker: startWorker() }
  }

  #giveBack(thread: Thread): void {
    const next = this.#waiting.shift()
    if (next) next(thread)
    else this.#rest(thread)
  }

  #rest(thread: Thread): void {
    thread.idle = setTimeout(() => {
      this.#free.splice(this.#free.indexOf(thread), 1)
      this.#running -= 1
      end(thread.worker)
    }, IDLE).unref()
    this.#free.push(thread)
  }

  /** For one that has ended, or will by itself. */
  #replace(): void {
    this.#running -= 1
    const next = this.#waiting.shift()
    if (next) next(this.#start())
  }
}

/** Of the process. */
export const sqliteThreads = new SqliteThreads()

function answerOf(worker: Worker, question: Omit<Asked, 'givenUp'>, signal: AbortSignal): Promise<readonly Outcome[]> {
  const asked: Asked = { ...question, givenUp: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) }
  return new Promise((resolve, reject) => {
    const settled = (then: () => void) => {
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event)
      signal.removeEventListener('abort', onAbort)
      worker.unref()
      then()
    }
    const onAbort = () => {
      Atomics.store(asked.givenUp, 0, 1)
      end(worker)
      settled(() => reject(signal.reason))
    }
    signal.addEventListener('abort', onAbort)
    worker.on('message', (outcomes: readonly Outcome[]) => settled(() => resolve(outcomes)))
    worker.on('error', (error) => settled(() => reject(error)))
    worker.on('exit', () => settled(() => reject(new Error('The thread of an SQLite file ended.'))))
    worker.ref()
    worker.postMessage(asked)
  })
}

/** When it is done with what it does. */
const end = (worker: Worker): void => worker.postMessage('end')

/** The host's own flags are not for this thread. Run from its source, it needs what reads TypeScript. */
function startWorker(): Worker {
  const options = { workerData: gateOfProcess(), execArgv: [] }
  if (!IS_SOURCE) return new Worker(built('programs/sqlite-target.js'), options)
  const source = JSON.stringify(new URL('./sqlite-worker.ts', import.meta.url).href)
  const program = `import('tsx/esm/api').then(({ tsImport }) => tsImport(${source}, ${source}))`
  return new Worker(program, { ...options, eval: true })
}
