/**
 * The threads on which SQLite files are written: SQLite answers only when it is done, and a thread can be ended when the time is
 * up. Few of them serve all files of the process; each does one thing at a time.
 */
import { Worker } from 'node:worker_threads'
import { built, IS_SOURCE } from '../../built.js'
import type { Done, Work } from './database.js'

/** What a thread is asked. */
export interface Asked {
  readonly path: string
  readonly work?: Work
  readonly check?: string
}

/** What it answers. */
export type Answer =
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

  /** Rejects with the signal's reason when aborted, and the thread is ended: what it did is rolled back. */
  async ask(asked: Asked, signal: AbortSignal): Promise<Done> {
    const thread = await this.#take()
    try {
      signal.throwIfAborted()
      const answer = await answerOf(thread.worker, asked, signal)
      this.#giveBack(thread)
      if ('done' in answer) return answer.done
      throw new SqliteFailed(answer.failed.message, answer.failed.errcode)
    } catch (error) {
      if (!(error instanceof SqliteFailed)) this.#replace(thread)
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
      this.#end(thread)
    }, IDLE).unref()
    this.#free.push(thread)
  }

  #replace(thread: Thread): void {
    this.#end(thread)
    const next = this.#waiting.shift()
    if (next) next(this.#start())
  }

  #end({ worker }: Thread): void {
    this.#running -= 1
    void worker.terminate()
  }
}

/** Of the process. */
export const sqliteThreads = new SqliteThreads()

function answerOf(worker: Worker, asked: Asked, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const settled = (then: () => void) => {
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event)
      signal.removeEventListener('abort', onAbort)
      worker.unref()
      then()
    }
    const onAbort = () => settled(() => reject(signal.reason))
    signal.addEventListener('abort', onAbort)
    worker.on('message', (answer: Answer) => settled(() => resolve(answer)))
    worker.on('error', (error) => settled(() => reject(error)))
    worker.on('exit', () => settled(() => reject(new Error('The thread of an SQLite file ended.'))))
    worker.ref()
    worker.postMessage(asked)
  })
}

/** The host's own flags are not for this thread. Run from its source, it needs what reads TypeScript. */
function startWorker(): Worker {
  if (!IS_SOURCE) return new Worker(built('programs/sqlite-target.js'), { execArgv: [] })
  const source = JSON.stringify(new URL('./sqlite-worker.ts', import.meta.url).href)
  const program = `import('tsx/esm/api').then(({ tsImport }) => tsImport(${source}, ${source}))`
  return new Worker(program, { eval: true, execArgv: [] })
}
