import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Isolated, isolate, pauseAfter } from './isolate.js'
import { make } from './isolate-wire.js'
import { exportOf, type Module } from './load-module.js'

const CANARY = 'canary-9f2c71'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-isolated-'))
const opened: Isolated<unknown>[] = []
afterAll(async () => {
  await Promise.all(opened.map((each) => each.close()))
  rmSync(folder, { recursive: true })
})

const SINK = `
  const hoard = []
  export class Sink {
    #data
    async initialize(data) { this.#data = data }
    notify(notification) { return { ...notification, data: this.#data, pid: process.pid } }
    async lookUp(id, { getRequest }) { return [id, await getRequest(id)] }
    async wait({ signal }) { await new Promise((done) => signal.addEventListener('abort', done)); globalThis.heard = signal.aborted }
    heard() { return globalThis.heard }
    fail(text) { throw Object.assign(new RangeError(text), { code: 'E_SINK', secret: text, cause: new Error('cause') }) }
    fun() { return () => 1 }
    environment() { return process.env }
    loop() { for (;;); }
    exit(code) { process.exit(code) }
    abort() { process.abort() }
    throwLater() { setTimeout(() => { throw new Error('later') }) ; return new Promise(() => {}) }
    rejectLater() { Promise.reject(new Error('nobody listens')); return new Promise(() => {}) }
    heap() { for (;;) hoard.push(new Array(1e6).fill(1)) }
    map() { const map = new Map(); for (let i = 0; ; i++) map.set(i, i) }
    buffers() { for (;;) hoard.push(Buffer.alloc(5e7, 1)) }
    ready() { process.send?.('ready'); return 'said' }
    speak(message) { process._send(message); return new Promise(() => {}) }
    signal(name) { process.kill(process.pid, name); return new Promise(() => {}) }
  }`

interface Sink {
  initialize(data: unknown): Promise<void>
  notify(notification: unknown): Promise<{ data: unknown; pid: number }>
  [method: string]: (...args: readonly unknown[]) => Promise<unknown>
}

type SinkClass = new () => Sink
const isClass = (value: unknown): value is SinkClass => typeof value === 'function'

const source = { from: folder, entry: 'sinks[2]', deadline: 8_000 }

async function open(text: string, { memory = 64, time = 500, deadline = 8_000, crashed = (_: Error) => {} } = {}) {
  const file = join(folder, `sink-${opened.length}-${text.length}.mjs`)
  writeFileSync(file, text)
  const begin = async (module: Module) => {
    const sink = (await make(exportOf(module, 'sinks[2]', { what: 'a sink', fits: isClass }), [])) as Sink
    await sink.initialize({ server: 'ca-1' })
    return sink
  }
  const isolated = await isolate(file, { ...source, deadline }, { memory, time }, { begin, crashed })
  opened.push(isolated)
  return isolated
}

