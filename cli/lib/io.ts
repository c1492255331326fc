/**
 * What a command touches of the world, handed in so that a test can hand in another.
 */
import { homedir } from 'node:os'
import { type Prompt, TerminalPrompt } from './prompt.js'

export interface Io {
  /** Standard output: answers, one call a line or more, without the last line end. */
  out(text: string): void
  /** Standard error: errors and progress, written as given. */
  err(text: string): void
  readonly input: AsyncIterable<Uint8Array>
  /** Where a person can be asked; null in a pipe, a script, a test. */
  readonly prompt: Prompt | null
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly folder: string
  readonly home: string
  /** Standard output is a terminal. */
  readonly terminal: boolean
  /** Standard error is a terminal: progress may be drawn. */
  readonly drawing: boolean
  /** Characters in a line of the terminal. */
  readonly columns: number
  now(): number
  /** Aborts when the person has had enough (SIGINT, SIGTERM). */
  readonly signal: AbortSignal
}

/** The real world. */
export function processIo(): Io {
  const ending = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort())
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(text),
    input: process.stdin,
    prompt: process.stdin.isTTY && process.stderr.isTTY ? new TerminalPrompt(process.stdin, process.stderr) : null,
    environment: process.env,
    folder: process.cwd(),
    home: homedir(),
    terminal: process.stdout.isTTY === true,
    drawing: process.stderr.isTTY === true,
    columns: process.stdout.columns ?? 80,
    now: Date.now,
    signal: ending.signal,
  }
}
