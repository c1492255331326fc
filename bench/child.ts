/**
 * Another process for one side of a measurement: it says when it is ready, and answers one message at a time.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Child {
  /** Sends a message and waits for its answer. */
  ask(message: unknown): Promise<unknown>
  close(): Promise<void>
}

/** @param file what it runs; its first message is its greeting, given back as `hello`. */
export async function child(file: URL, ...execArgv: string[]): Promise<Child & { readonly hello: unknown }> {
  const process_ = fork(fileURLToPath(file), [], {
    execArgv: [...process.execArgv, ...execArgv],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const hello = await answer(process_)
  return {
    hello,
    async ask(message) {
      process_.send(message as object)
      return answer(process_)
    },
    async close() {
      const ended = once(process_, 'exit')
      process_.disconnect()
      await ended
    },
  }
}

function answer(process_: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`A process of the measurement ended with ${code}.`))
    process_.once('exit', died)
    process_.once('message', (message) => {
      process_.off('exit', died)
      resolve(message)
    })
  })
}