describe('what crosses', () => {
  let sink: Isolated<Sink>
  beforeAll(async () => {
    sink = await open(SINK, { time: 15_000 })
  })

  it('calls methods of an instance that was made and begun over there', async () => {
    const at = new Date(0)
    const answer = await sink.use((each) =>
      each.notify({ id: 7n, at, map: new Map([[1, 2]]), bytes: new Uint8Array([1]) }),
    )
    expect(answer).toMatchObject({ id: 7n, at, map: new Map([[1, 2]]), data: { server: 'ca-1' } })
    expect(answer.pid).not.toBe(process.pid)
    expect(sink.status()).toMatchObject({ state: 'running', restarts: 0, pid: answer.pid })
  })

  it('calls functions among the arguments here, and hands on what they throw', async () => {
    const getRequest = async (id: unknown) => ({ request: id })
    expect(await sink.use((each) => each.lookUp?.('r1', { getRequest }) ?? never())).toEqual(['r1', { request: 'r1' }])
    const refuse = async () => {
      throw Object.assign(new Error('no such request'), { code: 'not_found' })
    }
    const asked = sink.use((each) => each.lookUp?.('r2', { getRequest: refuse }) ?? never())
    await expect(asked).rejects.toMatchObject({ message: 'no such request', code: 'not_found' })
  })

  it('hands on name, message and code of what it throws, and nothing else', async () => {
    const thrown = await sink.use((each) => each.fail?.('no') ?? never()).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ name: 'RangeError', message: 'no', code: 'E_SINK' })
    expect(Object.keys(thrown as object).sort()).toEqual(['code', 'name'])
    expect((thrown as Error).cause).toBeUndefined()
  })

  it('refuses what cannot cross, and goes on', async () => {
    await expect(sink.use((each) => each.notify(Promise.resolve()))).rejects.toThrow(/could not be cloned/)
    await expect(sink.use((each) => each.fun?.() ?? never())).rejects.toThrow(/cannot be answered/)
    const ring: Record<string, unknown> = {}
    ring.self = ring
    await expect(sink.use((each) => each.notify(ring))).rejects.toThrow(/contains itself/)
    expect(await sink.use((each) => each.notify({ id: 1 }))).toMatchObject({ id: 1 })
  })

  it('leaves the channel to us: a module that says that it is ready, as some managers of processes ask, tells nobody', async () => {
    expect(await sink.use((each) => each.ready?.() ?? never())).toBe('said')
    expect(await sink.use((each) => each.notify({ id: 1 }))).toMatchObject({ id: 1 })
    expect(sink.status().restarts).toBe(0)
  })

  it('takes no data for a function, and no prototype from data', async () => {
    const data = JSON.parse('{"functions":[[["id"],0]],"__proto__":{"polluted":1},"kind":"call"}')
    const answer = await sink.use((each) => each.notify(data))
    expect(answer).toMatchObject({ functions: [[['id'], 0]], kind: 'call' })
    expect('polluted' in answer).toBe(false)
  })

  it('hands our secrets of the environment to nobody', async () => {
    process.env.TOCSIN_SEALING_KEY = CANARY
    process.env.PGPASSWORD = CANARY
    try {
      const fresh = await open(SINK)
      const environment = await fresh.use((each) => each.environment?.() ?? never())
      expect(environment).toHaveProperty('PATH')
      expect(JSON.stringify(environment)).not.toContain(CANARY)
    } finally {
      delete process.env.TOCSIN_SEALING_KEY
      delete process.env.PGPASSWORD
    }
  })

  it('forwards an abort from outside and at the time limit, and stays alive', async () => {
    const controller = new AbortController()
    const given = sink.use((each, signal) => each.wait?.({ signal }) ?? never(), { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('given up')), 20)
    await expect(given).rejects.toThrow('given up')
    const late = sink.use((each, signal) => each.wait?.({ signal }) ?? never(), { time: 50 })
    await expect(late).rejects.toMatchObject({ code: 'plugin_timeout', data: { entry: 'sinks[2]', time: 50 } })
    await expect.poll(() => sink.use((each) => each.heard?.() ?? never())).toBe(true)
    expect(sink.status().restarts).toBe(0)
  })
})

const never = (): Promise<never> => Promise.reject(new Error('There is no such method.'))

