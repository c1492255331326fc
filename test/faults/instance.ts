/**
 * The built command, run as a person runs it: in processes of its own, ended by their ids.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** TOCSIN_TEST_DIST puts another build to the same tests. */
const DIST = process.env.TOCSIN_TEST_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url))
const COMMAND = join(DIST, 'cli', 'main.js')

export const makeFolder = (): string => mkdtempSync(join(tmpdir(), 'tocsin-fault-'))
export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true })

export interface Instance {
  /** Holds tocsin.yaml, sealing.key and tocsin.db. */
  readonly folder: string
  /** Of an operator. */
  readonly key: string
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Nobody's settings but the test's own. */
const environmentOf = (folder: string): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, HOME: folder })

/** Runs a command to its end. */
export async function tocsin(folder: string, ...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, env: environmentOf(folder) })
  const heard = listen(child)
  const [code] = await once(child, 'close')
  return { code, ...heard() }
}

/** @param database a URL of PostgreSQL instead of a file: servers are told it again, as settings hold no password. */
export async function initInstance(folder: string, database?: string): Promise<Instance> {
  const elsewhere = database === undefined ? [] : ['--database', database]
  const { code, out, err } = await tocsin(folder, 'init', folder, '--json', ...elsewhere)
  if (code !== 0) throw new Error(`tocsin init failed: ${err}`)
  const { key } = JSON.parse(out) as { key: string }
  return { folder, key }
}

export interface ServeOptions {
  /** Settings by path. */
  readonly set?: Readonly<Record<string, string | number | boolean>>
  /** Goes before the command, such as `strace -f`. */
  readonly under?: readonly string[]
  /** Modules Node loads first, in the main thread. */
  readonly preload?: readonly string[]
}

export interface Server {
  readonly url: string
  /** Null when a signal ended it. */
  readonly ended: Promise<number | null>
  /** What it has written so far. */
  heard(): { readonly out: string; readonly err: string }
  signal(name: NodeJS.Signals): void
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>
  /** SIGTERM, and waits for its exit code. */
  stop(): Promise<number | null>
}

/** A server that begins; it may never listen. */
export interface Starting extends Omit<Server, 'url'> {
  /** @throws when it ends before. */
  listening(): Promise<Server>
}

export function startServer({ folder }: Pick<Instance, 'folder'>, options: ServeOptions = {}): Starting {
  const { set = {}, under = [], preload = [] } = options
  const settings = { 'log.level': 'error', 'egress.allow': '127.0.0.0/8', ...set }
  const flags = Object.entries(settings).flatMap(([path, value]) => ['--set', `${path}=${value}`])
  const node = [process.execPath, ...preload.flatMap((path) => ['--import', path]), COMMAND]
  const [program = '', ...args] = [...under, ...node, 'serve', '--port', '0', ...flags]
  const child = spawn(program, args, { cwd: folder, env: environmentOf(folder), stdio: ['ignore', 'pipe', 'pipe'] })
  return starting(child)
}

export const serve = (instance: Pick<Instance, 'folder'>, options: ServeOptions = {}): Promise<Server> =>
  startServer(instance, options).listening()

/** Milliseconds; a busy machine takes its time. */
const LATEST_START = 60_000

const LISTENING = /Listening at (http:\/\/\S+)/

function starting(child: ChildProcess): Starting {
  const heard = listen(child)
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const signal = (name: NodeJS.Signals) => void child.kill(name)
  const end = (name: NodeJS.Signals) => {
    signal(name)
    return ended
  }
  const common = { ended, heard, signal, kill: async () => void (await end('SIGKILL')), stop: () => end('SIGTERM') }
  const said = new Promise<string>((resolve) => {
    child.stderr?.on('data', () => {
      const url = LISTENING.exec(heard().err)?.[1]
      if (url !== undefined) resolve(url)
    })
  })
  const early = async (): Promise<never> => {
    throw new Error(`The server ended with ${await ended}: ${heard().err}${heard().out}`)
  }
  const late = async (): Promise<never> => {
    await setTimeout(LATEST_START, undefined, { ref: false })
    throw new Error(`The server neither listens nor ends: ${heard().err}${heard().out}`)
  }
  const listening = async () => ({ ...common, url: await Promise.race([said, early(), late()]) })
  return { ...common, listening }
}

function listen(child: ChildProcess): () => { out: string; err: string } {
  const heard = { out: '', err: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    heard.out += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    heard.err += text
  })
  return () => ({ ...heard })
}
