/**
 * Where calls are executed: in this thread, or in a worker with batches in both directions.
 */
import type { Worker } from 'node:worker_threads'
import { messageOf, Unavailable } from '../../errors.js'
import type { Call, Failure, Outcome } from './calls.js'
import { fromFailure, performer } from './calls.js'
import { vacuumInto } from './copy.js'
import type { EngineOptions } from './engine.js'
import { openEngine } from './engine.js'
import { Line } from './line.js'
import { startWorker } from './thread.js'
import type { PackedCall } from './wire.js'
import { packCall, unpackOutcome } from './wire.js'
import { Writer } from './writer.js'

export interface Executor {
  send(call: Call): Promise<unknown>
  backup(path: string): Promise<void>
  close(): Promise<void>
}

interface Pending {
  readonly call: Call
  resolve(value: unknown): void
  reject(error: Error): void
}

const closed = (): Unavailable => new Unavailable('unavailable', 'The store is closed.')

/** Returns those that still wait. */
function answer(pending: readonly Pending[], outcomes: readonly Outcome[]): Pending[] {
  const waiting: Pending[] = []
  for (const [index, one] of pending.entries()) {
    const outcome = outcomes[index]
    if (outcome === undefined) one.reject(closed())
    else if ('value' in outcome) one.resolve(outcome.value)
    else if ('failure' in outcome) one.reject(fromFailure(outcome.failure))
    else waiting.push(one)
  }
  return waiting
}

// -------------------------------------------------------------------------------------------- this thread

/** Waits for the end of the loop's turn, so that everything asked in it shares one commit. */
export function inlineExecutor(options: EngineOptions): Executor {
  const engine = openEngine(options)
  const writer = new Writer(engine.session, performer(engine.store))
  let queue: Pending[] = []
  let inLine: Pending[] = []
  let isOpen = true
  const line = new Line({
    execute: (calls) => writer.execute(calls),
    answer: (_, outcomes) => {
      inLine = answer(inLine, outcomes)
    },
    now: Date.now,
    later: setTimeout,
  })
  const flush = (): void => {
    const batch = queue
    queue = []
    inLine = inLine.length === 0 ? batch : [...inLine, ...batch]
    line.add(batch.map(({ call }) => call))
    writer.tidy()
  }
  const send = (call: Call): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (!isOpen) return reject(closed())
      if (queue.length === 0) setImmediate(flush)
      queue.push({ call, resolve, reject })
    })
  return {
    send,
    backup: async (path) => vacuumInto(engine.session, path),
    close: async () => {
      if (!isOpen) return
      isOpen = false
      if (queue.length > 0) await new Promise((resolve) => setImmediate(resolve))
      await line.empty()
      engine.close()
    },
  }
}

// -------------------------------------------------------------------------------------------- a worker

/** What goes to the worker. */
export type ToWorker = readonly PackedCall[] | 'close'
/** What comes back: outcomes in the order of the calls that are not answered yet. */
export type FromWorker = readonly Outcome[] | 'opened' | 'closed' | { readonly failed: Failure }

export async function workerExecutor(options: EngineOptions): Promise<Executor> {
  const worker = startWorker({ engine: options })
  await untilFirst(worker, 'opened')
  let pending: Pending[] = []
  let gathered: Pending[] = []
  let ended: Error | null = null
  const fail = (error: Error): void => {
    ended ??= error
    for (const one of [...pending, ...gathered]) one.reject(ended)
    pending = []
    gathered = []
  }
  worker.on('message', (message: FromWorker) => {
    if (!Array.isArray(message)) return
    const asked = pending.splice(0, message.length)
    const waiting = answer(asked, unpacked(asked, message))
    if (waiting.length > 0) pending = [...waiting, ...pending]
  })
  worker.on('error', (error) => fail(new Unavailable('unavailable', "The store's thread failed.", { cause: error })))
  worker.on('exit', () => fail(closed()))
  const post = (): void => {
    const together = gathered
    gathered = []
    if (together.length > 0 && !posted(together)) for (const one of together) posted([one])
  }
  /** What cannot cross to a thread, such as a function, is refused alone. */
  const posted = (asked: Pending[]): boolean => {
    try {
      worker.postMessage(asked.map(({ call }) => packCall(call)))
      pending.push(...asked)
      return true
    } catch (error) {
      if (asked.length === 1) asked[0]?.reject(new TypeError(messageOf(error), { cause: error }))
      return false
    }
  }
  const send = (call: Call): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended !== null) return reject(ended)
      if (gathered.length === 0) queueMicrotask(post)
      gathered.push({ call, resolve, reject })
    })
  return {
    send,
    backup: (to) => untilFirst(startWorker({ backup: { from: options.path, to } }), 'closed'),
    close: async () => {
      if (ended !== null) return
      post()
      ended = closed()
      worker.postMessage('close' satisfies ToWorker)
      await untilFirst(worker, 'closed')
    },
  }
}

const unpacked = (asked: readonly Pending[], outcomes: readonly Outcome[]): readonly Outcome[] =>
  asked.flatMap(({ call }, index) => {
    const outcome = outcomes[index]
    return outcome === undefined ? [] : [unpackOutcome(call, outcome)]
  })

/** Waits for one message of a worker; its failure and its death are failures of ours. */
function untilFirst(worker: Worker, wanted: 'opened' | 'closed'): Promise<void> {
  return new Promise((resolve, reject) => {
    const listen = (message: FromWorker): void => {
      if (message === wanted) settle(resolve)
      else if (typeof message === 'object' && 'failed' in message) settle(() => reject(fromFailure(message.failed)))
    }
    const die = (cause: unknown): void =>
      settle(() => reject(new Unavailable('unavailable', "The store's thread ended.", { cause })))
    const settle = (end: () => void): void => {
      worker.off('message', listen).off('error', die).off('exit', die)
      end()
    }
    worker.on('message', listen).on('error', die).on('exit', die)
  })
}
