/**
 * The raw limit's queue in the host's process, SQLite on a thread of its own.
 */
import { Worker } from 'node:worker_threads'
import type { Calls } from './jobs-thread.js'
import type { RawLeased, RawWork } from './work.js'

interface Waiting {
  readonly call: Calls[number]
  done(answer: unknown): void
}

export async function rawOnSqlite(path: string): Promise<RawWork> {
  const module = new URL('./jobs-thread.ts', import.meta.url).href
  const worker = new Worker(new URL('./thread.mjs', import.meta.url), { workerData: { module, given: path } })
  await new Promise((resolve) => worker.once('message', resolve))
  const sent: Waiting[] = []
  let waiting: Waiting[] = []
  worker.on('message', (answers: readonly unknown[]) => {
    for (const [index, { done }] of sent.splice(0, answers.length).entries()) done(answers[index])
  })
  const post = () => {
    worker.postMessage(waiting.map(({ call }) => call))
    sent.push(...waiting)
    waiting = []
  }
  const ask = <Answer>(call: Calls[number]): Promise<Answer> =>
    new Promise((resolve) => {
      if (waiting.length === 0) queueMicrotask(post)
      waiting.push({ call, done: (answer) => resolve(answer as Answer) })
    })
  return {
    enqueue: (enqueue) => ask<number>({ enqueue }),
    lease: (lease) => ask<readonly RawLeased[]>({ lease }),
    finish: (finish) => ask<void>({ finish }),
    async close() {
      const ended = new Promise((resolve) => worker.once('exit', resolve))
      worker.postMessage('close')
      await ended
    },
  }
}
