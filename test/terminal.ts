/**
 * The command on a real terminal: `script` (util-linux) gives it a pseudo-terminal, and a person's part is played here.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Need } from './faults/tools.js'

const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url))
export const CTRL_C = '\u0003'

export const SCRIPT: Need = {
  there: process.platform === 'linux' && existsSync('/usr/bin/script'),
  without: 'script, of util-linux',
}

/** Questions, or how they begin, and what is answered. */
export type Turns = readonly (readonly [question: string, answer: string])[]

export interface Conversation {
  readonly words: readonly string[]
  readonly turns: Turns
  readonly server: string
  readonly key: string
}

/** Answers each question as it is asked; resolves with the exit code and all that was on the screen. */
export async function onTerminal({ words, turns, server, key }: Conversation) {
  const quoted = [process.execPath, '--import', 'tsx', MAIN, ...words].map((word) => `'${word}'`).join(' ')
  const child: ChildProcess = spawn('script', ['-qefc', quoted, '/dev/null'], {
    env: { ...process.env, TOCSIN_SERVER: server, TOCSIN_KEY: key, TERM: 'dumb' },
  })
  let screen = ''
  let seen = 0
  const rest = [...turns]
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    const [next] = rest
    const at = next === undefined ? -1 : screen.indexOf(next[0], seen)
    if (next === undefined || at < 0) return
    seen = at + next[0].length
    rest.shift()
    child.stdin?.write(next[1] === CTRL_C ? CTRL_C : `${next[1]}\r`)
  })
  const patience = setTimeout(() => child.kill(), 12_000)
  const code = await new Promise((resolve) => child.once('exit', resolve))
  clearTimeout(patience)
  return { code, screen, unasked: rest.map(([question]) => question) }
}
