/**
 * Code from outside in a process of its own: what it does there costs itself alone. Its endless loop, its crash, its
 * `process.exit`, its memory: the call under way fails with a named error, and the process is started anew.
 *
 *     const sink = await isolate('./audit-sink.mjs', { from: folder, entry: 'sinks[0]' }, { memory: 64, time: 2_000 }, {
 *       async begin(module) {
 *         const made = await make(exportOf(module, 'sinks[0]', aSinkClass), [])   // a class or a function, here or isolated
 *         await made.initialize(data)
 *         return made
 *       },
 *     })
 *     await sink.use((made, signal) => made.notify(notification, { signal, getRequest }))
 *     await sink.close()
 *
 * - `begin` runs at each start, also after a crash: what it answers is what `use` gets.
 * - Every function over there is asynchronous here. What crosses is cloned: plain data, dates, maps, buffers. Of instances the
 *   members and methods cross. Functions among the arguments of a call are called here, until the call has ended (in `begin`:
 *   not at all); abort signals are forwarded. Functions among the answers of `begin` are callable, later ones are refused.
 * - What it throws arrives with name, message and code, without stack, cause or data.
 * - A call that is late fails, its signal aborts, and if the process does not answer then, it is ended.
 * - Its environment is ours without `TOCSIN_*`, `PG*` and `NODE_OPTIONS`. It may do what our account may: this guards against
 *   mistakes, not against malice.
 */
import { availableParallelism } from 'node:os'
import { PluginFailed, Unavailable } from '../errors.js'
import { IsolatedProcess } from './isolated-process.js'
import type { Module, ModuleSource } from './load-module.js'
import { Semaphore } from './semaphore.js'

export interface Isolation {
  /** MiB of JavaScript heap; outside of it (buffers) and for Node itself, 192 more. Default 128. */
  readonly memory?: number | undefined
  /** Milliseconds one `use` may take. Default 5,000. */
  readonly time?: number | undefined
}

/** `waiting`: it crashed, and is started anew a little later. */
export type IsolatedState = 'starting' | 'running' | 'waiting' | 'closed'

export interface IsolatedStatus {
  readonly state: IsolatedState
  readonly pid: number | null
  /** How often it was started anew. */
  readonly restarts: number
  /** What ended it last, or kept it from starting. */
  readonly lastError: string | null
}

export interface Hooks<Value> {
  begin(module: Module): Promise<Value>
  /** It crashed, or could not be started anew. Must not throw. */
  crashed?(error: Error): void
}

export interface Isolated<Value> {
  /**
   * @param options `time`: fewer milliseconds than its own; `signal`: gives the call up.
   * @throws PluginFailed `plugin_timeout`, `plugin_crashed`; Unavailable while it waits to be started anew, and when closed;
   *   what the plug-in threw
   */
  use<Result>(
    work: (value: Value, signal: AbortSignal) => Promise<Result>,
    options?: { readonly signal?: AbortSignal | undefined; readonly time?: number | undefined },
  ): Promise<Result>
  status(): IsolatedStatus
  /** Takes no more calls, waits for those under way, then ends the process. */
  close(): Promise<void>
}

const MEMORY = 128
const TIME = 5_000
/** Milliseconds a process may take to load the module, and again to begin. */
const START = 10_000
/** Loading a module takes a core: who waits for one is not late, however many are started together. */
const LOADING = new Semaphore(Math.max(2, availableParallelism()))
/** Milliseconds it may take to answer that it is alive. */
const PATIENCE = 1_000
const LONGEST_PAUSE = 60_000

/** Milliseconds until it is started anew: at once after the first crash, then longer each time, until a call succeeds. */
export const pauseAfter = (crashes: number): number =>
  crashes <= 1 ? 0 : Math.min(LONGEST_PAUSE, 500 * 2 ** Math.min(crashes - 1, 20))

/**
 * @throws PluginFailed `module_not_found`, `module_broken`, `plugin_crashed`, `plugin_timeout`; what `begin` throws
 */
export async function isolate<Value>(
  specifier: string,
  source: ModuleSource,
  isolation: Isolation,
  hooks: Hooks<Value>,
): Promise<Isolated<Value>> {
  const keeper = new Supervisor(specifier, source, isolation, hooks)
  await keeper.start()
  return keeper
}

interface UseOptions {
  readonly signal?: AbortSignal | undefined
  readonly time?: number | undefined
}

class Supervisor<Value> implements Isolated<Value> {
  readonly #specifier: string
  readonly #source: ModuleSource
  readonly #memory: number
  readonly #time: number
  readonly #hooks: Hooks<Value>
  #state: IsolatedState = 'starting'
  #process: IsolatedProcess | null = null
  #value: Promise<Value> = Promise.reject(new TypeError('It was not started.'))
  /** Without a call that succeeded in between. */
  #crashes = 0
  #restarts = 0
  #restartAt = 0
  #lastError: string | null = null
  #timer: NodeJS.Timeout | undefined
  /** While it is asked whether it is alive, further calls wait. */
  #probe: Promise<void> = Promise.resolve()
  readonly #uses = new Set<Promise<unknown>>()

  constructor(specifier: string, source: ModuleSource, isolation: Isolation, hooks: Hooks<Value>) {
    const { memory = MEMORY, time = TIME } = isolation
    this.#specifier = specifier
    this.#source = source
    this.#memory = memory
    this.#time = time
    this.#hooks = hooks
    this.#value.catch(ignore)
  }

  async start(): Promise<void> {
    try {
      this.#value = this.#launch()
      await this.#value
    } catch (error) {
      this.#state = 'closed'
      throw error
    }
  }

