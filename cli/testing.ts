/**
 * The command line in a test: run in this process with an input, an environment and a folder of its own.
 */
import type { Io } from './lib/io.js'
import { run } from './program.js'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Surroundings {
  readonly folder: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly input?: string
  readonly signal?: AbortSignal
  readonly terminal?: boolean
}

export async function runCli(words: readonly string[], surroundings: Surroundings): Promise<Ran> {
  const out: string[] = []
  const err: string[] = []
  const io: Io = {
    out: (text) => void out.push(`${text}\n`),
    err: (text) => void err.push(text),
    input: bytesOf(surroundings.input ?? ''),
    prompt: null,
    environment: surroundings.environment ?? {},
    folder: surroundings.folder,
    home: surroundings.folder,
    terminal: surroundings.terminal ?? false,
    drawing: surroundings.terminal ?? false,
    columns: 80,
    now: Date.now,
    signal: surroundings.signal ?? new AbortController().signal,
  }
  const code = await run(words, io)
  return { code, out: out.join(''), err: err.join('') }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}
