/**
 * The store's thread: takes every batch that waits, runs it in one transaction, answers with one message.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { Call, Outcome } from './calls.js'
import { performer, toFailure } from './calls.js'
import { copyFile } from './copy.js'
import type { EngineOptions } from './engine.js'
import { openEngine } from './engine.js'
import type { FromWorker, ToWorker } from './executor.js'
import { failureOf } from './failures.js'
import { through } from './gate.js'
import { Line } from './line.js'
import { startWorker, type WorkerTask } from './thread.js'
import { background, serveWal } from './wal.js'
import { packOutcome, unpackCall } from './wire.js'
import { Writer } from './writer.js'

const port = parentPort
const task = workerData as WorkerTask
if (port !== null) start(port)

function start(messages: NonNullable<typeof port>): void {
  const post = (message: FromWorker): void => messages.postMessage(message)
  try {
    const { backup, wal, engine } = task
    const inside = through(task.gate)
    if (backup !== undefined) {
      inside(copyFile)(backup.from, backup.to)
      post('closed')
    } else if (wal !== undefined) serveWal(messages, wal, inside)
    else if (engine !== undefined) serve(messages, engine, post)
  } catch (error) {
    post({ failed: toFailure(failureOf(error)) })
  }
}

function serve(messages: NonNullable<typeof port>, options: EngineOptions, post: (message: FromWorker) => void): void {
  const inside = through(task.gate)
  const engine = inside(openEngine)(options)
  const moving = background(() => startWorker({ wal: options }, task.gate), inside)
  const writer = new Writer(engine.session, performer(engine.store), moving)
  const line = new Line({
    execute: (calls) => writer.execute(calls),
    answer: (calls, outcomes) => post(packed(calls, outcomes)),
    now: Date.now,
    later: (again, milliseconds) => setTimeout(inside(again), milliseconds),
  })
  const work = inside((calls: readonly Call[]) => {
    line.add(calls)
    writer.tidy()
  })
  messages.on('message', (first: ToWorker) => {
    const { calls, closing } = everythingFrom(messages, first)
    work(calls)
    if (closing) void line.empty().then(close)
  })
  const close = async (): Promise<void> => {
    await moving.close()
    inside(engine.close)()
    post('closed')
    messages.close()
  }
  post('opened')
}

const packed = (calls: readonly Call[], outcomes: readonly Outcome[]): readonly Outcome[] =>
  calls.flatMap((call, index) => {
    const outcome = outcomes[index]
    return outcome === undefined ? [] : [packOutcome(call, outcome)]
  })

/** The message that woke us and all that came since. */
function everythingFrom(messages: NonNullable<typeof port>, first: ToWorker): { calls: Call[]; closing: boolean } {
  const calls: Call[] = []
  let closing = false
  for (let message: ToWorker | undefined = first; message !== undefined; ) {
    if (message === 'close') closing = true
    else calls.push(...message.map(unpackCall))
    message = receiveMessageOnPort(messages)?.message as ToWorker | undefined
  }
  return { calls, closing }
}
