/**
 * The server under strace: in which order it wrote the log of the database, synced it and answered.
 */
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { until } from './random.js'

/** Node loads it first; the store then believes in syncs that do not happen. */
export const CARELESS = fileURLToPath(new URL('./careless.mjs', import.meta.url))

/** More than a page of the database, so that the ids in it are seen. */
const STRING = 9_000

/**
 * `-D`: the server stays our child, so that its id is the one we know.
 * @param inject what happens to syncs, such as `error=EIO:when=3+`
 */
export const traced = (file: string, inject?: string): readonly string[] =>
  [
    'strace',
    '-D',
    '-f',
    '-y',
    '--seccomp-bpf',
    ['-s', String(STRING)],
    ['-o', file],
    ['-e', 'trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg'],
    inject === undefined ? [] : ['-e', `inject=fsync,fdatasync:${inject}`],
  ].flat()

/** The tracer outlives what it traced by a moment. */
export const traceEnds = (file: string): Promise<void> =>
  until(
    'strace ends',
    () =>
      existsSync(file) && /\+\+\+ (exited|killed) [^\n]*\n$/.test(readFileSync(file).subarray(-500).toString('latin1')),
  )

export interface Acknowledgements {
  readonly count: number
  /** Ids answered 202 before a sync that began after they were written to the log had ended. */
  readonly early: readonly string[]
  readonly syncs: number
}

/** How far an event is: it is in the log's file, a sync has begun since, a sync has ended since. */
type Progress = 'written' | 'syncing' | 'synced'

const LINE = /^(\d+) +(.*)$/
const CALL = /^(\w+)\(/
const RESUMED = /^<\.\.\. (\w+) resumed>/

/** Reads the trace line by line; calls that another thread's interrupted stand in two lines. */
export async function acknowledgements(file: string, id: RegExp): Promise<Acknowledgements> {
  const reader = new TraceReader(id)
  for await (const line of createInterface({ input: createReadStream(file, 'latin1') })) reader.read(line)
  return reader.result
}

class TraceReader {
  readonly #id: RegExp
  readonly #progress = new Map<string, Progress>()
  /** What each thread's interrupted call began as. */
  readonly #pending = new Map<string, string>()
  readonly #early: string[] = []
  #count = 0
  #syncs = 0

  constructor(id: RegExp) {
    this.#id = id
  }

  get result(): Acknowledgements {
    return { count: this.#count, early: this.#early, syncs: this.#syncs }
  }

  read(line: string): void {
    const [, thread = '', rest = ''] = LINE.exec(line) ?? []
    if (CALL.test(rest)) {
      this.#begins(rest)
      if (rest.endsWith('<unfinished ...>')) this.#pending.set(thread, rest)
      else this.#ends(rest, rest)
    } else if (RESUMED.test(rest)) {
      this.#ends(this.#pending.get(thread) ?? '', rest)
      this.#pending.delete(thread)
    }
  }

  /** An answer counts from its beginning, a sync covers what was written before its own. */
  #begins(call: string): void {
    if (isSync(call)) this.#move('written', 'syncing')
    else if (call.includes('HTTP/1.1 202')) this.#answered(call)
  }

  #ends(call: string, line: string): void {
    if (isSync(call) && / = 0$/.test(line)) {
      this.#syncs += 1
      this.#move('syncing', 'synced')
    }
    if (!call.startsWith('pwrite64(') || !call.includes('.db-wal>')) return
    for (const [found] of call.matchAll(this.#id)) if (!this.#progress.has(found)) this.#progress.set(found, 'written')
  }

  #move(from: Progress, to: Progress): void {
    for (const [id, progress] of this.#progress) if (progress === from) this.#progress.set(id, to)
  }

  #answered(call: string): void {
    const [found] = call.match(this.#id) ?? []
    if (found === undefined) return
    this.#count += 1
    if (this.#progress.get(found) !== 'synced') this.#early.push(found)
  }
}

const isSync = (call: string): boolean => /^(fsync|fdatasync)\(/.test(call) && call.includes('.db-wal>')

/** Syncs that were made to fail. */
export const injected = (file: string): number => readFileSync(file, 'latin1').split('(INJECTED)').length - 1