  status(): IsolatedStatus {
    const pid = this.#state === 'running' ? (this.#process?.pid ?? null) : null
    return { state: this.#state, pid, restarts: this.#restarts, lastError: this.#lastError }
  }

  use<Result>(work: (value: Value, signal: AbortSignal) => Promise<Result>, options: UseOptions = {}): Promise<Result> {
    const use = this.#use(work, options)
    const ended = use.then(ignore, ignore).then(() => void this.#uses.delete(ended))
    this.#uses.add(ended)
    return use
  }

  async close(): Promise<void> {
    const state = this.#state
    this.#state = 'closed'
    clearTimeout(this.#timer)
    if (state === 'running') await Promise.all(this.#uses)
    await this.#process?.end('it was closed')
  }

  async #use<Result>(
    work: (value: Value, signal: AbortSignal) => Promise<Result>,
    { signal, time = this.#time }: UseOptions,
  ): Promise<Result> {
    if (this.#state === 'closed') throw this.#closed()
    if (this.#state === 'waiting') throw this.#notNow()
    const limit = Math.min(time, this.#time)
    const whenReady = async (inner: AbortSignal) => {
      await this.#probe
      return work(await this.#value, inner)
    }
    const ask = () => this.#askWhetherAlive()
    signal?.addEventListener('abort', ask, { once: true })
    const result = await inTime(whenReady, { limit, signal, late: () => this.#late(limit) }).finally(() =>
      signal?.removeEventListener('abort', ask),
    )
    this.#crashes = 0
    return result
  }

  #notNow(): Unavailable {
    const retryAfter = Math.max(1, Math.ceil((this.#restartAt - Date.now()) / 1_000))
    const message = `${this.#source.entry}: the plug-in crashed and will be started anew.`
    return new Unavailable('unavailable', message, { retryAfter })
  }

  /** One that was late, also for whoever gave it up, is ended when it never turns its event loop. */
  #askWhetherAlive(): void {
    const process = this.#process
    if (this.#state !== 'running' || process === null) return
    this.#probe = this.#probe.then(async () => {
      if (!(await process.isAlive(PATIENCE))) await process.end('it did not turn its event loop')
    })
  }

  #late(limit: number): PluginFailed {
    this.#askWhetherAlive()
    const { entry } = this.#source
    const message = `${entry}: the plug-in did not answer within ${limit} ms.`
    return new PluginFailed('plugin_timeout', message, { data: { entry, time: limit } })
  }

  async #launch(): Promise<Value> {
    this.#state = 'starting'
    const { process, module } = await LOADING.run(() => this.#load())
    return this.#orEnd(process, async () => {
      const value = await this.#inTimeToBegin(() => this.#hooks.begin(module))
      process.begun()
      if (this.#state === 'starting') this.#state = 'running'
      void process.ended.then((error) => this.#crashed(error))
      return value
    })
  }

  async #load(): Promise<{ process: IsolatedProcess; module: Module }> {
    if (this.#state === 'closed') throw this.#closed()
    const process = new IsolatedProcess(this.#source.entry, this.#memory)
    this.#process = process
    const load = () => process.load(this.#specifier, this.#source)
    return this.#orEnd(process, async () => ({ process, module: await this.#inTimeToBegin(load) }))
  }

  async #orEnd<Result>(process: IsolatedProcess, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      await process.end('it did not begin')
      throw error
    }
  }

  #inTimeToBegin<Result>(work: () => Promise<Result>): Promise<Result> {
    const { deadline: limit = START } = this.#source
    return inTime(work, { limit, late: () => this.#neverBegan(limit) })
  }

  #closed(): Unavailable {
    return new Unavailable('unavailable', `${this.#source.entry}: the plug-in was closed.`)
  }

  #neverBegan(limit: number): PluginFailed {
    const { entry } = this.#source
    return new PluginFailed('module_broken', `${entry}: the plug-in did not begin within ${limit} ms.`, {
      field: entry,
      expected: 'a module that loads',
      data: { entry, module: this.#specifier, reason: 'timeout' },
    })
  }

  #crashed(error: Error): void {
    if (this.#state === 'closed') return
    this.#crashes += 1
    this.#lastError = error.message
    this.#hooks.crashed?.(error)
    const pause = pauseAfter(this.#crashes)
    if (pause === 0) this.#restart()
    else this.#wait(pause)
  }

  #wait(pause: number): void {
    this.#state = 'waiting'
    this.#restartAt = Date.now() + pause
    this.#timer = setTimeout(() => this.#restart(), pause).unref()
  }

  #restart(): void {
    this.#restarts += 1
    this.#value = this.#launch()
    this.#value.catch((error: Error) => this.#crashed(error))
  }
}

interface Limits {
  /** Milliseconds. */
  readonly limit: number
  readonly signal?: AbortSignal | undefined
  late(): Error
}

/** Gives work up when it is late or given up from outside; its own signal aborts then. */
function inTime<Result>(work: (signal: AbortSignal) => Promise<Result>, limits: Limits): Promise<Result> {
  const { limit, signal, late } = limits
  const controller = new AbortController()
  return new Promise((resolve, reject) => {
    const giveUp = (error: unknown) => {
      end()
      reject(error)
      controller.abort(error)
    }
    const stop = () => giveUp(signal?.reason)
    const timer = setTimeout(() => giveUp(late()), limit)
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
    if (signal?.aborted) return stop()
    signal?.addEventListener('abort', stop, { once: true })
    work(controller.signal).then(resolve, reject).finally(end)
  })
}

const ignore = (): void => undefined
