/**
 * The isolated process: loads one module and answers calls of what it exports, until its parent lets go of it.
 */
import { Worker } from 'node:worker_threads'
import {
  type Answer,
  type Callable,
  type FromIsolated,
  type Keeper,
  make,
  type Packed,
  pack,
  packError,
  type ToIsolated,
  unpack,
  unpackError,
} from './isolate-wire.js'
import { loadModule, type ModuleSource } from './load-module.js'

const [limit = '0'] = process.argv.slice(2)

/**
 * Its own thread, as the module may never turn the loop: ends this process when the parent is gone, or when more memory is
 * used than allowed outside of the heap (buffers), which V8 does not limit.
 */
const WATCH = `
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent || process.memoryUsage.rss() > ${Number(limit)}) process.kill(process.pid, 'SIGKILL')
}, 100)`

new Worker(WATCH, { eval: true, execArgv: [], stdin: false }).unref()

const load = (specifier: string, source: ModuleSource) => loadModule(specifier, source)
/** By number; the first loads the module. */
const functions: Callable[] = [load]
const signals = new Map<number, AbortController>()
const asked = new Map<number, (answer: Answer) => void>()
let calls = 0

const tellParent = process.send?.bind(process)
/** The channel is ours: whoever says `process.send?.('ready')` finds none, as in a process that nobody forked. */
process.send = undefined

const send = (message: FromIsolated): void => void tellParent?.(message)

const noSignal = (): never => {
  throw new TypeError('An abort signal cannot be answered.')
}

const KEEPING: Keeper = { keepFunction: (callable) => functions.push(callable) - 1, keepSignal: noSignal }

const REFUSING: Keeper = {
  keepFunction: () => {
    throw new TypeError('A function cannot be answered.')
  },
  keepSignal: noSignal,
}

/** A function of the parent: called there. */
const callParent =
  (target: number) =>
  (...args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++calls
      asked.set(id, (answer) => ('error' in answer ? reject(unpackError(answer.error)) : resolve(opened(answer.value))))
      send({ kind: 'call', id, target, args: pack(args, REFUSING) })
    })

function opened(packed: Packed): unknown {
  return unpack(packed, {
    functionFor: callParent,
    signalFor: (id) => {
      const controller = signals.get(id) ?? new AbortController()
      signals.set(id, controller)
      return controller.signal
    },
  })
}

async function answer({ id, target, args, keep }: Extract<ToIsolated, { kind: 'call' }>): Promise<void> {
  try {
    const callable = functions[target]
    if (callable === undefined) throw new TypeError('There is no such function.')
    const value = await make(callable, opened(args) as readonly unknown[])
    send({ kind: 'answer', id, answer: { value: pack(value, keep ? KEEPING : REFUSING) } })
  } catch (error) {
    send({ kind: 'answer', id, answer: { error: packError(error) } })
  } finally {
    for (const [, signal] of args.signals) signals.delete(signal)
  }
}

process.on('message', (message: ToIsolated) => {
  if (message.kind === 'ping') send({ kind: 'pong' })
  else if (message.kind === 'abort') signals.get(message.signal)?.abort()
  else if (message.kind === 'call') void answer(message)
  else {
    asked.get(message.id)?.(message.answer)
    asked.delete(message.id)
  }
})
process.on('disconnect', () => process.exit())