describe('what it costs', () => {
  // One process for all, started anew each time; a call that succeeds in between takes the pause away.
  let sink: Isolated<Sink>
  const crashes: string[] = []
  beforeAll(async () => {
    sink = await open(SINK, { memory: 32, time: 15_000, crashed: (error) => void crashes.push(error.message) })
  })

  it.each([
    ['process.exit', 'exit', 3, /exited with 3/],
    ['process.abort', 'abort', 0, /aborted/],
    ['an error that nobody catches', 'throwLater', 0, /exited with 1/],
    ['a rejection that nobody catches', 'rejectLater', 0, /exited with 1/],
    ['a heap that is used up in large steps', 'heap', 0, /aborted/],
    ['a map that grows for ever', 'map', 0, /aborted/],
    ['buffers outside of the heap', 'buffers', 0, /killed/],
    ['a signal', 'signal', 'SIGTERM', /SIGTERM/],
    ['a message that is none of ours', 'speak', 'ready', /not of ours/],
    ['an answer without an answer', 'speak', { kind: 'answer', id: 1e9 }, /not of ours/],
  ])('%s: the call fails, and the next one is answered', async (_, method, argument, why) => {
    const before = sink.status().restarts
    await expect(sink.use((each) => each[method]?.(argument) ?? never())).rejects.toMatchObject({
      code: 'plugin_crashed',
      message: expect.stringMatching(why),
      data: { entry: 'sinks[2]' },
    })
    expect(await sink.use((each) => each.notify({ id: method }))).toMatchObject({
      id: method,
      data: { server: 'ca-1' },
    })
    expect(sink.status()).toMatchObject({ restarts: before + 1, lastError: expect.stringMatching(why) })
    expect(crashes.at(-1)).toMatch(why)
  })

  it('an endless loop: late, then ended; who calls meanwhile waits for the new process', async () => {
    const { restarts } = sink.status()
    await sink.use((each) => each.notify({ id: 1 }))
    const looping = sink.use((each) => each.loop?.() ?? never(), { time: 100 })
    await expect(looping).rejects.toMatchObject({ code: 'plugin_timeout' })
    expect(await sink.use((each) => each.notify({ id: 2 }))).toMatchObject({ id: 2 })
    expect(sink.status()).toMatchObject({ restarts: restarts + 1, lastError: expect.stringMatching(/event loop/) })
  })

  it('crash after crash: calls are refused until the pause is over', async () => {
    const exit = () => sink.use((each) => each.exit?.(1) ?? never())
    await expect(exit()).rejects.toMatchObject({ code: 'plugin_crashed' })
    await expect(exit()).rejects.toMatchObject({ code: 'plugin_crashed' })
    await delay(10)
    await expect(exit()).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 })
    expect(sink.status().state).toBe('waiting')
    await expect.poll(() => sink.status().state, { timeout: 5_000 }).toBe('running')
    expect([1, 2, 3, 4, 20, 1_000].map(pauseAfter)).toEqual([0, 1_000, 2_000, 4_000, 60_000, 60_000])
  })
})

describe('many at once', () => {
  it('load a few at a time, so that none is late because others load too', { timeout: 120_000 }, async () => {
    const most = Math.max(2, availableParallelism())
    const notes = join(folder, 'loading')
    const text = `
      import { appendFileSync } from 'node:fs'
      appendFileSync(${JSON.stringify(notes)}, '+')
      await new Promise((done) => setTimeout(done, 100))
      appendFileSync(${JSON.stringify(notes)}, '-')
      export class Sink { async initialize() {} }`
    await Promise.all(Array.from({ length: most * 2 + 1 }, () => open(text, { deadline: 60_000 })))
    let loading = 0
    const peaks = [...readFileSync(notes, 'utf8')].map((sign) => (loading += sign === '+' ? 1 : -1))
    expect(peaks).toHaveLength(2 * (most * 2 + 1))
    expect(Math.max(...peaks)).toBeLessThanOrEqual(most)
  })
})

describe('beginning and end', () => {
  it.each([
    ['a syntax error', 'export const = 1', 'module_broken'],
    ['a throw', 'throw new Error("no licence")', 'module_broken'],
    ['no fitting export', 'export const sink = {}', 'module_unfit'],
    ['an endless loop at its top', 'for (;;);', 'module_broken'],
    [
      'an initialiser that never ends',
      SINK.replace('async initialize(data) {', 'async initialize(data) { await new Promise(() => {});'),
      'module_broken',
    ],
    ['process.exit at its top', 'process.exit(0)', 'plugin_crashed'],
  ])('tells of %s', async (_, text, code) => {
    const deadline = /for \(;;\);$|new Promise\(\(\) => \{\}\);/.test(text) && code === 'module_broken' ? 1_500 : 8_000
    await expect(open(text, { deadline })).rejects.toMatchObject({ code, message: expect.stringContaining('sinks[2]') })
  })

  it('hands on what an initialiser throws', async () => {
    const text = SINK.replace('async initialize(data) {', 'async initialize(data) { throw new Error("no server");')
    await expect(open(text)).rejects.toThrow('no server')
  })

  it('closes when what is under way has ended, and takes no more', async () => {
    const sink = await open(
      `export class S { initialize() {} async notify() { await new Promise((d) => setTimeout(d, 100)); return 'done' } }`,
    )
    const { pid } = sink.status()
    const under = sink.use((each) => each.notify(1))
    await delay(20)
    const closing = sink.close()
    await expect(sink.use((each) => each.notify(2))).rejects.toMatchObject({ code: 'unavailable' })
    expect(await under).toBe('done')
    await closing
    expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH')
    expect(sink.status().state).toBe('closed')
  })
})
