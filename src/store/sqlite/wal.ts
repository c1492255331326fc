/**
 * Moving the WAL into the file while others write, over a connection of its own in a thread of its own: in the writer's
 * everybody would wait while it lasts.
 */
import { once } from 'node:events'
import type { parentPort, Worker } from 'node:worker_threads'
import { messageOf } from '../../errors.js'
import type { Connection } from './driver.js'
import { openConnection } from './driver.js'
import { resultCode } from './failures.js'
import type { Through } from './gate.js'

export interface WalOptions {
  readonly path: string
  readonly synchronous: 'FULL' | 'NORMAL'
}

/** What a thread can tell of an error: null, there was none. */
export type Trouble = { readonly message: string; readonly errcode: number | null } | null

/** What is written meanwhile is moved by the next pass; what is left then is little. */
const PASSES = 3

export function moveWal(connection: Connection): Trouble {
  try {
    const statement = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)')
    statement.setReturnArrays(true)
    for (let pass = 0; pass < PASSES; pass++) {
      const row = statement.get()
      if (!Array.isArray(row) || row[1] === row[2]) break
    }
    return null
  } catch (error) {
    return { message: messageOf(error), errcode: resultCode(error) }
  }
}

/** What the thread does: a pass for each message, until it is told to close. */
export function serveWal(messages: NonNullable<typeof parentPort>, options: WalOptions, inside: Through): void {
  const connection = inside(openFor)(options)
  const serve = inside((message: 'move' | 'close') => {
    if (message === 'move') return messages.postMessage(moveWal(connection))
    connection.close()
    messages.close()
  })
  messages.on('message', serve)
}

function openFor({ path, synchronous }: WalOptions): Connection {
  const connection = openConnection(path)
  connection.exec(`PRAGMA synchronous = ${synchronous}`)
  return connection
}

export interface Background {
  /** Calls back when it is done, with what went wrong. Once at a time. */
  move(done: (trouble: Trouble) => void): void
  close(): Promise<void>
}

/**
 * @param start starts the thread, when it is first needed
 * @param inside who is called back goes into SQLite too
 */
export function background(start: () => Worker, inside: Through): Background {
  let worker: Worker | null = null
  let done: ((trouble: Trouble) => void) | null = null
  const tell = (trouble: Trouble): void => {
    const waiting = done
    done = null
    waiting?.(trouble)
  }
  const started = (): Worker => {
    const thread = start()
    thread.unref()
    thread.on('message', inside(tell))
    thread.on('error', (error) => {
      worker = null
      inside(tell)({ message: messageOf(error), errcode: resultCode(error) })
    })
    return thread
  }
  return {
    move(call) {
      done = call
      worker ??= started()
      worker.postMessage('move')
    },
    async close() {
      if (worker === null) return
      const exit = once(worker, 'exit')
      worker.ref()
      worker.postMessage('close')
      await exit
    },
  }
}
