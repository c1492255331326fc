/**
 * One isolated process as its parent sees it: calls go over, answers come back, and when it ends all who wait are told.
 * A process and not a thread: V8 ends the whole process when the heap of a thread is used up by one large step.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { built } from '../built.js'
import { PluginFailed } from '../errors.js'
import {
  type Answer,
  type Callable,
  type FromIsolated,
  type Keeper,
  LOAD,
  type Packed,
  type PackedError,
  pack,
  packError,
  type ToIsolated,
  unpack,
  unpackError,
} from './isolate-wire.js'
import type { Module, ModuleSource } from './load-module.js'

const MIB = 1_048_576
/** MiB for Node itself, and for buffers. */
const BESIDE_HEAP = 192
/** Milliseconds it has to end by itself when it is let go of. */
const FAREWELL = 500

const CHILD = fileURLToPath(built('programs/isolate-child.js'))

const NOT_HANDED_ON = /^(TOCSIN_|PG|NODE_OPTIONS$)/

const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_HANDED_ON.test(name)))

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
  /** What is kept for the call alone. */
  readonly functions: readonly number[]
  release(): void
}

export class IsolatedProcess {
  /** Resolves with the reason; never rejects. */
  readonly ended: Promise<PluginFailed>
  readonly #entry: string
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  readonly #functions = new Map<number, Callable>()
  readonly #pongs = new Set<() => void>()
  #count = 0
  #isBeginning = true
  #why: string | null = null
  #error: PluginFailed | null = null

  /** @param memory MiB of heap */
  constructor(entry: string, memory: number) {
    this.#entry = entry
    this.#child = fork(CHILD, [String((memory + BESIDE_HEAP) * MIB)], {
      execArgv: [`--max-old-space-size=${memory}`],
      env: environment(),
      serialization: 'advanced',
      // Its standard output is not ours: there the log goes.
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.#child.on('message', (message: FromIsolated) => this.#hearOrEnd(message))
    this.ended = new Promise((resolve) => {
      const end = (why: string) => resolve(this.#end(why))
      this.#child.once('exit', (code, signal) => end(wordsFor(code, signal)))
      this.#child.once('error', (error) => end(error.message))
    })
  }

  get pid(): number | null {
    return this.#child.pid ?? null
  }

  /** What it exports: functions are called over there. @throws PluginFailed `module_not_found`, `module_broken`, `module_unfit` */
  async load(specifier: string, source: ModuleSource): Promise<Module> {
    try {
      return (await this.#call(LOAD, [specifier, source])) as Module
    } catch (error) {
      throw asPluginFailed(error, source.entry)
    }
  }

  /** From now on answers hold no functions. */
  begun(): void {
    this.#isBeginning = false
  }

  /** Whether it turns its event loop, within so many milliseconds. */
  isAlive(patience: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (alive: boolean) => {
        clearTimeout(timer)
        this.#pongs.delete(pong)
        resolve(alive)
      }
      const pong = () => settle(true)
      const timer = setTimeout(() => settle(false), patience)
      this.#pongs.add(pong)
      this.#send({ kind: 'ping' })
    })
  }

  /** Ends it and waits until it has ended. */
  async end(why: string): Promise<void> {
    this.#why ??= why
    if (this.#child.connected) this.#child.disconnect()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), FAREWELL)
    await this.ended
    clearTimeout(timer)
  }

  #call(target: number, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#error !== null) return reject(this.#error)
      const { keeper, functions, release } = this.#keeper()
      const id = ++this.#count
      this.#waiting.set(id, { resolve, reject, functions, release })
      try {
        this.#send({ kind: 'call', id, target, args: pack(args, keeper), keep: this.#isBeginning })
      } catch (error) {
        this.#settle(id)
        reject(error)
      }
    })
  }

  /** Functions and signals among the arguments live as long as the call. */
  #keeper() {
    const functions: number[] = []
    const releases: (() => void)[] = []
    const keeper: Keeper = {
      keepFunction: (callable) => {
        const id = ++this.#count
        this.#functions.set(id, callable)
        functions.push(id)
        return id
      },
      keepSignal: (signal) => {
        const id = ++this.#count
        const tell = () => this.#send({ kind: 'abort', signal: id })
        if (signal.aborted) setImmediate(tell)
        signal.addEventListener('abort', tell, { once: true })
        releases.push(() => signal.removeEventListener('abort', tell))
        return id
      },
    }
    const release = () => {
      for (const each of releases) each()
    }
    return { keeper, functions, release }
  }

  /** What waits under that number, which waits no more. */
  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    for (const each of waiting?.functions ?? []) this.#functions.delete(each)
    waiting?.release()
    return waiting
  }

  /** Code over there can send anything; no message may end us. */
  #hearOrEnd(message: FromIsolated): void {
    try {
      this.#hear(message)
    } catch {
      void this.end('it sent a message that is not of ours')
    }
  }

  #hear(message: FromIsolated): void {
    if (message.kind === 'pong') for (const pong of [...this.#pongs]) pong()
    else if (message.kind === 'call') void this.#answer(message)
    else {
      const waiting = this.#settle(message.id)
      const { answer } = message
      if ('error' in answer) waiting?.reject(unpackError(answer.error))
      else waiting?.resolve(this.#valueOf(answer.value))
    }
  }

  #valueOf(packed: Packed): unknown {
    return unpack(packed, {
      functionFor:
        (target) =>
        (...args: readonly unknown[]) =>
          this.#call(target, args),
      signalFor: () => AbortSignal.abort(),
    })
  }

  async #answer({ id, target, args }: Extract<FromIsolated, { kind: 'call' }>): Promise<void> {
    const answer = await this.#answerOf(target, args)
    try {
      this.#send({ kind: 'answer', id, answer })
    } catch (error) {
      this.#send({ kind: 'answer', id, answer: { error: packError(error) } })
    }
  }

  async #answerOf(target: number, args: Packed): Promise<Answer> {
    try {
      const callable = this.#functions.get(target)
      if (callable === undefined) throw new TypeError('The call that brought this function has ended.')
      return { value: pack(await callable(...(this.#valueOf(args) as readonly unknown[])), REFUSING) }
    } catch (error) {
      return { error: packError(error) }
    }
  }

  /** One that has ended is told nothing. */
  #send(message: ToIsolated): void {
    if (this.#child.connected) this.#child.send(message)
  }

  #end(why: string): PluginFailed {
    const message = this.#why ?? why
    const data = { entry: this.#entry }
    this.#error = new PluginFailed('plugin_crashed', `${this.#entry}: the process of the plug-in ended: ${message}.`, {
      data,
    })
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(this.#error)
    return this.#error
  }
}

const refuse = (): never => {
  throw new TypeError('Functions and signals cannot be answered.')
}

const REFUSING: Keeper = { keepFunction: refuse, keepSignal: refuse }

/** V8 aborts when the heap is used up; we and the system kill for other memory. */
function wordsFor(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGABRT' || code === 134) return 'it aborted, as when its memory is used up'
  if (signal === 'SIGKILL') return 'it was killed, as when it uses too much memory'
  return signal === null ? `it exited with ${code}` : `by ${signal}`
}

const CODES = ['module_not_found', 'module_broken', 'module_unfit'] as const

/** What `loadModule` threw over there. */
function asPluginFailed(error: unknown, entry: string): unknown {
  const code = CODES.find((each) => (error as Partial<PackedError>).code === each)
  if (code === undefined || error instanceof PluginFailed) return error
  return new PluginFailed(code, (error as Error).message, { field: entry, data: { entry } })
}
